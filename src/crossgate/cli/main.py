"""The program: finds the verb on the command line and hands over to its file.

Knows which verbs there are and the exit codes of the program itself; does not know what a verb does. Only the verb that
was asked for is imported: `run` does not wait for the demo's page or the linter's pages.
"""

import argparse
import importlib
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from types import ModuleType

import crossgate
from crossgate.cli.command_line import CommandLine
from crossgate.cli.completion import SHELLS, PrintCompletion
from crossgate.cli.verb_help import add_examples, add_examples_to_verbs

# verb -> its file in this folder, in the order of the help text
VERBS = {
    "run": "run",
    "check": "check",
    "validate": "check",  # KrakenD's other name for it
    "test": "test",
    "diff": "diff",
    "explain": "explain",
    "plan": "plan",
    "openapi": "openapi",
    "render": "render",
    "rule": "rule",
    "schema": "schema",
    "demo": "demo",
    "version": "version",
}
CORS_VERBS = {"explain": "cors_explain", "probe": "cors_probe"}


def build_parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The command line of one verb, or the whole of it where `verb` is none that there is."""
    parser = CommandLine(
        prog="crossgate",
        description="An API gateway that runs KrakenD configuration files unchanged, with CORS as its speciality.",
    )
    parser.add_argument("--version", action="version", version=f"crossgate {crossgate.__version__}")
    parser.add_argument(
        "--print-completion",
        choices=SHELLS,
        action=PrintCompletion,
        metavar="SHELL",
        help=f"print a script that completes command lines: {', '.join(SHELLS)}",
    )
    add_examples(parser)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    files = [VERBS[verb]] if verb in VERBS else [] if verb == "cors" else dict.fromkeys(VERBS.values())
    for file in files:
        _load(file).add_parser(verbs)
    if verb not in VERBS:
        cors = verbs.add_parser("cors", help="explain or probe what a browser makes of a server's CORS answers")
        cors_verbs = cors.add_subparsers(title="verbs", metavar="VERB", required=True)
        for file in CORS_VERBS.values():
            _load(file).add_parser(cors_verbs)
        add_examples_to_verbs(cors_verbs, "cors ")
    add_examples_to_verbs(verbs)
    return parser


def _load(file: str) -> ModuleType:
    return importlib.import_module(f"crossgate.cli.{file}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns its exit code; 2 for a command line that makes no sense (argparse exits by itself)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["help"]:  # as KrakenD's users type it
        arguments = [*arguments[1:], "--help"]
    misspelt = unknown_verb(arguments)
    if misspelt is not None:
        print(misspelt, file=sys.stderr)
        return 2
    namespace = build_parser(arguments[0] if arguments else None).parse_args(arguments)
    try:
        return int(namespace.handler(namespace))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`crossgate plan | head`): no fault, and nothing left to say.
        sys.stderr.close()
        return 141


def unknown_verb(arguments: Sequence[str]) -> str | None:
    """What to say where the first argument (after `cors`, the second) is a verb that there is not."""
    if not arguments or arguments[0].startswith("-"):
        return None
    if arguments[0] not in VERBS and arguments[0] != "cors":
        return _no_such_verb("", arguments[0], [*VERBS, "cors"])
    if arguments[0] == "cors" and len(arguments) > 1 and not arguments[1].startswith("-"):
        return None if arguments[1] in CORS_VERBS else _no_such_verb("cors ", arguments[1], CORS_VERBS)
    return None


def _no_such_verb(prefix: str, given: str, verbs: Iterable[str]) -> str:
    close = get_close_matches(given.lower(), list(verbs), n=1, cutoff=0.5)
    if not close and not prefix:
        close = [f"cors {verb}" for verb in get_close_matches(given.lower(), CORS_VERBS, n=1, cutoff=0.6)]
    meant = (
        f"; did you mean `crossgate {prefix}{close[0]}`?" if close else f"; `crossgate {prefix}--help` lists the verbs"
    )
    return f"crossgate: there is no verb {(prefix + given)[:60]!r}{meant}"


if __name__ == "__main__":
    sys.exit(main())
