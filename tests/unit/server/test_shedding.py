"""Requests that are refused before they are read: which, with what, and which not."""

from collections.abc import Callable
from typing import Any

import pytest

from crossgate.cors import Decision
from crossgate.http.message import Request, Response
from crossgate.http.track import Track
from crossgate.server.response_head import HeadWriter
from crossgate.server.shedding import Shedder
from crossgate.server.unread import MOST_BYTES, Place
from tests.support.dataplane import ORIGIN, POLICY

HEAD = "GET /a?b=c HTTP/1.1\r\nHost: gateway\r\nOrigin: {origin}\r\nUser-Agent: x\r\n\r\n"


class Busy:
    """A load that is too much, and the gateway behind it."""

    def __init__(self) -> None:
        self.is_busy = self.is_full = self.refuses_unread = True
        self.exempt = frozenset((b"/__health",))
        self.noted = frozenset((b"host", b"x-real-ip"))
        self.tells = True
        self.identify: Callable[[Request], Track] | None = None
        self.finished: list[int] = []
        self.told: list[Request] = []
        self.decided: list[bytes | None] = []
        self.counted: list[Decision] = []

    def refuse(self) -> Response:
        return Response(503, [(b"retry-after", b"1")], b"busy")

    def count_refused(self) -> None:
        raise NotImplementedError

    def place(self, call: Callable[[str], None]) -> Place:
        raise NotImplementedError

    def decide_unread(self, origin: bytes | None) -> Decision | None:
        self.decided.append(origin)
        return POLICY.decide_actual(b"GET", origin)

    def count_unread(self, decision: Decision) -> None:
        self.counted.append(decision)

    def tell(
        self, request: Request, route: Any, decision: Decision | None, status: int, body_bytes: int, seconds: float
    ) -> None:
        assert (route, decision, body_bytes, seconds) == (None, self.counted[-1], 4, 0.0)
        self.told.append(request)
        self.finished.append(status)


def shedder(identify: Callable[[Request], Track] | None = None, *, tells: bool = True) -> tuple[Shedder, Busy]:
    busy, heads = Busy(), HeadWriter(lambda _: None)
    busy.identify, busy.tells = identify, tells
    heads.date_line = b"\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT"
    return Shedder(busy, busy, heads, busy.tell), busy


def refusal(head: str) -> bytes | None:
    return shedder()[0].refusal(head.encode("latin-1"), "")


def test_an_ordinary_get_is_refused_so_that_its_page_may_read_it() -> None:
    shed, busy = shedder()
    answer = shed.refusal(HEAD.format(origin=ORIGIN).encode(), "")
    assert answer is not None
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 503 Service Unavailable"
    assert b"Retry-After: 1" in lines
    assert b"Access-Control-Allow-Origin: " + ORIGIN.encode() in lines
    assert b"Vary: Origin" in lines
    assert b"Content-Length: 4" in lines
    assert body == b"busy"
    assert busy.finished == [503]


def test_each_origin_gets_an_answer_of_its_own() -> None:
    shed, busy = shedder()
    grants = []
    for origin in (ORIGIN, "https://evil.example", ORIGIN, "https://evil.example"):
        answer = shed.refusal(HEAD.format(origin=origin).encode(), "") or b""
        grants.append(b"Access-Control-Allow-Origin" in answer)
    assert grants == [True, False, True, False]
    assert busy.decided == [ORIGIN.encode(), b"https://evil.example"]  # and is made once
    assert busy.finished == [503] * 4


def test_an_empty_origin_is_not_the_same_as_none() -> None:
    shed, busy = shedder()
    shed.refusal(HEAD.format(origin="").encode(), "")
    shed.refusal(HEAD.replace("Origin: {origin}\r\n", "").encode(), "")
    assert busy.decided == [b"", None]


def test_answers_are_made_anew_with_the_date() -> None:
    shed, _ = shedder()
    head = HEAD.format(origin=ORIGIN).encode()
    first = shed.refusal(head, "")
    shed._heads.date_line = b"\r\nDate: Thu, 01 Jan 1970 00:00:01 GMT"
    second = shed.refusal(head, "")
    assert first != second
    assert second is not None
    assert b"00:00:01" in second


def test_who_is_told_of_an_answer_gets_the_request_with_the_fields_that_are_looked_at() -> None:
    shed, busy = shedder()
    head = "GET /a?b=c HTTP/1.1\r\nHOST: \tgateway:80 \r\nAccept: x\r\nX-Real-IP:  10.0.0.1\r\nX-Real-Ip: b\r\n"
    shed.refusal(f"{head}Origin: {ORIGIN}\r\nConnection: Keep-Alive\r\n\r\n".encode(), "127.0.0.9")
    shed.refusal(b"GET /d HTTP/1.1\r\nAccept: x\r\n\r\n", "127.0.0.8")
    (request, bare), known = busy.told, (b"GET", b"1.1")
    assert (request.method, request.version, request.path, request.query) == (*known, b"/a", b"b=c")
    assert (request.host, request.peer_host) == (b"gateway:80", "127.0.0.9")
    assert request.fields == [(b"host", b"gateway:80"), (b"x-real-ip", b"10.0.0.1"), (b"x-real-ip", b"b")]
    assert request.first(b"x-real-ip") == b"10.0.0.1"
    assert (bare.method, bare.version, bare.path, bare.query) == (*known, b"/d", None)
    assert (bare.host, bare.peer_host, bare.fields, bare.track) == (b"", "127.0.0.8", [], None)


