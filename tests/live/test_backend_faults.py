"""Backends that die, hang, lie or answer garbage: a clean error or a response visibly broken off, never a mix-up."""

import asyncio
import socket

import pytest

from crossgate.config.model import UpstreamConfig
from tests.support.dataplane import GRANT, answering, backend, connected, get, live, proxying, until

OK = b"HTTP/1.1 200 OK\r\n"
MALFORMED = {
    "garbage": b"garbage\r\n\r\n",
    "SSH banner": b"SSH-2.0-OpenSSH_9.2\r\n",
    "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/0.9": b"<html>hello</html>",
    "status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nab",
    "status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nab",
    "status below 100": b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nab",
    "two different CL": OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "CL negative": OK + b"Content-Length: -2\r\n\r\nab",
    "CL with plus": OK + b"Content-Length: +2\r\n\r\nab",
    "CL list": OK + b"Content-Length: 2, 2\r\n\r\nab",
    "CL empty": OK + b"Content-Length:\r\n\r\nab",
    "CL in hex": OK + b"Content-Length: 0x2\r\n\r\nab",
    "TE gzip": OK + b"Transfer-Encoding: gzip\r\n\r\nab",
    "TE gzip, chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "TE identity": OK + b"Transfer-Encoding: identity\r\n\r\nab",
    "TE on two lines": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "TE in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "blank before colon": OK + b"Content-Length : 2\r\n\r\nab",
    "NUL in value": OK + b"X: a\x00b\r\nContent-Length: 2\r\n\r\nab",
    "bare CR in value": OK + b"X: a\rb\r\nContent-Length: 2\r\n\r\nab",
    "bare LF among CRLF": OK + b"X: a\nContent-Length: 2\r\n\r\nab",
    "bare LF behind the start line": b"HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nab",
    "bare LF at the end": OK + b"Content-Length: 2\r\n\nab",
    "body put into a value": OK + b"X: a\n\nevil\r\nContent-Length: 2\r\n\r\nab",
    "head of LF with a bare CR": b"HTTP/1.1 200 OK\nX: a\rb\nContent-Length: 2\n\nab",
    "fold before the first field": OK + b" X: a\r\nContent-Length: 2\r\n\r\nab",
    "NUL in a fold": OK + b"X: a\r\n b\x00\r\nContent-Length: 2\r\n\r\nab",
    "CL folded to a list": OK + b"Content-Length: 2,\r\n 2\r\n\r\nab",
    "CL equal but for zeros": OK + b"Content-Length: 2\r\nContent-Length: 02\r\n\r\nab",
    "two different CL and TE": OK
    + b"Content-Length: 2\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad CL and TE": OK + b"Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "CL and TE gzip": OK + b"Content-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\nab",
    "CL and TE in HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "field without colon": OK + b"X\r\nContent-Length: 2\r\n\r\nab",
    "too many fields": OK + b"X: y\r\n" * 3000 + b"Content-Length: 2\r\n\r\nab",
    "too long a field": OK + b"X: " + b"y" * (2 << 20) + b"\r\nContent-Length: 2\r\n\r\nab",
    "interim responses without end": b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 20 + OK + b"Content-Length: 0\r\n\r\n",
    "upgrade nobody asked for": b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nxyz",
}


