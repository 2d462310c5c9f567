"""What a file means: defaults, inheritance, both versions' names, KrakenD's conversions."""

from typing import Any

import pytest

from crossgate.config import load_text
from crossgate.config.model import (
    BackendConfig,
    EndpointConfig,
    LimitsConfig,
    RouterConfig,
    ServiceConfig,
    UpstreamConfig,
)
from tests.support.configurations import backend, endpoint, service, text_of


def config_of(tree: dict[str, Any], **environ: str) -> ServiceConfig:
    loaded = load_text(text_of(tree), environ=environ)
    assert loaded.config is not None, loaded.diagnostics
    return loaded.config


def only_endpoint(**keys: Any) -> EndpointConfig:
    [found] = config_of(service(endpoints=[endpoint(**keys)])).endpoints
    return found


def only_backend(**keys: Any) -> BackendConfig:
    [found] = only_endpoint(backend=[backend(**keys)]).backends
    return found


def test_least_file_has_krakends_defaults() -> None:
    config = config_of({"version": 3})
    assert config == ServiceConfig(version=3)
    assert (config.port, config.listen_ip, config.cors, config.error_style) == (8080, "", None, "krakend")
    assert config.upstream.max_idle_connections_per_host == 250


def test_least_endpoint_has_krakends_defaults() -> None:
    found = only_endpoint(backend=[{"host": ["h"]}])
    assert (found.path, found.method, found.timeout_seconds, found.output_encoding) == ("/a", "GET", 2.0, "json")
    assert (found.concurrent_calls, found.cache_ttl_seconds) == (1, 0)
    assert found.backends == (BackendConfig(index=0, hosts=("http://h",), url_pattern="/", method="GET"),)


def test_endpoints_inherit_from_the_service() -> None:
    tree = service(timeout="1500ms", cache_ttl="5m", output_encoding="xml", host=["a.example"])
    tree["endpoints"] = [
        endpoint(backend=[{"url_pattern": "/x"}]),
        endpoint(endpoint="/b", timeout="3s", cache_ttl="1s", output_encoding="json", method="post"),
    ]
    first, second = config_of(tree).endpoints
    assert (first.timeout_seconds, first.cache_ttl_seconds, first.output_encoding) == (1.5, 300, "xml")
    assert first.backends[0].hosts == ("http://a.example",)
    assert (second.timeout_seconds, second.cache_ttl_seconds, second.output_encoding) == (3.0, 1, "json")
    assert (second.method, second.backends[0].method) == ("POST", "POST")


@pytest.mark.parametrize(
    ("written", "path"), [("a", "/a"), ("/a/", "/a/"), ("//a", "//a"), ("", "/"), ("/", "/"), ("/a/{b}", "/a/{b}")]
)
def test_path_gets_one_leading_slash(written: str, path: str) -> None:
    assert only_endpoint(endpoint=written).path == path


@pytest.mark.parametrize(
    ("path", "params"),
    [("/{a}/b/{c-d}", ("a", "c-d")), ("/{x}.json", ("x.json",)), ("/a{x}", ()), ("/{x.y}", ()), ("/{é}", ())],
)
def test_params_are_whole_segments(path: str, params: tuple[str, ...]) -> None:
    assert only_endpoint(endpoint=path).params == params


def test_without_rest_rules_params_stand_anywhere() -> None:
    tree = service(disable_rest=True, endpoints=[endpoint(endpoint="/a{x}/{y.z}")])
    assert config_of(tree).endpoints[0].params == ("x", "y.z")


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("a.example", "http://a.example"),
        ("https://a.example/", "https://a.example"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("127.0.0.1:80", "http://127.0.0.1:80"),
        ("under_score", "http://under_score"),
    ],
)
def test_host_is_cleaned(written: str, clean: str) -> None:
    assert only_backend(host=[written]).hosts == (clean,)


