"""One row per problem: what is written, and the code, severity and path that come of it."""

from typing import Any

import pytest

from crossgate.config import load_text
from crossgate.diagnostics import Diagnostic
from tests.support.configurations import backend, endpoint, service, text_of

AUTH = {"auth/validator": {"alg": "RS256"}}


def problems(tree: dict[str, Any], **options: Any) -> list[Diagnostic]:
    """All that is said about a tree."""
    return list(load_text(text_of(tree), environ={}, **options).diagnostics)


def one_endpoint(**keys: Any) -> dict[str, Any]:
    return service(endpoints=[endpoint(**keys)])


def one_backend(**keys: Any) -> dict[str, Any]:
    return one_endpoint(backend=[backend(**keys)])


def root_namespaces(**spaces: Any) -> dict[str, Any]:
    return service(extra_config=spaces)


def old_file(**keys: Any) -> dict[str, Any]:
    return service(version=2, **keys)


E, B = "$.endpoints[0]", "$.endpoints[0].backend[0]"
X = "extra_config"

ERRORS: list[tuple[dict[str, Any], str, str]] = [
    (service(version=1), "CFG201", "$.version"),
    (service(version=5), "CFG201", "$.version"),
    ({"endpoints": []}, "CFG201", "$"),
    (service(version="x"), "CFG202", "$.version"),
    (service(version=[3]), "CFG202", "$.version"),
    (service(port="http"), "CFG202", "$.port"),
    (service(port={}), "CFG202", "$.port"),
    (service(port=70000), "CFG215", "$.port"),
    (service(port=-1), "CFG215", "$.port"),
    (service(listen_ip="localhost"), "CFG218", "$.listen_ip"),
    (service(listen_ip="1.2.3"), "CFG218", "$.listen_ip"),
    (service(listen_ip="fe80::1%eth0"), "CFG218", "$.listen_ip"),
    (service(timeout="3"), "CFG204", "$.timeout"),
    (service(timeout="3d"), "CFG204", "$.timeout"),
    (service(timeout=""), "CFG204", "$.timeout"),
    (service(timeout=[]), "CFG202", "$.timeout"),
    (service(read_timeout="x"), "CFG204", "$.read_timeout"),
    (service(dialer_keep_alive="x"), "CFG204", "$.dialer_keep_alive"),
    (service(host=["http://a.example/base"]), "CFG212", "$.host[0]"),
    (service(host=["http://[::1]:8080"]), "CFG212", "$.host[0]"),
    (service(host=["ok.example", "http://user@h"]), "CFG212", "$.host[1]"),
    (service(host=[{}]), "CFG202", "$.host[0]"),
    (service(endpoints="x"), "CFG202", "$.endpoints"),
    (service(endpoints=["x"]), "CFG202", "$.endpoints[0]"),
    (service(endpoints=[None]), "CFG202", "$.endpoints[0]"),
    (service(extra_config=[]), "CFG202", "$.extra_config"),
    (service(disable_rest="maybe"), "CFG202", "$.disable_rest"),
    (one_endpoint(endpoint=["/a"]), "CFG202", f"{E}.endpoint"),
    (one_endpoint(endpoint="/__health"), "CFG211", f"{E}.endpoint"),
    (one_endpoint(endpoint="/x/__debug"), "CFG211", f"{E}.endpoint"),
    (one_endpoint(endpoint="/x/__echo/y"), "CFG211", f"{E}.endpoint"),
    (one_endpoint(endpoint="/a/*rest"), "CFG211", f"{E}.endpoint"),
    (old_file(endpoints=[endpoint(endpoint="/__debug/x")]), "CFG211", f"{E}.endpoint"),
    (one_endpoint(backend=[]), "CFG214", f"{E}.backend"),
    (one_endpoint(backend=None), "CFG214", f"{E}.backend"),
    (one_endpoint(backend="x"), "CFG202", f"{E}.backend"),
    (one_endpoint(backend=["x"]), "CFG202", f"{E}.backend[0]"),
    (one_endpoint(timeout="1"), "CFG204", f"{E}.timeout"),
    (one_endpoint(concurrent_calls="x"), "CFG202", f"{E}.concurrent_calls"),
    (one_endpoint(input_headers=[["a"]]), "CFG202", f"{E}.input_headers[0]"),
    (one_backend(host=["http://h:8"]), "CFG212", f"{B}.host[0]"),
    (one_backend(host=["ftp://h"]), "CFG212", f"{B}.host[0]"),
    (one_backend(host=[""]), "CFG212", f"{B}.host[0]"),
    (one_backend(timeout="nope"), "CFG204", f"{B}.timeout"),
    (one_backend(mapping="x"), "CFG202", f"{B}.mapping"),
    (one_backend(mapping={"a": {}}), "CFG202", f"{B}.mapping.a"),
    (root_namespaces(**AUTH), "CFG401", '$.extra_config["auth/validator"]'),
    (root_namespaces(**{"auth/anything-new": {}}), "CFG401", '$.extra_config["auth/anything-new"]'),
    (root_namespaces(**{"security/http": {}}), "CFG401", '$.extra_config["security/http"]'),
    (root_namespaces(**{"github_com/devopsfaith/bloomfilter": {}}), "CFG401",
     '$.extra_config["github_com/devopsfaith/bloomfilter"]'),
    (old_file(extra_config={"github_com/devopsfaith/krakend-httpsecure": {}}), "CFG401",
     '$.extra_config["github_com/devopsfaith/krakend-httpsecure"]'),
    (one_endpoint(extra_config=AUTH), "CFG401", f'{E}.extra_config["auth/validator"]'),
    (one_endpoint(extra_config={"qos/ratelimit/router": {}}), "CFG401", f'{E}.extra_config["qos/ratelimit/router"]'),
    (one_endpoint(extra_config={"validation/cel": []}), "CFG401", f'{E}.extra_config["validation/cel"]'),
    (one_backend(extra_config={"modifier/martian": {}}), "CFG401", f'{B}.extra_config["modifier/martian"]'),
    (one_backend(extra_config={"backend/graphql": {}}), "CFG401", f'{B}.extra_config["backend/graphql"]'),
    (one_backend(extra_config={"github.com/devopsfaith/krakend-lambda": {}}), "CFG401",
     f'{B}.extra_config["github.com/devopsfaith/krakend-lambda"]'),
    (service(tls={"public_key": "a", "private_key": "b"}), "CFG403", "$.tls"),
    (service(client_tls={"allow_insecure_connections": True}), "CFG403", "$.client_tls"),
    (service(async_agent=[{"name": "a"}]), "CFG403", "$.async_agent"),
    (root_namespaces(**{"crossgate/server": []}), "CFG220", '$.extra_config["crossgate/server"]'),
    (root_namespaces(**{"crossgate/server": {"max_headers": "9"}}), "CFG220",
     '$.extra_config["crossgate/server"].max_headers'),
    (root_namespaces(**{"crossgate/server": {"max_headers": 0}}), "CFG220",
     '$.extra_config["crossgate/server"].max_headers'),
    (root_namespaces(**{"crossgate/server": {"idle_timeout": "-1s"}}), "CFG220",
     '$.extra_config["crossgate/server"].idle_timeout'),
    (root_namespaces(**{"crossgate/server": {"limits": []}}), "CFG220", '$.extra_config["crossgate/server"].limits'),
    (root_namespaces(**{"crossgate/server": {"limits": {"max_headers": 0}}}), "CFG220",
     '$.extra_config["crossgate/server"].limits.max_headers'),
    (root_namespaces(**{"crossgate/errors": {"style": "nice"}}), "CFG220", '$.extra_config["crossgate/errors"].style'),
    (root_namespaces(**{"security/cors": {"allow_origins": "*"}}), "COR102",
     '$.extra_config["security/cors"].allow_origins'),
    (root_namespaces(**{"security/cors": {"allowed_origins": ["*"]}}), "COR108",
     '$.extra_config["security/cors"].allowed_origins'),
    (one_endpoint(extra_config={"crossgate/cors": {"policy": "nope"}}), "COR119",
     f'{E}.extra_config["crossgate/cors"].policy'),
]  # fmt: skip

