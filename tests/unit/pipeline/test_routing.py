"""Which answer a path and a method get: gateway.md section 3."""

import json

import pytest

from crossgate.config.model import RouterConfig
from tests.support.pipeline import Backend, Gateway, backend, endpoint, field, service

NO_OP = {"output_encoding": "no-op"}


def gateway(*paths: str, router: RouterConfig | None = None, **keys: object) -> Gateway:
    endpoints = [endpoint(path, backend(path), **NO_OP) for path in paths]
    return Gateway(service(*endpoints, router=router or RouterConfig(), **keys))


def test_unknown_path_is_404_with_krakends_fields_and_text() -> None:
    response = gateway("/a").get("/b")
    assert response.status == 404
    assert response.body == b"404 page not found"
    assert field(response, "content-type") == ["text/plain"]
    assert field(response, "x-krakend") == ["Version 2.13.8"]
    assert field(response, "x-krakend-completed") == ["false"]


def test_other_method_is_405_with_allow() -> None:
    response = gateway("/a").get("/a", "POST")
    assert response.status == 405
    assert response.body == b"405 method not allowed"
    assert field(response, "allow") == ["GET"]
    assert field(response, "x-krakend-completed") == ["false"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "get", "BREW"])
def test_methods_without_endpoint_are_405(method: str) -> None:
    assert gateway("/a").get("/a", method).status == 405


def test_allow_has_the_methods_in_order_of_registration() -> None:
    endpoints = [endpoint("/a", method=method, **NO_OP) for method in ("PUT", "DELETE", "POST")]
    response = Gateway(service(*endpoints)).get("/a", "PATCH")
    assert field(response, "allow") == ["PUT, DELETE, POST"]
    with_get = Gateway(service(*endpoints, endpoint("/a", **NO_OP))).get("/a", "PATCH")
    assert field(with_get, "allow") == ["GET, PUT, DELETE, POST"]  # the health route registers GET first


def test_unsupported_methods_are_not_registered() -> None:
    assert Gateway(service(endpoint("/a", method="HEAD", **NO_OP))).get("/a", "HEAD").status == 404


def test_lower_case_method_of_a_file_is_registered_in_upper_case() -> None:
    assert Gateway(service(endpoint("/a", method="post", **NO_OP))).get("/a", "POST").status == 200


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/u/me", "/u/me"),
        ("/u/7", "/u/id=7"),
        ("/u/mex", "/u/id=mex"),
        ("/u/me/x", "/u/id/x=me"),
        ("/u/7/y", "/u/id/what=7,y"),
        ("/u/me/deep/z", "/u/me/deep/z=z"),
        ("/u/%C3%A9", "/u/id=%C3%A9"),
        ("/u/a%20b", "/u/id=a%20b"),
        ('/u/a+b;c:d&e"', "/u/id=a+b;c:d&e%22"),
        ("/u//x", "/u/id/x="),
    ],
)
def test_text_wins_over_parameters_with_backtracking(path: str, target: str) -> None:
    shown = {
        "/u/me": "/u/me",
        "/u/{id}": "/u/id={id}",
        "/u/{id}/x": "/u/id/x={id}",
        "/u/{id}/{what}": "/u/id/what={id},{what}",
        "/u/me/deep/{z}": "/u/me/deep/z={z}",
    }
    endpoints = [endpoint(pattern, backend(url), **NO_OP) for pattern, url in shown.items()]
    gateway = Gateway(service(*endpoints))
    assert gateway.get(path).status == 200
    assert gateway.backend.targets == [target]


@pytest.mark.parametrize("path", ["/u/", "/u", "/u/1/2/3"])
def test_parameters_need_a_segment(path: str) -> None:
    assert gateway("/u/{id}").get(path).status == 404


def test_parameter_takes_the_rest_of_its_segment() -> None:
    config = endpoint("/f/{x}.json", backend("/back/{x}"), params=("x",), **NO_OP)
    gateway = Gateway(service(config))
    assert gateway.get("/f/anything").status == 200
    assert gateway.backend.targets == ["/back/%7B%7B.X%7D%7D"]  # its name is `x.json`, so {x} stays


def test_encoded_slash_is_a_slash() -> None:
    assert gateway("/u/{id}").get("/u/a%2Fb").status == 404


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/u/%252e", b"error: encoded url params"),
        ("/u/a%3Fb", b"error: encoded url params"),
        ("/u/a%23b", b"error: encoded url params"),
        ("/u/%25b", b'error: invalid URL escape "%b"'),
        ("/u/%25zz1", b'error: invalid URL escape "%zz"'),
    ],
)
def test_doubly_encoded_parameters_are_refused(path: str, text: bytes) -> None:
    response = gateway("/u/{id}").get(path)
    assert response.status == 400
    assert response.body == text
    assert field(response, "content-type") == ["text/plain; charset=utf-8"]
    assert field(response, "x-krakend") == []


