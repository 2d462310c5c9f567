"""`python -m benchmarks.guards`: what looking at a request costs, by expressions, schemas and modifiers.

Each row is the best of many short turns of the check alone, asked over and over about one request or body: reading what
it needs of the request included, the endpoint's stages around it not.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from random import Random
from typing import Any

from crossgate.components.cel.checks import Stage
from crossgate.components.json_schema.check import check_body
from crossgate.components.json_schema.validator import Validator
from crossgate.components.martian.exchange import Outgoing
from crossgate.components.martian.parse import parse_modifier
from crossgate.config.model import RouterConfig
from crossgate.http.message import Request
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.forward import EndpointForwarding
from crossgate.pipeline.proxy import ProxyRequest, ProxyResponse
from crossgate.plan import Identity

HEADING = ["| check | µs | aim |", "|---|---|---|"]
CEL_AIM_US = 5
TURNS = 300
_CALLS = 200

EXPRESSIONS = {
    "CEL: `req_method == 'GET'`": "req_method == 'GET'",
    "CEL: `int(req_params.Id) % 2 == 1`": "int(req_params.Id) % 2 == 1",
    "CEL: a field in a list, and a parameter": "req_headers['X-Role'][0] in ['admin', 'clerk'] && req_params.Id != ''",
}
_OF_DATA = "resp_data.total == '3' && has(resp_data.items)"
_SCHEMA = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "email": {"type": "string", "pattern": "@"}, "tags": {"maxItems": 9}},
    "required": ["id"],
}
_BODY = json.dumps({"id": 7, "email": "a@b.example", "tags": ["a", "b"], "text": "x" * 300}).encode()
_GROUP = {
    "fifo.Group": {
        "scope": ["request"],
        "modifiers": [{"header.Modifier": {"name": "X-A", "value": "1"}}, {"header.Blacklist": {"names": ["X-Role"]}}],
    }
}


def main() -> int:
    print("\n".join(rows(TURNS)))
    return 0


def rows(turns: int) -> list[str]:
    """The table."""
    found = [*HEADING]
    for name, ask in checks().items():
        aim = f"under {CEL_AIM_US}" if name in EXPRESSIONS else ""
        found.append(f"| {name} | {_microseconds(ask, turns):.1f} | {aim} |")
    return found


def checks() -> dict[str, Callable[[], Any]]:
    """What is measured, by its name."""
    log = logging.getLogger("benchmarks")
    client_ip = build_client_ip(RouterConfig())
    identity = Identity.krakend("2.13.8")
    forwarding = EndpointForwarding(("X-Role", "Accept"), ("q",), identity=identity, client_ip=client_ip)
    fields = [(b"host", b"gateway"), (b"accept", b"*/*"), (b"x-role", b"clerk"), (b"user-agent", b"wrk")]
    request = Request(b"GET", b"/a/7", b"q=1", fields, host=b"gateway", peer_host="203.0.113.9")
    data = {"total": 3, "items": [{"id": number} for number in range(3)]}
    response = ProxyResponse(data, is_complete=True)
    after = Stage((_OF_DATA,), "", time.time, log)
    validator = Validator(_SCHEMA, 3, lambda _path: b"")
    modifier = parse_modifier(_GROUP, Random(1))

    def before(text: str) -> Callable[[], Any]:
        stage = Stage((text,), "", time.time, log)
        return lambda: stage.failing_request(ProxyRequest(request, {"Id": b"7"}, forwarding))

    def modify() -> None:
        assert modifier.on_request is not None
        modifier.on_request(Outgoing(b"GET", "http", "backend:8000", b"/b/7", list(fields), b"", None))

    return {
        **{name: before(text) for name, text in EXPRESSIONS.items()},
        "CEL: two members of an answer": lambda: after.failing_response(response, {}),
        f"JSON schema: a body of {len(_BODY)} bytes": lambda: check_body(_BODY, validator),
        "Martian: a group of two on a request": modify,
    }


def _microseconds(ask: Callable[[], Any], turns: int) -> float:
    best = float("inf")
    for _ in range(turns):
        began = time.perf_counter()
        for _ in range(_CALLS):
            ask()
        best = min(best, time.perf_counter() - began)
    return best / _CALLS * 1e6


if __name__ == "__main__":
    sys.exit(main())