def test_where_nobody_is_told_the_answer_is_the_same_and_counts() -> None:
    text = HEAD.format(origin=ORIGIN).encode()
    shed, busy = shedder(tells=False)
    assert shed.refusal(text, "") == shedder()[0].refusal(text, "")
    assert (len(busy.counted), busy.told) == (1, [])


def test_ids_are_told_where_nothing_else_is() -> None:
    shed, busy = shedder(lambda _: Track(b"one", b"x-id", b"\r\nX-Id: one"), tells=False)
    assert b"\r\nX-Id: one\r\n" in (shed.refusal(HEAD.format(origin=ORIGIN).encode(), "") or b"")
    assert len(busy.told) == 1


def test_where_requests_have_ids_each_answer_tells_its_own() -> None:
    shed, busy = shedder(lambda request: Track(request.path, b"x-id", b"\r\nX-Id: " + request.path))
    for path in (b"/a", b"/b"):
        answer = shed.refusal(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path, "")
        assert answer is not None
        assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\nX-Id: %b\r\nRetry-After: 1\r\n" % path)
        track = busy.told[-1].track
        assert track is not None
        assert track.request_id == path


def test_what_is_known_of_a_clients_fields_is_bounded_and_says_nothing_of_others() -> None:
    shed, busy = shedder()
    for number in range(5000):
        head = f"GET /{number} HTTP/1.1\r\nHost: h{number % 3000}\r\nOrigin: https://{number % 2}.example\r\n\r\n"
        assert shed.refusal(head.encode(), "") is not None
        assert (busy.told[-1].path, busy.told[-1].host) == (b"/%d" % number, b"h%d" % (number % 3000))
    assert 0 < len(shed._clients) <= 2048


def test_fields_that_are_known_do_not_make_another_request_ordinary() -> None:
    shed, busy = shedder()
    fields = "Host: a\r\n\r\n"
    assert shed.refusal(f"GET / HTTP/1.1\r\n{fields}".encode(), "") is not None
    for start in (
        "POST / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 5\r\n",
        "GET /__health HTTP/1.1\r\n",
        "\r\n",
    ):
        assert shed.refusal(f"{start}{fields}".encode(), "") is None
    assert len(busy.told) == 1


def test_each_decision_counts_though_it_is_made_once() -> None:
    shed, busy = shedder()
    for _ in range(3):
        shed.refusal(HEAD.format(origin=ORIGIN).encode(), "")
    assert (len(busy.decided), len(busy.counted)) == (1, 3)


def test_values_may_have_any_bytes_that_are_no_controls() -> None:
    assert refusal("GET /\xe9?\xff HTTP/1.1\r\nHost: a\r\nX:\t\xe9 \x80\xff~!\t\r\nY:\r\n\r\n") is not None


def test_origins_are_remembered_within_bounds() -> None:
    shed, _ = shedder()
    for number in range(2000):
        shed.refusal(HEAD.format(origin=f"https://{number}.example").encode(), "")
    assert len(shed._answers) <= 256


@pytest.mark.parametrize("field", ["origin", "ORIGIN", "Origin"])
def test_the_name_of_origin_counts_in_any_case(field: str) -> None:
    answer = refusal(f"GET / HTTP/1.1\r\nHost: a\r\n{field}:{ORIGIN} \r\n\r\n")
    assert answer is not None
    assert b"Access-Control-Allow-Origin" in answer


@pytest.mark.parametrize(
    "head",
    [
        "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n",  # there is more to come
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nx",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n Content-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\n\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\n\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\n\nContent-Length: 5\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nOrigin: a\r\nOrigin: b\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /# HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a" * 9000 + "\r\n\r\n",
        "GET /__health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /__health?x HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_whatever_is_not_ordinary_is_read(head: str) -> None:
    shed, busy = shedder()
    assert shed.refusal(head.encode("latin-1"), "") is None
    assert busy.finished == []


def test_where_what_cors_says_is_not_known_before_the_endpoint_none_is_refused_unread() -> None:
    _, busy = shedder()
    busy.refuses_unread = False
    heads = HeadWriter(lambda _: None)
    assert Shedder(busy, busy, heads, busy.tell).refusal(HEAD.format(origin=ORIGIN).encode(), "") is None


@pytest.mark.parametrize(
    ("head", "waits"),
    [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        ("GET /__healthy HTTP/1.1\r\nHost: a\r\n\r\n", True),
        ("GET / HTTP/1.0\r\n\r\n", True),
        ("GET /a\r\n\r\n", True),  # is no request, but that is seen when it is read
        ("GET /__health HTTP/1.1\r\nHost: a\r\n\r\n", False),
        ("GET /__health?x HTTP/1.1\r\nHost: a\r\n\r\n", False),
        ("GET / HTTP/1.1\r\nHost: a\r\n", False),  # there is more to come, and in time
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", False),
        ("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", False),
        ("GET / HTTP/1.1\r\nX: " + "a" * MOST_BYTES + "\r\n\r\n", False),
    ],
)
def test_a_whole_get_may_wait_before_it_is_read_unless_it_is_answered_in_any_case(head: str, waits: bool) -> None:
    assert shedder()[0].may_wait(head.encode()) is waits