def test_disable_path_decoding_lets_them_pass() -> None:
    built = gateway("/u/{id}", router=RouterConfig(disable_path_decoding=True))
    assert built.get("/u/a%2520b").status == 200
    assert built.backend.targets == ["/u/a%20b"]


def test_target_with_a_bad_escape_is_400() -> None:
    assert gateway("/u/{id}").get("/u/%zz").status == 400


@pytest.mark.parametrize(
    ("registered", "asked", "location"),
    [
        ("/json", "/json/", "/json"),
        ("/json/", "/json", "/json/"),
        ("/json", "/JSON", "/json"),
        ("/json", "//json", "/json"),
        ("/json", "/x/../json", "/json"),
        ("/json", "/./json/", "/json"),
        ("/u/{id}/x", "/U/Ab/X", "/u/Ab/x"),
        ("/u/{id}", "/u/7/", "/u/7"),
        ("/json", "/json/?q=1&r=<", "/json?q=1&r=<"),
        ("/é", "/%C3%89", "/%C3%A9"),
    ],
)
def test_paths_that_nearly_match_are_redirected(registered: str, asked: str, location: str) -> None:
    response = gateway(registered).get(asked)
    assert response.status == 301
    assert field(response, "location") == [location]
    assert field(response, "content-type") == ["text/html; charset=utf-8"]
    shown = location.replace("&", "&amp;").replace("<", "&lt;").encode()
    assert response.body == b'<a href="' + shown + b'">Moved Permanently</a>.\n\n'
    assert field(response, "x-krakend") == []


def test_redirects_of_other_methods_are_307_without_body() -> None:
    response = Gateway(service(endpoint("/a", method="POST", **NO_OP))).get("/a/", "POST")
    assert response.status == 307
    assert response.body == b""
    assert field(response, "location") == ["/a"]


def test_forwarded_prefix_is_prepended_to_slash_redirects() -> None:
    response = gateway("/json").get("/json/", fields=[("X-Forwarded-Prefix", "/ap<i>//x/")])
    assert field(response, "location") == ["/api/x/json"]


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example", "/%2F/evil.example/", "/\\evil.example/"])
def test_dev_route_1_redirects_never_lead_to_another_host(path: str) -> None:
    response = gateway("/{a}", "/{a}/{b}").get(path)
    for location in field(response, "location"):
        assert not location.startswith(("//", "/\\"))


def test_redirects_can_be_switched_off() -> None:
    router = RouterConfig(disable_redirect_trailing_slash=True, disable_redirect_fixed_path=True)
    assert gateway("/json", router=router).get("/json/").status == 404
    assert gateway("/json", router=router).get("/JSON").status == 404


def test_fixing_paths_fixes_slashes_too() -> None:
    router = RouterConfig(disable_redirect_trailing_slash=True)
    assert gateway("/json", router=router).get("/json/").status == 301


def test_405_can_be_switched_off() -> None:
    router = RouterConfig(disable_handle_method_not_allowed=True)
    assert gateway("/a", router=router).get("/a", "POST").status == 404


def test_remove_extra_slash_serves_without_redirect() -> None:
    built = gateway("/j/x", router=RouterConfig(remove_extra_slash=True))
    assert built.get("//j//x").status == 200


def test_error_body_replaces_texts_by_json() -> None:
    router = RouterConfig(error_bodies={404: {"b": "<x>", "a": 1}, 405: "no"})
    response = gateway("/a", router=router).get("/nope")
    assert response.status == 404
    assert response.body == b'{"a":1,"b":"\\u003cx\\u003e"}'
    assert field(response, "content-type") == ["application/json; charset=utf-8"]
    assert field(response, "x-krakend-completed") == ["false"]
    assert gateway("/a", router=router).get("/a", "PUT").body == b'"no"'


def test_hidden_version() -> None:
    built = gateway("/a", router=RouterConfig(hide_version_header=True))
    assert field(built.get("/a"), "x-krakend") == ["Version undefined"]
    assert built.backend.field("User-Agent") == ["KrakenD Version 2.13.8"]


def test_auto_options_answer_with_sorted_methods() -> None:
    endpoints = [endpoint("/a/{x}", method=method, **NO_OP) for method in ("PUT", "GET")]
    built = Gateway(service(*endpoints, router=RouterConfig(auto_options=True)))
    response = built.get("/a/1", "OPTIONS")
    assert (response.status, response.body) == (200, b"")
    assert field(response, "allow") == ["GET, PUT"]
    assert field(response, "x-krakend") == ["Version 2.13.8"]
    assert field(response, "x-krakend-completed") == []
    assert field(built.get("/a/1", "POST"), "allow") == ["GET, PUT, OPTIONS"]


