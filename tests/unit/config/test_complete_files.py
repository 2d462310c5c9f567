"""Files that use everything there is are fine, and mean the same in every format."""

import json
from typing import Any

import pytest
import yaml

from crossgate.config import load_text
from crossgate.config.source import Format

EVERYTHING: dict[str, Any] = {
    "$schema": "https://www.example/schema.json",
    "@comment": "all of the core",
    "version": 3,
    "name": "everything",
    "port": 8080,
    "listen_ip": "127.0.0.1",
    "host": ["http://a.example:8080", "https://b.example"],
    "timeout": "3s",
    "cache_ttl": "1m",
    "output_encoding": "json",
    "disable_rest": False,
    "debug_endpoint": True,
    "echo_endpoint": True,
    "sequential_start": False,
    "read_timeout": "10s",
    "write_timeout": "30s",
    "idle_timeout": "1m30s",
    "read_header_timeout": "5s",
    "max_header_bytes": 65536,
    "max_shutdown_wait_time": "10s",
    "disable_keep_alives": False,
    "disable_compression": False,
    "max_idle_connections": 100,
    "max_idle_connections_per_host": 10,
    "idle_connection_timeout": "90s",
    "response_header_timeout": "1.5s",
    "expect_continue_timeout": "1s",
    "dialer_timeout": "500ms",
    "dialer_fallback_delay": "300ms",
    "dialer_keep_alive": "15s",
    "dns_cache_ttl": "30s",
    "allow_insecure_connections": False,
    "tls": {"disabled": True},
    "extra_config": {
        "security/cors": {
            "allow_origins": ["https://app.example.com"],
            "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
            "allow_headers": ["Authorization", "Content-Type"],
            "expose_headers": ["Content-Length"],
            "max_age": "1h",
            "allow_credentials": True,
        },
        "router": {
            "auto_options": True,
            "health_path": "/up",
            "logger_skip_paths": ["/up"],
            "return_error_msg": True,
            "error_body": {"404": {"error": "no such thing"}, "405": {"_error": ["no such method"]}},
            "remote_ip_headers": ["X-Forwarded-For"],
            "trusted_proxies": ["10.0.0.0/8", "::1"],
            "forwarded_by_client_ip": True,
            "max_multipart_memory": 1024,
        },
        "crossgate/cors": {
            "policies": {"public": {"allow_origins": ["https://docs.example.com"], "allow_credentials": False}},
            "upstream": "strip",
        },
        "crossgate/server": {"max_body_bytes": 1048576, "header_timeout": "10s"},
        "crossgate/errors": {"style": "krakend"},
    },
    "endpoints": [
        {
            "endpoint": "/users/{id}",
            "method": "GET",
            "timeout": "2s",
            "cache_ttl": "5m",
            "concurrent_calls": 2,
            "input_headers": ["Authorization", "X-Request-Id"],
            "input_query_strings": ["page"],
            "backend": [
                {
                    "url_pattern": "/v1/users/{id}",
                    "host": ["http://users.example"],
                    "encoding": "json",
                    "target": "data",
                    "allow": ["id", "name.first"],
                    "mapping": {"id": "user_id", "_x": "y"},
                    "group": "user",
                    "input_headers": ["Authorization"],
                    "input_query_strings": ["page"],
                    "extra_config": {"backend/http": {"return_error_details": "users"}},
                },
                {
                    "url_pattern": "/v1/orders/{resp0_user.user_id}",
                    "deny": ["secret"],
                    "is_collection": True,
                    "extra_config": {
                        "proxy": {"flatmap_filter": [{"type": "move", "args": ["collection", "orders"]}]},
                        "backend/http/client": {"send_body_on_redirect": True},
                    },
                },
            ],
            "extra_config": {
                "proxy": {
                    "sequential": True,
                    "sequential_propagated_params": ["resp0_user.user_id"],
                    "combiner": "default",
                    "static": {"strategy": "errored", "data": {"#": 1, "fallback": {"deep": [1.5, False]}}},
                    "flatmap_filter": [{"type": "del", "args": ["orders.*.internal"]}],
                },
                "crossgate/cors": {"policy": "public"},
            },
        },
        {
            "endpoint": "/files/{name}",
            "method": "PUT",
            "output_encoding": "no-op",
            "input_headers": ["Content-Type"],
            "input_query_strings": ["*"],
            "backend": [
                {
                    "url_pattern": "/{name}",
                    "host": ["http://files.example/base"],
                    "disable_host_sanitize": True,
                    "encoding": "no-op",
                }
            ],
        },
        {
            "endpoint": "/mirrored",
            "method": "POST",
            "backend": [
                {"url_pattern": "/a", "method": "PUT", "encoding": "xml", "sd": "static"},
                {
                    "url_pattern": "/b",
                    "encoding": "safejson",
                    "extra_config": {"proxy": {"shadow": True, "shadow_timeout": "1s"}},
                },
            ],
        },
    ],
}  # fmt: skip


def as_toml(value: Any) -> str:
    """A value as inline TOML, whose strings are JSON's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    return json.dumps(value)


TEXTS = {
    Format.JSON: json.dumps(EVERYTHING),
    Format.YAML: yaml.safe_dump(EVERYTHING, sort_keys=False),
    Format.TOML: "\n".join(f"{json.dumps(key)} = {as_toml(value)}" for key, value in EVERYTHING.items()),
}


@pytest.mark.parametrize("form", list(Format))
def test_file_with_everything_is_fine(form: Format) -> None:
    loaded = load_text(TEXTS[form].encode(), format=form, environ={})
    assert [each for each in loaded.diagnostics if each.severity != "note"] == []
    assert loaded.config is not None


@pytest.mark.parametrize("form", [Format.YAML, Format.TOML])
def test_same_tree_is_the_same_service_in_every_format(form: Format) -> None:
    ours = load_text(TEXTS[form].encode(), format=form, environ={}).config
    theirs = load_text(TEXTS[Format.JSON].encode(), format=Format.JSON, environ={}).config
    assert ours is not None
    assert theirs is not None
    assert repr(ours) == repr(theirs)


def test_start_does_not_pay_for_places(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(text: str) -> None:
        raise AssertionError("nothing is wrong with the file, and its places were worked out")

    monkeypatch.setattr("crossgate.config.source.parsed.scan_json", fall)
    assert load_text(b'{"version": 3, "port": 9000}', environ={}).config is not None


def test_thousand_endpoints_with_a_problem_each_are_read_in_good_time() -> None:
    import time

    endpoint = EVERYTHING["endpoints"][0]
    endpoints = [endpoint | {"endpoint": f"/e{number}/{{id}}", "nonsense": 1} for number in range(1000)]
    text = json.dumps(EVERYTHING | {"endpoints": endpoints}, indent=2).encode()
    start = time.process_time()
    loaded = load_text(text, environ={})
    seconds = time.process_time() - start
    assert len([each for each in loaded.diagnostics if each.code == "CFG205"]) == 1000
    assert seconds < 10  # about 1 s on a slow machine; quadratic work would take minutes
