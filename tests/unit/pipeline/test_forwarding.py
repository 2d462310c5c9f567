"""What a backend receives: gateway.md section 5."""

import pytest

from crossgate.config.model import BackendConfig, EndpointConfig, RouterConfig, UpstreamConfig
from crossgate.flow.body import Body
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.plan import Identity
from tests.support.pipeline import Backend, Gateway, answer, backend, endpoint, request, result, service

PLAIN = {"X-Forwarded-For", "X-Forwarded-Host", "User-Agent", "Accept-Encoding"}


def sent(config: EndpointConfig, target: str = "/e", method: str = "GET", **keys: object) -> UpstreamRequest:
    """The call that a request leads to."""
    service_keys = {name: keys.pop(name) for name in ("router", "upstream") if name in keys}
    gateway = Gateway(service(config, **service_keys))
    response = gateway.get(target, method, **keys)
    assert response.status == 200, gateway.log
    return gateway.backend.calls[-1]


def fields_of(upstream: UpstreamRequest) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in upstream.fields:
        found.setdefault(name.decode(), []).append(value.decode())
    return found


CLIENT = [
    ("Accept", "*/*"),
    ("Content-Type", "text/x"),
    ("X-Request-ID", "7"),
    ("x-request-id", "8"),
    ("Cookie", "a=b"),
    ("User-Agent", "client/1"),
    ("X-Forwarded-For", "198.51.100.1, 10.0.0.1"),
    ("X-Forwarded-Host", "spoofed"),
]


def test_nothing_but_content_type_passes_by_default() -> None:
    found = fields_of(sent(endpoint(), fields=CLIENT))
    assert set(found) == {*PLAIN, "Content-Type"}
    assert found["User-Agent"] == ["KrakenD Version 2.13.8"]


def test_listed_fields_pass_under_canonical_names() -> None:
    found = fields_of(sent(endpoint(input_headers=("X-Request-Id", "Cookie")), fields=CLIENT))
    assert found["X-Request-Id"] == ["7", "8"]
    assert found["Cookie"] == ["a=b"]
    assert "Content-Type" not in found


def test_gateway_sets_forwarded_fields_itself() -> None:
    config = endpoint(input_headers=("X-Forwarded-For", "X-Forwarded-Host"))
    found = fields_of(sent(config, fields=CLIENT))
    assert found["X-Forwarded-For"] == ["198.51.100.1"]
    assert found["X-Forwarded-Host"] == ["gateway:8080"]


def test_clients_user_agent_passes_with_via() -> None:
    found = fields_of(sent(endpoint(input_headers=("User-Agent",)), fields=CLIENT))
    assert found["User-Agent"] == ["client/1"]
    assert found["X-Forwarded-Via"] == ["KrakenD Version 2.13.8"]


def test_via_of_the_client_is_replaced_where_its_user_agent_passes() -> None:
    via = ("X-Forwarded-Via", "another")
    found = fields_of(sent(endpoint(input_headers=("*",)), fields=[("User-Agent", "client/1"), via]))
    assert found["X-Forwarded-Via"] == ["KrakenD Version 2.13.8"]
    assert fields_of(sent(endpoint(input_headers=("*",)), fields=[via]))["X-Forwarded-Via"] == ["another"]


def test_crossgate_names_itself() -> None:
    gateway = Gateway(service(endpoint()), identity=Identity.own("1.2"))
    response = gateway.get()
    assert (b"x-krakend", b"Version crossgate/1.2") in response.fields
    assert gateway.backend.field("User-Agent") == ["crossgate/1.2"]


def test_star_passes_everything_but_the_host_and_framing() -> None:
    fields = [*CLIENT, ("Content-Length", "2"), ("Transfer-Encoding", "chunked")]
    found = fields_of(sent(endpoint(input_headers=("*",)), fields=fields))
    assert found["X-Request-Id"] == ["7", "8"]
    assert found["Accept"] == ["*/*"]
    assert not {"Host", "Content-Length", "Transfer-Encoding"} & set(found)


