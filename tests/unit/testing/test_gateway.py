"""A gateway on the stand is the real one: what it answers, to whom, and what becomes of time."""

import asyncio
import json
import time

import pytest

from crossgate.cli.main import main
from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.testing import ConfigurationError, Gateway
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree

VALIDATOR = {
    "alg": "RS256",
    "jwk_url": "https://id.example/keys",
    "issuer": "https://id.example",
    "audience": ["shop"],
    "roles": ["admin"],
    "roles_key": "realm.roles",
    "roles_key_is_nested": True,
}
CONFIG = {
    "version": 3,
    "host": ["http://users:8000"],
    "extra_config": {
        "security/cors": {
            "allow_origins": ["https://shop.example"],
            "allow_methods": ["GET", "PUT"],
            "allow_headers": ["X-Trace"],
        },
        "auth/api-keys": {
            "keys": [{"key": "k", "roles": ["partner"]}],
            "strategy": "header",
            "identifier": "X-Key",
        },
    },
    "endpoints": [
        {"endpoint": "/users/{id}", "input_headers": ["X-Trace"], "backend": [{"url_pattern": "/u/{id}"}]},
        {"endpoint": "/users/{id}", "method": "PUT", "backend": [{"url_pattern": "/u/{id}", "method": "PUT"}]},
        {"endpoint": "/me", "extra_config": {"auth/validator": VALIDATOR}, "backend": [{"url_pattern": "/me"}]},
        {
            "endpoint": "/secret",
            "extra_config": {"auth/validator": {"alg": "HS256", "disable_jwk_security": True}},
            "backend": [{"url_pattern": "/me"}],
        },
        {
            "endpoint": "/partner",
            "extra_config": {"auth/api-keys": {"roles": ["partner"]}},
            "backend": [{"url_pattern": "/p"}],
        },
        {
            "endpoint": "/limited",
            "extra_config": {"qos/ratelimit/router": {"max_rate": 2, "capacity": 2}},
            "backend": [{"url_pattern": "/l"}],
        },
        {"endpoint": "/slow", "timeout": "90s", "backend": [{"url_pattern": "/slow"}]},
        {
            "endpoint": "/both",
            "backend": [{"url_pattern": "/one", "group": "one"}, {"host": ["http://b:90"], "url_pattern": "/two"}],
        },
    ],
}


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    path.write_text('{"keys": [{"kty": "oct", "kid": "own", "k": "' + "a" * 60 + '"}]}')
    endpoints = [dict(each) for each in CONFIG["endpoints"]]
    endpoints[3]["extra_config"] = {
        "auth/validator": {**endpoints[3]["extra_config"]["auth/validator"], "jwk_local_path": str(path)}
    }
    return {**CONFIG, "endpoints": endpoints}


@pytest.fixture
def gateway(config):
    with Gateway(config) as gateway:
        yield gateway


def test_backend_of_which_nothing_is_said_answers_with_what_it_received(gateway):
    answer = gateway.get("/users/7?a=b", headers={"X-Trace": "t", "X-Other": "o"})
    assert (answer.status, answer.route) == (200, "/users/{id}")
    assert answer.json()["target"] == "/u/7"
    (received,) = answer.received
    assert (received.method, received.authority, received.target) == ("GET", "users:8000", "/u/7")
    assert received.seen["headers"]["X-Trace"] == ["t"]
    assert "X-Other" not in received.seen["headers"]


def test_mocks_answer_for_their_host_and_path(gateway):
    gateway.mock({"/one": {"json": {"a": 1}}, "GET http://b:90/tw*": {"json": {"b": 2}, "headers": {"X": "y"}}})
    assert gateway.get("/both").json() == {"one": {"a": 1}, "b": 2}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"fail": "closed"}, 500),
        ({"fail": "silent"}, 500),
        ({"status": 404}, 500),
        ({"raw": "garbage"}, 500),
        ({"json": {"a": 1}, "gzip": True}, 200),
        ({"json": {"a": 1}, "chunked": True}, 200),
        ({"json": {"a": 1}, "until_close": True}, 200),
        ({"json": {"a": 1}, "truncate": 3}, 500),
    ],
)
def test_backends_can_fail_in_every_way(gateway, answer, status):
    gateway.mock({"/u/*": answer})
    assert gateway.get("/users/1").status == status


