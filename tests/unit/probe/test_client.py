"""The probe's client against servers that behave, and servers that do not."""

import itertools
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from crossgate.cors.fetch import NetworkFailure, WireRequest, WireResponse
from crossgate.probe import ProbeClient, ProbeLimits
from tests.support.canned_server import Answer, canned_server, head

QUICK = ProbeLimits(total_seconds=2.0, request_seconds=0.4, max_head_bytes=20_000)


def request(port: int, **changes: object) -> WireRequest:
    values = {"method": "GET", "url": f"http://127.0.0.1:{port}/x?y=1", "credentials": False, "is_preflight": False,
              "fields": ((b"origin", b"https://app.example"),)}  # fmt: skip
    return WireRequest(**{**values, **changes})  # type: ignore[arg-type]


def ask(answer: Answer, limits: ProbeLimits = QUICK) -> WireResponse | NetworkFailure:
    with canned_server(answer) as server:
        return ProbeClient("test", limits)(request(server.port))


def test_a_head_is_read_and_the_request_looks_like_a_browsers() -> None:
    with canned_server(lambda _: [head(204, "X-A: 1", "x-a:2 ", "Vary:")]) as server:
        response = ProbeClient("agent", QUICK)(request(server.port, method="PUT"))
    assert response == WireResponse(204, ((b"x-a", b"1"), (b"x-a", b"2"), (b"vary", b"")))
    lines = server.heads[0].decode().split("\r\n")
    assert lines[0] == "PUT /x?y=1 HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert {"Connection: close", "Origin: https://app.example", "User-Agent: agent", "Sec-Fetch-Mode: cors"} <= set(
        lines
    )
    assert "Content-Length: 0" in lines


def test_a_cookie_goes_only_with_credentials_and_only_to_the_first_origin() -> None:
    with canned_server(lambda _: [head(200)]) as first, canned_server(lambda _: [head(200)]) as second:
        client = ProbeClient("test", QUICK, cookie="a=b")
        client(request(first.port))
        client(request(first.port, credentials=True))
        client(request(second.port, credentials=True))
    assert [b"Cookie: a=b" in one for one in (*first.heads, *second.heads)] == [False, True, False]


def test_a_second_browser_is_answered_from_memory_in_the_same_order() -> None:
    numbers = itertools.count()
    with canned_server(lambda _: [head(200, f"X-N: {next(numbers)}")]) as server:
        client = ProbeClient("test", QUICK)
        first = [client(request(server.port)) for _ in range(2)]
        client.begin()
        assert [client(request(server.port)) for _ in range(2)] == first
        assert len(server.heads) == 2


def test_interim_responses_are_passed_over() -> None:
    assert ask(lambda _: [head(103, "Link: x"), head(100), head(200)]) == WireResponse(200, ())


def test_line_feeds_folding_and_lines_without_colon_are_taken_as_browsers_take_them() -> None:
    answer = b"HTTP/1.1 200\nA: 1\n  2\nnonsense\nB : 3\n: 4\n\n"
    assert ask(lambda _: [answer]) == WireResponse(200, ((b"a", b"1 2"), (b"b", b"3")))


def endless(piece: bytes) -> Answer:
    return lambda _: itertools.repeat(piece)


def silent(_: bytes) -> Iterator[bytes]:
    threading.Event().wait(1)
    yield b""


def drip(data: bytes) -> Answer:
    def answer(_: bytes) -> Iterator[bytes]:
        pause = threading.Event()
        for byte in data:
            yield bytes([byte])
            pause.wait(0.02)

    return answer


_OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE: dict[str, tuple[Answer, str]] = {
    "endless head": (
        lambda _: itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"A: " + b"b" * 997)),
        "bytes",
    ),
    "endless fields": (
        lambda _: itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"A: b\r\n" * 99)),
        "bytes",
    ),
    "endless status line": (endless(b"HTTP/1.1 200 OK OK "), "bytes"),
    "endless nonsense": (endless(b"\x00\xff\r"), "begin"),
    "endless interim responses": (endless(b"HTTP/1.1 100 Continue\r\n\r\n"), "interim"),
    "switching protocols": (lambda _: [head(101)], "protocol"),
    "slow head": (drip(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000), "time"),
    "silence": (silent, "time"),
    "nothing": (drip(b""), "closed at once"),
    "half a head": (lambda _: [b"HTTP/1.1 200 OK\r\nA: b\r\n"], "ended"),
    "another protocol": (lambda _: [b"SSH-2.0-OpenSSH_9.2\r\n"], "begin"),
    "a NUL": (lambda _: [b"HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"], "NUL"),
    "a status of nothing": (lambda _: [b"HTTP/1.1 abc OK\r\n\r\n"], "begin"),
    "a status of 99": (lambda _: [b"HTTP/1.1 099 OK\r\n\r\n"], "begin"),
    "too many fields": (lambda _: [b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 2000 + b"\r\n"], "lines"),
}


@pytest.mark.parametrize(("answer", "word"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_server_gives_a_reason_and_no_hang(answer: Answer, word: str) -> None:
    began = time.monotonic()
    response = ask(answer)
    assert isinstance(response, NetworkFailure)
    assert word in response.reason
    assert time.monotonic() - began < 3


def test_an_endless_body_is_not_read() -> None:
    response = ask(lambda _: itertools.chain([head(200)], itertools.repeat(b"x" * 10_000)))
    assert response == WireResponse(200, ())


def test_binary_in_fields_is_kept_as_it_is() -> None:
    assert ask(lambda _: [b"HTTP/1.1 200 \xff\r\nA: \x01\xfe\x1b[31m\r\n\r\n"]) == WireResponse(
        200, ((b"a", b"\x01\xfe\x1b[31m"),)
    )


def test_the_time_is_for_all_requests_together() -> None:
    limits = ProbeLimits(total_seconds=0.5, request_seconds=0.4)
    with canned_server(drip(b"HTTP/1.1 200 OK\r\n" * 99)) as server:
        client = ProbeClient("test", limits)
        began = time.monotonic()
        answers = [client(request(server.port, fields=((b"n", str(n).encode()),))) for n in range(5)]
    assert time.monotonic() - began < 2
    assert all(isinstance(answer, NetworkFailure) for answer in answers)


def test_the_number_of_requests_is_bounded() -> None:
    with canned_server(lambda _: [head(200)]) as server:
        client = ProbeClient("test", ProbeLimits(max_requests=3))
        answers = [client(request(server.port)) for _ in range(5)]
    assert [isinstance(answer, NetworkFailure) for answer in answers] == [False, False, False, True, True]
    assert len(server.heads) == 3


def test_a_refused_connection_is_a_reason() -> None:
    with canned_server(lambda _: []) as server:
        port = server.port
    response = ProbeClient("test", QUICK)(request(port))
    assert isinstance(response, NetworkFailure)
    assert "refused" in response.reason


def test_tls_to_a_server_without_tls_is_a_reason() -> None:
    with canned_server(lambda _: [head(200)]) as server:
        response = ProbeClient("test", QUICK)(request(server.port, url=f"https://127.0.0.1:{server.port}/"))
    assert isinstance(response, NetworkFailure)


def test_a_certificate_counts_only_if_its_authority_is_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with canned_server(lambda _: [head(200)], context) as server:
        wire = request(server.port, url=f"https://127.0.0.1:{server.port}/")
        untrusted = ProbeClient("test", QUICK)(wire)
        trusted = ProbeClient("test", QUICK, ca_file=str(tmp_path / "ca.pem"))(wire)
        unverified = ProbeClient("test", QUICK, verify=False)(wire)
    assert isinstance(untrusted, NetworkFailure)
    assert "not trusted" in untrusted.reason
    assert trusted == unverified == WireResponse(200, ())


def test_localhost_names_are_this_machine() -> None:
    with canned_server(lambda _: [head(200)]) as server:
        client = ProbeClient("test", QUICK)
        assert client(request(server.port, url=f"http://app.localhost:{server.port}/")) == WireResponse(200, ())
        assert client(request(server.port, url=f"http://localhost:{server.port}/")) == WireResponse(200, ())