def test_host_stays_as_it_is_where_the_file_says_so() -> None:
    assert only_backend(host=["http://h/base?x"], disable_host_sanitize=True).hosts == ("http://h/base?x",)


def test_headers_are_canonical_and_query_strings_are_not() -> None:
    found = only_endpoint(input_headers=["x-request-id", "*"], input_query_strings=["pAge"])
    assert found.input_headers == ("X-Request-Id", "*")
    assert found.input_query_strings == ("pAge",)


def test_backend_that_lists_no_headers_does_not_filter() -> None:
    assert only_backend().input_headers is None
    assert only_backend(input_headers=[]).input_headers is None
    assert only_backend(input_headers=["x-a"]).input_headers == ("X-A",)


def test_mapping_is_cut_at_the_first_dot() -> None:
    assert dict(only_backend(mapping={"a": "b.c.d", "e": "f"}).mapping) == {"a": "b", "e": "f"}


def test_no_op_endpoint_makes_its_only_backend_no_op() -> None:
    assert only_endpoint(output_encoding="no-op").backends[0].encoding == "no-op"
    assert only_backend(encoding="XML").encoding == "xml"
    assert only_backend(encoding="nope").encoding == "json"


def test_endpoint_with_a_method_that_is_not_served_is_left_out() -> None:
    loaded = load_text(text_of(service(endpoints=[endpoint(method="OPTIONS"), endpoint()])), environ={})
    assert loaded.config is not None
    assert [found.index for found in loaded.config.endpoints] == [1]
    assert loaded.document is not None
    assert [node.served for node in loaded.document.endpoints] == [False, True]


def test_old_names_mean_the_same_in_an_old_file() -> None:
    old = service(
        version=2,
        endpoints=[
            endpoint(
                headers_to_pass=["x-a"],
                querystring_params=["q"],
                backend=[
                    backend(
                        whitelist=["a"],
                        extra_config={"github.com/devopsfaith/krakend/http": {"return_error_code": True}},
                    ),
                    backend(blacklist=["b"]),
                ],
                extra_config={"github.com/devopsfaith/krakend/proxy": {"sequential": True}},
            )
        ],
    )
    new = service(
        endpoints=[
            endpoint(
                input_headers=["x-a"],
                input_query_strings=["q"],
                backend=[
                    backend(allow=["a"], extra_config={"backend/http": {"return_error_code": True}}),
                    backend(deny=["b"]),
                ],
                extra_config={"proxy": {"sequential": True}},
            )
        ]
    )
    found = config_of(old).endpoints
    assert found == config_of(new).endpoints
    assert found[0].sequential
    assert found[0].backends[0].allow == ("a",)


def test_old_names_of_namespaces_work_in_a_new_file_and_the_new_name_wins() -> None:
    old, new = "github.com/devopsfaith/krakend/http", "backend/http"
    assert only_backend(extra_config={old: {"return_error_details": "a"}}).return_error_details == "a"
    both = {new: {"return_error_details": "b"}, old: {"return_error_details": "a"}}
    assert only_backend(extra_config=both).return_error_details == "b"


def test_values_are_converted_as_krakend_converts_them() -> None:
    tree = service(port="0x1F90", disable_rest=1, host="a.example,b.example", timeout=3_000_000_000, name=1.5)
    tree["endpoints"] = [endpoint(concurrent_calls="3", input_headers="x-a,x-b", backend=backend(host=None, group=7))]
    config = config_of(tree)
    assert (config.port, config.name) == (8080, "1.5")
    [found] = config.endpoints
    assert (found.timeout_seconds, found.concurrent_calls, found.input_headers) == (3.0, 3, ("X-A", "X-B"))
    assert found.backends[0].hosts == ("http://a.example", "http://b.example")
    assert found.backends[0].group == "7"


def test_names_of_keys_match_in_any_letter_case_and_the_exact_one_wins() -> None:
    assert config_of(service(PORT=1)).port == 1
    assert config_of(service(PORT=1, port=2)).port == 2
    assert config_of(service(port=2, PORT=1)).port == 2