def test_health() -> None:
    response = gateway("/a").get("/__health")
    assert json.loads(response.body) == {
        "agents": {},
        "now": "2026-11-22 12:57:35.074171788 +0000 UTC m=+0.000000000",
        "status": "ok",
    }
    assert field(response, "x-krakend") == []
    assert gateway("/a").get("/__health", "POST").status == 405


def test_health_elsewhere_and_nowhere() -> None:
    moved = gateway("/a", router=RouterConfig(health_path="/up"))
    assert moved.get("/up").status == 200
    assert moved.get("/__health").status == 404
    assert gateway("/a", router=RouterConfig(disable_health=True)).get("/__health").status == 404


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/__debug/", "/__debug/x/y?z=1"])
def test_debug_answers_pong_to_any_method(method: str, path: str) -> None:
    response = gateway("/a", debug_endpoint=True).get(path, method)
    assert (response.status, response.body) == (200, b'{"message":"pong"}')


def test_debug_without_slash_is_redirected_and_absent_without_flag() -> None:
    assert field(gateway("/a", debug_endpoint=True).get("/__debug"), "location") == ["/__debug/"]
    assert gateway("/a").get("/__debug/").status == 404


def test_echo_shows_the_request() -> None:
    built = gateway("/a", echo_endpoint=True)
    response = built.get("/__echo/x%20y?q=1&q=2", "POST", [("x-one", "1")], body=b"hi")
    assert response.body == (
        b'{"req_uri":"/__echo/x%20y?q=1\\u0026q=2",'
        b'"req_uri_details":{"fragment":"","host":"gateway:8080","path":"/__echo/x y",'
        b'"query":"q=1\\u0026q=2","user":""},'
        b'"req_method":"POST","req_querystring":{"q":["1","2"]},"req_body":"hi","req_headers":{"X-One":["1"]}}'
    )


def test_http_style_answers_problems() -> None:
    built = gateway("/a", error_style="http")
    response = built.get("/nope")
    assert field(response, "content-type") == ["application/problem+json"]
    assert json.loads(response.body) == {"type": "about:blank", "title": "Not Found", "status": 404}


def test_endpoints_that_are_not_run_answer_501_and_ask_no_backend() -> None:
    for config in (
        endpoint("/a", unsupported=("auth/validator",), **NO_OP),
        endpoint("/a", backend(unsupported=("backend/lambda",))),
    ):
        built = Gateway(service(config), Backend())
        response = built.get("/a")
        assert (response.status, response.body) == (501, b"")
        assert built.backend.calls == []


def test_dev_route_1_prefix_does_not_make_another_host_either() -> None:
    response = gateway("/json").get("/json/", fields=[("X-Forwarded-Prefix", "//evil.example")])
    assert field(response, "location") == ["/evilexample/json"]


def test_dev_route_2_each_method_is_looked_for_anew() -> None:
    endpoints = [endpoint("/{x}", **NO_OP), endpoint("/a", **NO_OP), endpoint("/b", method="POST", **NO_OP)]
    assert field(Gateway(service(*endpoints)).get("/a", "PUT"), "allow") == ["GET"]


@pytest.mark.parametrize(
    ("registered", "asked", "location"),
    [
        (("/cmd/{tool}/", "/cmd/whoami"), "/cmd/whoami/", "/cmd/whoami"),
        (("/{p}", "/a/"), "/a", "/a/"),
        (("/{p}/x", "/b/b/{p}/"), "/B/B/X", "/b/b/X/"),
        (("/way/{x}/{y}", "/way/a/{x}/end"), "/way/a/b", "/way/a/b"),
        (("/a/bc", "/ax"), "/a/", "/a"),
    ],
)
def test_gin_recommends_paths_whether_they_help_or_not(registered: tuple[str, ...], asked: str, location: str) -> None:
    response = gateway(*registered).get(asked)
    assert response.status == 301
    assert field(response, "location") == [location]


def test_a_way_that_ends_in_a_parameter_is_not_come_back_from() -> None:
    built = gateway("/{x}/b/c", "/a/{p}")
    assert built.get("/z/b/c").status == 200
    assert built.get("/a/b/c").status != 200
    assert gateway("/{x}/b/c", "/a/b/d").get("/a/b/c").status == 200


def test_case_is_fixed_where_text_and_parameter_stand_side_by_side() -> None:
    built = gateway("/u/me/x", "/u/{id}/y")
    assert field(built.get("/u/ME/X"), "location") == ["/u/me/x"]
    assert field(built.get("/u/ME/Y"), "location") == ["/u/ME/y"]
