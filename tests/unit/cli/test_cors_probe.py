"""`cors probe` against servers that would rather not be probed."""

import itertools
import json
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.canned_server import Answer, canned_server, head
from tests.unit.cli.conftest import RunCors

APP = "https://app.example"


def probe(run_cors: RunCors, answer: Answer, *more: str) -> tuple[int, str, list[bytes]]:
    with canned_server(answer) as server:
        code, output, errors = run_cors(["probe", f"http://127.0.0.1:{server.port}/x", "--origin", APP, *more])
    assert errors == ""
    return code, output, server.heads


def test_a_redirect_loop_ends_after_twenty_redirects(run_cors: RunCors) -> None:
    loop = head(302, f"Access-Control-Allow-Origin: {APP}", "Location: /x")
    code, output, heads = probe(run_cors, lambda _: [loop])
    assert code == 3
    assert "more than 20 redirects" in output
    assert len(heads) == 21


def test_a_loop_of_preflighted_redirects_is_bounded_too(run_cors: RunCors) -> None:
    granted = f"Access-Control-Allow-Origin: {APP}"

    def answer(request: bytes) -> list[bytes]:
        if request.startswith(b"OPTIONS"):
            return [head(204, granted, "Access-Control-Allow-Methods: PUT")]
        return [head(307, granted, "Location: /x")]

    code, output, heads = probe(run_cors, answer, "--method", "PUT")
    assert code == 3
    assert len(heads) == 24
    assert "stops after 24 requests" in output


def slowly(_: bytes) -> Iterator[bytes]:
    pause = threading.Event()
    for byte in b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 10_000:
        yield bytes([byte])
        pause.wait(0.05)


@pytest.mark.parametrize("more", [(), ("--method", "PUT")])
def test_a_slow_head_ends_with_the_time(run_cors: RunCors, more: tuple[str, ...]) -> None:
    began = time.monotonic()
    code, output, _ = probe(run_cors, slowly, "--timeout", "0.5", *more)
    assert (code, time.monotonic() - began < 5) == (3, True)
    assert "the time for it ran out" in output


def test_an_endless_body_does_not_matter(run_cors: RunCors) -> None:
    allowed = head(200, f"Access-Control-Allow-Origin: {APP}")
    code, _, _ = probe(run_cors, lambda _: itertools.chain([allowed], itertools.repeat(b"x" * 65_536)))
    assert code == 0


BINARY = b"HTTP/1.1 200 \xff\r\nAccess-Control-Allow-Origin: \x1b[2J\x9b\xff\x07\xe2\x80\xae\r\nLocation: \x00\r\n\r\n"


@pytest.mark.parametrize("data", [BINARY, BINARY.replace(b"\x00", b"\x01"), b"\x16\x03\x01", b"\xff" * 1000])
def test_binary_reaches_neither_terminal_nor_json_raw(run_cors: RunCors, data: bytes) -> None:
    code, output, _ = probe(run_cors, lambda _: [data])
    assert code == 3
    assert all(character.isprintable() or character == "\n" for character in output)
    code, output, _ = probe(run_cors, lambda _: [data], "--format", "json")
    assert code == 3
    assert output.isascii()
    assert json.loads(output)["verdict"] == "blocked"


def test_both_browsers_cost_one_request_where_they_ask_the_same(run_cors: RunCors) -> None:
    allowed = head(200, f"Access-Control-Allow-Origin: {APP}")
    assert len(probe(run_cors, lambda _: [allowed])[2]) == 1


def test_a_cookie_goes_along_only_as_the_browser_would_send_it(run_cors: RunCors) -> None:
    def answer(_: bytes) -> list[bytes]:
        return [head(200, f"Access-Control-Allow-Origin: {APP}", "Access-Control-Allow-Credentials: true",
                     "Access-Control-Allow-Methods: PUT")]  # fmt: skip

    code, _, heads = probe(run_cors, answer, "--credentials", "--header", "Cookie: s=1", "--method", "PUT")
    assert code == 0
    assert [b"Cookie: s=1" in one for one in heads] == [False, True]


@pytest.mark.parametrize("more", [("--timeout", "0"), ("--timeout", "x"), ("--timeout", "nan"), ("--mode", "x")])
def test_options_out_of_range_are_usage_errors(run_cors: RunCors, more: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_cors(["probe", "http://127.0.0.1/", "--origin", APP, *more])
    assert ended.value.code == 2


@pytest.mark.parametrize("arguments", [["probe"], ["probe", "http://127.0.0.1/"], ["probe", "x", "--origin", APP]])
def test_a_missing_url_or_origin_is_a_usage_error(run_cors: RunCors, arguments: list[str]) -> None:
    assert run_cors(arguments)[0] == 2


def test_a_file_of_authorities_that_is_not_there_is_a_usage_error(run_cors: RunCors) -> None:
    code, _, errors = run_cors(["probe", "https://127.0.0.1:1443/", "--origin", APP, "--ca-file", "/nowhere.pem"])
    assert (code, "nowhere.pem" in errors) == (2, True)


def krakend(request: bytes) -> list[bytes]:
    """A server that grants PUT with X-A to the page, and says nothing else than no."""
    asked = {line.partition(b": ")[0].lower(): line.partition(b": ")[2] for line in request.split(b"\r\n")}
    granted = asked.get(b"access-control-request-method") == b"PUT"
    granted = granted and asked.get(b"access-control-request-headers", b"x-a") == b"x-a"
    fields = (f"Access-Control-Allow-Origin: {APP}", "Access-Control-Allow-Methods: PUT",
              "Access-Control-Allow-Headers: x-a")  # fmt: skip
    return [head(204, "Vary: Origin", *(fields if granted else ()))]


@pytest.mark.parametrize(
    ("arguments", "part", "names", "fix"),
    [
        (("--method", "DELETE"), "method", ["DELETE"], "allow the method DELETE"),
        (("--method", "PUT", "--header", "X-B: 1"), "headers", ["x-b"], "allow the header x-b"),
    ],
)
def test_a_refused_preflight_is_probed_further_to_name_what_was_refused(
    run_cors: RunCors, arguments: tuple[str, ...], part: str, names: list[str], fix: str
) -> None:
    code, output, heads = probe(run_cors, krakend, *arguments, "--format", "json")
    document = json.loads(output)
    assert code == 3
    assert (document["refused"]["part"], document["refused"]["names"]) == (part, names)
    assert document["because"] in document["reason"]
    assert fix in document["fixes"][0]["change"]
    assert all(head.startswith(b"OPTIONS ") for head in heads)
    assert names[0] in probe(run_cors, krakend, *arguments)[1]


def test_what_was_asked_again_is_shown_with_v_only(run_cors: RunCors) -> None:
    short = probe(run_cors, krakend, "--method", "DELETE")[1]
    long = probe(run_cors, krakend, "--method", "DELETE", "-v")[1]
    assert "Asked again" not in short
    assert "> access-control-request-method: PUT" in long.partition("Asked again")[2]
