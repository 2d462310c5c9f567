import asyncio
import json
from typing import Any

import pytest

from crossgate.demo import backend
from crossgate.http.message import Request, Response


def ask(method: bytes, target: bytes, body: bytes = b"", **fields: str) -> tuple[Response, Any]:
    path, mark, query = target.partition(b"?")
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    request = Request(method, path, query if mark else None, lines, body)
    response = asyncio.run(backend.answer(request))
    assert isinstance(response.body, bytes)
    return response, json.loads(response.body)


def test_user_is_the_one_in_the_path() -> None:
    assert ask(b"GET", b"/users/J%C3%BCrgen")[1]["id"] == "Jürgen"


def test_search_tells_what_was_asked() -> None:
    assert ask(b"GET", b"/search?q=a%20b&page=2&empty=")[1]["asked"] == {"q": "a b", "page": "2", "empty": ""}


def test_headers_are_told_as_they_arrived() -> None:
    assert ask(b"GET", b"/seen", accept_language="en_GB")[1]["headers"] == {"accept-language": "en_GB"}


def test_message_is_told_with_its_type() -> None:
    response, data = ask(b"POST", b"/messages", b"hi", content_type="text/plain")

    assert response.status == 201
    assert data == {"stored": "hi", "content_type": "text/plain"}


def test_backend_with_cors_of_its_own_names_somebody_else() -> None:
    response, _ = ask(b"GET", b"/own-cors")

    assert (b"access-control-allow-origin", b"https://somebody-else.example") in response.fields


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        (b"GET", b"/nowhere", 404),
        (b"GET", b"/", 404),
        (b"PUT", b"/messages", 405),
        (b"POST", b"/hello", 405),
        (b"GET", b"/failing", 503),
    ],
)
def test_what_goes_wrong_is_told_as_json(method: bytes, target: bytes, status: int) -> None:
    response, data = ask(method, target)

    assert response.status == status
    assert "error" in data


def test_slow_answer_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(backend.asyncio, "sleep", note)
    ask(b"GET", b"/slow")

    assert waited == [backend.SLOW_SECONDS]
