"""What an explanation says of this very request: which expression, which header, which claim, which number."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import pytest

from crossgate.cli.explain import explained
from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.cli.explain_show import Shown
from crossgate.components import all_components
from crossgate.config import load_text
from crossgate.explain.asked import AskedRequest, Logged
from tests.support.refusals import HOST, ORIGIN, SECRET, VALIDATOR, configurations, token

PARSER = argparse.ArgumentParser()
add_request_arguments(PARSER)
LIMIT = {"qos/ratelimit/router": {"client_max_rate": 2, "strategy": "header", "key": "X-Client"}}


@pytest.fixture
def explain(tmp_path: Path) -> Any:
    configurations(tmp_path, None)

    def explain(service: Any, extra: Any, *options: str, code: str = "", pattern: str = "/b", **more: Any) -> Shown:
        tree = {
            "version": 3,
            "host": ["http://backend:8000"],
            "extra_config": service,
            "endpoints": [
                {"endpoint": "/a", "extra_config": extra, "backend": [{"url_pattern": pattern}], **more},
            ],
        }
        text = json.dumps(tree).replace('"keys.json"', json.dumps(str(tmp_path / "keys.json")))
        loaded = load_text(text.encode(), name="krakend.json", serving=False, components=all_components())
        assert loaded.config is not None, loaded.diagnostics
        assert loaded.document is not None
        asked = read_requests(PARSER.parse_args(["--url", "/a", *options]), base_url=f"http://{HOST}")
        if code:
            asked = [AskedRequest("GET", "http", HOST, "/a", logged=Logged(500, "/a", code, has_reason=True))]
        return explained((loaded, loaded.config, loaded.document), asked, os.environ, with_cookies=False)[0]

    return explain


def test_expression_that_refused_is_shown(explain):
    checks = {
        "validation/cel": [{"check_expr": "req_method == 'GET'"}, {"check_expr": "req_querystring.page[0] != '0'"}]
    }
    said = explain({}, checks, "--url", "/a?page=0", input_query_strings=["page"])
    assert (said.reason, said.meaning) == (
        "cel.request",
        "A CEL expression rejected the request. It has to be true: req_querystring.page[0] != '0'",
    )
    assert "evaluator" not in said.meaning


def test_schema_says_what_does_not_match_and_nothing_of_the_gateway_s_own_wording(explain):
    schema = {"validation/json-schema": {"type": "object", "required": ["name"]}}
    said = explain({}, schema, "-d{}", method="POST")
    assert said.meaning == """The body does not match the JSON schema. It said: at '': "name" is a required property"""


def test_key_is_asked_for_by_its_header_or_in_the_query(explain):
    ring = {"auth/api-keys": {"keys": [{"key": "a"}], "identifier": "X-Api-Key"}}
    assert explain(ring, {"auth/api-keys": {}}).change == "Send a key in the header X-Api-Key."
    in_query = {"auth/api-keys": {"strategy": "query_string", "identifier": "token"}}
    assert explain(ring, in_query).change == "Send a key in the query string: ?token=KEY."
    plain = {"auth/api-keys": {"keys": [{"key": "a"}]}}
    assert explain(plain, {"auth/api-keys": {}}).change == "Send a key in the header Authorization, as Bearer KEY."


def test_header_that_names_a_client_is_named(explain):
    assert explain({}, LIMIT).change == "Send the header X-Client."


def test_claims_that_the_path_needs_are_named_and_of_these_those_that_are_missing(explain):
    guard, field = {"auth/validator": VALIDATOR}, f"-H{token(sub=None)}"
    said = explain({}, guard, field, pattern="/{JWT.dept}/{JWT.sub}")
    assert (said.reason, said.change) == ("token.claim-needed", "Get a token with the claim sub.")
    said = explain({}, guard, code="token.claim-needed", pattern="/{JWT.dept}/{JWT.sub}")
    assert said.change == "Get a token with the claims dept and sub."


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": 1_000}, "It expired at 1970-01-01 00:16:40 UTC."),
        ({"nbf": 9_000_000_000}, "It is valid from 2255-03-14 16:00:00 UTC."),
        ({"iat": 9_000_000_000}, "Its iat says it was issued at 2255-03-14 16:00:00 UTC."),
    ],
)
def test_times_of_tokens_are_sentences(explain, claims, said):
    assert explain({}, {"auth/validator": VALIDATOR}, f"-H{token(key=SECRET, **claims)}").meaning.endswith(said)


def test_mixed_content_does_not_hide_what_the_gateway_itself_would_say(explain):
    cors = {"security/cors": {"allow_origins": [ORIGIN]}}
    said = explain(cors, {}, "--origin", "https://evil.example", "--url", "http://api.example/a")
    assert (said.answer, said.reason) == ("blocked", "cors.origin-not-listed")
    assert "mixed content" in said.meaning
    assert said.place[0].endswith(".allow_origins")


@pytest.mark.parametrize(
    ("service", "extra", "code", "change"),
    [
        (
            {},
            {"qos/ratelimit/router": {"max_rate": 0.5}},
            "limit.total",
            "Wait, or set `capacity` to 2 (now 1, its default): that many requests may come at once.",
        ),
        ({}, LIMIT, "limit.client", "Wait, or set `client_capacity` to 2 (now 1, its default)"),
        (
            {"qos/ratelimit/service": {"max_rate": 600, "capacity": 50, "every": "1m"}},
            {},
            "limit.service",
            "that many requests may come at once. If this happens for long, raise `max_rate` (now 600 per 1m0s).",
        ),
        ({}, {}, "endpoint.timeout", "Check the backends' latency in the metrics, or raise `timeout`, of"),
        ({"crossgate/server": {"max_connections": 5}}, {}, "gateway.connections", "from 5 to 6 or more."),
        ({"crossgate/server": {"max_connections_per_client": 5}}, {}, "gateway.connections", "Try again later."),
        ({"crossgate/overload": {"max_in_flight": 70}}, {}, "overload.full", "raise `max_in_flight` from 70 to 71"),
        ({"crossgate/overload": {"hosts": {"max_connections": 9}}}, {}, "upstream.busy", "from 9 to 10 or more."),
        ({}, {}, "upstream.timeout", "Check the backend's latency"),
    ],
)
def test_number_that_a_request_of_the_log_exceeded_is_named_with_what_it_would_be(
    explain, service, extra, code, change
):
    assert change in explain(service, extra, code=code).change


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Basic YTpi", "Authorization has the scheme Basic; the validator looks for Bearer."),
        ("Bearer of.two", "The value of Authorization has 2 parts, not 3."),
        ("Bearer one", "The value of Authorization has 1 part, not 3."),
    ],
)
def test_what_is_no_token_is_described_and_not_shown(explain, value, said):
    found = explain({}, {"auth/validator": VALIDATOR}, f"-HAuthorization: {value}")
    assert (found.reason, found.meaning.endswith(said)) == ("token.malformed", True)


def test_path_that_only_looks_like_an_endpoint_s_is_not_proposed_again(explain):
    found = explain({}, {}, "--url", "/x/%2e%2e%2fb", endpoint="/x/{id}")
    assert found.reason == "route.none"
    assert found.change == "Request /x/{id} without them."
    assert "decoded" in found.meaning
    assert found.explanation.then == ()


@pytest.mark.parametrize("key", ["allow", "allowlist"])
def test_list_of_agents_that_is_there_gets_one_more(explain, key):
    bots = {"security/bot-detector": {"deny": ["bad"], key: ["good"]}}
    (setting,) = explain(bots, {}, "-HUser-Agent: bad").settings
    assert (setting.path.rpartition(".")[2], setting.value) == (key, ["good", "bad"])
