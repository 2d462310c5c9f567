"""Guards that are not run: what is said of them under every name, wherever they stand."""

from typing import Any

import pytest

from crossgate.config import Loaded, load_text
from crossgate.config.namespaces.table import NAMESPACES
from tests.support.configurations import backend, endpoint, service, text_of


def placed(scope: str, written: str, value: Any, version: int = 3, **root: Any) -> dict[str, Any]:
    """A file with a namespace in one place."""
    extra = {"extra_config": {written: value}}
    if scope == "service":
        return service(version=version, **extra, **root)
    if scope == "endpoint":
        return service(version=version, endpoints=[endpoint(**extra)], **root)
    return service(version=version, endpoints=[endpoint(backend=[backend(**extra)])], **root)


def load(tree: dict[str, Any], *, allow: bool = False) -> Loaded:
    return load_text(text_of(tree), environ={}, allow_unsupported=allow)


def said(loaded: Loaded) -> list[tuple[str, str]]:
    return [(each.code, str(each.severity)) for each in loaded.diagnostics]


MISSPELT = {
    "auth/validater": "auth/validator",
    "auth/validator ": "auth/validator",
    "Auth/Validator": "auth/validator",
    "AUTH/VALIDATOR": "auth/validator",
    "auth_validator": "auth/validator",
    "auth.validator": "auth/validator",
    "auth\\validator": "auth/validator",
    "auth/validator_off": "auth/validator",
    "ath/validator": "auth/validator",
    "validator": "auth/validator",
    "jwt": "auth/validator",
    "authentication/jwt": "auth/validator",
    "github_com/devopsfaith/krakend-jose/validater": "auth/validator",
    "github.com/devopsfaith/krakend-jose": "auth/validator",
    "github.com/krakendio/krakend-jose/validator": "auth/validator",
    "github.com/luraproject/krakend-jose/validator": "auth/validator",
    "https://github.com/devopsfaith/krakend-jose/validator": "auth/validator",
    "krakend-jose/validator": "auth/validator",
    "qos/ratelimit": "qos/ratelimit/router",
    "qos/rate-limit/router": "qos/ratelimit/router",
    "qos/ratelimt/router": "qos/ratelimit/router",
    "ratelimit/router": "qos/ratelimit/router",
    "github_com/devopsfaith/krakend-ratelimit/juju/router": "qos/ratelimit/router",
    "validations/cel": "validation/cel",
    "validation/cell": "validation/cel",
    "cel": "validation/cel",
    "validation/jsonschema": "validation/json-schema",
    "security/bot_detector": "security/bot-detector",
    "secruity/http": "security/http",
    "security/HTTP": "security/http",
    "github.com/devopsfaith/krakend-httpsecure": "security/http",
    "modifiers/lua-proxy": "modifier/lua-proxy",
    "modifier/lua_backend": "modifier/lua-backend",
    "martian": "modifier/martian",
    "plugins/http-server": "plugin/http-server",
    "plugin/http_client": "plugin/http-client",
    "backend/graphQL": "backend/graphql",
    "backend/amqp": "backend/amqp/consumer",
}


@pytest.mark.parametrize("scope", ["service", "endpoint", "backend"])
@pytest.mark.parametrize(("written", "meant"), MISSPELT.items())
def test_misspelt_guard_is_an_error_wherever_it_stands_and_the_name_is_suggested(
    scope: str, written: str, meant: str
) -> None:  # DEV-CONF-5
    loaded = load(placed(scope, written, {"alg": "RS256"}))
    [found] = [each for each in loaded.diagnostics if each.code != "CFG208"]
    assert (found.code, str(found.severity)) == ("CFG401", "error")
    known = next(spec for spec in NAMESPACES if spec.name == meant)
    if not any(written in spec.old for spec in NAMESPACES) and scope in known.scopes:
        assert meant in found.hint
    assert said(load(placed(scope, written, {"alg": "RS256"}), allow=True)) == [("CFG401", "warning")]


@pytest.mark.parametrize("scope", ["service", "endpoint", "backend"])
@pytest.mark.parametrize(
    "written",
    [
        "routr", "proxi", "security_cors", "Security/CORS", "cors", "my-component", "meta", "owner", "authors", "http",
        "backend/htpp", "backend/grpc", "websocket", "circuit-breaker", "qos/http-cach", "github.com/someone/plugin",
        "github.com/devopsfaith/krakend-etcd", "server/virtualhost", "x", "",
    ],
)  # fmt: skip
def test_what_resembles_no_guard_stays_a_warning(scope: str, written: str) -> None:
    loaded = load(placed(scope, written, {}))
    assert loaded.config is not None
    assert {each.code for each in loaded.diagnostics} <= {"CFG207", "CFG208", "CFG209", "CFG402"}