def test_host_that_refuses_refuses(gateway):
    gateway.mock({"http://users:8000": {"fail": "refused"}})
    answer = gateway.get("/users/1")
    assert answer.status == 500
    assert any("connection refused" in line for line in answer.log)


def test_waiting_takes_the_time_of_the_test_and_none_of_ours(gateway):
    began = time.monotonic()
    gateway.mock({"/slow": {"delay": "89s", "json": {}}})
    assert gateway.get("/slow").status == 200
    gateway.mock({"/slow": {"delay": "91s", "json": {}}})
    assert gateway.get("/slow").status == 500
    assert time.monotonic() - began < 60


def test_limit_fills_up_again_as_time_passes(gateway):
    assert [gateway.get("/limited").status for _ in range(3)] == [200, 200, 503]
    gateway.pass_time("499ms")
    assert gateway.get("/limited").status == 503
    gateway.pass_time("1ms")
    assert gateway.get("/limited").status == 200


@pytest.mark.parametrize("path", ["/me", "/secret"])
def test_valid_token_is_one_whatever_the_keys(gateway, path):
    assert gateway.get(path).status == 401
    assert gateway.get(path, token="valid").status == 200


def test_token_is_refused_for_what_it_says(gateway):
    gateway.token("user", {"realm": {"roles": ["user"]}})
    gateway.token("admin", {"realm": {"roles": ["admin"]}})
    gateway.token("stranger", {"realm": {"roles": ["admin"]}, "iss": "https://other.example"})
    gateway.token("late", {"realm": {"roles": ["admin"]}}, expires_in="-1h")
    assert [gateway.get("/me", token=name).status for name in ("user", "admin", "stranger", "late")] == [
        403,
        200,
        401,
        401,
    ]
    assert gateway.get("/me", token="user").refused_by == "jwt"


def test_token_expires_as_time_passes(gateway):
    gateway.token("short", {"realm": {"roles": ["admin"]}}, expires_in="10m")
    assert gateway.get("/me", token="short").status == 200
    with pytest.raises(ConfigurationError, match="there is no token other"):
        gateway.get("/me", token="other")


def test_api_keys_of_the_test_pass_by_their_roles(gateway):
    answers = [gateway.get("/partner", key=key) for key in (None, "no-roles", "valid")]
    assert [answer.status for answer in answers] == [401, 403, 200]
    assert [answer.reason for answer in answers] == ["key.missing", "key.role", ""]


def test_page_sees_what_a_browser_would_let_it_see(gateway):
    allowed = gateway.ask("PUT", "/users/1", json={"a": 1}, page="https://shop.example", headers={})
    assert allowed.cors is not None
    assert not allowed.cors.allowed  # JSON asks for Content-Type, which is not among allow_headers
    assert allowed.cors.chromium_error == "PreflightMissingAllowOriginHeader"
    assert (allowed.status, allowed.received) == (0, ())
    plain = gateway.ask("PUT", "/users/1", page="https://shop.example")
    assert plain.cors is not None
    assert plain.cors.allowed
    assert (plain.status, len(plain.received)) == (200, 1)
    stranger = gateway.get("/users/1", page="https://evil.example")
    assert stranger.cors is not None
    assert not stranger.cors.allowed
    assert stranger.status == 200  # the request was sent: only its answer is withheld


def test_cookies_go_with_credentials_only(gateway):
    cookie = {"Cookie": "a=b"}
    omitted = gateway.get("/users/1", page="https://shop.example", headers=cookie, credentials="omit")
    included = gateway.get("/users/1", page="https://shop.example", headers=cookie, credentials="include")
    assert omitted.cors is not None
    assert omitted.cors.allowed
    assert included.cors is not None
    assert included.cors.chromium_error == "InvalidAllowCredentials"


def test_configuration_with_errors_says_which():
    with pytest.raises(ConfigurationError, match=r"error\[CFG201\]"):
        Gateway({"version": 7})


def test_nothing_on_the_stand_reaches_a_network(config):
    redis = {"crossgate/redis": {"address": "127.0.0.1:1"}}
    limit = {"qos/ratelimit/router": {"max_rate": 1, "capacity": 1}}
    endpoint = {"endpoint": "/r", "extra_config": limit, "backend": [{"url_pattern": "/r"}]}
    service = {**config["extra_config"], **redis, "crossgate/metrics": {"listen": "127.0.0.1:1"}}
    with Gateway({**config, "extra_config": service, "endpoints": [endpoint]}) as gateway:
        assert [gateway.get("/r").status for _ in range(2)] == [200, 503]


