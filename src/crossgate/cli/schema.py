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
        description="Print the JSON Schema of configuration files. Where a file names it, as "
        '"$schema": "crossgate.schema.json", editors complete keys and explain them.',
    )
    parser.add_argument("--tests", action="store_true", help="print the schema of files for `crossgate test` instead")
    parser.set_defaults(handler=show)


def show(namespace: argparse.Namespace) -> int:
    """Print the file."""
    name = "crossgate.test.schema.json" if namespace.tests else "crossgate.schema.json"
    sys.stdout.write((shipped_folder("schema") / name).read_text(encoding="utf-8"))
    return 0
