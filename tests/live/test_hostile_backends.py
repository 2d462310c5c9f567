"""Backends that send too much, too deep, too slowly, or what it is not: a clean error, bounded memory, no end of it."""

import contextlib
import gzip
import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import PATIENCE_SECONDS, Gateway, gateway
from tests.support.scripted_backend import Pieces, Received, ScriptedBackend, scripted_backend

MB = 1 << 20
GB = 1 << 30
OK = b"HTTP/1.1 200 OK\r\n"
OVER = threading.Event()  # ends backends that would never end
PASSING_MEMORY_MB = 100
DECODING_MEMORY_MB = 200
"""64 MB of a body are read before it counts as too large, and for a moment there are two forms of it."""


def sized(size: int, *lines: bytes) -> bytes:
    return b"\r\n".join([OK + b"Content-Length: %d" % size, *lines, b"", b""])


def whole(body: bytes, *lines: bytes) -> bytes:
    return sized(len(body), *lines) + body


def gigabyte(_: Received) -> Iterator[bytes]:
    yield sized(GB)
    piece = bytes(MB)
    for _ in range(GB // MB):
        yield piece


def endless_json(_: Received) -> Iterator[bytes]:
    yield OK + b'Transfer-Encoding: chunked\r\n\r\n2\r\n["\r\n'
    piece = b"%x\r\n" % MB + b"x" * MB + b"\r\n"
    while True:
        yield piece


def endless_error(_: Received) -> Iterator[bytes]:
    yield b"HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\n"
    while True:
        yield bytes(MB)


def bomb() -> bytes:
    """Blanks in gzip: one block of deflate, which stands alone, again and again."""
    blanks = b" " * MB
    squeeze = zlib.compressobj(9, wbits=-15)
    block = squeeze.compress(blanks) + squeeze.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(BOMB_BYTES // MB):
        check = zlib.crc32(blanks, check)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    return header + block * (BOMB_BYTES // MB) + squeeze.flush() + struct.pack("<LL", check, BOMB_BYTES)


ZIPPED = b"Content-Encoding: gzip"
BOMB_BYTES = 256 * MB
"""More than any limit on memory below."""
BOMB = bomb()  # made before anybody waits for it
JSON_ZIPPED = gzip.compress(b'{"a":"' + b"".join(b"%d" % (n * n) for n in range(2000)) + b'"}')


def lines_without_end(start: bytes, line: bytes) -> Pieces:
    def answer(_: Received) -> Iterator[bytes]:
        yield start
        while True:
            yield line * 500

    return answer


def drip_without_end(start: bytes) -> Pieces:
    """Something every tenth of a second, for as long as somebody listens."""

    def answer(_: Received) -> Iterator[bytes]:
        yield start
        while not OVER.wait(0.1):
            yield b"y"

    return answer


def silence(_: Received) -> Iterator[bytes]:
    OVER.wait()
    yield b""


def sent(content: bytes) -> Pieces:
    def answer(_: Received) -> Iterator[bytes]:
        yield content

    return answer


LAUGHS = (
    b"<!DOCTYPE l [<!ENTITY a0 'ha'>"
    + b"".join(b"<!ENTITY a%d '%b'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><l>&a11;</l>"
)

NO_ANSWERS = {
    "gigabyte": gigabyte,
    "endless-json": endless_json,
    "gzip-bomb": sent(whole(BOMB, ZIPPED)),
    "gzip-cut": sent(whole(JSON_ZIPPED[:-200], ZIPPED)),
    "gzip-without-trailer": sent(whole(JSON_ZIPPED[:-8], ZIPPED)),
    "gzip-damaged": sent(whole(JSON_ZIPPED[:50] + b"\xff\x00\xff" + JSON_ZIPPED[53:], ZIPPED)),
    "gzip-that-is-none": sent(whole(b'{"a":1}', ZIPPED)),
    "gzip-of-nothing": sent(whole(b"", ZIPPED)),
    "deep-list": sent(whole(b'{"a":' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}")),
    "deep-object": sent(whole(b'{"a":' * 200_000 + b"1" + b"}" * 200_000)),
    "deep-and-open": sent(whole(b'{"a":' * 500_000)),
    "html": sent(whole(b"<!doctype html><h1>502 Bad Gateway</h1>", b"Content-Type: application/json")),
    "picture": sent(whole(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)),
    "utf-16": sent(whole('{"a":1}'.encode("utf-16"))),
    "nan": sent(whole(b'{"a":NaN}')),
    "single-quotes": sent(whole(b"{'a':1}")),
    "open-string": sent(whole(b'{"a":"' + b"x" * MB)),
    "zero-bytes": sent(whole(bytes(1000))),
    "leading-zero": sent(whole(b'{"a":01}')),
    "raw-newline": sent(whole(b'{"a":"x\ny"}')),
    "endless-fields": lines_without_end(OK, b"X-More: and more\r\n"),
    "endless-field": lines_without_end(OK + b"X: ", b"and more "),
    "endless-status-line": lines_without_end(b"HTTP/1.1 200 ", b"OK "),
    "endless-interim-responses": lines_without_end(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "endless-trailers": lines_without_end(
        OK + b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n', b"X-More: and more\r\n"
    ),
    "endless-chunk-extension": lines_without_end(OK + b"Transfer-Encoding: chunked\r\n\r\n7;", b"more=more;"),
    "huge-chunk-size": sent(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b'\r\n{"a":1}\r\n0\r\n\r\n'),
    "huge-length": sent(OK + b"Content-Length: " + b"9" * 40 + b'\r\n\r\n{"a":1}'),
    "dripping-head": drip_without_end(OK + b"X: "),
    "dripping-body": drip_without_end(OK + b'Content-Length: 1000000\r\n\r\n{"a":"'),
    "silence": silence,
}  # fmt: skip
ODD_ANSWERS = {
    "invalid-utf-8": (whole(b'{"a":"\xff\xfe"}'), '{"a":"\ufffd\ufffd"}'),
    "lone-surrogate": (whole(b'{"a":"\\ud800"}'), '{"a":"\ufffd"}'),
    "long-number": (whole(b'{"a":' + b"9" * 10_000 + b"}"), '{"a":' + "9" * 10_000 + "}"),
    "huge-exponent": (whole(b'{"a":1e999999999}'), '{"a":1e999999999}'),
    "escaped-nul": (whole(b'{"\\u0000":"\\u0000"}'), '{"\\u0000":"\\u0000"}'),
    "many-keys-alike": (whole(b'{"a":1' + b',"a":2' * 10_000 + b"}"), '{"a":2}'),
    "rest-ignored": (whole(b'{"a":1}' + b"]" * MB), '{"a":1}'),
    "deep-enough": (whole(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"), '{"a":' + "[" * 5000 + "]" * 5000 + "}"),
}
BAD_XML = {
    "laughs": sent(whole(LAUGHS)),
    "quadratic": sent(whole(b"<!DOCTYPE l [<!ENTITY a '" + b"h" * 100_000 + b"'>]><l>" + b"&a;" * 10_000 + b"</l>")),
    "external-entity": sent(whole(b"<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><l>&a;</l>")),
    "recursive-entity": sent(whole(b"<!DOCTYPE l [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><l>&a;</l>")),
    "deep": sent(whole(b"<a>" * 200_000 + b"</a>" * 200_000)),
    "open": sent(whole(b"<a>" * 100_000)),
    "many-attributes": sent(whole(b"<a " + b"".join(b"x%d='1' " % n for n in range(50_000)))),
    "unknown-charset": sent(whole(b"<?xml version='1.0' encoding='unheard-of'?><a/>")),
    "nothing": sent(whole(b"")),
    "binary": sent(whole(bytes(range(256)))),
}
OUTPUTS = ("json", "xml", "yaml", "negotiate", "string", "json-collection")


def configuration(authority: str) -> dict[str, object]:
    def endpoint(name: str, path: str, output: str = "json", **backend: object) -> dict[str, object]:
        return {
            "endpoint": name,
            "output_encoding": output,
            "timeout": "600ms" if "drip" in path or path == "/silence" else "1h",
            "backend": [{"host": [authority], "url_pattern": path, **backend}],
        }

    endpoints = [endpoint(f"/json/{name}", f"/{name}") for name in [*NO_ANSWERS, *ODD_ANSWERS, "fine"]]
    endpoints += [endpoint(f"/{kind}/{name}", f"/{name}", encoding=kind) for kind in ("xml", "rss") for name in BAD_XML]
    endpoints += [endpoint(f"/deep/{output}", "/deep-enough", output) for output in OUTPUTS]
    endpoints += [endpoint(f"/pure/{name}", f"/{name}", "no-op") for name in [*NO_ANSWERS, "endless-error", "fine"]]
    for kind in ("details", "code"):
        value: object = "e" if kind == "details" else True
        extra = {"backend/http": {f"return_error_{kind}": value}}
        endpoints.append(endpoint(f"/error/{kind}", "/endless-error", extra_config=extra))
    return {"version": 3, "extra_config": {"router": {"return_error_msg": True}}, "endpoints": endpoints}


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedBackend]:
    script = {f"/{name}": answer for name, answer in [*NO_ANSWERS.items(), *BAD_XML.items()]}
    script |= {f"/{name}": sent(content) for name, (content, _) in ODD_ANSWERS.items()}
    script |= {"/endless-error": endless_error, "/fine": {"json": {"fine": True}}}
    with scripted_backend(script) as running:
        yield running
        OVER.set()


@contextlib.contextmanager
def running_gateway(folder: Path, upstream: ScriptedBackend) -> Iterator[Gateway]:
    path = folder / "krakend.json"
    path.write_text(json.dumps(configuration(upstream.authority)))
    with gateway(path) as process:
        yield process
        assert process.stop() == 0
        assert not [line for line in process.log if "Traceback" in line]


@pytest.fixture(scope="module")
def decoding(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedBackend) -> Iterator[Gateway]:
    """A gateway that decodes hostile answers."""
    with running_gateway(tmp_path_factory.mktemp("decoding"), upstream) as process:
        yield process


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedBackend) -> Iterator[Gateway]:
    """A gateway that only passes them on."""
    with running_gateway(tmp_path_factory.mktemp("passing"), upstream) as process:
        yield process


def peak_memory_mb(process: Gateway) -> float:
    """The most resident memory the process ever had."""
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def assert_it_goes_on(process: Gateway, limit_mb: float) -> None:
    status, _, body = process.ask("GET", "/json/fine")
    assert (status, body) == (200, b'{"fine":true}')
    assert peak_memory_mb(process) < limit_mb


def count(port: int, path: str, *, most: int | None = None) -> tuple[bytes, int, bool]:
    """The head, how many bytes of a body came, and whether the connection was closed in order."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return head, 0, True
            head += piece
        head, _, body = head.partition(b"\r\n\r\n")
        length = len(body)
        buffer = bytearray(MB)
        try:
            while most is None or length < most:
                received = client.recv_into(buffer)
                if not received:
                    return head, length, True
                length += received
        except ConnectionResetError:
            return head, length, False
        return head, length, False


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_is_no_answer_is_a_clean_error(decoding: Gateway, name: str) -> None:
    status, headers, body = decoding.ask("GET", f"/json/{name}")
    assert status == 500
    assert headers["X-Krakend-Completed"] == "false"
    assert 0 < len(body) < 500, body[:500]
    assert b"Traceback" not in body
    assert_it_goes_on(decoding, DECODING_MEMORY_MB)


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_what_is_odd_but_json_is_read_as_go_reads_it(decoding: Gateway, name: str) -> None:
    status, _, body = decoding.ask("GET", f"/json/{name}")
    assert (status, body.decode()) == (200, ODD_ANSWERS[name][1])
    assert_it_goes_on(decoding, DECODING_MEMORY_MB)


@pytest.mark.parametrize("kind", ["xml", "rss"])
@pytest.mark.parametrize("name", BAD_XML)
def test_xml_that_means_harm_is_a_clean_error(decoding: Gateway, kind: str, name: str) -> None:
    status, _, body = decoding.ask("GET", f"/{kind}/{name}")
    assert status == 500
    assert 0 < len(body) < 500, body[:500]
    assert b"root:" not in body
    assert_it_goes_on(decoding, DECODING_MEMORY_MB)


@pytest.mark.parametrize("output", OUTPUTS)
def test_data_of_great_depth_can_be_written_in_every_encoding(decoding: Gateway, output: str) -> None:
    status, _, _ = decoding.ask("GET", f"/deep/{output}")
    assert status == 200
    assert_it_goes_on(decoding, DECODING_MEMORY_MB)


@pytest.mark.parametrize(("kind", "expected"), [("details", 200), ("code", 503)])
def test_an_error_body_without_end_is_shown_within_limits(decoding: Gateway, kind: str, expected: int) -> None:
    status, _, body = decoding.ask("GET", f"/error/{kind}")
    assert status == expected
    assert len(body) < 2 * MB
    assert_it_goes_on(decoding, DECODING_MEMORY_MB)


def test_a_gigabyte_passes_through_in_little_memory(passing: Gateway) -> None:
    head, length, _ = count(passing.port, "/pure/gigabyte")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert length == GB
    assert_it_goes_on(passing, PASSING_MEMORY_MB)


@pytest.mark.parametrize("name", ["gigabyte", "endless-json", "endless-error", "gzip-bomb"])
def test_who_leaves_early_stops_the_backend_and_costs_no_memory(passing: Gateway, name: str) -> None:
    _, length, _ = count(passing.port, f"/pure/{name}", most=20 * MB)
    assert length >= 20 * MB
    assert_it_goes_on(passing, PASSING_MEMORY_MB)


def test_a_gzip_bomb_that_nobody_asked_the_gateway_to_pass_is_decoded_in_little_memory(passing: Gateway) -> None:
    head, length, _ = count(passing.port, "/pure/gzip-bomb")
    assert b"content-encoding" not in head.lower()
    assert length > BOMB_BYTES  # its chunks included
    assert_it_goes_on(passing, PASSING_MEMORY_MB)


@pytest.mark.parametrize("name", ["gzip-cut", "gzip-without-trailer", "gzip-damaged", "gzip-that-is-none"])
def test_gzip_that_breaks_off_never_looks_like_a_whole_answer(passing: Gateway, name: str) -> None:
    head, _, _ = count(passing.port, f"/pure/{name}")
    if b" 200 " in head:
        assert b"transfer-encoding: chunked" in head.lower()
        with pytest.raises(Exception, match=r".") as broken:
            passing.ask("GET", f"/pure/{name}")
        assert type(broken.value).__name__ in ("IncompleteRead", "ConnectionResetError")
    else:
        assert head.startswith(b"HTTP/1.1 500 ")
    assert_it_goes_on(passing, PASSING_MEMORY_MB)


@pytest.mark.parametrize(
    "name",
    [
        "endless-fields",
        "endless-field",
        "endless-status-line",
        "endless-interim-responses",
        "huge-length",
        "dripping-head",
        "silence",
    ],
)
def test_a_head_that_never_comes_is_an_error_with_no_op_as_well(passing: Gateway, name: str) -> None:
    status, headers, _ = passing.ask("GET", f"/pure/{name}")
    assert status == 500
    assert headers["X-Krakend-Completed"] == "false"
    assert_it_goes_on(passing, PASSING_MEMORY_MB)