WARNINGS: list[tuple[dict[str, Any], str, str]] = [
    (service(version="3"), "CFG203", "$.version"),
    (service(port="9000"), "CFG203", "$.port"),
    (service(port=80.5), "CFG203", "$.port"),
    (service(name=5), "CFG203", "$.name"),
    (service(disable_rest="true"), "CFG203", "$.disable_rest"),
    (service(host="http://a.example,http://b.example"), "CFG203", "$.host"),
    (service(host=[" h.example"]), "CFG203", "$.host[0]"),
    (service(timeout=5), "CFG219", "$.timeout"),
    (service(endpoints=endpoint()), "CFG203", "$.endpoints"),
    (service(prot=1), "CFG205", "$.prot"),
    (service(PORT=9000), "CFG225", "$.PORT"),
    (one_endpoint(Timeout="2s"), "CFG225", f"{E}.Timeout"),
    (one_backend(Encoding="json"), "CFG225", f"{B}.Encoding"),
    (old_file(endpoints=[endpoint(Headers_To_Pass=["A"])]), "CFG225", f"{E}.Headers_To_Pass"),
    (root_namespaces(router={"Auto_Options": True}), "CFG205", "$.extra_config.router.Auto_Options"),
    (root_namespaces(router={"Return_Error_Msg": True}), "CFG225", "$.extra_config.router.Return_Error_Msg"),
    (service(use_h2c=True), "CFG405", "$.use_h2c"),
    (service(dns_cache_ttl="10ms"), "CFG217", "$.dns_cache_ttl"),
    (one_endpoint(methd="GET"), "CFG205", f"{E}.methd"),
    (one_endpoint(headers_to_pass=["A"]), "CFG206", f"{E}.headers_to_pass"),
    (one_endpoint(querystring_params=["a"]), "CFG206", f"{E}.querystring_params"),
    (one_backend(whitelist=["a"]), "CFG206", f"{B}.whitelist"),
    (old_file(endpoints=[endpoint(input_headers=["A"])]), "CFG206", f"{E}.input_headers"),
    (old_file(echo_endpoint=True), "CFG206", "$.echo_endpoint"),
    (one_endpoint(method="HEAD"), "CFG213", f"{E}.method"),
    (one_endpoint(output_encoding="jsn"), "CFG216", f"{E}.output_encoding"),
    (one_endpoint(input_headers="X-A"), "CFG203", f"{E}.input_headers"),
    (one_backend(encoding="protobuf"), "CFG216", f"{B}.encoding"),
    (one_backend(sd="consul"), "CFG216", f"{B}.sd"),
    (one_backend(concurrent_calls=3), "CFG217", f"{B}.concurrent_calls"),
    (one_backend(mapping={"a": 1}), "CFG203", f"{B}.mapping.a"),
    (root_namespaces(**{"telemetry/opentelemetry": {}}), "CFG402", '$.extra_config["telemetry/opentelemetry"]'),
    (root_namespaces(**{"documentation/openapi": {}}), "CFG402", '$.extra_config["documentation/openapi"]'),
    (one_backend(extra_config={"qos/circuit-breaker": {}}), "CFG402", f'{B}.extra_config["qos/circuit-breaker"]'),
    (one_backend(extra_config={"qos/http-cache": {}}), "CFG402", f'{B}.extra_config["qos/http-cache"]'),
    (root_namespaces(rooter={}), "CFG207", "$.extra_config.rooter"),
    (one_backend(extra_config={"backend/grpc": {}}), "CFG207", f'{B}.extra_config["backend/grpc"]'),
    (old_file(extra_config={"security/cors": {}}), "CFG208", '$.extra_config["security/cors"]'),
    (old_file(extra_config={"router": {}}), "CFG208", "$.extra_config.router"),
    (one_endpoint(extra_config={"security/cors": {}}), "CFG209", f'{E}.extra_config["security/cors"]'),
    (root_namespaces(proxy={}), "CFG209", "$.extra_config.proxy"),
    (root_namespaces(**{"security/cors": {}, "github_com/devopsfaith/krakend-cors": {}}), "CFG210",
     '$.extra_config["github_com/devopsfaith/krakend-cors"]'),
    (root_namespaces(router="x"), "CFG217", "$.extra_config.router"),
    (root_namespaces(router={"auto_options": "true"}), "CFG217", "$.extra_config.router.auto_options"),
    (root_namespaces(router={"auto_option": True}), "CFG205", "$.extra_config.router.auto_option"),
    (root_namespaces(router={"trusted_proxies": ["10.0.0.0/8", "x"]}), "CFG217",
     "$.extra_config.router.trusted_proxies[1]"),
    (root_namespaces(router={"error_body": {"500": {}}}), "CFG217", '$.extra_config.router.error_body["500"]'),
    (one_endpoint(extra_config={"proxy": {"sequential": "true"}}), "CFG217", f"{E}.extra_config.proxy.sequential"),
    (one_endpoint(extra_config={"proxy": {"Sequential": True}}), "CFG205", f"{E}.extra_config.proxy.Sequential"),
    (one_endpoint(extra_config={"proxy": {"combiner": "x"}}), "CFG216", f"{E}.extra_config.proxy.combiner"),
    (one_endpoint(extra_config={"proxy": {"static": {"strategy": "x", "data": {}}}}), "CFG216",
     f"{E}.extra_config.proxy.static.strategy"),
    (one_endpoint(extra_config={"proxy": {"static": {}}}), "CFG217", f"{E}.extra_config.proxy.static"),
    (one_endpoint(extra_config={"proxy": {"flatmap_filter": [{"type": "move", "args": ["a"]}]}}), "CFG217",
     f"{E}.extra_config.proxy.flatmap_filter[0].args"),
    (one_backend(extra_config={"proxy": {"flatmap_filter": [{"type": "copy", "args": []}]}}), "CFG216",
     f"{B}.extra_config.proxy.flatmap_filter[0].type"),
    (one_backend(extra_config={"proxy": {"shadow_timeout": "x", "shadow": True}}), "CFG217",
     f"{B}.extra_config.proxy.shadow_timeout"),
    (one_backend(extra_config={"backend/http": {"return_error_code": 1}}), "CFG217",
     f'{B}.extra_config["backend/http"].return_error_code'),
    (one_backend(extra_config={"backend/http/client": {"no_redirect": True}}), "CFG217",
     f'{B}.extra_config["backend/http/client"].no_redirect'),
    (root_namespaces(**{"crossgate/server": {"max_body": 1}}), "CFG205", '$.extra_config["crossgate/server"].max_body'),
]  # fmt: skip

