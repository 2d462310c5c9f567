import asyncio

import pytest

from crossgate.cors.fetch import CHROMIUM, FIREFOX, FetchRequest, NetworkFailure, WireRequest
from crossgate.demo.explanation import MAX_EXCHANGES, Answer, browser_of, explain_call, run_fetch_against
from crossgate.demo.raw_exchange import RawResponse
from crossgate.http.message import Fields

ANY: Fields = [(b"Access-Control-Allow-Origin", b"*"), (b"Access-Control-Allow-Methods", b"PUT")]
PUT = FetchRequest("https://a.example", "http://127.0.0.1:8000/", "PUT")


def answering(*answers: Answer) -> tuple[list[WireRequest], object]:
    asked: list[WireRequest] = []

    async def send(wire: WireRequest) -> Answer:
        asked.append(wire)
        return answers[min(len(asked), len(answers)) - 1]

    return asked, send


def test_model_asks_each_request_once_and_in_order() -> None:
    asked, send = answering(RawResponse(204, "HTTP/1.1 204 No Content", ANY, b""))
    trace, answers = asyncio.run(run_fetch_against(PUT, CHROMIUM, send))  # type: ignore[arg-type]

    assert trace.allowed
    assert [wire.method for wire in asked] == ["OPTIONS", "PUT"]
    assert len(answers) == len(trace.exchanges) == 2


def test_refused_preflight_is_the_last_request() -> None:
    asked, send = answering(RawResponse(204, "HTTP/1.1 204 No Content", [], b""))
    trace, _ = asyncio.run(run_fetch_against(PUT, FIREFOX, send))  # type: ignore[arg-type]

    assert not trace.allowed
    assert [wire.method for wire in asked] == ["OPTIONS"]


def test_server_that_does_not_answer_blocks_the_call() -> None:
    _, send = answering(NetworkFailure("nobody is there"))
    trace, _ = asyncio.run(run_fetch_against(PUT, CHROMIUM, send))  # type: ignore[arg-type]

    assert not trace.allowed
    assert "nobody is there" in trace.decided_by.reason


def test_redirects_in_a_loop_come_to_an_end() -> None:
    again = RawResponse(302, "HTTP/1.1 302 Found", [*ANY, (b"Location", b"http://127.0.0.1:8000/")], b"")
    asked, send = answering(again)
    request = FetchRequest("https://a.example", "http://127.0.0.1:8000/")
    trace, _ = asyncio.run(run_fetch_against(request, CHROMIUM, send))  # type: ignore[arg-type]

    assert not trace.allowed
    assert len(asked) <= MAX_EXCHANGES


def test_redirect_to_somebody_else_is_not_followed() -> None:
    async def run() -> dict[str, object]:
        async def redirect(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(
                b"HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: http://127.0.0.1:8/\r\n\r\n"
            )
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(redirect, "127.0.0.1", 0)
        async with server:
            origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            request = FetchRequest("https://a.example", origin + "/")
            return await explain_call(request, b"", CHROMIUM, (origin,))

    told = asyncio.run(run())

    assert told["verdict"] == "blocked"
    assert "nobody but its own gateway" in str(told["reason"])


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (b"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "firefox"),
        (
            b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
            "chromium",
        ),
        (b"", "chromium"),
        (b"\xff\xfe", "chromium"),
    ],
)
def test_browser_is_known_by_what_it_calls_itself(user_agent: bytes, name: str) -> None:
    assert browser_of(user_agent).name == name
