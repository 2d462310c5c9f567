"""`crossgate demo`: the quickstart gateway, a sample backend and the playground page, on three neighbouring ports."""

import argparse
import os
import sys
from contextlib import AsyncExitStack
from typing import Any

from crossgate.cli.demo_way import DemoWay
from crossgate.cli.number import number_between
from crossgate.cli.reason_pages import page_of_code
from crossgate.config import load_text
from crossgate.config.model import ServiceConfig
from crossgate.demo import command_of, demo_configuration, start_backend, start_page
from crossgate.gateway.event_loop import run_loop
from crossgate.gateway.log import configure_logging
from crossgate.gateway.orders import Orders, stop_gracefully
from crossgate.gateway.running import ServeOptions, start_gateway

LAST_PORT = 65533  # the backend and the page take the two after it
STOP_SECONDS = 3.0
FILE_ANSWER, POLICY_ANSWER = "crossgate.cli.file_answer", "crossgate.cli.policy_answer"

WELCOME = """\
crossgate demo

  the page     http://127.0.0.1:{page}/     open this one in a browser
  the gateway  http://127.0.0.1:{gateway}/hello
  the backend  http://127.0.0.1:{backend}/hello

  The page is on another origin than the gateway, so a browser asks the gateway's CORS policy first.
  The configuration is examples/quickstart/krakend.json. Ctrl-C ends all three.
"""


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser("demo", help="run the quickstart gateway with a sample backend and a page to try it")
    parser.add_argument(
        "-p",
        "--port",
        type=number_between(1, LAST_PORT, "port for three in a row"),
        default=8080,
        help="the gateway's port; the backend and the page take the next two",
    )
    parser.set_defaults(handler=run_demo)


def run_demo(namespace: argparse.Namespace) -> int:
    """Exit code 0 once stopped, 1 where a port cannot be had."""
    port: int = namespace.port
    loaded = load_text(demo_configuration(port), name="examples/quickstart/krakend.json", environ={})
    if loaded.config is None:
        raise AssertionError([f"{found.code} {found.path}: {found.message}" for found in loaded.diagnostics])
    return run_loop(_demo(loaded.config, port, DemoWay(loaded)))


async def _demo(config: ServiceConfig, port: int, way: DemoWay) -> int:
    logger = configure_logging(debug=False, cors_debug=config.cors_debug)
    orders = Orders.by_signals()
    async with AsyncExitStack() as closing:
        try:
            backend = await start_backend(port + 1)
            closing.push_async_callback(backend.close)
            commands = command_of(FILE_ANSWER), command_of(POLICY_ANSWER)
            page = await start_page(port + 2, f"http://127.0.0.1:{port}", config.cors, page_of_code, way, *commands)
            closing.push_async_callback(page.close)
            gateway = await start_gateway(config, ServeOptions(port=port), environ=os.environ, logger=logger)
        except OSError as error:
            print(
                f"crossgate: the demo needs ports {port} to {port + 2}: {error.strerror or error}. "
                f"Try others: make run PORT={port + 1000 if port < 60000 else 8080}",
                file=sys.stderr,
            )
            return 1
        print(WELCOME.format(gateway=port, backend=port + 1, page=port + 2), flush=True)
        await orders.until_stopped()
        await stop_gracefully(gateway, orders, timeout_seconds=STOP_SECONDS)
    return 0
