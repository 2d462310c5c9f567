"""What verbs that read a configuration share: the `-c` argument, and problems reported on standard error."""

import argparse
import os
import sys
from collections.abc import Mapping

from crossgate.cli.colour import wants_colour
from crossgate.components import all_components
from crossgate.config import Loaded, load_file
from crossgate.config.document import Document
from crossgate.config.model import ServiceConfig
from crossgate.config.read_file import STANDARD_INPUT
from crossgate.diagnostics import Severity, render_text

_ON = ("1", "true", "yes", "on")


def add_configuration_argument(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """`-c FILE`, as in KrakenD."""
    parser.add_argument(
        "-c", "--config", required=required, metavar="FILE", help="the configuration file; `-` is standard input"
    )


def path_of(argument: str) -> str:
    """The path to read for what follows `-c`."""
    return STANDARD_INPUT if argument == "-" else argument


def unsupported_allowed(arguments: argparse.Namespace, environ: Mapping[str, str]) -> bool:
    """Whether to go on with what crossgate does not run: `--allow-unsupported`, or `CROSSGATE_ALLOW_UNSUPPORTED=1`.

    One place, so that `run` starts exactly where `check` says that it will.
    """
    return bool(arguments.allow_unsupported) or environ.get("CROSSGATE_ALLOW_UNSUPPORTED", "").lower() in _ON


def load_or_report(path: str, *, strict: bool = False, allow_unsupported: bool = False) -> ServiceConfig | None:
    """The typed model, or None where the file has errors. Errors and warnings go to standard error, notes nowhere.

    With `strict`, warnings count as errors.
    """
    loaded = load_file(
        path_of(path),
        environ=os.environ,
        allow_unsupported=allow_unsupported,
        strict=strict,
        components=all_components(),
    )
    show_problems(loaded)
    return loaded.config


def load_to_explain(argument: str) -> tuple[Loaded, ServiceConfig, Document] | None:
    """What follows `-c`, for who explains and serves nothing; None where it has errors, which are then shown."""
    loaded = load_file(
        path_of(argument), environ=os.environ, allow_unsupported=True, serving=False, components=all_components()
    )
    if loaded.config is None or loaded.document is None:
        errors = [found for found in loaded.diagnostics if found.severity is Severity.ERROR]
        print(render_text(errors, loaded.sources, colour=wants_colour(sys.stderr, os.environ)), file=sys.stderr)
        return None
    return loaded, loaded.config, loaded.document


def show_problems(loaded: Loaded) -> None:
    """Errors and warnings of a file, on standard error."""
    shown = [found for found in loaded.diagnostics if found.severity is not Severity.NOTE]
    if shown:
        text = render_text(shown, loaded.sources, colour=wants_colour(sys.stderr, os.environ))
        print(text, file=sys.stderr, flush=True)
