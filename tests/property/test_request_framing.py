"""What is read of requests beside llhttp's own reading, callback by callback: two readers of the same bytes must never
see different requests, since one of them may stand in front of the gateway or behind it."""

import itertools
import re

import httptools
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossgate.config.model import LimitsConfig
from crossgate.http.chunked_body import ChunkedBody, ChunkedBodyError
from crossgate.http.split_fields import split_fields
from crossgate.server.request_heads import RequestHeads
from crossgate.server.request_reader import RequestReader

LIMITS = LimitsConfig()
GOOD = b"GET /good HTTP/1.1\r\nHost: a\r\nX-Good: yes\r\n\r\n"
Field = tuple[bytes, bytes]


class Message:
    """One message as llhttp tells it. A target that is told again belongs to a message of its own."""

    def __init__(self) -> None:
        self.method = self.target = self.body = b""
        self.fields: list[Field] = []
        self.is_whole = False

    @property
    def told(self) -> tuple[bytes, bytes, list[Field], bytes]:
        return self.method, self.target, self.fields, self.body


class LlHttp:
    """llhttp's reading of one connection. `messages` are those that began; `is_refused` where it gave up."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.is_refused = False
        self._parser = httptools.HttpRequestParser(self)
        self._in_trailers = False

    def feed(self, data: bytes) -> "LlHttp":
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.is_refused = True
        return self

    @property
    def whole(self) -> list[Message]:
        return [message for message in self.messages if message.is_whole]

    def on_message_begin(self) -> None:
        self.messages.append(Message())
        self._in_trailers = False

    def on_url(self, piece: bytes) -> None:
        self.messages[-1].target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_trailers:
            self.messages[-1].fields.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.messages[-1].method = self._parser.get_method()
        self._in_trailers = True

    def on_body(self, piece: bytes) -> None:
        self.messages[-1].body += piece

    def on_message_complete(self) -> None:
        self.messages[-1].is_whole = True


def told_by_crossgate(data: bytes, cuts: list[int]) -> tuple[list[tuple[bytes, bytes, list[Field], bytes]], bool]:
    """The requests that are served, whole with their bodies, and whether reading ended with a refusal."""
    reader = RequestReader(RequestHeads(LIMITS), LIMITS)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        reader.feed(data[begin:end])
    told = []
    for request in reader.arrived:
        if request.fault is not None:
            return told, True
        if request.whole:
            target = request.path + (b"" if request.query is None else b"?" + request.query)
            told.append((request.method, target, request.fields, request.body))
    return told, False


# -- bytes that nearly are requests

NAMES = st.sampled_from(
    [b"X", b"x-a", b"X_b", b"Host", b"Cookie", b"content-length ", b"", b"\x00", b"a b", b"\xff", b" X"]
)
VALUES = st.one_of(
    st.sampled_from(
        [b"", b"v", b"a: b", b"  v\t", b"\tv", b"v ", b"\xc3\xa9", b"a\x00b", b"a\rb", b"a\nb", b"\x7f", b":"]
    ),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=6).map(lambda text: text.encode("latin-1")),
)
SEPARATORS = st.sampled_from([b": ", b": ", b": ", b":", b":  ", b":\t", b" : ", b"", b" "])
LINE_ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\n ", b"\r\n\t", b"\r\r\n"])
ODD_LINES = st.tuples(NAMES, SEPARATORS, VALUES, LINE_ENDS).map(b"".join)
PROPER_LINES = st.sampled_from(
    [
        b"Host: a\r\n",
        b"host:a\r\n",
        b"X-One: 1\r\n",
        b"X-One:   1  \r\n",
        b"Empty:\r\n",
        b"Connection: keep-alive\r\n",
        b"Connection: close\r\n",
        b"Connection: upgrade\r\nUpgrade: h2c\r\n",
        b"Upgrade: websocket\r\n",
        b"Expect: 100-continue\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: 03\r\n",
        b"Content-Length: +3\r\n",
        b"Content-Length: 3, 3\r\n",
        b"Content-Length: 3x\r\n",
        b"Content-Length: \r\n",
        b"Content-Length : 3\r\n",
        b"Content_Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: Chunked\r\n",
        b"transfer-encoding:chunked \r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Proxy-Connection: close\r\n",
        b"Sec-WebSocket-Key: a\r\n",
    ]
)
START_LINES = st.sampled_from(
    [b"GET / HTTP/1.1\r\n"] * 3
    + [b"POST /p?a=1 HTTP/1.1\r\n"] * 3
    + [
        b"HEAD /h HTTP/1.1\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"GET / HTTP/1.0\r\n",
        b"PUT /p HTTP/1.0\r\n",
        b"BREW /coffee HTTP/1.1\r\n",
        b"post / HTTP/1.1\r\n",
        b"GET http://b/x HTTP/1.1\r\n",
        b"GET /\xff HTTP/1.1\r\n",
        b"GET /\x01 HTTP/1.1\r\n",
        b"GET /a\tb HTTP/1.1\r\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / http/1.1\r\n",
        b"GET /\r\n",
        b"CONNECT a:1 HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"SOURCE / HTTP/1.1\r\n",
        b"\r\nGET / HTTP/1.1\r\n",
    ]
)
CHUNK_PIECES = st.sampled_from(
    [
        b"0\r\n\r\n",
        b"0\r\n\r\n",
        b"3\r\n{,}\r\n",
        b"3\r\n{,}\r\n",
        b"00003\r\n{,}\r\n",
        b"a\r\n0\r\n\r\n3\r\nx\r\n",
        b"A\r\n0123456789\r\n",
        b"3;a=b\r\n{,}\r\n",
        b'3;a="b;\\""\r\n{,}\r\n',
        b"3 \r\n{,}\r\n",
        b"3;\r\n{,}\r\n",
        b"+3\r\n{,}\r\n",
        b"0x3\r\n{,}\r\n",
        b"3\n{,}\n",
        b"3\r\n{,}d\r\n",
        b"3\r\n{,}",
        b"3\r\n{,}\n",
        b"3\r\n{,}\r\r\n",
        b"-1\r\n",
        b"\r\n",
        b"0\r\nX: y\r\n\r\n",
        b"0\r\nX: y\r\nContent-Type: z\r\n\r\n",
        b"0\r\nX y\r\n\r\n",
        b"0\r\n X: y\r\n\r\n",
        b"0\r\nX: y\n\r\n",
        b"0\n\n",
        b"0;a\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"fffffffffffffffff\r\n",
        b"3;a\x00\r\n{,}\r\n",
        b"3;a\rb\r\n{,}\r\n",
        b"3;a\nb\r\n{,}\r\n",
    ]
)
HEADS = st.builds(
    lambda start, lines, end: start + b"".join(lines) + end,
    START_LINES,
    st.lists(st.one_of(PROPER_LINES, PROPER_LINES, PROPER_LINES, ODD_LINES), max_size=5).map(
        lambda lines: [b"Host: a\r\n", *lines]
    ),
    st.just(b"\r\n"),
)
BODIES = st.one_of(st.sampled_from([b"", b"", b"{,}", b"{,}", b"{,"]), st.lists(CHUNK_PIECES, max_size=3).map(b"".join))
STREAMS = st.lists(st.tuples(HEADS, BODIES).map(b"".join), min_size=1, max_size=3).map(b"".join)
CUTS = st.lists(st.integers(0, 400), max_size=6)

UNKNOWN_METHODS = (b"BREW", b"post")
METHODS = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"PUT", *UNKNOWN_METHODS)


def as_llhttp_takes_it(data: bytes) -> bytes:
    """Methods that llhttp does not know are read as POST; Upgrade and Proxy-Connection mean nothing to us; in targets
    bytes beyond ASCII stand for their escapes."""
    data = _TARGETS.sub(lambda match: b"".join([_escaped(byte) for byte in match[0]]), data)
    for method in UNKNOWN_METHODS:
        data = data.replace(method + b" /", b"POST /")
    for name in (b"Upgrade:", b"upgrade:"):
        data = data.replace(name, b"x-grade:")
    return data.replace(b"Proxy-Connection:", b"x-connection:")


def _escaped(byte: int) -> bytes:
    return b"%%%02X" % byte if byte > 0x7F else bytes((byte,))


_TARGETS = re.compile(rb"[^ \r\n]+(?= HTTP/1\.[01]\r\n)")
_RENAMED = {b"x-grade": b"upgrade", b"x-connection": b"proxy-connection"}


@settings(max_examples=1500)
@given(STREAMS, CUTS)
@example(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + GOOD, [])
@example(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GOOD, [60])
def test_requests_that_are_served_are_llhttps_requests_byte_for_byte(data: bytes, cuts: list[int]) -> None:
    ours, refused = told_by_crossgate(data, cuts)
    theirs = LlHttp().feed(as_llhttp_takes_it(data))
    # A body that is cut off elsewhere than it was meant to be leaves start lines whose methods llhttp does not know.
    methods = [method for method, *_ in ours]
    known = next((at for at, method in enumerate(methods) if method not in METHODS), len(ours))
    ours = ours[:known]
    expected = theirs.whole[:known]
    for (method, target, fields, body), their in zip(ours, expected, strict=True):
        assert (target, body) == (their.target.removeprefix(b"http://b"), their.body)
        assert [(_RENAMED.get(name, name), value) for name, value in their.fields] == fields
        assert method == their.method or method in UNKNOWN_METHODS
    if not refused and not theirs.is_refused and known == len(methods):
        assert len(theirs.whole) == len(ours)


@settings(max_examples=1000)
@given(st.lists(st.tuples(HEADS, BODIES), min_size=1, max_size=4))
def test_no_request_leaves_anything_behind_for_those_of_other_connections(many: list[tuple[bytes, bytes]]) -> None:
    shared = RequestHeads(LIMITS)

    def told(heads: RequestHeads, data: bytes) -> object:
        end = data.find(b"\r\n\r\n") + 4
        read = heads.read(data, end)
        return read.method, read.path, read.query, read.fields, read.body, read.whole, read.keep_alive, read.fault

    for head, body in many:
        data = (head + body).lstrip(b"\r\n")
        assert told(shared, data) == told(RequestHeads(LIMITS), data)
        good = shared.read(GOOD, len(GOOD))
        assert (good.fault, good.path, good.fields) == (None, b"/good", [(b"host", b"a"), (b"x-good", b"yes")])


@settings(max_examples=1500)
@given(st.lists(st.one_of(PROPER_LINES, ODD_LINES, ODD_LINES), max_size=6))
def test_lines_that_llhttp_accepts_are_split_as_llhttp_does(lines: list[bytes]) -> None:
    start = b"GET / HTTP/1.1\r\n"
    head = start + b"".join(lines) + b"\r\n"
    end = head.find(b"\r\n\r\n") + 4
    llhttp = LlHttp().feed(head[:end].replace(b"pgrade:", b"-grade:"))
    read = split_fields(head[len(start) - 2 : end - 4])
    if llhttp.is_refused or not llhttp.messages[-1].method:
        return
    assert read == [(name.replace(b"-grade", b"pgrade"), value) for name, value in llhttp.messages[0].fields]


CHUNKED_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def unchunked(data: bytes, cuts: list[int]) -> tuple[bytes, bytes] | None:
    """The body and what stands behind it; None where it is refused or does not end."""
    body = ChunkedBody()
    pieces: list[bytes] = []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    rest = b""
    for begin, end in itertools.pairwise(edges):
        if body.ended:
            rest += data[begin:end]
            continue
        try:
            rest = body.feed(data[begin:end])
        except ChunkedBodyError:
            return None
        pieces += body.take()
    return (b"".join(pieces), rest) if body.ended else None


@settings(max_examples=1500)
@given(
    st.lists(st.one_of(CHUNK_PIECES, CHUNK_PIECES, CHUNK_PIECES, st.binary(max_size=5)), max_size=6).map(b"".join),
    CUTS,
)
def test_chunked_bodies_are_llhttps_wherever_they_are_cut(data: bytes, cuts: list[int]) -> None:
    ours = unchunked(data, cuts)
    assert ours == unchunked(data, [])
    assert ours == unchunked(data, list(range(len(data))))
    if ours is not None:
        body, rest = ours
        end = len(data) - len(rest)
        theirs = LlHttp().feed(CHUNKED_HEAD + data[:end]).whole
        assert [message.body for message in theirs] == [body]
        assert not LlHttp().feed(CHUNKED_HEAD + data[: end - 1]).whole


BLANKS = st.sampled_from([b"", b" ", b"\t", b" \t "])
VALUE_FORMS = st.sampled_from([b"a", b"a=b", b'a="b"', b'a="b; \\"c"'])


@settings(max_examples=500)
@given(st.lists(st.tuples(BLANKS, BLANKS, VALUE_FORMS), min_size=1, max_size=3), BLANKS, CUTS)
def test_blanks_around_chunk_extensions_change_nothing(
    extensions: list[tuple[bytes, bytes, bytes]], last: bytes, cuts: list[int]
) -> None:
    """RFC 9112 section 7.1.1 has them; llhttp does not."""
    padded = b"".join(b"%b;%b%b" % extension for extension in extensions) + last
    plain = b"".join(b";" + form for _, _, form in extensions)
    body = b"3%b\r\n{,}\r\n0%b\r\n\r\nrest"
    assert unchunked(body % (padded, padded), cuts) == unchunked(body % (plain, plain), []) == (b"{,}", b"rest")
