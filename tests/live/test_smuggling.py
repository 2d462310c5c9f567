"""Request smuggling shapes (RFC 9112 sections 2 to 7 and 11.2): refused cleanly, and never a second request."""

import pytest

from tests.support.dataplane import GRANT, connected, live, serving

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nOrigin: " + GRANT + b"\r\nHost: a\r\n"

# name: (bytes, statuses that refuse it)
SHAPES: dict[str, tuple[bytes, tuple[int, ...]]] = {
    # Section 6.3: two lengths
    "CL and TE": (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
    "TE and CL": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", (400,)),
    "two equal CL": (POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", (400,)),
    "two different CL": (POST + b"Content-Length: 0\r\nContent-Length: 3\r\n\r\nabc", (400,)),
    "CL list": (POST + b"Content-Length: 3, 3\r\n\r\nabc", (400,)),
    "CL with plus": (POST + b"Content-Length: +3\r\n\r\nabc", (400,)),
    "CL with minus": (POST + b"Content-Length: -3\r\n\r\nabc", (400,)),
    "CL in hex": (POST + b"Content-Length: 0x3\r\n\r\nabc", (400,)),
    "CL empty": (POST + b"Content-Length:\r\n\r\nabc", (400,)),
    "CL with blank inside": (POST + b"Content-Length: 1 2\r\n\r\nabc", (400,)),
    "CL with underscore": (POST + b"Content-Length: 1_0\r\n\r\nabc", (400,)),
    "CL overflow": (POST + b"Content-Length: 18446744073709551619\r\n\r\nabc", (400,)),
    "CL with vertical tab": (POST + b"Content-Length: \x0b3\r\n\r\nabc", (400,)),
    # Section 6.1: transfer codings
    "TE identity": (POST + b"Transfer-Encoding: identity\r\n\r\n", (400, 501)),
    "TE gzip": (POST + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE gzip, chunked": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE chunked, gzip": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE chunked twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE on two lines": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
    "TE chunked, identity": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        (400,),
    ),
    "TE xchunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE chunkedx": (POST + b"Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE with semicolon": (POST + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", (400, 501)),
    "TE quoted": (POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', (400, 501)),
    "TE with vertical tab": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", (400,)),
    "TE with NUL": (POST + b"Transfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\n", (400,)),
    "TE with blank before colon": (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", (400,)),
    "TE with underscore beside CL": (POST + b"Transfer_Encoding: chunked\r\nContent-Length: 0x\r\n\r\n", (400,)),
    "TE in HTTP/1.0": (b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
    "TE folded": (POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    # Section 7.1: chunks
    "chunk size with blank": (POST + b"Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n", (400,)),
    "chunk size with 0x": (POST + b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", (400,)),
    "chunk size negative": (POST + b"Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n", (400,)),
    "chunk size overflow": (POST + b"Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n", (400,)),
    "chunk size missing": (POST + b"Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n", (400,)),
    "chunk longer than said": (POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", (400,)),
    "chunk ended by LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", (400,)),
    "chunk extension with LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n3;a\nabc\r\n0\r\n\r\n", (400,)),
    "chunk extension with CR": (POST + b"Transfer-Encoding: chunked\r\n\r\n3;a\rb\r\nabc\r\n0\r\n\r\n", (400,)),
    # Section 2.2: line ends
    "bare LF after request line": (b"GET / HTTP/1.1\nHost: a\r\n\r\n", (400,)),
    "bare LF after field": (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", (400,)),
    "bare LF at the end": (b"GET / HTTP/1.1\r\nHost: a\r\n\n", (400,)),
    "bare CR in value": (b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", (400,)),
    "whitespace before first field": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", (400,)),
    # Section 5: fields
    "blank before colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", (400,)),
    "tab before colon": (b"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", (400,)),
    "obs-fold": (b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", (400,)),
    "empty field name": (b"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", (400,)),
    "no colon": (b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", (400,)),
    "NUL in value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", (400,)),
    "NUL in name": (b"GET / HTTP/1.1\r\nHost: a\r\nX\x00: b\r\n\r\n", (400,)),
    "non-ASCII name": (b"GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa9: b\r\n\r\n", (400,)),
    # Section 3: request line
    "no version": (b"GET /\r\n\r\n", (400, 505)),
    "no version, with fields": (b"GET /\r\nHost: a\r\n\r\n", (400, 505)),
    "two blanks": (b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "blank in target": (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "blank after version": (b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", (400,)),
    "tab as separator": (b"GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", (400, 501)),
    "version 0.9": (b"GET / HTTP/0.9\r\nHost: a\r\n\r\n", (400, 505)),
    "version 1.2": (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", (400, 505)),
    "version 2.0": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", (400, 505)),
    "version 3.0": (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", (400, 505)),
    "version 1.10": (b"GET / HTTP/1.10\r\nHost: a\r\n\r\n", (400, 505)),
    "version 1": (b"GET / HTTP/1\r\nHost: a\r\n\r\n", (400, 505)),
    "version in lower case": (b"GET / http/1.1\r\nHost: a\r\n\r\n", (400, 505)),
    "version of RTSP": (b"OPTIONS / RTSP/1.0\r\nHost: a\r\n\r\n", (400, 505)),
    "version of ICE": (b"SOURCE / ICE/1.0\r\nHost: a\r\n\r\n", (400, 501, 505)),
    "no method": (b" / HTTP/1.1\r\nHost: a\r\n\r\n", (400, 501)),
    "method that is no token": (b"FR(OB / HTTP/1.1\r\nHost: a\r\n\r\n", (400, 501)),
    "unknown method, framed twice": (
        b"FROB / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        (400,),
    ),
    "CONNECT": (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", (400, 405, 501)),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 501, 505)),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400, 501)),
    # Section 3.2: target and Host
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", (400,)),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", (400,)),
    "two equal Hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", (400,)),
    "two Hosts in HTTP/1.0": (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", (400,)),
    "Host list": (b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", (400,)),
    "Host with path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", (400,)),
    "Host with userinfo": (b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", (400,)),
    "Host with bad port": (b"GET / HTTP/1.1\r\nHost: a:80:80\r\n\r\n", (400,)),
    "absolute form without Host": (b"GET http://a/ HTTP/1.1\r\n\r\n", (400,)),
    "absolute form with userinfo": (b"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "authority form": (b"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "asterisk form of GET": (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "relative path": (b"GET x HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "fragment": (b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "bad escape": (b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "raw UTF-8 in method": (b"G\xc3\xa9T / HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "control character in target": (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
}


@pytest.mark.parametrize("name", SHAPES)
@live
async def test_shape_is_refused_and_nothing_behind_it_is_served(name: str) -> None:
    """DEV-HTTP-1."""
    data, statuses = SHAPES[name]
    async with serving() as (server, app), connected(server.port) as peer:
        peer.send(data + SMUGGLED)
        answer = await peer.answer()
        assert answer.status in statuses
        assert answer.one(b"connection") == b"close"
        assert b"smuggled" not in await peer.rest()
        assert not [request for request in app.requests if request.path == b"/smuggled"]
        if b"Origin: " in data and b"TE" not in data:
            assert answer.all(b"vary") == [b"Origin"]


@pytest.mark.parametrize("name", SHAPES)
@live
async def test_shape_is_refused_when_it_arrives_byte_by_byte(name: str) -> None:
    data, statuses = SHAPES[name]
    async with serving() as (server, app), connected(server.port) as peer:
        for index in range(len(data)):
            peer.send(data[index : index + 1])
            await peer.writer.drain()
        answer = await peer.answer()
        assert answer.status in statuses
        assert await peer.ended()
        assert not app.requests or app.requests[0].has_body


@live
async def test_upgrade_is_ignored_and_its_body_is_not_taken_for_a_request() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
        peer.send(POST + upgrade + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED)
        peer.send(POST + upgrade + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        peer.send(b"GET /after HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert (await peer.answer()).body == b"POST / a %d" % len(SMUGGLED)
        assert (await peer.answer()).body == b"POST / a 3"
        assert (await peer.answer()).body == b"GET /after a 0"
        assert [request.path for request in app.requests] == [b"/", b"/", b"/after"]


@live
async def test_absolute_form_names_the_host_whatever_the_host_field_says() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        answer = await peer.send(b"GET http://x.example:81?q=1 HTTP/1.1\r\nHost: a\r\n\r\n").answer()
        assert answer.body == b"GET / x.example:81 0"
        assert app.requests[0].query == b"q=1"