@pytest.mark.parametrize("name", MALFORMED)
@live
async def test_malformed_response_is_a_clean_error_and_its_connection_is_dropped(name: str) -> None:
    """DEV-HTTP-5."""
    connections = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(OK + b"Content-Length: 4\r\n\r\nfine" if b"/fine" in head else MALFORMED[name])

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        answer = await peer.send(get(b"/bad")).answer()
        assert answer.status == 502
        assert b"connection broken" in answer.body
        assert answer.one(b"access-control-allow-origin") == GRANT
        await until(lambda: client.connection_count == 0)
        assert (await peer.send(get(b"/fine")).answer()).body == b"fine"
        assert len(connections) == 2


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"
# As Go's client reads them: bytes, and the value of X if there is one. The body is always ab.
READ_ALL_THE_SAME = {
    "obs-fold": (OK + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nab", b"a b"),
    "obs-fold of several lines": (OK + b"X:\r\n\ta \r\n  b\r\n \r\nContent-Length: 2\r\n\r\nab", b" a b "),
    "obs-fold of CL": (OK + b"Content-Length:\r\n 2\r\n\r\nab", None),
    "obs-fold of TE": (OK + b"Transfer-Encoding:\r\n chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", None),
    "bare LF": (b"HTTP/1.1 200 OK\nX: a\nContent-Length: 2\n\nab", b"a"),
    "bare LF, chunked": (b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\r\nab\r\n0\r\n\r\n", None),
    "bare LF and obs-fold": (b"HTTP/1.1 200 OK\nX: a\n b\nContent-Length: 2\n\nab", b"a b"),
    "bare LF behind an interim response": (
        b"HTTP/1.1 103 E\nLink: x\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nab",
        None,
    ),
    "CL twice": (OK + b"Content-Length: 2\r\nX: a\r\ncontent-length:2\r\n\r\nab", b"a"),
    "CL and TE": (CHUNKED + b"Content-Length: 5\r\n\r\n2\r\nab\r\n0\r\n\r\n", None),
    "TE and CL": (OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", None),
    "CL twice and TE": (CHUNKED + b"Content-Length: 5\r\n" * 2 + b"\r\n2\r\nab\r\n0\r\n\r\n", None),
    "several blanks behind the version": (b"HTTP/1.1   200 OK\r\nContent-Length: 2\r\n\r\nab", None),
    "padded chunk sizes": (CHUNKED + b"\r\n1  \r\na\r\n1\t\r\nb\r\n0    \r\n\r\n", None),
    "blank before a chunk extension": (CHUNKED + b"\r\n1; a\r\na\r\n1 ;b = c\r\nb\r\n0; d\r\n\r\n", None),
}
# After these the framing is certain enough for another answer.
REUSED = frozenset(("padded chunk sizes", "blank before a chunk extension"))


@pytest.mark.parametrize("name", READ_ALL_THE_SAME)
@live
async def test_sloppy_response_is_read_as_go_reads_it_and_passed_on_properly(name: str) -> None:
    data, value = READ_ALL_THE_SAME[name]
    connections = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(OK + b"Content-Length: 4\r\n\r\nfine" if b"/fine" in head else data)

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        answer = await peer.send(get(b"/sloppy")).answer()
        assert (answer.status, answer.body, answer.one(b"x")) == (200, b"ab", value and value.strip())
        assert len(answer.all(b"content-length") + answer.all(b"transfer-encoding")) == 1
        if name not in REUSED:
            await until(lambda: client.connection_count == 0)
        assert (await peer.send(get(b"/fine")).answer()).body == b"fine"
        assert len(connections) == (1 if name in REUSED else 2)


BROKEN_OFF = {
    "CL": OK + b"Content-Length: 10\r\n\r\nabc",
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    "bad chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
}


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("name", BROKEN_OFF)
@live
async def test_response_that_breaks_off_never_looks_whole(name: str, version: bytes) -> None:
    async with (
        backend(answering(BROKEN_OFF[name], close=True)) as authority,
        proxying(authority) as (server, app, _),
        connected(server.port) as peer,
    ):
        peer.send(get(version=version))
        received, reset = b"", False
        try:
            while not received.startswith(b"HTTP/1.1 502") and (data := await peer.reader.read(65536)):
                received += data
        except ConnectionResetError:
            reset = True
        if received.startswith(b"HTTP/1.1 502"):
            assert name == "bad chunk"  # the fault was in the same read as the head
        else:
            assert not received.endswith(b"0\r\n\r\n")
            assert reset or b"Content-Length: 10" in received or b"chunked" in received
        assert len(app.finished) == 1


@live
async def test_backend_that_is_killed_between_head_and_body_breaks_the_response_off() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000)
        await reader.read(1)
        writer.transport.abort()

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, app, client),
        connected(server.port) as peer,
    ):
        peer.send(get())
        head = await peer.reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: 1000000" in head
        assert await peer.reader.readexactly(1000) == b"x" * 1000
        await client.close()
        assert await peer.ended()
        assert app.finished == [(200, 1000)]


@live
async def test_backend_that_closes_without_a_word_gives_eof() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        answer = await peer.send(get(b"/x")).answer()
        assert (answer.status, answer.body.decode()) == (502, f'Get "http://{authority}/x": EOF')


@live
async def test_backend_that_refuses_connections_is_named_as_go_names_it() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        authority = f"127.0.0.1:{unused.getsockname()[1]}"
        async with proxying(authority) as (server, _, _), connected(server.port) as peer:
            answer = await peer.send(get(b"/x", b"Content-Length: 0", method=b"POST")).answer()
            expected = f'Post "http://{authority}/x": dial tcp {authority}: connect: connection refused'
            assert answer.body.decode() == expected