def test_commented_out_guard_is_none() -> None:
    for written in ("_auth/validator", "@auth/validator", "#auth/validator", "$auth/validator"):
        assert said(load(placed("endpoint", written, {"alg": "RS256"}))) == []


def test_guard_that_is_null_is_a_guard() -> None:
    assert said(load(placed("endpoint", "auth/validator", None)))[0][1] == "error"
    assert load(placed("service", "router", None)).config is not None


@pytest.mark.parametrize("name", ["auth/validator", "github.com/devopsfaith/krakend-jose/validator"])
def test_validator_at_the_service_that_only_sets_up_a_cache_guards_nothing(name: str) -> None:
    loaded = load(placed("service", name, {"shared_cache_duration": 900, "@comment": "an hour"}))
    assert said(loaded) == [("CFG402", "note")]
    assert loaded.config is not None
    assert loaded.config.endpoints[0].unsupported == ()


@pytest.mark.parametrize(
    "value", [{}, None, [], {"shared_cache_duration": 900, "alg": "RS256"}, {"Shared_cache_duration": 900}]
)
def test_any_other_validator_at_the_service_closes_every_endpoint(value: Any) -> None:
    assert said(load(placed("service", "auth/validator", value))) == [("CFG401", "error")]
    loaded = load(placed("service", "auth/validator", value), allow=True)
    assert loaded.config is not None
    assert loaded.config.endpoints[0].unsupported == ("auth/validator",)


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("service", "plugin/http-server"),
        ("service", "github_com/devopsfaith/krakend/transport/http/server/handler"),
        ("backend", "plugin/http-client"),
        ("endpoint", "plugin/req-resp-modifier"),
        ("backend", "github.com/devopsfaith/krakend/proxy/plugin"),
    ],
)
@pytest.mark.parametrize("value", [{}, {"my-plugin": {"path": "/a"}}, {"name": None}, {"name": []}])
def test_plugin_block_without_a_name_guards_nothing(scope: str, name: str, value: Any) -> None:
    assert said(load(placed(scope, name, value))) == [("CFG217", "warning")]


@pytest.mark.parametrize(
    "value", [None, [], {"name": ["a"]}, {"name": "a"}, {"Name": ["a"]}, {"names": ["a"]}, {"nmae": ["a"]}]
)
def test_plugin_block_with_a_name_or_something_like_it_is_a_guard(value: Any) -> None:
    assert said(load(placed("service", "plugin/http-server", value))) == [("CFG401", "error")]


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize("value", [{}, [], "x", {"keys": []}, {"disabled": False}, {"disabled": "no"}, {"enabled": 0}])
def test_tls_is_refused_whatever_is_allowed(value: Any, allow: bool) -> None:
    for version in (2, 3):
        loaded = load(service(version=version, tls=value), allow=allow)
        assert loaded.config is None
        assert ("CFG403", "error") in said(loaded)


def test_tls_that_the_file_switches_off_itself_is_plain_http_as_in_krakend() -> None:
    assert load(service(tls={"disabled": True, "keys": []})).config is not None
    assert load(service(tls=None)).config is not None


@pytest.mark.parametrize("hosts", [["https://b.example"], ["http://a.example", "https://b"]])
def test_client_tls_closes_endpoints_with_https_backends_only(hosts: list[str]) -> None:
    paths = {
        "/plain": [backend()],
        "/secure": [backend(host=hosts)],
        "/as-is": [backend(host=["HTTPS://b.example/base"], disable_host_sanitize=True)],
        "/inherited": [{"url_pattern": "/a"}],
        "/dns": [backend(host=["b.example"], sd="dns", sd_scheme="https")],
        "/shadow": [backend(), backend(host=hosts, extra_config={"proxy": {"shadow": True}})],
    }
    endpoints = [endpoint(endpoint=path, backend=backends) for path, backends in paths.items()]
    tree = service(endpoints=endpoints, host=["https://c.example"], client_tls={"ca_certs": ["a.pem"]})
    assert ("CFG403", "error") in said(load(tree))
    loaded = load(tree, allow=True)
    assert loaded.config is not None
    closed = {
        each.path for each in loaded.config.endpoints if each.unsupported or any(b.unsupported for b in each.backends)
    }
    assert closed == set(paths) - {"/plain"}


def test_agents_guard_no_request() -> None:
    loaded = load(service(async_agent=[{"name": "a"}]), allow=True)
    assert said(loaded) == [("CFG403", "warning")]
    assert loaded.config is not None
    assert loaded.config.endpoints[0].unsupported == ()


