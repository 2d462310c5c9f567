"""For each reason code a request and the responses that clients get, in both styles of errors.

The gateway makes them on its test stand, of the situations that the live tests bring about, too. What a stand cannot
bring about has its status alone, which the live tests check.
"""

import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from crossgate.components import all_components
from crossgate.config import load_text
from crossgate.testing.answered import Answered
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.mocks import Answer, Mock
from crossgate.testing.stand import Stand
from tests.support.refusals import SCRIPT, Places, Situation, configurations, situations

STRANGER = "192.0.2.7"
"""Who asks: somebody to whom no reason is shown."""
_PLACES = Places("127.0.0.1:9001", "127.0.0.1:9002")
_CHANGING = ("date", "content-length", "connection", "x-request-id")
_COUNTING = ("ratelimit", "retry-after")
"""Fields whose values say how much is left, and for how long."""
_ERROR_ID = re.compile(r'(?<=error id )[0-9a-f]+|(?<="error_id":")[0-9a-f]+')
_LONGEST = 100
_SILENT = Answer(fault="silent")
_HTTP_STYLE = '`"crossgate/errors": {"style": "http"}`'


@cache
def examples() -> dict[str, str]:
    """The section of each code's page."""
    first: dict[str, Situation] = {}
    for one in situations():
        first.setdefault(one.code, one)
    answers = {style: _answers(first, style) for style in ("krakend", "http")}
    return {code: _section(one, answers["krakend"].get(code), answers["http"].get(code)) for code, one in first.items()}


def _answers(first: dict[str, Situation], style: str) -> dict[str, Answered]:
    """By code; without those that a stand answers for another reason."""
    found: dict[str, Answered] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in configurations(Path(folder), _PLACES).items():
            ours = [one for one in first.values() if one.config == name and not (one.crowd or one.holds)]
            ours = [one for one in ours if one.client == "reads"]
            if name not in ("main", "limited", "full") or not ours:
                continue
            tree = json.loads(text)
            tree["extra_config"].pop("crossgate/revoker", None)  # it listens
            tree["extra_config"]["crossgate/errors"] = {"style": style}
            found |= _of_configuration(json.dumps(tree).encode(), ours)
    return found


def _of_configuration(text: bytes, ours: list[Situation]) -> dict[str, Answered]:
    parts = all_components()
    loaded = load_text(text, allow_unsupported=True, serving=False, components=parts)
    assert loaded.config is not None, [one.message for one in loaded.diagnostics]
    clock = Clock(time.time())
    backends = Backends(clock)
    backends.mock(list(_mocks()))
    stand = Stand(loaded.config, components=parts, environ=os.environ, clock=clock, backends=backends)
    found = {}
    try:
        for one in ours:
            try:
                for request in one.before:
                    stand.ask(request, client_host=STRANGER)
                answered = stand.ask(one.request, client_host=STRANGER)
            except TimeoutError:
                continue
            if answered.reason is not None and answered.reason.code == one.code:
                assert answered.status == one.status or "http" in text.decode(), (one.code, answered.status)
                found[one.code] = answered
    finally:
        stand.close()
    return found


def _mocks() -> Iterator[Mock]:
    yield Mock((Answer(fault="refused"),), host=_PLACES.dead)
    for path, said in SCRIPT.items():
        yield Mock((_answer(said),), path=path)
    yield Mock((Answer(),))


def _answer(said: dict[str, Any]) -> Answer:
    if "drop" in said:
        return Answer(fault="closed")
    if "raw" in said:
        return Answer(raw=said["raw"].encode())
    if "delay_ms" in said:
        return _SILENT
    body = json.dumps(said["json"]).encode() if "json" in said else str(said.get("body", "")).encode()
    return Answer(status=said.get("status", 200), body=body, sent_bytes=said.get("truncate"))


# -- as text


def _section(one: Situation, krakend: Answered | None, http: Answered | None) -> str:
    parts = ["## What the client gets", _request(one)]
    if krakend is None or http is None:
        return "\n\n".join([*parts, _without_response(one)])
    shown, other = _response(krakend), _response(http)
    parts.append(shown)
    if shown == other:
        parts.append(f"It is the same with {_HTTP_STYLE}.")
    else:
        parts += [f"With {_HTTP_STYLE}:", other]
    return "\n\n".join(parts)


def _without_response(one: Situation) -> str:
    if one.client == "leaves" or not one.status:
        return "The client has gone away and gets no response."
    if one.client != "reads":
        return f"The response begins with status {one.status}, and the connection is cut off."
    phrase = HTTPStatus(one.status).phrase
    return f"The response has status {one.status} {phrase}."


def _block(lines: list[str]) -> str:
    return "\n".join(["```http", *lines, "```"])


def _request(one: Situation) -> str:
    head, _, body = one.request.decode("utf-8", "replace").partition("\r\n\r\n")
    lines = [line for line in head.split("\r\n") if line and line.partition(":")[0].lower() not in _CHANGING]
    return _block([*map(_cut, lines), *(["", _cut(body)] if body else [])])


def _response(answered: Answered) -> str:
    phrase = HTTPStatus(answered.status).phrase
    shown = [(name, "..." if name.lower() in _COUNTING else value) for name, value in answered.fields]
    fields = [f"{name}: {value}" for name, value in shown if name.lower() not in _CHANGING]
    body = _ERROR_ID.sub("...", answered.body.decode("utf-8", "replace").strip())
    return _block([f"HTTP/1.1 {answered.status} {phrase}", *fields, *(["", body] if body else [])])


def _cut(line: str) -> str:
    """Tokens differ each time, and nobody reads them."""
    if line.startswith("Authorization: Bearer ") and line.count(".") >= 2:
        return "Authorization: Bearer eyJ..."
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 20]}..."