def test_environment_lies_over_root_keys() -> None:
    config = config_of(service(port=1, Timeout="9s"), KRAKEND_PORT="9000", KRAKEND_TIMEOUT="3s", KRAKEND_NOPE="x",
                       KRAKEND_LISTEN_IP="127.0.0.1", KRAKEND_HOST="a.example", PORT="5")  # fmt: skip
    assert (config.port, config.listen_ip, config.endpoints[0].timeout_seconds) == (9000, "127.0.0.1", 3.0)


def test_bad_environment_variable_is_named() -> None:
    loaded = load_text(text_of(service()), environ={"KRAKEND_PORT": "tcp://10.0.0.1:80"})
    assert [(each.code, each.path) for each in loaded.diagnostics] == [("CFG202", "KRAKEND_PORT")]


def test_proxy_namespace_is_read() -> None:
    proxy = {
        "strategy": "sequential",
        "sequential_propagated_params": ["resp0_x"],
        "static": {"data": {"a": 1.0}, "strategy": "errored"},
        "flatmap_filter": [{"type": "move", "args": ["a", "b"]}, {"type": "nope"}, {"type": "del", "args": ["c"]}],
    }
    found = only_endpoint(extra_config={"proxy": proxy}, backend=[backend(), backend()])
    assert found.sequential
    assert found.sequential_propagated_params == ("resp0_x",)
    assert found.static is not None
    assert (found.static.strategy, dict(found.static.data)) == ("errored", {"a": 1.0})
    assert [(each.type, each.args) for each in found.flatmap] == [("move", ("a", "b")), ("del", ()), ("del", ("c",))]


def test_strategy_wins_over_sequential() -> None:
    assert not only_endpoint(extra_config={"proxy": {"sequential": True, "strategy": "parallel"}}).sequential


def test_router_namespace_is_read() -> None:
    router = {
        "return_error_msg": True,
        "health_path": "/up",
        "auto_options": True,
        "Hide_Version_Header": True,
        "error_body": {"404": {"e": 1}},
        "trusted_proxies": ["10.0.0.0/8"],
        "forwarded_by_client_ip": False,
    }
    found = config_of(service(extra_config={"router": router})).router
    assert found == RouterConfig(
        auto_options=True,
        return_error_msg=True,
        health_path="/up",
        hide_version_header=True,
        error_bodies={404: {"e": 1}},
        trusted_proxies=("10.0.0.0/8",),
        forwarded_by_client_ip=False,
    )


ROUTER = {
    "auto_options": True,
    "disable_health": True,
    "error_body": {"404": {"e": 1}, "405": None},
    "trusted_proxies": ["10.0.0.0/8"],
    "remote_ip_headers": ["X-A"],
    "forwarded_by_client_ip": True,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hide_version_header", "yes"),
        ("disable_redirect_fixed_path", 1),
        ("logger_skip_paths", "/a"),
        ("logger_skip_paths", [1]),
        ("health_path", False),
        ("max_multipart_memory", "1"),
        ("auto_options", "true"),
    ],
)
def test_dev_conf_4_an_ill_typed_value_takes_the_routers_other_options_with_it(name: str, value: object) -> None:
    found = config_of(service(extra_config={"router": {**ROUTER, name: value}})).router
    assert found == RouterConfig(
        auto_options=name != "auto_options",
        error_bodies={404: {"e": 1}},
        trusted_proxies=("10.0.0.0/8",),
        remote_ip_headers=("X-A",),
    )


def test_what_goes_with_an_ill_typed_value_is_said() -> None:
    router = {"disable_health": 1, "health_path": "/a", "auto_options": True, "use_h2c": False}
    found = load_text(text_of(service(extra_config={"router": router})), environ={}).diagnostics
    [said] = [each.message for each in found if each.path == "$.extra_config.router"]
    assert '"disable_health"' in said
    assert said.endswith(": health_path, use_h2c")


