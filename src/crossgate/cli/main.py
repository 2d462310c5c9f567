"""The program: finds the verb on the command line and hands over to its file.

Knows which verbs there are and the exit codes of the program itself; does not know what a verb does. Only the verb that
was asked for is imported: `run` does not wait for the demo's page or the linter's pages.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType

# verb -> its file in this folder, in the order of the help text
VERBS = {
    "run": "run",
    "check": "check",
    "validate": "check",  # KrakenD's other name for it
    "plan": "plan",
    "rule": "rule",
    "demo": "demo",
    "version": "version",
}
CORS_VERBS = {"explain": "cors_explain", "probe": "cors_probe"}


def build_parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The command line of one verb, or the whole of it where `verb` is none that there is."""
    parser = argparse.ArgumentParser(
        prog="crossgate",
        description="An API gateway that runs KrakenD configuration files unchanged, with CORS as its speciality.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    files = [VERBS[verb]] if verb in VERBS else [] if verb == "cors" else dict.fromkeys(VERBS.values())
    for file in files:
        _load(file).add_parser(verbs)
    if verb not in VERBS:
        cors = verbs.add_parser("cors", help="explain or probe what a browser makes of a server's CORS answers")
        cors_verbs = cors.add_subparsers(title="verbs", metavar="VERB", required=True)
        for file in CORS_VERBS.values():
            _load(file).add_parser(cors_verbs)
    return parser


def _load(file: str) -> ModuleType:
    return importlib.import_module(f"crossgate.cli.{file}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb. Returns its exit code; 2 for a command line that makes no sense (argparse exits by itself)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    namespace = build_parser(arguments[0] if arguments else None).parse_args(arguments)
    try:
        return int(namespace.handler(namespace))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`crossgate plan | head`): no fault, and nothing left to say.
        sys.stderr.close()
        return 141


if __name__ == "__main__":
    sys.exit(main())
