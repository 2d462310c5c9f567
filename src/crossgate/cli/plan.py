"""`crossgate plan`: prints what a configuration was compiled to, and serves nothing."""

import argparse
import os
import sys
from typing import Any

from crossgate.cli.configuration import add_configuration_argument, load_or_report, unsupported_allowed
from crossgate.config.uncollected import uncollected
from crossgate.gateway.generation import identity_from
from crossgate.plan import compile_plan, render_json, render_text


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("plan", help="print what a configuration is compiled to")
    add_configuration_argument(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for programs")
    parser.add_argument(
        "--allow-unsupported",
        action="store_true",
        help="print a plan although guards are not run; all that they were meant for answers 501",
    )
    parser.set_defaults(handler=plan)


@uncollected()
def plan(namespace: argparse.Namespace) -> int:
    """Exit code 1 where the configuration has errors."""
    allow_unsupported = unsupported_allowed(namespace, os.environ)
    config = load_or_report(namespace.config, allow_unsupported=allow_unsupported)
    if config is None:
        return 1
    compiled = compile_plan(config, identity=identity_from(os.environ))
    sys.stdout.write(render_json(compiled) if namespace.format == "json" else render_text(compiled))
    return 0