@pytest.mark.parametrize("input_headers", [("*",), ("Connection", "Te", "Upgrade", "X-Secret", "Keep-Alive", "Accept")])
def test_dev_fwd_1_hop_by_hop_fields_never_pass(input_headers: tuple[str, ...]) -> None:
    fields = [
        ("Connection", "keep-alive, X-Secret"),
        ("Keep-Alive", "5"),
        ("TE", "trailers"),
        ("Upgrade", "websocket"),
        ("Proxy-Authorization", "x"),
        ("Proxy-Connection", "x"),
        ("Trailer", "x"),
        ("X-Secret", "1"),
        ("Accept", "*/*"),
    ]
    found = fields_of(sent(endpoint(input_headers=input_headers), fields=fields))
    assert set(found) == {*PLAIN, "Accept"}


def test_backend_filters_again_including_the_gateways_own_fields() -> None:
    config = endpoint("/e", backend(input_headers=("X-Request-Id",)), input_headers=("*",))
    found = fields_of(sent(config, fields=CLIENT))
    assert found == {
        "X-Request-Id": ["7", "8"],
        "User-Agent": ["Go-http-client/1.1"],
        "Accept-Encoding": ["gzip"],
    }


def test_gzip_is_asked_for_unless_something_else_is() -> None:
    def asked(config: EndpointConfig, *fields: tuple[str, str], **keys: object) -> list[str] | None:
        return fields_of(sent(config, fields=fields, **keys)).get("Accept-Encoding")

    assert asked(endpoint(), ("Accept-Encoding", "br")) == ["gzip"]
    assert asked(endpoint(input_headers=("Accept-Encoding",)), ("Accept-Encoding", "br")) == ["br"]
    assert asked(endpoint(input_headers=("Range",)), ("Range", "bytes=0-1")) is None
    assert asked(endpoint("/e", backend(method="HEAD", encoding="no-op"))) is None
    assert asked(endpoint(), upstream=UpstreamConfig(disable_compression=True)) is None


def test_queries_do_not_pass_unless_listed() -> None:
    assert sent(endpoint(), "/e?a=1").target == b"/back"
    assert sent(endpoint(input_query_strings=("a", "c")), "/e?b=1&a=2&A=3&a=4").target == b"/back?a=2&a=4"


def test_queries_are_encoded_anew_in_order_of_names() -> None:
    config = endpoint(input_query_strings=("*",))
    assert sent(config, "/e?z=%7e&b=a%20b&a=%C3%A9&b=+&bad=%zz&s;=1&e").target == b"/back?a=%C3%A9&b=a+b&b=+&e=&z=~"


def test_queries_come_behind_those_of_the_pattern() -> None:
    config = endpoint("/e", backend("/back?q=v"), input_query_strings=("*",))
    assert sent(config, "/e?r=v&q=z").target == b"/back?q=v&q=z&r=v"
    assert sent(config, "/e").target == b"/back?q=v"


def test_backend_filters_queries_again() -> None:
    config = endpoint("/e", backend(input_query_strings=("b",)), input_query_strings=("a", "b"))
    assert sent(config, "/e?a=1&b=2&c=3").target == b"/back?b=2"


@pytest.mark.parametrize(
    ("pattern", "path", "target"),
    [
        ("/b/{id}", "/e/7", b"/b/7"),
        ("/b/{id}/{id}", "/e/7", b"/b/7/7"),
        ("/b/{id}", "/e/a%20b", b"/b/a%20b"),
        ("/b(1)/{id}", "/e/x", b"/b(1)/x"),
        ("/b(1)/{id}", "/e/a%20b", b"/b%281%29/a%20b"),
        ("/b/{id}", "/e/%C3%A9", b"/b/%C3%A9"),
        ("/b/{id}", "/e/a'b", b"/b/a'b"),
        ("/b?id={id}", "/e/7", b"/b?id=7"),
        ("/b?id={id}", "/e/a%20b", b"/b?id=a%20b"),
        ("/b/{id}#x", "/e/7", b"/b/7"),
        ("/b/{JWT.sub}", "/e/7", b"/b/%7B%7B.JWT.sub%7D%7D"),
        ("/b/{id}/..", "/e/7", b"/b/7/.."),
        ("/b/%41/{id}", "/e/7", b"/b/%41/7"),
        ("/b/{open", "/e/7", b"/b/%7Bopen"),
    ],
)
def test_parameters_in_the_pattern(pattern: str, path: str, target: bytes) -> None:
    assert sent(endpoint("/e/{id}", backend(pattern)), path).target == target


