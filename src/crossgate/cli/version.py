"""`crossgate version`: which crossgate this is, and on what it runs."""

import argparse
import platform
from typing import Any

import crossgate
from crossgate.form import is_compiled


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("version", help="print the version")
    parser.set_defaults(handler=show)


def show(_: argparse.Namespace) -> int:
    """Print one line."""
    form = "compiled" if is_compiled() else "pure Python"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"crossgate {crossgate.__version__} ({form}, {python})")
    return 0
