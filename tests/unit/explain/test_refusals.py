"""`crossgate explain` on every kind of refusal: the code, the line that decides, the smallest change."""

import json

import jwt
import pytest

from crossgate.cli.main import main
from crossgate.testing.tokens import key_set_of, private_key_of
from tests.support.explained import CONFIG, HTPASSWD, REFUSALS, bearer, token


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "krakend.json").write_text(json.dumps(CONFIG, indent=1))
    (tmp_path / "users.htpasswd").write_text(HTPASSWD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def explained(folder, capsys):
    def explain(*arguments):
        code = main(["explain", "-c", "krakend.json", "--format", "json", *arguments])
        return code, json.loads(capsys.readouterr().out)

    return explain


@pytest.mark.parametrize(("code", "status", "line", "arguments", "change"), REFUSALS, ids=[one[0] for one in REFUSALS])
def test_refusal_has_its_code_its_line_and_a_change(explained, folder, code, status, line, arguments, change):
    exit_code, found = explained(*arguments)
    assert (exit_code, found["reason"], found["status"], found["answer"]) == (3, code, status, "refused")
    assert found["meaning"]
    assert change in (found["fix"] or "") + found["meaning"]
    if line:
        assert found["file"] == "krakend.json"
        assert line in (folder / "krakend.json").read_text().splitlines()[found["line"] - 1]
    else:
        assert found["line"] is None
    assert found["steps"][-1]["outcome"] == "refused"
    assert found["steps"][-1]["reason"] == code
    assert all(step["outcome"] == "passed" for step in found["steps"][:-1])
    assert found["backends"] == []


def test_path_of_another_method_is_suggested_only_with_that_method(explained):
    _, found = explained("--url", "/schem", "--method", "POST")
    assert found["fix"] == "Request /schema, or add an endpoint /schem."
    _, found = explained("--url", "/schem")
    assert found["fix"] == "Request /schema with POST, or add an endpoint /schem."
    assert found["meaning"].endswith("The closest path in the file is /schema, for POST.")
    _, found = explained("--url", "/tokens", "--method", "DELETE")
    assert found["fix"] == 'Request /token with GET, or add an endpoint /tokens with "method": "DELETE".'
    _, found = explained("--url", "/tokens")
    assert found["fix"] == "Request /token, or add an endpoint /tokens."


def test_request_that_passes_names_its_gates_in_order_and_what_backends_would_get(explained):
    code, found = explained("--url", "/limited?a=1")
    assert (code, found["answer"], found["reason"], found["route"]) == (0, "passes", None, "/limited")
    assert [step["component"] for step in found["steps"]] == [
        "router",
        "cors",
        "security_http",
        "bot_detector",
        "rate_limit",
        "circuit_breaker",
    ]
    assert [(one["method"], one["url"]) for one in found["backends"]] == [("GET", "http://backend:8000/l")]
    assert ["X-Forwarded-For", "127.0.0.1"] in found["backends"][0]["headers"]


def test_limits_breakers_and_backends_are_possible_ends_with_their_lines(explained, folder):
    _, found = explained("--url", "/limited")
    lines = (folder / "krakend.json").read_text().splitlines()
    limit, breaker, failing = found["unless"][:3]
    assert limit["reasons"] == ["limit.client"]
    assert limit["meaning"] == "rate limit of 10 per second of each client"
    assert breaker["reasons"] == ["breaker.open", "breaker.probing"]
    assert breaker["meaning"] == "the circuit breaker has opened after 3 failures of the backend"
    assert "upstream.connect" in failing["reasons"]
    for end, key in ((limit, "client_max_rate"), (breaker, "qos/circuit-breaker"), (failing, '"host"')):
        assert key in lines[end["line"] - 1]


def test_token_whose_keys_would_be_fetched_is_judged_but_for_its_signature(explained):
    of_theirs = jwt.encode(
        jwt.decode(token(), options={"verify_signature": False}), private_key_of("RS256", is_strangers=True), "RS256"
    )
    for sent in (token(), of_theirs):
        code, found = explained("--url", "/token", *bearer(sent))
        assert (code, found["answer"], found["not_judged"]) == (0, "passes", ["the token's key and signature"])
    assert any("https://id.example/keys" in note and "--jwk" in note for note in found["notes"])


def test_keys_of_a_file_take_the_place_of_those_that_would_be_fetched(explained, folder):
    (folder / "keys.json").write_bytes(key_set_of("RS256"))
    code, found = explained("--url", "/token", "--jwk", "keys.json", *bearer(token()))
    assert (code, found["answer"], found["not_judged"]) == (0, "passes", [])
    good = token()
    forged = good[: good.rindex(".") + 1] + "A" * 342
    code, found = explained("--url", "/token", "--jwk", "keys.json", *bearer(forged))
    assert (code, found["reason"]) == (3, "token.signature")
    (folder / "other.json").write_text('{"keys": []}')
    code, found = explained("--url", "/token", "--jwk", "other.json", *bearer(good))
    assert (code, found["reason"]) == (3, "token.key")


def test_backends_get_the_token_that_was_sent(folder, explained):
    config = json.loads(json.dumps(CONFIG))
    config["endpoints"][1]["input_headers"] = ["Authorization"]
    (folder / "krakend.json").write_text(json.dumps(config))
    sent = token()
    _, found = explained("--url", "/token", *bearer(sent))
    assert ["Authorization", f"Bearer {sent}"] in found["backends"][0]["headers"]


def test_page_that_is_not_listed_is_blocked_with_the_code_and_the_place_of_cors_explain(explained, folder):
    code, found = explained("--url", "/open/1", "--origin", "https://evil.example")
    assert (code, found["answer"], found["reason"]) == (3, "blocked", "cors.origin-not-listed")
    assert "allow_origins" in (folder / "krakend.json").read_text().splitlines()[found["line"] - 1]
    assert found["cors"]["verdict"] == "blocked"
    assert "https://evil.example" in found["fix"]
    assert any("backends are called" in note for note in found["notes"])


@pytest.mark.parametrize(
    "preflighted", [("--method", "PUT"), ("--method", "DELETE"), ("-H", "X-Mine: 1"), ("-H", "Authorization: Bearer x")]
)
def test_request_whose_preflight_fails_is_said_never_to_be_sent(explained, preflighted):
    _, found = explained("--url", "/open/1", "--origin", "https://evil.example", *preflighted)
    assert found["answer"] == "blocked"
    assert any("never sends the request" in note for note in found["notes"])
    assert not any("backends are called" in note for note in found["notes"])


def test_preflight_that_is_refused_comes_before_everything_else(explained):
    code, found = explained("--url", "/token", "--origin", "https://shop.example", "--method", "GET", "-H", "X-Mine: 1")
    assert (code, found["answer"], found["reason"]) == (3, "blocked", "cors.header-not-listed")
    assert [step["component"] for step in found["steps"]] == ["router", "cors"]
    assert found["backends"] == []


def test_page_that_may_read_a_refusal_is_told_the_refusal(explained):
    code, found = explained("--url", "/token", "--origin", "https://shop.example")
    assert (code, found["answer"], found["reason"], found["cors"]["verdict"]) == (
        3,
        "refused",
        "token.missing",
        "allowed",
    )


def test_page_that_may_ask_passes(explained):
    code, found = explained("--url", "/open/1", "--origin", "https://shop.example")
    assert (code, found["answer"], found["cors"]["verdict"]) == (0, "passes", "allowed")


@pytest.mark.parametrize("encoding", ["json", "safejson", "xml", "rss", "string", "no-op"])
def test_backends_of_any_encoding_do_not_get_in_the_way(tmp_path, capsys, monkeypatch, encoding):
    endpoint = {
        "endpoint": "/x",
        "output_encoding": "no-op" if encoding == "no-op" else "json",
        "backend": [{"url_pattern": "/y", "encoding": encoding, "is_collection": encoding == "json"}],
    }
    config = {"version": 3, "host": ["http://b:8000"], "endpoints": [endpoint]}
    (tmp_path / "k.json").write_text(json.dumps(config))
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "-c", "k.json", "--url", "/x"]) == 0
    assert "> GET http://b:8000/y" in capsys.readouterr().out


