"""What verbs that read a configuration share: the `-c` argument, and problems reported on standard error."""

import argparse
import os
import sys

from crossgate.config import load_file
from crossgate.config.model import ServiceConfig
from crossgate.diagnostics import Severity, render_text


def add_configuration_argument(parser: argparse.ArgumentParser) -> None:
    """`-c FILE`, as in KrakenD."""
    parser.add_argument("-c", "--config", required=True, metavar="FILE", help="the configuration file")


def load_or_report(path: str, *, strict: bool = False, allow_unsupported: bool = False) -> ServiceConfig | None:
    """The typed model, or None where the file has errors. Errors and warnings go to standard error, notes nowhere.

    With `strict`, warnings count as errors.
    """
    loaded = load_file(path, environ=os.environ, allow_unsupported=allow_unsupported, strict=strict)
    shown = [found for found in loaded.diagnostics if found.severity is not Severity.NOTE]
    if shown:
        print(render_text(shown, {loaded.name: loaded.text}, colour=sys.stderr.isatty()), file=sys.stderr)
    return loaded.config
