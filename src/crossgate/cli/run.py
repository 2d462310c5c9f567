"""`crossgate run`: check a configuration and serve it until told to stop."""

import argparse
import os
from typing import Any

from crossgate.cli.configuration import add_configuration_argument, path_of, show_problems, unsupported_allowed
from crossgate.cli.number import number_between
from crossgate.components import all_components
from crossgate.gateway.generation import ServeOptions
from crossgate.gateway.orders import hold_back_signals
from crossgate.gateway.serving import serve
from crossgate.gateway.source import Source

MAX_WORKERS = 256


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line. `-d`, `-c` and `-p` are KrakenD's own."""
    parser = verbs.add_parser("run", help="serve a configuration")
    add_configuration_argument(parser)
    parser.add_argument("-d", "--debug", action="store_true", help="enable the debug endpoints and debug log lines")
    port = number_between(0, 65535, "port")
    parser.add_argument(
        "-p", "--port", type=port, help="listen on this port (0: any free one) instead of the configured one"
    )
    workers = number_between(1, MAX_WORKERS, "number of workers")
    parser.add_argument("--workers", type=workers, default=0, metavar="N", help="serve with N processes instead of one")
    parser.add_argument("--watch", action="store_true", help="reload when the files change; SIGHUP does in any case")
    parser.add_argument("--strict", action="store_true", help="do not start if there are warnings")
    parser.add_argument(
        "--allow-unsupported",
        action="store_true",
        help="start although guards are not run; all that they were meant for answers 501, tls is refused",
    )
    parser.set_defaults(handler=run)


def run(namespace: argparse.Namespace) -> int:
    """Exit code 0 after an orderly stop, 1 where the configuration or the address prevents the start."""
    hold_back_signals()
    components = all_components()
    source = Source(
        path_of(namespace.config),
        os.environ,
        components,
        strict=namespace.strict,
        allow_unsupported=unsupported_allowed(namespace, os.environ),
        show=show_problems,
    )
    reading = source.read()
    show_problems(reading.loaded)
    config = reading.loaded.config
    if config is None:
        return 1
    options = ServeOptions(namespace.port, namespace.debug, namespace.workers, namespace.watch, components)
    return serve(reading, config, source, options, environ=os.environ)
