"""Redirects and gzip: gateway.md section 5.2; and what bad answers of backends cost."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from crossgate.config.model import RouterConfig
from crossgate.flow.body import Body
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse
from crossgate.pipeline import backend as backend_stage
from crossgate.pipeline import request_body, status
from crossgate.pipeline.gunzip_body import PIECE_BYTES, GunzipBody
from tests.support.pipeline import Backend, Gateway, answer, backend, body, endpoint, field, request, result, service

NO_OP = {"output_encoding": "no-op"}
SHOWN = RouterConfig(return_error_msg=True)


def redirect(location: str, code: int = 302) -> UpstreamResponse:
    return answer(b"moved", code, [(b"location", location.encode())])


def through(*replies: Any, method: str = "GET", config: Any = None, **keys: Any) -> tuple[Gateway, Any]:
    """A no-op endpoint whose backend gives the replies one after the other."""
    following = iter(replies)
    endpoint_config = config or endpoint("/e", backend(method=method), method=method, input_headers=("*",), **NO_OP)
    gateway = Gateway(service(endpoint_config, router=SHOWN), Backend(lambda _: next(following)))
    return gateway, gateway.get("/e", method, **keys)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/new?x=1", "http://backend:8000/new?x=1"),
        ("new", "http://backend:8000/new"),
        ("?y", "http://backend:8000/back?y"),
        ("//other/x", "http://other/x"),
        ("https://other:8443/x y#frag", "https://other:8443/x%20y"),
        ("http://other", "http://other/"),
    ],
)
def test_redirects_are_followed_also_with_no_op(location: str, url: str) -> None:
    gateway, response = through(redirect(location), answer(b"there"))
    assert response.body == b"there"
    call = gateway.backend.calls[1]
    assert f"{call.scheme}://{call.authority}{call.target.decode()}" == url
    assert gateway.backend.field("Referer") == ["http://backend:8000/back"]


@pytest.mark.parametrize("code", [301, 302, 303])
@pytest.mark.parametrize(
    ("method", "following"), [("POST", b"GET"), ("DELETE", b"GET"), ("GET", b"GET"), ("HEAD", b"HEAD")]
)
def test_redirects_change_to_get_without_body(code: int, method: str, following: bytes) -> None:
    config = endpoint("/e", backend(method=method), method="POST", input_headers=("*",), **NO_OP)
    gateway = Gateway(service(config), Backend(lambda call: answer() if call.target == b"/n" else redirect("/n", code)))
    assert gateway.get("/e", "POST", [("Content-Type", "x/y")], body=b"hello").status == 200
    assert gateway.backend.calls[1].method == following
    assert gateway.backend.bodies == [b"hello", b""]
    assert gateway.backend.field("Content-Type") == []


@pytest.mark.parametrize("code", [307, 308])
def test_redirects_that_keep_the_method_need_a_body_that_can_be_sent_again(code: int) -> None:
    _, surfaced = through(redirect("/n", code), method="POST", body=b"hello")
    assert surfaced.status == code
    gateway, followed = through(redirect("/n", code), answer(b"there"), method="POST")
    assert followed.body == b"there"
    assert gateway.backend.calls[1].method == b"POST"
    keeps = backend(method="POST", send_body_on_redirect=True)
    config = endpoint("/e", keeps, method="POST", **NO_OP)
    gateway, replayed = through(redirect("/n", code), answer(b"there"), method="POST", config=config, body=b"hello")
    assert replayed.body == b"there"
    assert gateway.backend.bodies == [b"hello", b"hello"]


def test_redirect_that_is_not_followed_is_an_invalid_status_elsewhere() -> None:
    config = endpoint("/e", backend(method="POST"), method="POST")
    _, response = through(redirect("/n", 307), method="POST", config=config, body=b"hello")
    assert response.body == b"invalid status code 307 [POST /back]: http://backend:8000/back"


def test_what_identifies_the_client_stays_behind_when_a_redirect_leaves_the_host() -> None:
    fields = [("Authorization", "secret"), ("Cookie", "a=b"), ("X-Other", "1")]
    gateway, _ = through(redirect("http://evil/x"), redirect("http://backend:8000/again"), answer(), fields=fields)
    assert gateway.backend.field("Authorization", 0) == ["secret"]
    for call in (1, 2):
        assert gateway.backend.field("Authorization", call) == []
        assert gateway.backend.field("Cookie", call) == []
        assert gateway.backend.field("X-Other", call) == ["1"]
    gateway, _ = through(redirect("http://sub.backend/x"), answer(), fields=fields)
    assert gateway.backend.field("Authorization", 1) == ["secret"]


def test_ten_requests_are_the_end() -> None:
    gateway, response = through(*[redirect("/round")] * 20)
    assert len(gateway.backend.calls) == 10
    assert response.body == b'Get "http://backend:8000/round": stopped after 10 redirects'


@pytest.mark.parametrize("location", ["ftp://h/x", "http:///x", "http://[::bad/x", "http://h:port/%zz"])
def test_redirects_to_nowhere_fail_cleanly(location: str) -> None:
    _, response = through(redirect(location))
    assert response.status == 500


def test_redirect_without_location_is_passed_on() -> None:
    _, response = through(answer(b"x", 302, []))
    assert (response.status, response.body) == (302, b"x")


# -- gzip

GZIPPED: Fields = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip"), (b"content-length", b"9")]


@pytest.mark.parametrize("config", [endpoint(), endpoint("/e", **NO_OP)])
def test_gzip_of_our_own_asking_is_undone(config: Any) -> None:
    gateway = Gateway(service(config), Backend(answer(gzip.compress(b'{"a":1}'), fields=GZIPPED)))
    response = gateway.get()
    assert body(response) == b'{"a":1}'
    assert field(response, "content-encoding") == []
    assert field(response, "content-length") == []


def test_gzip_the_client_asked_for_passes_with_no_op_and_is_decoded_elsewhere() -> None:
    packed = gzip.compress(b'{"a":1}')
    fields = [("Accept-Encoding", "gzip")]
    passed = Gateway(service(endpoint("/e", input_headers=("*",), **NO_OP)), Backend(answer(packed, fields=GZIPPED)))
    response = passed.get(fields=fields)
    assert response.body == packed
    assert field(response, "content-encoding") == ["gzip"]
    decoded = Gateway(service(endpoint("/e", input_headers=("*",))), Backend(answer(packed, fields=GZIPPED)))
    assert decoded.get(fields=fields).body == b'{"a":1}'


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        (b"not gzip", b"gzip: invalid header"),
        (gzip.compress(b'{"a":1}')[:-9], b"unexpected EOF"),
        (gzip.compress(b'{"a":1}')[:5], b"unexpected EOF"),
    ],
)
def test_broken_gzip_is_a_clean_error(packed: bytes, text: bytes) -> None:
    gateway = Gateway(service(endpoint(), router=SHOWN), Backend(answer(packed, fields=GZIPPED)))
    response = gateway.get()
    assert (response.status, response.body) == (500, text)


def test_gzip_members_may_follow_each_other() -> None:
    packed = gzip.compress(b'{"a"') + gzip.compress(b":1}")
    gateway = Gateway(service(endpoint()), Backend(answer(packed, fields=GZIPPED)))
    assert gateway.get().body == b'{"a":1}'


class Reader:
    """Takes pieces, pausing after each as a slow client does."""

    def __init__(self, decoded: Body) -> None:
        self.decoded = decoded
        self.pieces: list[int] = []
        self.over: Any = None

    def feed(self, data: bytes) -> None:
        self.pieces.append(len(data))
        self.decoded.pause()

    def end(self) -> None:
        self.over = True

    def fail(self, error: Exception) -> None:
        self.over = error


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return b"".join([packer.compress(bytes(1 << 20)) for _ in range(megabytes)] + [packer.flush()])


def test_gzip_bomb_is_decoded_no_further_than_its_reader_wants() -> None:
    gunzip = GunzipBody(bomb(8))
    reader = Reader(gunzip.decoded)
    gunzip.decoded.stream_to(reader)
    assert reader.pieces == [PIECE_BYTES]
    while reader.over is None:
        gunzip.decoded.resume()
    assert reader.over is True
    assert sum(reader.pieces) == 8 << 20
    assert max(reader.pieces) <= PIECE_BYTES


def test_gzip_in_single_bytes_with_pauses() -> None:
    source = Body()
    gunzip = GunzipBody(source)
    reader = Reader(gunzip.decoded)
    gunzip.decoded.stream_to(reader)
    for byte in gzip.compress(b"hello"):
        source.feed(bytes([byte]))
        gunzip.decoded.resume()
    source.end()
    gunzip.decoded.resume()
    assert reader.over is True
    assert sum(reader.pieces) == 5


def test_source_that_breaks_breaks_the_decoded_body_and_abandoning_reaches_it() -> None:
    source = Body()
    gunzip = GunzipBody(source)
    reader = Reader(gunzip.decoded)
    gunzip.decoded.stream_to(reader)
    source.fail(ValueError("gone"))
    assert isinstance(reader.over, ValueError)
    abandoned: list[int] = []
    left = GunzipBody(Body(on_abandon=lambda: abandoned.append(1)))
    left.decoded.abandon()
    assert abandoned == [1]


def test_dev_fwd_6_head_backend_gives_an_empty_body_without_the_announced_length() -> None:
    announced = Body(length_bytes=203)
    announced.end()
    config = endpoint("/e", backend(method="HEAD"), **NO_OP)
    response = Gateway(service(config), Backend(answer(announced, fields=[(b"content-length", b"203")]))).get()
    assert (response.status, response.body) == (200, b"")
    assert field(response, "content-length") == []


# -- limits


def chunks(size: int, count: int) -> Callable[[UpstreamRequest], UpstreamResponse]:
    def reply(_: UpstreamRequest) -> UpstreamResponse:
        stream = Body()
        for _ in range(count):
            stream.feed(b"x" * size)
        stream.end()
        return answer(stream)

    return reply


def test_dev_lim_1_answers_that_are_decoded_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend_stage, "MAX_DECODED_BODY_BYTES", 1000)
    gateway = Gateway(service(endpoint(), router=SHOWN), Backend(chunks(600, 2)))
    response = gateway.get()
    assert (response.status, response.body) == (500, b"the response is larger than 1000 bytes")
    packed = Gateway(service(endpoint(), router=SHOWN), Backend(answer(bomb(1), fields=GZIPPED)))
    assert packed.get().status == 500


def test_dev_lim_2_error_bodies_that_are_shown_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "MAX_ERROR_BODY_BYTES", 1000)

    def reply(call: UpstreamRequest) -> UpstreamResponse:
        response = chunks(600, 2)(call)
        response.status = 404
        return response

    gateway = Gateway(service(endpoint("/e", backend(return_error_code=True)), router=SHOWN), Backend(reply))
    response = gateway.get()
    assert (response.status, response.body) == (404, b"")


def test_dev_lim_3_bodies_that_are_copied_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "MAX_KEPT_BODY_BYTES", 10)
    gateway = Gateway(service(endpoint("/e", backend("/a", 0), backend("/b", 1), method="POST")))
    stream = Body()
    fiber = gateway.start(request("/e", "POST", body=stream, has_body=True))
    stream.feed(b"x" * 11)
    assert result(fiber).status == 413
    assert gateway.backend.calls == []


def test_client_whose_body_breaks_off_is_no_fault_of_ours() -> None:
    for style, expected in (("krakend", 500), ("http", 400)):
        config = service(endpoint("/e", backend("/a", 0), backend("/b", 1), method="POST"), error_style=style)
        gateway = Gateway(config)
        stream = Body()
        fiber = gateway.start(request("/e", "POST", body=stream, has_body=True))
        stream.fail(ConnectionError("reset"))
        assert result(fiber).status == expected
        assert "unexpected EOF" in gateway.log[0]
        assert gateway.backend.calls == []