def test_dev_conf_4_ill_typed_trust_is_trust_in_nobody() -> None:
    found = config_of(service(extra_config={"router": {"trusted_proxies": "10.0.0.0/8"}})).router
    assert found.trusted_proxies == ()
    found = config_of(service(extra_config={"router": {"forwarded_by_client_ip": "no"}})).router
    assert not found.forwarded_by_client_ip


def test_an_ill_typed_error_body_takes_nothing_with_it() -> None:
    found = config_of(service(extra_config={"router": {**ROUTER, "error_body": []}})).router
    assert found.disable_health
    assert found.error_bodies == {}


@pytest.mark.parametrize(
    ("written", "trusted"),
    [
        (["x"], ()),
        (["10.0.0.0/8", "x", "192.0.2.1"], ("10.0.0.0/8",)),
        ([], RouterConfig().trusted_proxies),
        (None, RouterConfig().trusted_proxies),
    ],
)
def test_proxies_are_trusted_up_to_the_first_that_is_none(written: object, trusted: tuple[str, ...]) -> None:
    found = config_of(service(extra_config={"router": {"trusted_proxies": written}})).router
    assert found.trusted_proxies == trusted


def test_krakends_own_limits_win_over_crossgates() -> None:
    tree = service(
        extra_config={"crossgate/server": {"max_head_bytes": 2048, "idle_timeout": "5s", "write_timeout": "0s"}},
        idle_timeout="7s",
        read_header_timeout="0s",
        max_idle_connections_per_host=3,
        dns_cache_ttl="10ms",
    )
    config = config_of(tree)
    assert config.limits == LimitsConfig(max_head_bytes=2048, idle_timeout_seconds=7.0, write_timeout_seconds=0.0)
    assert config.upstream == UpstreamConfig(max_idle_connections_per_host=3)
    assert config_of(service(max_header_bytes=1_000_000)).limits.max_head_bytes == 1_000_000


def test_limits_may_stand_in_an_object_of_their_own() -> None:
    own = {"max_headers": 7, "limits": {"max_headers": 9, "header_timeout": "2s"}, "max_body_bytes": 5}
    config = config_of(service(extra_config={"crossgate/server": own}))
    assert config.limits == LimitsConfig(max_headers=9, header_timeout_seconds=2.0, max_body_bytes=5)


@pytest.mark.parametrize(
    ("own", "endpoints_own", "wanted"),
    [
        ({}, {}, False),
        ({"crossgate/cors": {"debug": True}}, {}, True),
        ({"security/cors": {"debug": True}, "crossgate/cors": {"debug": False}}, {}, False),
        ({"crossgate/cors": {"allow_origins": []}}, {"crossgate/cors": {"debug": True}}, True),
    ],
)
def test_debug_may_be_asked_for_in_either_namespace(own: dict, endpoints_own: dict, wanted: bool) -> None:
    tree = service(extra_config=own, endpoints=[endpoint(extra_config=endpoints_own)])
    assert config_of(tree).cors_debug is wanted


def test_cors_is_decoded_for_service_and_endpoint() -> None:
    origins = ["https://a.example"]
    tree = service(
        extra_config={"security/cors": {"allow_origins": origins, "debug": True}},
        endpoints=[
            endpoint(),
            endpoint(endpoint="/b", extra_config={"crossgate/cors": {"allow_origins": ["https://b.example"]}}),
        ],
    )
    config = config_of(tree)
    assert config.cors is not None
    assert config.cors_debug
    assert config.endpoints[0].cors is None
    assert config.endpoints[1].cors is not None


def test_listen_ip_counts_in_an_old_file() -> None:  # DEV-CONF-2
    assert config_of(service(version=2, listen_ip="127.0.0.1")).listen_ip == "127.0.0.1"
