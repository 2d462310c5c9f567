"""What stands around endpoints, around backends' calls and around who calls them: what it sees, and what it may do."""

from collections.abc import Callable
from typing import Any

import pytest

from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.pipeline.go_client import Client
from crossgate.pipeline.joined import NothingJoined
from crossgate.pipeline.proxy import BackendCall, Proxy, ProxyRequest, ProxyResponse
from crossgate.plan import BackendPlan, EndpointPlan
from tests.support.pipeline import Gateway, backend, body, endpoint, service


class Joined(NothingJoined):
    """Something around each thing that something may stand around."""

    def __init__(self, change: Callable[[Any], None] = lambda _: None) -> None:
        self.seen: list[str] = []
        self._change = change

    def around_endpoint(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        async def wrapped(call: ProxyRequest) -> ProxyResponse:
            self.seen.append(f"endpoint {sorted(call.query)}")
            response = await proxy(call)
            self.seen.append(f"endpoint got {response.data}")
            return response

        return wrapped

    def around_call(self, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:
        async def wrapped(call: ProxyRequest) -> ProxyResponse:
            assert isinstance(call, BackendCall)
            names = sorted(name.decode() for name, _ in call.fields)
            self.seen.append(f"call {call.method.decode()} {call.path.decode()} {sorted(call.query)} {names}")
            self._change(call)
            return await proxy(call)

        return wrapped

    def around_client(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:
        async def wrapped(request: UpstreamRequest) -> UpstreamResponse:
            self.seen.append(f"client {request.target.decode()}")
            response = await client(request)
            self.seen.append(f"client got {response.status}")
            return response

        return wrapped


def gateway(joined: Joined, **keys: Any) -> Gateway:
    filtered = backend("/b/{Id}?x=1", wrapped_by=("c",), input_headers=("X-A",), input_query_strings=("q",))
    listed = {"input_headers": ("X-A", "X-B"), "input_query_strings": ("q", "r")}
    return Gateway(service(endpoint("/e/{id}", filtered, wrapped_by=("e",), **listed, **keys)), joined=joined)


FIELDS = (("X-A", "1"), ("X-B", "2"))


def test_each_sees_the_request_as_it_is_where_it_stands() -> None:
    joined = Joined()
    gateway(joined).get("/e/7?q=1&r=2&s=3", fields=FIELDS)
    assert joined.seen == [
        "endpoint [b'q', b'r']",
        "call GET /b/7?x=1 [b'q'] ['X-A']",
        "client /b/7?x=1&q=1",
        "client got 200",
        "endpoint got {'a': 1}",
    ]


def test_a_wrapped_call_that_nobody_changes_is_the_one_that_is_made_otherwise() -> None:
    wrapped = gateway(Joined())
    wrapped.get("/e/7?q=1&r=2", fields=FIELDS)
    listed = {"input_headers": ("X-A", "X-B"), "input_query_strings": ("q", "r")}
    filtered = backend("/b/{Id}?x=1", input_headers=("X-A",), input_query_strings=("q",))
    plain = Gateway(service(endpoint("/e/{id}", filtered, **listed)))
    plain.get("/e/7?q=1&r=2", fields=FIELDS)
    [one], [other] = wrapped.backend.calls, plain.backend.calls
    assert (one.method, one.target, sorted(one.fields)) == (other.method, other.target, sorted(other.fields))


def change_method(call: BackendCall) -> None:
    call.method = b"POST"


def change_target(call: BackendCall) -> None:
    call.target = b"/elsewhere"


def change_fields(call: BackendCall) -> None:
    call.fields = [(b"X-New", b"n"), (b"User-Agent", b"mine"), (b"Accept-Encoding", b"br")]


@pytest.mark.parametrize(
    ("change", "made"),
    [
        (change_method, (b"POST", b"/b/7?x=1", [b"Accept-Encoding", b"User-Agent"])),
        (change_target, (b"GET", b"/elsewhere", [b"Accept-Encoding", b"User-Agent"])),
        (change_fields, (b"GET", b"/b/7?x=1", [b"Accept-Encoding", b"User-Agent", b"X-New"])),
    ],
)
def test_what_is_changed_around_a_call_is_what_is_called(change: Callable[[Any], None], made: Any) -> None:
    changed = gateway(Joined(change))
    changed.get("/e/7")
    [call] = changed.backend.calls
    assert (call.method, call.target, sorted(name for name, _ in call.fields)) == made
    assert changed.backend.field("User-Agent") == (["mine"] if change is change_fields else ["Go-http-client/1.1"])


def test_what_stands_around_a_client_is_there_where_bodies_pass_as_they_are() -> None:
    joined = Joined()
    passing = Gateway(
        service(endpoint("/e", backend(encoding="no-op"), output_encoding="no-op")),
        joined=joined,
    )
    assert body(passing.get("/e")) == b'{"a":1}'
    assert joined.seen == ["client /back", "client got 200"]
