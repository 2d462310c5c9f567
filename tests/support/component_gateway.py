"""A file with its components at work, without sockets: what is asked, what comes back, what backends saw of it."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from crossgate.components import COMPONENTS, Surroundings
from crossgate.components.survival import Survivors
from crossgate.config import load_text
from crossgate.flow.fiber import Fiber
from crossgate.flow.timers import Timers
from crossgate.gateway.joining import JoinedComponents
from crossgate.http.message import Response, UpstreamRequest
from crossgate.plan import Identity, compile_plan
from tests.support.clock import Clock
from tests.support.pipeline import Backend, Gateway, answer, body, request, result

NOW = 1_795_352_255.0


class Answered:
    """What became of one request."""

    def __init__(self, response: Response, gateway: Gateway) -> None:
        self.status = response.status
        self.fields = [(name.decode(), value.decode("latin-1")) for name, value in response.fields]
        self.body = body(response)
        self.calls: list[UpstreamRequest] = gateway.backend.calls
        self.bodies = gateway.backend.bodies
        self.log = gateway.log

    def values(self, name: str) -> list[str]:
        """Those of a field of the answer."""
        return [value for known, value in self.fields if known == name]

    def sent(self, name: str) -> list[str]:
        """Those of a field of the last call."""
        return [value.decode("latin-1") for known, value in self.calls[-1].fields if known.lower() == name.encode()]


Reply = tuple[int, bytes] | tuple[int, bytes, list[tuple[bytes, bytes]]]


def gateway_of(
    config: Mapping[str, Any], replies: Mapping[str, Reply] | None = None, *, allow_unsupported: bool = False
) -> Gateway:
    """The gateway of a file that has to be sound. `replies` are the backends' by path, status and body."""
    loaded = load_text(json_of(config), components=COMPONENTS, allow_unsupported=allow_unsupported)
    assert loaded.config is not None, [str(found.message) for found in loaded.diagnostics]
    backend = Backend(_replying(replies or {}))
    identity = Identity.krakend("2.13.8")
    surroundings = Surroundings(
        send=backend.send,
        timers=Timers(Clock()),
        log=logging.Logger("components"),  # noqa: LOG001 # one of its own
        random=Random(7),
        wall_clock=lambda: NOW,
        keep=lambda _key, make: make(),
    )
    plan = compile_plan(loaded.config, identity=identity)
    joined = JoinedComponents(COMPONENTS, plan, surroundings, {}, Survivors())
    return Gateway(loaded.config, backend, identity, joined=joined)


def ask(
    config: Mapping[str, Any],
    target: str = "/e",
    method: str = "GET",
    fields: Sequence[tuple[str, str]] = (),
    *,
    body: Any = b"",
    replies: Mapping[str, Reply] | None = None,
    allow_unsupported: bool = False,
) -> Answered:
    """One request to a gateway of its own. Nothing it does may have to wait."""
    gateway = gateway_of(config, replies, allow_unsupported=allow_unsupported)
    fiber = Fiber(gateway.pipe.respond(request(target, method, fields, body=body))).start()
    return Answered(result(fiber), gateway)


def json_of(config: Mapping[str, Any]) -> bytes:
    """A file's text."""
    return json.dumps(config, indent=1).encode()


def _replying(replies: Mapping[str, Reply]) -> Callable[[UpstreamRequest], Any]:
    def reply(upstream: UpstreamRequest) -> Any:
        path = upstream.target.decode().partition("?")[0]
        found = replies.get(path)
        if found is None:
            return answer()
        status, content, *fields = found
        return answer(content, status, fields[0] if fields else None)  # type: ignore[arg-type]

    return reply
