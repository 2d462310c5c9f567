"""`crossgate schema`: the JSON Schema of configuration files, for editors."""

import argparse
import sys
from typing import Any

from crossgate.shipped_files import shipped_folder


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "schema",
        help="print the JSON Schema of configuration files",
        description="Print the JSON Schema of configuration files. An editor that a file names it to, as "
        '"$schema": "crossgate.schema.json", completes keys and explains them.',
    )
    parser.set_defaults(handler=show)


def show(_: argparse.Namespace) -> int:
    """Print the file."""
    sys.stdout.write((shipped_folder("schema") / "crossgate.schema.json").read_text(encoding="utf-8"))
    return 0
