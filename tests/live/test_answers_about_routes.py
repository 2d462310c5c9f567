"""Redirects, 405s and preflights on the wire have the CORS policy of the endpoint they are about, on either lane."""

import json
import logging
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.gateway.running import ServeOptions, start_gateway
from tests.support.dataplane import live
from tests.support.recorded import ask

OWN, SERVICE = "https://own.example", "https://www.example"
BACKEND = [{"url_pattern": "/", "host": ["http://127.0.0.1:10"]}]
OWN_CORS = {"crossgate/cors": {"allow_origins": [OWN], "allow_methods": ["POST", "PUT"]}}
CONFIG = {
    "version": 3,
    "listen_ip": "127.0.0.1",
    "extra_config": {"security/cors": {"allow_origins": [SERVICE], "allow_methods": ["GET", "POST", "PUT"]}},
    "endpoints": [
        {"endpoint": "/own/{id}", "method": "POST", "backend": BACKEND, "extra_config": OWN_CORS},
        {"endpoint": "/plain", "backend": BACKEND},
    ],
}
PREFLIGHT = "Access-Control-Request-Method"


async def granted(port: int, method: str, target: str, *fields: list[str], body: str | None = None) -> tuple[int, str]:
    """The status, and which of the two origins may read the answer."""
    readers, status = "", 0
    for name, origin in (("own", OWN), ("service", SERVICE)):
        request: dict[str, Any] = {"method": method, "target": target, "headers": [["Origin", origin], *fields]}
        answer = await ask(port, request | ({} if body is None else {"body": body}))
        status = answer["status"]
        if ["access-control-allow-origin", origin] in answer["headers"]:
            readers += name
    return status, readers


@pytest.mark.parametrize("body", [None, "x"], ids=["express lane", "ordinary way"])
@live
async def test_answers_have_the_policy_of_the_route_they_are_about(body: str | None) -> None:
    loaded = load_text(json.dumps(CONFIG).encode(), environ={})
    assert loaded.config is not None
    logger = logging.Logger("routes")  # noqa: LOG001 # one of its own
    logger.addHandler(logging.NullHandler())
    options = ServeOptions(port=0, components=COMPONENTS)
    gateway = await start_gateway(loaded.config, options, environ={}, logger=logger)
    port = gateway.port
    try:
        for target in ("/own/1/", "/OWN/1", "/own//1", "/x/../own/1"):
            assert await granted(port, "POST", target, body=body) == (307, "own"), target
            assert await granted(port, "OPTIONS", target, [PREFLIGHT, "POST"], body=body) == (204, "own"), target
        assert await granted(port, "PUT", "/own/1", body=body) == (405, "own")
        assert await granted(port, "OPTIONS", "/own/1", [PREFLIGHT, "PUT"], body=body) == (204, "own")
        assert await granted(port, "PUT", "/plain", body=body) == (405, "service")
        assert await granted(port, "PUT", "/own/1/2", body=body) == (404, "service")
        assert await granted(port, "GET", "/plain/", body=body) == (301, "service")
    finally:
        await gateway.close()