@pytest.mark.parametrize("authority", ["nowhere.invalid", "127.0.0.1:99999", "127.0.0.1:x", "ho st", "é.example"])
@live
async def test_backend_that_cannot_be_addressed_is_a_clean_error(authority: str) -> None:
    async with proxying(authority) as (server, _, _), connected(server.port) as peer:
        answer = await peer.send(get()).answer()
        assert answer.status == 502
        assert b"dial tcp" in answer.body


@live
async def test_request_is_sent_again_if_the_idle_connection_had_ended() -> None:
    heads = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request and ends the connection at the sight of the next."""
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.transport.abort()

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        assert (await peer.send(get(b"/1")).answer()).body == b"ok"
        assert (await peer.send(get(b"/2")).answer()).body == b"ok"
        assert [head.split()[1] for head in heads] == [b"/1", b"/2", b"/2"]


@live
async def test_request_that_may_not_be_repeated_is_not_sent_again() -> None:
    """DEV-HTTP-4."""
    heads = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.transport.abort()

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        assert (await peer.send(get(b"/1")).answer()).body == b"ok"
        answer = await peer.send(get(b"/2", b"Content-Length: 1", method=b"POST") + b"x").answer()
        assert answer.status == 502
        assert len(heads) == 2


@live
async def test_request_is_sent_again_only_once_and_not_after_a_first_byte() -> None:
    count = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        while True:
            await reader.readuntil(b"\r\n\r\n")
            count += 1
            if count > 1:
                writer.write(b"HTTP/1.1 2" if count == 2 else b"")
                return
            writer.write(OK + b"Content-Length: 2\r\n\r\nok")

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        assert (await peer.send(get()).answer()).status == 200
        answer = await peer.send(get()).answer()
        assert answer.body.endswith(b": unexpected EOF")
        assert count == 2


@live
async def test_bytes_behind_a_response_never_become_the_answer_to_somebody_else() -> None:
    """DEV-HTTP-3."""
    poisoned = OK + b"Content-Length: 2\r\n\r\nok" + OK + b"Content-Length: 4\r\n\r\nevil"

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(poisoned)

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        for _ in range(3):
            assert (await peer.send(get()).answer()).body == b"ok"
            assert client.connection_count == 0 or await until(lambda: client.connection_count == 0) is None


@live
async def test_bytes_on_an_idle_connection_end_it() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n") if not idle.is_set() else None
        writer.write(OK + b"Content-Length: 4\r\n\r\nevil")
        await reader.read()

    idle = asyncio.Event()
    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        idle.set()
        assert (await peer.send(get()).answer()).body == b"ok"
        await until(lambda: client.connection_count == 0)
        assert (await peer.send(get()).answer()).body == b"ok"


@pytest.mark.parametrize(
    ("answer", "method", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", b"GET", b""),
        (b"HTTP/1.1 304 Not Modified\r\n\r\nevil", b"GET", b""),
        (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n", b"GET", b""),
        (OK + b"Content-Length: 4\r\n\r\nevil", b"HEAD", b""),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n", b"HEAD", b""),
        (OK + b"Content-Length: 4\r\n\r\ngoodevil", b"GET", b"good"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\nevil", b"GET", b"good"),
    ],
)
@live
async def test_body_where_none_belongs_is_not_passed_on(answer: bytes, method: bytes, body: bytes) -> None:
    async with (
        backend(answering(answer)) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        for _ in range(2):
            received = await peer.send(get(method=method)).answer(to_head=method == b"HEAD")
            assert received.body == body
            await until(lambda: client.connection_count == 0)
        peer.writer.write_eof()
        assert await peer.ended()


@live
async def test_answers_to_head_keep_their_length_and_the_connection() -> None:
    connections = set()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            coding = b"Transfer-Encoding: chunked" if b"/c" in head else b"Content-Length: 7"
            writer.write(OK + coding + b"\r\n\r\n")

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        for path, length in ((b"/f", b"7"), (b"/c", None), (b"/f", b"7")):
            answer = await peer.send(get(path, method=b"HEAD")).answer(to_head=True)
            assert (answer.status, answer.one(b"content-length")) in ((200, length), (200, length or b"0"))
        assert len(connections) == 1


@live
async def test_interim_responses_are_swallowed() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with (
        backend(answering(interim + OK + b"Content-Length: 2\r\n\r\nok")) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        for _ in range(2):
            answer = await peer.send(get()).answer()
            assert (answer.status, answer.body, answer.all(b"link")) == (200, b"ok", [])
        assert client.connection_count == 1


@live
async def test_response_until_close_is_whole_at_the_end_of_the_connection() -> None:
    async with (
        backend(answering(b"HTTP/1.0 200 OK\r\n\r\nabc", close=True)) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        for _ in range(2):
            assert (await peer.send(get()).answer()).body == b"abc"
        await until(lambda: client.connection_count == 0)


@live
async def test_fields_of_the_backends_connection_are_not_passed_on() -> None:
    fields = (
        b"Connection: x-private, keep-alive\r\nKeep-Alive: timeout=5\r\nX-Private: 1\r\nUpgrade: h2\r\nX-Kept: 1\r\n"
    )
    async with (
        backend(answering(OK + fields + b"Proxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok")) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        answer = await peer.send(get()).answer()
        names = {name for name, _ in answer.fields}
        assert b"x-kept" in names
        hop_by_hop = {b"connection", b"keep-alive", b"x-private", b"upgrade", b"proxy-authenticate"}
        assert not names & hop_by_hop


@live
async def test_backends_cors_fields_are_replaced_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    fields = b"Access-Control-Allow-Origin: *\r\nVary: Accept-Encoding\r\nContent-Length: 0\r\n\r\n"
    async with (
        backend(answering(OK + fields)) as authority,
        proxying(authority) as (server, app, _),
        connected(server.port) as peer,
    ):
        for _ in range(3):
            answer = await peer.send(get()).answer()
            assert answer.one(b"access-control-allow-origin") == GRANT
            assert sorted(b", ".join(answer.all(b"vary")).split(b", ")) == [b"Accept-Encoding", b"Origin"]
        assert sum("backend-0" in record.message for record in caplog.records) == 1
        app.upstream = "pass"
        assert (await peer.send(get()).answer()).one(b"access-control-allow-origin") == b"*"


@live
async def test_head_that_does_not_come_in_time_is_a_timeout() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    upstream = UpstreamConfig(response_header_timeout_seconds=0.1)
    async with (
        backend(handler) as authority,
        proxying(authority, upstream=upstream) as (server, _, client),
        connected(server.port) as peer,
    ):
        answer = await peer.send(get()).answer()
        assert answer.body.endswith(b": net/http: timeout awaiting response headers")
        await until(lambda: client.connection_count == 0)


@live
async def test_connection_that_does_not_come_about_in_time_is_a_timeout() -> None:
    # A listener whose queue is full neither accepts nor refuses.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            fillers.append(filler)
        upstream = UpstreamConfig(dialer_timeout_seconds=0.1)
        async with (
            proxying(f"127.0.0.1:{address[1]}", upstream=upstream) as (server, _, _),
            connected(server.port) as peer,
        ):
            answer = await peer.send(get()).answer()
            assert answer.body.endswith(b": i/o timeout")
        for filler in fillers:
            filler.close()


@live
async def test_idle_connections_are_kept_up_to_a_number_and_for_a_time() -> None:
    both = asyncio.Event()
    waiting = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        while True:
            await reader.readuntil(b"\r\n\r\n")
            waiting += 1
            if waiting == 3:
                both.set()
            await both.wait()
            writer.write(OK + b"Content-Length: 2\r\n\r\nok")

    upstream = UpstreamConfig(max_idle_connections_per_host=2, idle_connection_timeout_seconds=0.2)
    async with (
        backend(handler) as authority,
        proxying(authority, upstream=upstream) as (server, _, client),
        connected(server.port) as one,
        connected(server.port) as two,
        connected(server.port) as three,
    ):
        for peer in (one, two, three):
            peer.send(get())
        for peer in (one, two, three):
            assert (await peer.answer()).status == 200
        await until(lambda: client.connection_count == 2)
        await until(lambda: client.connection_count == 0)


@live
async def test_keep_alive_towards_backends_can_be_switched_off() -> None:
    heads = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK + b"Content-Length: 2\r\n\r\nok")

    upstream = UpstreamConfig(disable_keep_alives=True)
    async with (
        backend(handler) as authority,
        proxying(authority, upstream=upstream) as (server, _, client),
        connected(server.port) as peer,
    ):
        for _ in range(2):
            assert (await peer.send(get()).answer()).status == 200
            await until(lambda: client.connection_count == 0)
        assert all(b"\r\nConnection: close\r\n" in head for head in heads)