NOTES: list[tuple[dict[str, Any], str, str]] = [
    (service(endpoints=[{"backend": [backend()]}]), "CFG221", E),
    (one_endpoint(backend=[{"host": ["h.example"]}]), "CFG221", B),
    (old_file(listen_ip="127.0.0.1"), "CFG224", "$.listen_ip"),
    (service(plugin={"folder": "x"}), "CFG405", "$.plugin"),
]

CASES = [
    (*row, severity) for rows, severity in ((ERRORS, "error"), (WARNINGS, "warning"), (NOTES, "note")) for row in rows
]


@pytest.mark.parametrize(("tree", "code", "path", "severity"), CASES, ids=[f"{row[1]}-{row[2]}" for row in CASES])
def test_problem_has_its_code_severity_and_path(tree: dict[str, Any], code: str, path: str, severity: str) -> None:
    found = [(each.code, each.path, str(each.severity)) for each in problems(tree)]
    assert (code, path, severity) in found
    # No other problem of that weight or worse: one cause, one diagnostic. What follows for other values is CFG3xx.
    worse = {"error": ("error",), "warning": ("error", "warning"), "note": ("error", "warning")}[severity]
    assert [
        each for each in found if each[2] in worse and each != (code, path, severity) and each[0][:4] != "CFG3"
    ] == []


