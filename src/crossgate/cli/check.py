"""`crossgate check`: says what is wrong with a configuration file, and starts nothing."""

import argparse
import os
import sys

from crossgate import __version__
from crossgate.cli.check_summary import summary
from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import add_configuration_argument, path_of, unsupported_allowed
from crossgate.components import all_components
from crossgate.config import load_file
from crossgate.diagnostics import render_json, render_sarif, render_text


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
    allow = unsupported_allowed(arguments, os.environ)
    loaded = load_file(
        path_of(arguments.config),
        environ=os.environ,
        allow_unsupported=allow,
        strict=arguments.strict,
        components=all_components(),
    )
    if arguments.format == "json":
        _write(render_json(loaded.diagnostics))
    elif arguments.format == "sarif":
        _write(render_sarif(loaded.diagnostics, version=__version__))
    else:
        colour = wants_colour(sys.stdout, os.environ)
        report = render_text(loaded.diagnostics, {loaded.name: loaded.text}, colour=colour)
        _write(report + ("\n" if report else "") + summary(loaded) + "\n")
    return 1 if loaded.config is None else 0


def _write(text: str) -> None:
    """Write, whatever characters the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()
