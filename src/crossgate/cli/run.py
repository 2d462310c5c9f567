"""`crossgate run`: check a configuration and serve it until told to stop."""

import argparse
import os
from typing import Any

from crossgate.cli.configuration import add_configuration_argument, load_or_report
from crossgate.gateway.running import ServeOptions
from crossgate.gateway.serving import serve

MAX_WORKERS = 256


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line. `-d`, `-c` and `-p` are KrakenD's own."""
    parser = verbs.add_parser("run", help="serve a configuration")
    add_configuration_argument(parser)
    parser.add_argument("-d", "--debug", action="store_true", help="enable the debug endpoints and debug log lines")
    parser.add_argument("-p", "--port", type=_port, help="listen on this port instead of the configured one")
    parser.add_argument("--workers", type=_workers, default=0, metavar="N", help="N processes instead of one")
    parser.add_argument("--strict", action="store_true", help="do not start with warnings")
    parser.add_argument(
        "--allow-unsupported",
        action="store_true",
        help="start with features that crossgate does not run; their endpoints answer 501",
    )
    parser.set_defaults(handler=run)


def run(namespace: argparse.Namespace) -> int:
    """Exit code 0 after an orderly stop, 1 where the configuration or the address prevents the start."""
    allow_unsupported = namespace.allow_unsupported or os.environ.get("CROSSGATE_ALLOW_UNSUPPORTED") == "1"
    config = load_or_report(namespace.config, strict=namespace.strict, allow_unsupported=allow_unsupported)
    if config is None:
        return 1
    options = ServeOptions(port=namespace.port, debug=namespace.debug, workers=namespace.workers)
    return serve(config, options, environ=os.environ)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is no port: 0 to 65535 (0: any free one)")
    return port


def _workers(text: str) -> int:
    workers = int(text)
    if not 1 <= workers <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"{workers} is no number of workers: 1 to {MAX_WORKERS}")
    return workers
