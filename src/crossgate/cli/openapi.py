"""`crossgate openapi`: an OpenAPI document of a configuration, or a configuration of an OpenAPI document."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

from crossgate.cli.configuration import add_configuration_argument, load_or_report, path_of, unsupported_allowed
from crossgate.components import all_components
from crossgate.config.load import load_text
from crossgate.config.read_file import read_bytes
from crossgate.config.source import parse
from crossgate.diagnostics import Severity, render_text
from crossgate.openapi.export import export
from crossgate.openapi.import_ import import_document
from crossgate.openapi.read import DocumentError

_OUTPUT_HELP = "write this file (.yaml, .yml: as YAML) instead of printing"


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("openapi", help="make an OpenAPI document of a configuration, or the other way round")
    directions = parser.add_subparsers(title="directions", metavar="DIRECTION", required=True)
    out = directions.add_parser(
        "export",
        help="print the OpenAPI 3.1 document of a configuration",
        description="Print the OpenAPI 3.1 document of a configuration: its endpoints with their parameters, security "
        "schemes and CORS (as x-cors), and what documentation/openapi says of them.",
    )
    add_configuration_argument(out)
    out.add_argument("-o", "--output", metavar="OUT", help=_OUTPUT_HELP)
    out.add_argument("--audience", default="", metavar="NAME", help="only what is for this audience, and for everybody")
    out.add_argument("--allow-unsupported", action="store_true", help="the same as for `run`")
    out.set_defaults(handler=export_document)
    into = directions.add_parser(
        "import",
        help="print a configuration that serves an OpenAPI document",
        description="Print a configuration with an endpoint for each operation of an OpenAPI 3.0, 3.1 or Swagger 2.0 "
        "document, passed on as it is. What somebody has to look at goes to standard error.",
    )
    into.add_argument("file", metavar="FILE", help="the document, JSON or YAML; `-` is standard input")
    into.add_argument("-o", "--output", metavar="OUT", help=_OUTPUT_HELP)
    into.set_defaults(handler=import_configuration)


def export_document(namespace: argparse.Namespace) -> int:
    """Exit code 1 where the configuration has errors."""
    config = load_or_report(namespace.config, allow_unsupported=unsupported_allowed(namespace, os.environ))
    return 1 if config is None else _write(export(config, audience=namespace.audience), namespace.output)


def import_configuration(namespace: argparse.Namespace) -> int:
    """Exit code 1 where the document cannot be read, or what came of it does not start."""
    name = path_of(namespace.file)
    try:
        data = read_bytes(name)
    except OSError as error:
        print(f"crossgate openapi: {namespace.file} cannot be read: {error.strerror or error}", file=sys.stderr)
        return 1
    parsed = parse(data, name=namespace.file)
    if not isinstance(parsed.tree, dict):
        errors = [found for found in parsed.findings if found.severity is Severity.ERROR]
        print(render_text(errors, {namespace.file: parsed.text}, colour=False), file=sys.stderr)
        return 1
    try:
        configuration, notes = import_document(parsed.tree)
    except DocumentError as error:
        print(f"crossgate openapi: {namespace.file}: {error}", file=sys.stderr)
        return 1
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    text = json.dumps(configuration, ensure_ascii=False)
    loaded = load_text(text.encode(), name="configuration", environ={}, components=all_components())
    errors = [found for found in loaded.diagnostics if found.severity is Severity.ERROR]
    for found in errors:
        print(f"error[{found.code}] at {found.path}: {found.message}", file=sys.stderr)
    return _write(configuration, namespace.output) or (1 if errors else 0)


def _write(tree: dict[str, Any], output: str | None) -> int:
    if output and output.lower().endswith((".yaml", ".yml")):
        text = yaml.safe_dump(json.loads(json.dumps(tree)), sort_keys=False, allow_unicode=True)
    else:
        text = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    if not output:
        sys.stdout.write(text)
        return 0
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"crossgate openapi: {output} cannot be written: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0
