"""Gateways with one endpoint, its limits, and nobody behind it: what gets past the limits is answered by 502."""

import json
import logging
from contextlib import AsyncExitStack
from typing import Any

import uvloop

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.gateway.generation import ServeOptions
from crossgate.gateway.running import start_gateway
from tests.support.recorded import ask


def tree(
    endpoint: dict[str, Any], service: dict[str, Any] | None = None, backend: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A file with one endpoint, /a, that has nobody behind it: what gets past its limits is answered by 502."""
    nobody = {"host": ["http://127.0.0.1:99"], "url_pattern": "/", "extra_config": backend or {}}
    one = {"endpoint": "/a", "input_headers": ["*"], "backend": [nobody], "extra_config": endpoint}
    extra = {"crossgate/errors": {"style": "http"}, **(service or {})}
    return {"version": 3, "listen_ip": "127.0.0.1", "extra_config": extra, "endpoints": [one]}


async def statuses(file: dict[str, Any], *requests: Any, gateways: int = 1, **environ: str) -> list[int]:
    """What each request is answered with, sent to the gateways in turn."""
    found = load_text(json.dumps(file).encode(), environ=environ, components=COMPONENTS)
    assert found.config is not None, [each.message for each in found.diagnostics]
    answers = []
    async with AsyncExitStack() as stack:
        ports = []
        for _ in range(gateways):
            logger = logging.Logger("t")  # noqa: LOG001 # one of its own, that goes nowhere
            options = ServeOptions(port=0, components=COMPONENTS)
            gateway = await start_gateway(found.config, options, environ={}, logger=logger)
            stack.push_async_callback(gateway.close)
            ports.append(gateway.port)
        for number, request in enumerate(requests):
            if callable(request):
                request()
                continue
            fields = [list(field) for field in request.items()]
            answer = await ask(ports[number % gateways], {"method": "GET", "target": "/a", "headers": fields})
            answers.append(answer["status"])
    return answers


def asked(file: dict[str, Any], *requests: Any, **keys: Any) -> list[int]:
    return uvloop.run(statuses(file, *requests, **keys))