def test_control_characters_in_parameters_are_an_error() -> None:
    config = endpoint("/e/{id}", backend("/b/{id}"))
    gateway = Gateway(service(config, router=RouterConfig(return_error_msg=True)))
    response = gateway.get("/e/a%0Ab")
    assert response.status == 500
    assert response.body == b'parse "http://backend:8000/b/a\\nb": net/url: invalid control character in URL'
    assert gateway.backend.calls == []


def test_host_is_the_backends_and_may_have_a_path() -> None:
    upstream = sent(endpoint("/e", backend(hosts=("https://h.example:8443/base/",))))
    assert (upstream.scheme, upstream.authority, upstream.target) == ("https", "h.example:8443", b"/base//back")


def test_user_in_the_host_becomes_basic_authorization() -> None:
    upstream = sent(endpoint("/e", backend(hosts=("http://u:p%40@h",))))
    assert upstream.authority == "h"
    assert fields_of(upstream)["Authorization"] == ["Basic dTpwQA=="]


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("ftp://h", b'Get "ftp://h/back": unsupported protocol scheme "ftp"'),
        ("h:80", b'Get "h:80/back": unsupported protocol scheme ""'),
        ("http://", b'Get "http:///back": http: no Host in request URL'),
    ],
)
def test_unusable_hosts_fail_as_in_go(host: str, text: bytes) -> None:
    config = service(endpoint("/e", backend(hosts=(host,))), router=RouterConfig(return_error_msg=True))
    response = Gateway(config).get()
    assert (response.status, response.body) == (500, text)


def test_hosts_are_taken_in_turn_from_anywhere() -> None:
    gateway = Gateway(service(endpoint("/e", backend(hosts=("http://a", "http://b", "http://c")))))
    for _ in range(6):
        gateway.get()
    chosen = "".join(call.authority for call in gateway.backend.calls)
    assert chosen in "abcabcabcabc"


def test_no_hosts_available() -> None:
    config = service(endpoint("/e", backend(hosts=())), router=RouterConfig(return_error_msg=True))
    assert Gateway(config).get().body == b"no hosts available"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_backend_method_is_its_own_or_the_endpoints(method: str) -> None:
    assert sent(endpoint("/e", backend(method=method))).method == method.encode()


def test_bodies_are_streamed_without_length_unless_it_is_listed() -> None:
    fields = [("Content-Length", "5")]
    post: dict[str, object] = {"method": "POST", "fields": fields, "body": b"hello"}
    assert sent(endpoint("/e", backend(method="POST"), method="POST"), **post).content_length is None
    listed = endpoint("/e", backend(method="POST"), method="POST", input_headers=("Content-Length",))
    assert sent(listed, **post).content_length == 5
    every = endpoint("/e", backend(method="POST"), method="POST", input_headers=("*",))
    upstream = sent(every, **post)
    assert (upstream.content_length, upstream.body) == (5, b"hello")
    filtered = endpoint("/e", backend(method="POST", input_headers=("Accept",)), method="POST", input_headers=("*",))
    assert sent(filtered, **post).content_length is None


def test_empty_bodies_have_length_zero_where_a_body_is_usual() -> None:
    for method, length in (("POST", 0), ("PUT", 0), ("PATCH", 0), ("DELETE", None), ("GET", None)):
        assert sent(endpoint("/e", backend(method=method))).content_length == length


def test_single_backend_gets_the_very_body() -> None:
    gateway = Gateway(service(endpoint("/e", backend(method="POST"), method="POST")))
    body = Body()
    fiber = gateway.start(request("/e", "POST", body=body, has_body=True))
    assert gateway.backend.calls[0].body is body
    body.feed(b"he")
    body.feed(b"llo")
    body.end()
    assert result(fiber).status == 200
    assert gateway.backend.bodies == [b"hello"]


@pytest.mark.parametrize("methods", [("GET", "GET"), ("GET", "POST"), ("POST", "PUT")])
def test_dev_fwd_3_every_one_of_several_backends_gets_the_body(methods: tuple[str, str]) -> None:
    backends = [backend(f"/{index}", index, method=method) for index, method in enumerate(methods)]
    gateway = Gateway(service(endpoint("/e", *backends, method="POST")))
    body = Body()
    fiber = gateway.start(request("/e", "POST", body=body, has_body=True))
    body.feed(b"hello")
    body.end()
    assert result(fiber).status == 200
    assert gateway.backend.bodies == [b"hello", b"hello"]