@pytest.mark.parametrize(("tree", "code", "path", "severity"), CASES, ids=[f"{row[1]}-{row[2]}" for row in CASES])
def test_problem_says_what_krakend_does(tree: dict[str, Any], code: str, path: str, severity: str) -> None:
    own = "crossgate/" in path
    for each in problems(tree):
        if each.code.startswith("CFG"):
            assert each.krakend or own, each


CLEAN: list[dict[str, Any]] = [
    service(),
    {"version": 3},
    {"version": 3.0},
    service(**{"@comment": 1, "$schema": "x", "_off": {}, "#": []}),
    service(port=None, timeout=None, extra_config=None, host=None, tls=None, async_agent=[]),
    service(tls={"disabled": True}),
    service(timeout="0", cache_ttl="-0"),
    one_endpoint(**{"@x": 1, "$x": 1, "_x": 1, "#x": 1}),
    one_backend(_allow=["a"]),
    one_endpoint(extra_config={"_auth/validator": {}, "@proxy": 1}),
    root_namespaces(**{"_security/http": {}, "router": {"_x": 1, "return_error_msg": True}}),
    one_backend(host=["http://h.example/base"], disable_host_sanitize=True),
    one_backend(host=["https://h_1.example:8080/"]),
    one_backend(mapping={"@a": "b", "$c": "d"}),
    one_endpoint(extra_config={"proxy": {"static": {"data": {"_a": 1, "NaN": "x"}}, "_comment": 1}}),
    root_namespaces(router={"error_body": {"404": {"_x": None}, "405": [1]}}),
    old_file(endpoints=[endpoint(headers_to_pass=["A"], backend=[backend(whitelist=["a"], mapping={"a": "b"})])]),
    old_file(endpoints=[endpoint(backend=[backend(allow=["a"]), backend(blacklist=["b"])])]),
    old_file(endpoints=[endpoint(endpoint="/__health/x"), endpoint(endpoint="/x/__echo")]),
    root_namespaces(
        **{"crossgate/server": {"max_headers": 5, "idle_timeout": "0s"}, "crossgate/errors": {"style": "http"}}
    ),
]


