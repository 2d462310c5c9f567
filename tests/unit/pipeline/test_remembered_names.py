"""What is remembered of field names, which clients make up."""

import tracemalloc

import pytest

from crossgate.config.model import RouterConfig
from crossgate.http.message import Request
from crossgate.pipeline.call_lines import CallLines
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.forward import BackendForwarding, EndpointForwarding
from crossgate.plan import Identity

IDENTITY = Identity.krakend("2.13.8")
COUNT, NAME_BYTES = 200, 20_000


@pytest.mark.parametrize("listed", ["*", "X-A"])
@pytest.mark.parametrize("repeats", [False, True])
def test_long_names_are_not_remembered(listed: str, repeats: bool) -> None:
    client_ip = build_client_ip(RouterConfig())
    endpoint = EndpointForwarding((listed,), (), identity=IDENTITY, client_ip=client_ip)
    backend = BackendForwarding(None, None, identity=IDENTITY, accept_gzip=True, endpoint=endpoint)
    lines = CallLines(endpoint, backend, frozenset())

    def ask(number: int) -> None:
        fields = [(b"x-a", b"1"), (b"%d" % number + b"a" * NAME_BYTES, b"1")]
        rendered, _ = lines.render(Request(b"GET", b"/", None, fields * (2 if repeats else 1), host=b"a"))
        assert (len(rendered) > NAME_BYTES) == (listed == "*")

    ask(0)
    tracemalloc.start()
    try:
        for number in range(1, COUNT):
            ask(number)
        kept_bytes = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert kept_bytes < COUNT * NAME_BYTES / 4


def test_kinds_of_requests_that_clients_make_up_take_bounded_room() -> None:
    endpoint = EndpointForwarding(("*",), (), identity=IDENTITY, client_ip=build_client_ip(RouterConfig()))
    backend = BackendForwarding(None, None, identity=IDENTITY, accept_gzip=True, endpoint=endpoint)
    lines = CallLines(endpoint, backend, frozenset())
    for number in range(1000):
        rendered, _ = lines.render(Request(b"GET", b"/", None, [(b"x-%d" % number, b"1")], host=b"a"))
        assert b"\r\nX-%d: 1\r\n" % number in rendered
    assert len(lines._kinds) <= 64
