"""A gateway without sockets: endpoints from a few words, a backend that is a function, time turned by hand."""

import logging
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from crossgate.config.model import BackendConfig, EndpointConfig, ServiceConfig
from crossgate.flow.body import Body
from crossgate.flow.fiber import Fiber, Signal
from crossgate.flow.timers import Timers
from crossgate.http.message import Fields, Request, Response, UpstreamRequest, UpstreamResponse
from crossgate.pipeline.build import build_gateway
from crossgate.pipeline.discovery import Discovery, ResolveSrv
from crossgate.pipeline.gateway_pipe import GatewayPipe
from crossgate.plan import Identity, compile_plan
from tests.support.clock import Clock

HOST = "http://backend:8000"
JSON_FIELDS: Fields = [(b"content-type", b"application/json")]


def backend(url_pattern: str = "/back", index: int = 0, **keys: Any) -> BackendConfig:
    """A GET backend on HOST."""
    keys.setdefault("method", "GET")
    keys.setdefault("hosts", (HOST,))
    return BackendConfig(index=index, url_pattern=url_pattern, **keys)


def endpoint(path: str = "/e", *backends: BackendConfig, method: str = "GET", **keys: Any) -> EndpointConfig:
    """An endpoint with one backend unless told otherwise; `{name}` segments are its parameters."""
    params = tuple(part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}"))
    keys.setdefault("params", params)
    return EndpointConfig(index=0, path=path, method=method, backends=backends or (backend(),), **keys)


def service(*endpoints: EndpointConfig, **keys: Any) -> ServiceConfig:
    """A version 3 service without CORS."""
    return ServiceConfig(version=3, endpoints=endpoints, **keys)


def request(target: str = "/e", method: str = "GET", fields: Sequence[tuple[str, str]] = (), **keys: Any) -> Request:
    """A request as the server would hand it over."""
    path, mark, query = target.encode().partition(b"?")
    lines = [(b"host", b"gateway:8080"), *((name.lower().encode(), value.encode()) for name, value in fields)]
    body = keys.setdefault("body", b"")
    keys.setdefault("has_body", body != b"")
    return Request(
        method.encode(),
        path,
        query if mark else None,
        lines,
        host=b"gateway:8080",
        peer_host=keys.pop("peer_host", "203.0.113.9"),
        **keys,
    )


def answer(body: bytes | Body = b'{"a":1}', status: int = 200, fields: Fields | None = None) -> UpstreamResponse:
    """A backend's answer, JSON unless told otherwise."""
    return UpstreamResponse(status, list(JSON_FIELDS if fields is None else fields), body, url="")


class Backend:
    """Stands for all backends. `calls` are the requests in order; `reply` gives an answer, an error or a Signal."""

    def __init__(self, reply: Callable[[UpstreamRequest], Any] | Any = None) -> None:
        self.calls: list[UpstreamRequest] = []
        self.bodies: list[bytes] = []
        self.aborted = 0
        self._reply = reply if callable(reply) else lambda _: reply or answer()

    async def send(self, upstream: UpstreamRequest) -> UpstreamResponse:
        self.calls.append(upstream)
        body = upstream.body
        self.bodies.append(await body.read_all(1 << 30) if isinstance(body, Body) else body)
        reply = self._reply(upstream)
        if isinstance(reply, Signal):
            try:
                reply = await reply
            except BaseException:
                self.aborted += 1
                raise
        if isinstance(reply, Exception):
            raise reply
        if not reply.url:
            reply.url = f"{upstream.scheme}://{upstream.authority}{upstream.target.decode()}"
        return reply

    @property
    def targets(self) -> list[str]:
        """What was asked for, in order."""
        return [call.target.decode() for call in self.calls]

    def field(self, name: str, call: int = -1) -> list[str]:
        """The values of a field of one call."""
        return [value.decode() for known, value in self.calls[call].fields if known == name.encode()]


class Gateway:
    """A built gateway, its backend, its clock and its log."""

    def __init__(
        self,
        config: ServiceConfig,
        backend: Backend | None = None,
        identity: Identity = Identity.krakend("2.13.8"),  # noqa: B008 # frozen
        resolve_srv: ResolveSrv | None = None,
        **keys: Any,
    ) -> None:
        self.backend = backend or Backend()
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.log: list[str] = []
        logger = logging.Logger("gateway")  # noqa: LOG001 # one of its own for each gateway
        handler = logging.Handler()
        handler.emit = lambda record: self.log.append(record.getMessage())  # type: ignore[method-assign]
        logger.addHandler(handler)
        plan = compile_plan(config, identity=identity)
        self.discovery = Discovery(resolve_srv, self.timers, logger, plan.upstream.dns_cache_ttl_seconds)
        self.pipe: GatewayPipe = build_gateway(
            plan,
            send=self.backend.send,
            timers=self.timers,
            log=logger,
            random=Random(7),
            wall_clock_ns=lambda: 1_795_352_255_074_171_788,
            discovery=self.discovery,
            **keys,
        )

    def start(self, incoming: Request) -> Fiber[Response]:
        """Begin to answer."""
        return Fiber(self.pipe.respond(incoming)).start()

    def get(
        self, target: str = "/e", method: str = "GET", fields: Sequence[tuple[str, str]] = (), **keys: Any
    ) -> Response:
        """The answer, which must not have to wait."""
        return result(self.start(request(target, method, fields, **keys)))

    def pass_time(self, seconds: float) -> None:
        """Let time pass, with sweeps as a server has them."""
        for _ in range(20):
            self.clock.advance(seconds / 20)
            self.timers.sweep()


def result(fiber: Fiber[Response]) -> Response:
    """What a fiber that has ended came to."""
    assert fiber.done.settled, "the fiber still waits"
    try:
        fiber.done.__await__().send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError


def field(response: Response, name: str) -> list[str]:
    """The values of a response's field."""
    return [value.decode() for known, value in response.fields if known == name.encode()]


def body(response: Response) -> bytes:
    """The response's whole body."""
    if isinstance(response.body, bytes):
        return response.body
    fiber = Fiber(response.body.read_all(1 << 30)).start()
    return result(fiber)  # type: ignore[arg-type,return-value]
