"""Laws of explaining: any policy and request have an outcome and a reason, and a remedy that is offered works."""

from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors import ConfigError, CorsPolicy, Kind
from crossgate.cors.explain import PolicyResponder, explain
from crossgate.cors.fetch import CHROMIUM, FetchRequest, Step, WireRequest, WireResponse, run_fetch
from crossgate.cors.near_miss import nearest_entry
from crossgate.cors.remedy import find_remedy

PAGE = "https://app.example"
ENTRIES = [PAGE, f"{PAGE}/", f"{PAGE}:443", "app.example", "http://app.example", "https://*.example", "*", "null",
           "https://other.example", "HTTPS://APP.EXAMPLE", "https://app.example:8443", "http*", "", " "]  # fmt: skip

blocks = st.fixed_dictionaries(
    {},
    optional={
        "allow_origins": st.lists(st.sampled_from(ENTRIES), max_size=4),
        "allow_methods": st.lists(st.sampled_from(["GET", "POST", "PUT", "put", "PATCH", "*"]), max_size=4),
        "allow_headers": st.lists(st.sampled_from(["X-A", "x-b", "Authorization", "*", "Content-Type"]), max_size=3),
        "expose_headers": st.lists(st.sampled_from(["X-A", "*", "Set-Cookie"]), max_size=2),
        "max_age": st.sampled_from(["1h", "-1s", "0", "48h"]),
        "allow_credentials": st.booleans(),
        "options_passthrough": st.booleans(),
        "options_success_status": st.sampled_from([200, 204, 404]),
    },
)
requests = st.builds(
    FetchRequest,
    origin=st.sampled_from(
        [PAGE, "null", "http://localhost:3000", "https://api.example", "https://xn--mnchen-3ya.example"]
    ),
    url=st.sampled_from(["https://api.example/x", "http://127.0.0.1:8080/", "http://api.example/"]),
    method=st.sampled_from(["GET", "POST", "PUT", "patch", "PATCH", "OPTIONS", "TRACE"]),
    headers=st.lists(
        st.tuples(st.sampled_from(["X-A", "x-b", "Authorization", "Content-Type", "!#$"]), st.just("a/json")),
        max_size=4,
    ).map(tuple),
    credentials=st.sampled_from(["same-origin", "include"]),
)


def behind(request: WireRequest) -> WireResponse:
    return WireResponse(405 if request.method == "OPTIONS" else 200, ((b"x-a", b"1"), (b"content-type", b"a/b")))


@given(block=blocks, version=st.sampled_from([2, 3]), request=requests)
@settings(max_examples=400, deadline=None)
def test_any_request_to_any_policy_is_explained_and_remedies_work(
    block: dict[str, Any], version: Literal[2, 3], request: FetchRequest
) -> None:
    try:
        policy = CorsPolicy.from_krakend(block, config_version=version)
    except ConfigError:
        return
    explanation = explain(lambda _: policy, request, behind)
    judgement = explanation.judgement
    assert judgement.decided_by.reason
    if explanation.because is not None:
        assert explanation.because.key
        assert explanation.because.text.endswith(".")
    if judgement.allowed:
        assert judgement.chromium_error is None
        return
    remedy = find_remedy(policy, request, behind)
    if remedy is not None:
        assert remedy.fixes
        assert all(fix.change and fix.cost and fix.key for fix in remedy.fixes)


@given(block=blocks, version=st.sampled_from([2, 3]), request=requests)
@settings(max_examples=400, deadline=None)
def test_what_the_engine_grants_the_browser_takes_and_what_it_refuses_is_blocked(
    block: dict[str, Any], version: Literal[2, 3], request: FetchRequest
) -> None:
    try:
        policy = CorsPolicy.from_krakend(block, config_version=version)
    except ConfigError:
        return
    trace = run_fetch(request, PolicyResponder(lambda _: policy, behind), CHROMIUM)
    if not trace.exchanges or trace.response_type == "basic" or not policy.config.enabled:
        return
    for exchange in trace.exchanges:
        wire = exchange.request
        decision = policy.decide(wire.method.encode(), wire.fields)
        assert decision.kind is (Kind.PREFLIGHT if wire.is_preflight else Kind.ACTUAL)
        refused_by_browser = exchange is trace.exchanges[-1] and not trace.allowed
        if not decision.allowed:
            assert refused_by_browser
        elif refused_by_browser:
            # What is left is what no decision can mend: credentials, the status of a preflight, and KrakenD 1.4's ways
            # of answering a method in capitals and header names without their odd characters.
            step = trace.decided_by.step
            lists = (Step.PREFLIGHT_ALLOW_METHODS, Step.PREFLIGHT_ALLOW_HEADERS)
            assert request.credentials == "include" or step is Step.PREFLIGHT_STATUS or (version == 2 and step in lists)


@given(st.lists(st.one_of(st.sampled_from(ENTRIES), st.text(max_size=20)), max_size=6), st.sampled_from([PAGE, "null"]))
@settings(max_examples=300, deadline=None)
def test_the_nearest_entry_is_one_of_the_list(entries: list[str], origin: str) -> None:
    near = nearest_entry(tuple(entries), origin)
    assert near is None or entries[near.item] == near.entry
