"""`crossgate version`: which crossgate this is, and on what it runs."""

import argparse
import platform
from typing import Any

import crossgate


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("version", help="print the version")
    parser.set_defaults(handler=show)


def show(_: argparse.Namespace) -> int:
    """Print one line."""
    print(f"crossgate {crossgate.__version__} (Python {platform.python_version()})")
    return 0
