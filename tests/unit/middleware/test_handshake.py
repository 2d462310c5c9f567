"""What is logged of a refused WebSocket handshake: whose it was, and the remedy behind a proxy."""

import logging

import pytest

from crossgate.cors import CorsPolicy
from crossgate.middleware.asgi import CORSMiddleware
from tests.support.asgi_client import shake_hands

POLICY = CorsPolicy(allow_origins=["https://partner.example"])


async def never_called(scope, receive, send):
    raise AssertionError("the handshake reached the application")


def logged(caplog: pytest.LogCaptureFixture, *fields: tuple[bytes, bytes], scheme: str = "ws", **more) -> str:
    with caplog.at_level(logging.WARNING, logger="crossgate.cors"):
        answer = shake_hands(CORSMiddleware(never_called, POLICY, **more), list(fields), scheme=scheme)
    assert [message["type"] for message in answer.messages] == ["websocket.close"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    return caplog.records[0].getMessage()


def test_an_own_page_behind_a_proxy_that_ends_tls_is_told_the_remedy(caplog: pytest.LogCaptureFixture) -> None:
    line = logged(caplog, (b"host", b"shop.example"), (b"origin", b"https://shop.example"))
    assert 'origin="https://shop.example" host="shop.example" own origin="http://shop.example"' in line
    assert "X-Forwarded-Proto" in line
    assert "--forwarded-allow-ips" in line
    assert "list https://shop.example in allow_origins" in line


def test_a_host_that_a_proxy_rewrote_is_told(caplog: pytest.LogCaptureFixture) -> None:
    forwarded = (b"x-forwarded-host", b"shop.example")
    line = logged(caplog, (b"host", b"10.0.0.7:8000"), (b"origin", b"https://shop.example"), forwarded)
    assert "have the proxy pass Host on" in line
    assert "A proxy received it for shop.example" in line


def test_a_forwarded_host_opens_nothing_and_a_stranger_is_only_named(caplog: pytest.LogCaptureFixture) -> None:
    forwarded = (b"x-forwarded-host", b"api.example")
    line = logged(caplog, (b"host", b"api.example"), (b"origin", b"https://evil.example"), forwarded, scheme="wss")
    assert 'origin="https://evil.example"' in line
    assert "If this is the application's own page, a proxy changes Host" in line


def test_a_page_on_http_behind_a_proxy_that_speaks_tls_inwards_is_told(caplog: pytest.LogCaptureFixture) -> None:
    line = logged(caplog, (b"host", b"a.example"), (b"origin", b"http://a.example"), scheme="wss")
    assert "X-Forwarded-Proto: http" in line


@pytest.mark.parametrize("origin", [b"\x1b[2J\r\n", b"x" * 100_000, b"", b"\xff"])
def test_nothing_that_a_client_sends_breaks_the_line(caplog: pytest.LogCaptureFixture, origin: bytes) -> None:
    line = logged(caplog, (b"host", b"h" * 100_000), (b"origin", origin))
    assert line.isprintable()
    assert len(line) < 2000


def test_the_line_goes_to_the_logger_that_was_given(caplog: pytest.LogCaptureFixture) -> None:
    own = logging.getLogger("shop.cors")
    logged(caplog, (b"host", b"shop.example"), (b"origin", b"https://evil.example"), logger=own)
    assert caplog.records[0].name == "shop.cors"


def test_a_handshake_that_is_let_through_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def accepting(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})

    fields = [(b"host", b"shop.example"), (b"origin", b"https://partner.example")]
    with caplog.at_level(logging.DEBUG, logger="crossgate.cors"):
        shake_hands(CORSMiddleware(accepting, POLICY), fields, scheme="ws")
    assert caplog.records == []
