"""`crossgate render`: prints what a flexible-configuration template renders to, and checks nothing of that."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import add_configuration_argument, path_of
from crossgate.config.flexible.options import any_flexible_options
from crossgate.config.flexible.rendering import render_configuration
from crossgate.diagnostics import Severity, render_text


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "render",
        help="print what a template renders to",
        description="Print what a flexible-configuration template renders to, with the folders that FC_SETTINGS, "
        "FC_PARTIALS and FC_TEMPLATES name. FC_ENABLE need not be set. Exit code: 0 rendered, 1 not, 2 wrong usage.",
    )
    add_configuration_argument(parser)
    parser.add_argument("-o", "--output", metavar="OUT", help="write to this file instead of standard output")
    parser.set_defaults(handler=render)


def render(namespace: argparse.Namespace) -> int:
    """The rendered bytes go to standard output, or to the file, as they are; problems go to standard error."""
    path = path_of(namespace.config)
    try:
        rendering = render_configuration(path, os.environ, any_flexible_options(os.environ))
    except (OSError, ValueError) as error:
        print(f"crossgate: {path} cannot be read: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
        return 1
    shown = [found for found in rendering.diagnostics if found.severity is not Severity.NOTE]
    if shown:
        report = render_text(shown, rendering.sources, colour=wants_colour(sys.stderr, os.environ))
        print(report, end="", file=sys.stderr)
    if rendering.text is None or any(found.severity is Severity.ERROR for found in shown):
        return 1
    if namespace.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(rendering.text)
        sys.stdout.buffer.flush()
        return 0
    try:
        Path(namespace.output).write_bytes(rendering.text)
    except OSError as error:
        print(f"crossgate: {namespace.output} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    return 0