def test_client_ip_and_trusted_proxies() -> None:
    def seen(
        value: str | None, router: RouterConfig | None = None, peer: str = "10.1.1.1", name: str = "X-Forwarded-For"
    ) -> str:
        fields = [] if value is None else [(name, value)]
        upstream = sent(endpoint(), fields=fields, peer_host=peer, router=router or RouterConfig())
        return fields_of(upstream)["X-Forwarded-For"][0]

    narrow = RouterConfig(trusted_proxies=("10.0.0.0/8", "fd00::1"))
    assert seen(None) == "10.1.1.1"
    assert seen(None, peer="::ffff:10.1.1.1") == "10.1.1.1"
    assert seen("1.1.1.1, 2.2.2.2") == "1.1.1.1"
    assert seen("nonsense, 2.2.2.2") == "10.1.1.1"
    assert seen("1.1.1.1, 2.2.2.2, 10.9.9.9", narrow) == "2.2.2.2"
    assert seen("1.1.1.1", narrow, peer="11.1.1.1") == "11.1.1.1"
    assert seen("1.1.1.1", narrow, peer="fd00::1") == "1.1.1.1"
    assert seen("1.1.1.1", RouterConfig(forwarded_by_client_ip=False)) == "10.1.1.1"
    assert seen("9.9.9.9", name="X-Real-IP") == "9.9.9.9"
    assert seen("9.9.9.9", RouterConfig(remote_ip_headers=("X-Client",)), name="X-Client") == "9.9.9.9"
    assert seen("01.2.3.4") == "10.1.1.1"
    assert seen("1.1.1.1", RouterConfig(trusted_proxies=())) == "10.1.1.1"
    assert seen("whatever", RouterConfig(app_engine=True), name="X-Appengine-Remote-Addr") == "whatever"
    assert seen("1.1.1.1", RouterConfig(app_engine=True)) == "1.1.1.1"
    assert seen("9.9.9.9", name="X-Appengine-Remote-Addr") == "10.1.1.1"
    assert seen("fe80::1%eth0") == "10.1.1.1"
    mapped = RouterConfig(trusted_proxies=("::ffff:10.0.0.0/104",))
    assert seen("1.1.1.1", mapped) == "1.1.1.1"
    assert seen("1.1.1.1", mapped, peer="11.1.1.1") == "11.1.1.1"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:201", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("::1.2.3.4", "::102:304"),
    ],
)
def test_dev_fwd_7_a_client_has_one_address_however_proxies_write_it(written: str, expected: str) -> None:
    upstream = sent(endpoint(), fields=[("X-Forwarded-For", written)], peer_host="10.1.1.1", router=RouterConfig())
    assert fields_of(upstream)["X-Forwarded-For"] == [expected]


def test_dev_fwd_7_a_neighbour_has_an_address_whatever_the_link_is_called() -> None:
    upstream = sent(endpoint(), peer_host="fe80::1%eth0", router=RouterConfig())
    assert fields_of(upstream)["X-Forwarded-For"] == ["fe80::1"]


def test_dev_fwd_2_blanks_cannot_end_the_target() -> None:
    upstream = sent(endpoint("/e/{id}", backend("/b?q={id}")), "/e/a%20HTTP%C3%A9")
    assert upstream.target == b"/b?q=a%20HTTP%C3%A9"


def test_dev_sd_1_hosts_are_taken_in_turn() -> None:
    gateway = Gateway(service(endpoint("/e", backend(hosts=("http://a", "http://b")))))
    for _ in range(10):
        gateway.get()
    assert sorted(call.authority for call in gateway.backend.calls) == ["a"] * 5 + ["b"] * 5


def answers_no_content(_: UpstreamRequest) -> UpstreamResponse:
    return answer(b"", status=204, fields=[])


def test_no_op_backend_under_a_rendered_endpoint_gives_nothing() -> None:
    config: BackendConfig = backend(encoding="no-op")
    response = Gateway(service(endpoint("/e", config)), Backend(answers_no_content)).get()
    assert (response.status, response.body) == (200, b"{}")
    assert (b"x-krakend-completed", b"false") in response.fields