def test_guard_that_is_not_run_is_named_with_its_line(tmp_path, capsys, monkeypatch):
    endpoint = {
        "endpoint": "/x",
        "backend": [{"url_pattern": "/y"}],
        "extra_config": {"qos/ratelimit/router": {"client_max_rate": 1}},
    }
    (tmp_path / "k.json").write_text(json.dumps({"version": 3, "host": ["http://b:8000"], "endpoints": [endpoint]}))
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "-c", "k.json", "--url", "/x", "--format", "json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["reason"], found["status"]) == ("route.not-run", 501)
    assert found["path"] == '$.endpoints[0].extra_config["qos/ratelimit/router"]'


def test_limit_in_a_redis_is_left_out_and_named(tmp_path, capsys, monkeypatch):
    config = {
        "version": 3,
        "host": ["http://b:8000"],
        "extra_config": {"redis": {"connection_pools": [{"name": "pool", "address": "redis:6379"}]}},
        "endpoints": [
            {
                "endpoint": "/x",
                "backend": [{"url_pattern": "/y"}],
                "extra_config": {
                    "qos/ratelimit/router/redis": {
                        "connection_name": "pool",
                        "on_failure_allow": False,
                        "max_rate": 5,
                    }
                },
            }
        ],
    }
    (tmp_path / "k.json").write_text(json.dumps(config))
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "-c", "k.json", "--url", "/x", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["not_judged"] == ["rate_limit"]
    assert len(found["backends"]) == 1


def test_redirect_of_the_router_is_no_refusal(explained):
    code, found = explained("--url", "/key/")
    assert (code, found["answer"], found["status"]) == (0, "redirected", 301)


def test_health_is_answered_by_the_gateway(explained):
    code, found = explained("--url", "/__health")
    assert (code, found["answer"], found["status"], found["backends"]) == (0, "answered", 200, [])
