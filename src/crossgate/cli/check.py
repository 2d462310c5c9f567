"""`crossgate check`: says what is wrong with configuration files, and starts nothing."""

import argparse
import os
import sys
from dataclasses import replace

from crossgate import __version__
from crossgate.cli.check_fix import UnfixableError, changes_text, fixed_text, is_same, read_mendable, write_anew
from crossgate.cli.check_summary import summary
from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import add_configuration_argument, path_of, unsupported_allowed
from crossgate.components import all_components
from crossgate.config import Loaded, Mended, load_file, load_text, mend
from crossgate.config.flexible.options import FlexibleOptions, any_flexible_options
from crossgate.config.uncollected import uncollected
from crossgate.diagnostics import Diagnostic, render_json, render_sarif, render_text


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "check",
        aliases=["validate"],
        help="check a configuration for mistakes",
        description="Check one or more configuration files for mistakes. Exit code: 0 fine, 1 errors, 2 wrong usage.",
    )
    add_configuration_argument(parser, required=False)
    parser.add_argument("files", nargs="*", metavar="FILE", help="more configuration files, or all, without -c")
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="form of the report")
    parser.add_argument(
        "--allow-unsupported",
        action="store_true",
        help="warn of guards that are not run, as `run` does with this option; tls stays an error",
    )
    parser.add_argument(
        "--settings",
        nargs="+",
        metavar="DIR",
        default=[],
        help="render each file as a template with each of these folders of settings, and check what comes out",
    )
    parser.add_argument("--fix", action="store_true", help="correct what has only one right fix, and write the file")
    parser.add_argument("--diff", action="store_true", help="show what --fix would write, and write nothing")
    krakend = parser.add_argument_group("taken for KrakenD's sake", "crossgate always checks everything")
    krakend.add_argument("-d", "--debug", action="count", default=0, help=argparse.SUPPRESS)
    krakend.add_argument("-t", "--test-gin-routes", action="store_true", help=argparse.SUPPRESS)
    krakend.add_argument("-l", "--lint", action="store_true", help=argparse.SUPPRESS)
    krakend.add_argument("-n", "--lint-no-network", action="store_true", help=argparse.SUPPRESS)
    krakend.add_argument("-s", "--lint-schema", metavar="SCHEMA", help=argparse.SUPPRESS)
    krakend.add_argument("-i", "--indent", metavar="INDENT", help=argparse.SUPPRESS)
    parser.set_defaults(handler=check, wrong_usage=parser.error)


@uncollected()
def check(arguments: argparse.Namespace) -> int:
    """Report on the files. The JSON and SARIF reports go to standard output alone, whatever was found."""
    named = ([] if arguments.config is None else [arguments.config]) + arguments.files
    if not named:
        arguments.wrong_usage("name a configuration: crossgate check krakend.json")
    paths = list(dict.fromkeys(map(path_of, named)))
    if arguments.fix or arguments.diff:
        return _check_and_fix_all(arguments, paths)
    if arguments.settings:
        options = any_flexible_options(os.environ)
        checked = [
            (folder, _load(arguments, path, options.with_settings(folder)))
            for path in paths
            for folder in arguments.settings
        ]
    else:
        checked = [("", _load(arguments, path, None)) for path in paths]
    return _told(arguments, checked)


def _told(arguments: argparse.Namespace, checked: list[tuple[str, Loaded]]) -> int:
    if arguments.format == "json":
        _write(render_json(_all_diagnostics(checked)))
    elif arguments.format == "sarif":
        _write(render_sarif(_all_diagnostics(checked), version=__version__))
    else:
        colour = wants_colour(sys.stdout, os.environ)
        _write("\n".join([_report(folder, loaded, colour=colour) for folder, loaded in checked]))
    return 1 if any(loaded.config is None for _, loaded in checked) else 0


def _check_and_fix_all(arguments: argparse.Namespace, paths: list[str]) -> int:
    """With `--diff` only what would be written is shown; else the report is of the files as they are now.

    A file that cannot be mended keeps none of the others from it.
    """
    checked = []
    is_wrong = is_left = False
    for path in paths:
        try:
            before, mended = _mended(arguments, path)
            changed = mended.data != before
            if arguments.diff:
                _write(changes_text(path, before, mended.data))
            elif changed:
                write_anew(path, mended.data)
                print(fixed_text(mended), file=sys.stdout if arguments.format == "text" else sys.stderr)
        except UnfixableError as error:
            print(f"crossgate check: {error}", file=sys.stderr)
            is_wrong = True
        else:
            is_left |= changed
            checked.append(("", mended.loaded))
    if not arguments.diff and checked:
        is_left = _told(arguments, checked) == 1
    return 2 if is_wrong else int(is_left)


def _mended(arguments: argparse.Namespace, path: str) -> tuple[bytes, Mended]:
    """What is in a file, and what is to be. Raises UnfixableError."""
    if arguments.settings:
        raise UnfixableError("what is in a template is not yet the configuration that is checked: leave out --settings")
    before = read_mendable(path)
    loaded = _load(arguments, path, None)
    if loaded.is_rendered:
        raise UnfixableError(f"{path} is a template: what is in it is not yet the configuration that is checked")

    def load(data: bytes) -> Loaded:
        return load_text(
            data,
            name=path,
            environ=os.environ,
            allow_unsupported=unsupported_allowed(arguments, os.environ),
            strict=arguments.strict,
            components=all_components(),
        )

    return before, mend(before, loaded, load, is_same)


def _load(arguments: argparse.Namespace, path: str, flexible: FlexibleOptions | None) -> Loaded:
    return load_file(
        path,
        environ=os.environ,
        allow_unsupported=unsupported_allowed(arguments, os.environ),
        strict=arguments.strict,
        components=all_components(),
        flexible=flexible,
    )


def _all_diagnostics(checked: list[tuple[str, Loaded]]) -> list[Diagnostic]:
    """All of all files and environments, each saying with which settings."""
    found = []
    for folder, loaded in checked:
        mark = (("settings", folder),) if folder else ()
        found += [replace(diagnostic, notes=mark + diagnostic.notes) for diagnostic in loaded.diagnostics]
    return found


def _report(folder: str, loaded: Loaded, *, colour: bool) -> str:
    report = render_text(loaded.diagnostics, loaded.sources, colour=colour)
    line = f"with settings {folder}: {summary(loaded)}" if folder else summary(loaded)
    return report + ("\n" if report else "") + line + "\n"


def _write(text: str) -> None:
    """Write, whatever characters the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()
