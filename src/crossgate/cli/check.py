"""`crossgate check`: says what is wrong with a configuration file, and starts nothing."""

import argparse
import os
import sys
from dataclasses import replace

from crossgate import __version__
from crossgate.cli.check_summary import summary
from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import add_configuration_argument, path_of, unsupported_allowed
from crossgate.components import all_components
from crossgate.config import Loaded, load_file
from crossgate.config.flexible.options import FlexibleOptions, any_flexible_options
from crossgate.diagnostics import Diagnostic, render_json, render_sarif, render_text


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the command line."""
    parser = subparsers.add_parser(
        "check",
        aliases=["validate"],
        help="say what is wrong with a configuration",
        description="Say what is wrong with a configuration file. Exit code: 0 fine, 1 errors, 2 wrong usage.",
    )
    add_configuration_argument(parser)
    parser.add_argument("--strict", action="store_true", help="take warnings for errors")
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
        help="render the file as a template with each of these folders of settings, and check what comes out",
    )
    krakend = parser.add_argument_group("taken for KrakenD's sake", "crossgate always checks everything")
    krakend.add_argument("-d", "--debug", action="count", default=0, help=argparse.SUPPRESS)
    krakend.add_argument("-t", "--test-gin-routes", action="store_true", help=argparse.SUPPRESS)
    krakend.add_argument("-l", "--lint", action="store_true", help=argparse.SUPPRESS)
    krakend.add_argument("-n", "--lint-no-network", action="store_true", help=argparse.SUPPRESS)
    krakend.add_argument("-s", "--lint-schema", metavar="SCHEMA", help=argparse.SUPPRESS)
    krakend.add_argument("-i", "--indent", metavar="INDENT", help=argparse.SUPPRESS)
    parser.set_defaults(handler=check)


def check(arguments: argparse.Namespace) -> int:
    """Report on the file. The JSON and SARIF reports go to standard output alone, whatever was found."""
    if arguments.settings:
        options = any_flexible_options(os.environ)
        checked = [(folder, _load(arguments, options.with_settings(folder))) for folder in arguments.settings]
    else:
        checked = [("", _load(arguments, None))]
    if arguments.format == "json":
        _write(render_json(_all_diagnostics(checked)))
    elif arguments.format == "sarif":
        _write(render_sarif(_all_diagnostics(checked), version=__version__))
    else:
        colour = wants_colour(sys.stdout, os.environ)
        _write("\n".join([_report(folder, loaded, colour=colour) for folder, loaded in checked]))
    return 1 if any(loaded.config is None for _, loaded in checked) else 0


def _load(arguments: argparse.Namespace, flexible: FlexibleOptions | None) -> Loaded:
    return load_file(
        path_of(arguments.config),
        environ=os.environ,
        allow_unsupported=unsupported_allowed(arguments, os.environ),
        strict=arguments.strict,
        components=all_components(),
        flexible=flexible,
    )


def _all_diagnostics(checked: list[tuple[str, Loaded]]) -> list[Diagnostic]:
    """All of all environments, each saying with which settings."""
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