def test_gateway_can_be_asked_within_a_coroutine():
    async def asked():
        with Gateway(CONFIG_OF_ONE) as gateway:
            gateway.pass_time("1s")
            return [gateway.get("/a").status for _ in range(3)]

    assert asyncio.run(asked()) == [200, 200, 200]


CONFIG_OF_ONE = {
    "version": 3,
    "host": ["http://shop:8000"],
    "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/b"}]}],
}


def test_calls_that_are_made_at_once_all_arrive_whatever_connections_there_are():
    endpoint = {"endpoint": "/c", "concurrent_calls": 3, "backend": [{"url_pattern": "/x"}]}
    other = {"endpoint": "/m", "backend": [{"url_pattern": "/1"}, {"url_pattern": "/2"}]}
    with Gateway({"version": 3, "host": ["http://b:8000"], "endpoints": [endpoint, other]}) as gateway:
        arrived = []
        for number in range(4):
            arrived.append(len(gateway.get("/c").received))
            if number % 2:
                gateway.get("/m")
    assert arrived == [3, 3, 3, 3]


def test_plugins_keep_nothing_from_one_test_to_the_next(tmp_path, monkeypatch, capsys):
    (tmp_path / "counting_plugin.py").write_text(
        "class Counting:\n"
        "    def __init__(self, setup):\n"
        "        self.count = 0\n\n"
        "    def modify_response(self, answer):\n"
        "        self.count += 1\n"
        "        answer.data['count'] = self.count\n"
    )
    modules = {"path": str(tmp_path), "modules": {"counting": "counting_plugin:Counting"}}
    endpoint = {
        "endpoint": "/c",
        "extra_config": {"plugin/req-resp-modifier": {"name": ["counting"]}},
        "backend": [{"url_pattern": "/c"}],
    }
    config = {
        "version": 3,
        "host": ["http://b:8000"],
        "plugin": {"pattern": ".so", "folder": "/none/"},
        "extra_config": {"crossgate/plugins": modules},
        "endpoints": [endpoint],
    }
    again = {"in": {"url": "/c"}, "out": {"json_has": {"count": 2}}}
    first = {"in": {"url": "/c"}, "out": {"json_has": {"count": 1}}}
    tests = [{**first, "name": "one"}, {**first, "name": "two", "next": again}, {**first, "name": "three"}]
    (tmp_path / "c.test.json").write_text(json.dumps({"config": config, "tests": tests}))
    monkeypatch.chdir(tmp_path)
    assert main(["test", "c.test.json"]) == 0, capsys.readouterr().out


def test_a_token_of_another_algorithm_is_no_token(tmp_path, monkeypatch, capsys):
    endpoint = {"endpoint": "/me", "extra_config": {"auth/validator": VALIDATOR}, "backend": [{"url_pattern": "/me"}]}
    claims = {"realm": {"roles": ["admin"]}}
    tests = [
        {"in": {"url": "/me", "token": name}, "out": {"status": status}, "name": name}
        for name, status in (("same", 200), ("other", 401), ("plain", 200))
    ]
    suite = {
        "config": {"version": 3, "host": ["http://b:8000"], "endpoints": [endpoint]},
        "tokens": {
            "same": {"claims": claims, "algorithm": "RS256"},
            "other": {"claims": claims, "algorithm": "ES256"},
            "plain": {"claims": claims},
        },
        "tests": tests,
    }
    (tmp_path / "t.test.json").write_text(json.dumps(suite))
    monkeypatch.chdir(tmp_path)
    assert main(["test", "t.test.json"]) == 0, capsys.readouterr().out


def test_a_field_of_a_call_may_be_expected_whatever_it_says():
    endpoint = {"endpoint": "/c", "input_headers": ["X-A"], "backend": [{"url_pattern": "/x"}]}
    config = {"version": 3, "host": ["http://b:8000"], "endpoints": [endpoint]}
    for headers, passes in (({"X-A": "1"}, True), ({}, False)):
        read = suite_of_tree(
            {"tests": [{"in": {"url": "/c", "headers": headers}, "out": {}, "received": [{"headers": {"x-a": True}}]}]},
            "",
        )
        loaded = load_text(json.dumps(config).encode(), components=COMPONENTS)
        with Player(loaded.config, COMPONENTS, {}, 1_790_000_000.0) as player:
            assert [result.passed for result in player.play(read.suite)] == [passes]