@pytest.mark.parametrize(
    ("scope", "written", "version", "part"),
    [
        ("endpoint", "auth/validator", 2, 'in a version 2 file its name is "github.com/devopsfaith/krakend-jose/'),
        ("endpoint", "github.com/devopsfaith/krakend-ratelimit/juju/router", 3, '"qos/ratelimit/router"'),
        ("endpoint", "modifier/martian", 3, "move it to the extra_config of a backend"),
        ("backend", "security/http", 3, "move it to the extra_config of the service"),
        ("endpoint", "security/jwt", 3, "auth/validator"),
    ],
)
def test_guard_that_nothing_reads_is_told_where_and_how_it_is_read(
    scope: str, written: str, version: int, part: str
) -> None:
    [found] = load(placed(scope, written, {}, version)).diagnostics
    assert (found.code, str(found.severity)) == ("CFG401", "error")
    assert part in found.hint
    assert found.krakend.startswith("ignores it")


GUARD = {"auth/validator": {"alg": "RS256"}}


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        (GUARD, "extra_config"),
        ({"qos/ratelimit": {"max_rate": 1}}, "extra_config"),
        ({"auth/validator": True}, "extra_config"),
        ({"extra_confg": GUARD}, 'did you mean "extra_config"?'),
        ({"extraConfig": GUARD}, 'did you mean "extra_config"?'),
        ({"extra-config": {"auth_validator": {}}}, 'did you mean "extra_config"?'),
        ({"config": GUARD}, "extra_config"),
        ({"auth": {"validator": {"alg": "RS256"}}}, "extra_config"),
        ({"qos": {"ratelimit/router": {"max_rate": 1}}}, "extra_config"),
        ({"extra_config": {"extra_config": GUARD}}, ""),
        ({"extra_config": {}, "Extra_Config": GUARD}, "extra_config"),
        ({"extra_config": {"auth": {"validator": {"alg": "RS256"}}}}, ""),
        ({"extra_config": {"qos": {"ratelimit/router": {"max_rate": 1}}}}, ""),
    ],
)
@pytest.mark.parametrize("scope", ["service", "endpoint", "backend"])
def test_guard_that_stands_where_nobody_reads_it_is_an_error_and_closes(
    scope: str, keys: dict[str, Any], hint: str
) -> None:  # DEV-CONF-5
    if scope == "service":
        tree = service(**keys)
    else:
        tree = service(endpoints=[endpoint(**(keys if scope == "endpoint" else {"backend": [backend(**keys)]}))])
    [found] = [each for each in load(tree).diagnostics if each.code not in ("CFG222", "CFG225")]
    assert (found.code, str(found.severity)) == ("CFG401", "error")
    assert hint in found.hint
    loaded = load(tree, allow=True)
    assert loaded.config is not None
    [closed] = loaded.config.endpoints
    assert closed.unsupported or closed.backends[0].unsupported
    assert bool(loaded.config.unsupported) == (scope == "service")


@pytest.mark.parametrize(
    "keys",
    [
        {"_extra_config": GUARD},
        {"@off": GUARD},
        {"extra_confg": {"_auth/validator": {}}},
        {"extra_confg": {"router": {}}},
        {"auth": "none"},
        {"meta": {"owner": "a"}},
        {"lua": True},
    ],
)
def test_key_that_holds_no_guard_is_no_error(keys: dict[str, Any]) -> None:
    assert load(service(**keys)).config is not None
    assert load(service(endpoints=[endpoint(**keys)])).config is not None


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize(
    "root",
    [{"tsl": {}}, {"tls_config": {}}, {"ssl": {"keys": []}}, {"extra_config": {"tls": {}}}, {"tls": None, "TLS": {}}],
)
def test_misspelt_or_misplaced_tls_is_not_served_in_the_clear_either(root: dict[str, Any], allow: bool) -> None:
    loaded = load(service(**root), allow=allow)
    assert loaded.config is None
    assert ("CFG403", "error") in said(loaded)


@pytest.mark.parametrize(
    "root", [{"clienttls": {"ca_certs": []}}, {"client-tls": {}}, {"version": 2, "client_tls": {"ca_certs": []}}]
)
def test_client_tls_that_nothing_reads_closes_https_backends(root: dict[str, Any]) -> None:
    tree = service(
        **root, endpoints=[endpoint(), endpoint(endpoint="/b", backend=[backend(host=["https://b.example"])])]
    )
    assert said(load(tree)) == [("CFG403", "error")]
    loaded = load(tree, allow=True)
    assert loaded.config is not None
    assert [bool(each.backends[0].unsupported) for each in loaded.config.endpoints] == [False, True]


def test_tls_in_a_comment_is_none() -> None:
    assert said(load(service(_tls={}, **{"#client_tls": {}}))) == []


def test_namespace_beside_extra_config_is_told_where_it_belongs() -> None:
    [found] = load(service(**{"security/cors": {"allow_origins": ["https://a.example"]}})).diagnostics
    assert (found.code, str(found.severity), found.hint) == ("CFG205", "warning", 'move it into "extra_config"')