@pytest.mark.parametrize("tree", CLEAN, ids=range(len(CLEAN)))
def test_sound_file_has_no_errors_and_no_warnings(tree: dict[str, Any]) -> None:
    assert [each for each in problems(tree) if each.severity != "note"] == []


def test_all_problems_are_found_in_one_run_and_come_in_the_order_of_the_text() -> None:
    tree = service(
        port="x", listen_ip="y", endpoints=[endpoint(timeout="1"), endpoint(endpoint="/__debug", backend=[])]
    )
    found = problems(tree)
    assert {each.code for each in found} == {"CFG202", "CFG218", "CFG204", "CFG211", "CFG214"}
    assert [each.span.line for each in found if each.span] == sorted(each.span.line for each in found if each.span)


def test_close_names_are_suggested() -> None:
    hints = [
        each.hint for each in problems(service(prot=1, endpoints=[endpoint(extra_config={"proxi": {}}, timeot="1s")]))
    ]
    assert any('"port"' in hint for hint in hints)
    assert any('"timeout"' in hint for hint in hints)
    assert any('"proxy"' in hint for hint in hints)


@pytest.mark.parametrize("deep", [one_endpoint(extra_config=AUTH), one_backend(extra_config=AUTH)])
def test_allowing_the_unsupported_closes_the_endpoint_and_warns(deep: dict[str, Any]) -> None:
    loaded = load_text(text_of(deep), environ={}, allow_unsupported=True)
    assert [(each.code, str(each.severity)) for each in loaded.diagnostics] == [("CFG401", "warning")]
    assert loaded.config is not None
    [found] = loaded.config.endpoints
    assert found.unsupported + found.backends[0].unsupported == ("auth/validator",)


def test_allowing_the_unsupported_closes_every_endpoint_for_a_guard_of_the_service() -> None:
    tree = service(async_agent=[{}], extra_config={"security/http": {}})
    loaded = load_text(text_of(tree), environ={}, allow_unsupported=True)
    assert [str(each.severity) for each in loaded.diagnostics] == ["warning"] * 2
    assert loaded.config is not None
    assert loaded.config.unsupported == ("security/http",)
    assert [each.unsupported for each in loaded.config.endpoints] == [("security/http",)]


def test_host_with_a_port_of_one_digit_is_not_told_to_write_what_it_says() -> None:
    [found] = problems(one_backend(host=["http://h:8"]))
    assert found.hint == 'KrakenD knows no port of one digit: set "disable_host_sanitize": true'


def test_strict_refuses_a_file_with_a_warning() -> None:
    [diagnostic] = problems(service(port="9000"), strict=True)
    assert diagnostic.severity == "error"
    assert load_text(text_of(service(port="9000")), environ={}, strict=True).config is None
    assert load_text(text_of(one_endpoint(backend=[{"host": ["h"]}])), environ={}, strict=True).config is not None


def test_duplicate_key_is_a_warning_at_the_later_one_and_the_later_one_counts() -> None:
    text = b'{"version": 3,\n "port": 1,\n "port": 9000}'
    loaded = load_text(text, environ={})
    [diagnostic] = loaded.diagnostics
    assert (diagnostic.code, diagnostic.severity, diagnostic.path) == ("CFG104", "warning", "$.port")
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.column) == (3, 2)
    assert loaded.config is not None
    assert loaded.config.port == 9000


def test_value_below_its_key_is_reported_at_the_line_of_the_key() -> None:
    [diagnostic] = load_text(b'{"version": 3,\n "port":\n\n "x"}', environ={}).diagnostics
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.column) == (2, 2)


def test_unsafe_namespace_under_a_name_its_version_does_not_read_is_refused() -> None:  # DEV-CONF-5
    assert [each.code for each in problems(old_file(extra_config={"auth/validator": {}}))] == ["CFG401"]
    new = service(endpoints=[endpoint(extra_config={"github.com/devopsfaith/krakend-ratelimit/juju/router": {}})])
    assert [each.code for each in problems(new)] == ["CFG401"]
