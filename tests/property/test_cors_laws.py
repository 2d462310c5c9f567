"""Laws of the CORS engine that hold for any policy and any request."""

import re
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors import CorsPolicy, Counters, Decision, Kind, Reason, Step
from crossgate.cors.edits import RESPONSE_FIELDS

MANY = settings(max_examples=300, deadline=None)

origins = st.sampled_from(
    [
        "https://a.example",
        "https://b.example",
        "http://localhost:3000",
        "https://x.a.example",
        "null",
        "http://[::1]:8080",
    ]
)
entries = st.one_of(
    origins,
    st.sampled_from(
        ["*", "https://*.a.example", "http*", "*://*", "https://*", "http://localhost:*", "https://b.*", ""]
    ),
    st.text(string.printable, max_size=20),
)
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "get", "OPTIONS", "*", "PATCH"])
header_names = st.sampled_from(["X-A", "x-b", "Content-Type", "*", "authorization", "X_D", "x.y", ""])
blocks = st.fixed_dictionaries(
    {},
    optional={
        "allow_origins": st.lists(entries, max_size=4),
        "allow_methods": st.lists(methods, max_size=4),
        "allow_headers": st.lists(header_names, max_size=4),
        "expose_headers": st.lists(header_names, max_size=3),
        "max_age": st.sampled_from(["12h", "1s", "-1s", "0", "500ms"]),
        "allow_credentials": st.booleans(),
        "allow_private_network": st.booleans(),
        "options_passthrough": st.booleans(),
        "options_success_status": st.sampled_from([200, 204, 299, 404]),
    },
)
versions = st.sampled_from([2, 3])
any_bytes = st.one_of(st.binary(max_size=40), origins.map(str.encode), header_names.map(lambda n: n.lower().encode()))
request_lines = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b"origin",
                b"access-control-request-method",
                b"access-control-request-headers",
                b"access-control-request-private-network",
                b"host",
                b"cookie",
            ]
        ),
        st.one_of(any_bytes, methods.map(str.encode), st.just(b"true"), st.just(b"x-a,x-b")),
    ),
    max_size=6,
)
request_methods = st.one_of(st.sampled_from([b"GET", b"OPTIONS", b"PUT"]), st.binary(max_size=6))


def python_policies():
    safe_entries = st.lists(
        st.sampled_from(["https://a.example", "https://*.a.example", "http://localhost:*", "http://[::1]:8080"]),
        max_size=4,
    )
    return st.builds(
        CorsPolicy,
        allow_origins=safe_entries,
        allow_methods=st.lists(st.sampled_from(["PUT", "DELETE", "*"]), max_size=2),
        allow_headers=st.lists(st.sampled_from(["X-A", "Content-Type", "*"]), max_size=2),
        allow_credentials=st.booleans(),
        max_age=st.sampled_from([None, 0, 600]),
    )


policies = st.one_of(
    st.builds(lambda block, version: CorsPolicy.from_krakend(block, config_version=version), blocks, versions),
    python_policies(),
)


def sent(decision: Decision) -> dict[bytes, bytes]:
    return dict(decision.edits.set_fields)


@MANY
@given(policies, request_methods, request_lines)
def test_any_bytes_give_a_decision_and_what_it_sends_is_one_clean_line_each(policy, method, fields):
    decision = policy.decide(method, fields)
    assert isinstance(decision.kind, Kind)
    assert isinstance(decision.step, Step)
    assert isinstance(decision.reason, Reason)
    for name, value in decision.edits.set_fields:
        assert name in RESPONSE_FIELDS
        assert value
        assert re.fullmatch(rb"[\x20-\x7e\x80-\xff\t]+", value)
    names = [name for name, _ in decision.edits.set_fields]
    assert names.count(b"access-control-allow-origin") <= 1


@MANY
@given(policies, request_methods, request_lines)
def test_allow_origin_is_absent_or_star_or_byte_equal_to_the_requests_origin(policy, method, fields):
    allow_origin = sent(policy.decide(method, fields)).get(b"access-control-allow-origin")
    sent_origins = [value for name, value in fields if name == b"origin"]
    assert allow_origin in (None, b"*", *sent_origins)
    if allow_origin is not None:
        assert len(sent_origins) == 1


@MANY
@given(policies, request_methods, request_lines)
def test_a_refused_answer_carries_no_cors_field(policy, method, fields):
    decision = policy.decide(method, fields)
    if not decision.allowed or decision.kind is Kind.NOT_CORS:
        assert decision.edits.set_fields == ()
    else:
        assert decision.step is Step.GRANTED
        assert b"access-control-allow-origin" in sent(decision)


@MANY
@given(policies, request_methods, request_lines)
def test_the_wire_block_and_the_lines_say_the_same_as_the_fields_and_vary(policy, method, fields):
    edits = policy.decide(method, fields).edits
    parsed = [line.split(b": ", 1) for line in edits.block.split(b"\r\n")[:-1]]
    assert [(name.lower(), value) for name, value in parsed] == list(edits.lines) == edits.apply([])
    assert edits.lines[: len(edits.set_fields)] == edits.set_fields
    if edits.vary:
        assert edits.lines[-1] == (b"vary", b", ".join(edits.vary))


@MANY
@given(policies, request_methods, request_lines)
def test_an_answer_that_depends_on_the_origin_says_so_in_vary(policy, method, fields):
    without = [line for line in fields if line[0] != b"origin"]
    decisions = [
        policy.decide(method, [*without, (b"origin", o)]) for o in (b"https://a.example", b"https://b.example")
    ]
    if len({decision.edits.set_fields for decision in decisions}) > 1:
        assert all(b"Origin" in decision.edits.vary for decision in decisions)


@MANY
@given(python_policies(), request_methods, request_lines)
def test_no_policy_made_in_python_sends_star_together_with_credentials(policy, method, fields):
    granted = sent(policy.decide(method, fields))
    if b"access-control-allow-credentials" in granted:
        assert granted[b"access-control-allow-origin"] != b"*"


@MANY
@given(blocks, versions, request_methods, request_lines, st.randoms(use_true_random=False))
def test_order_and_repetition_in_lists_do_not_change_a_decision(block, version, method, fields, random):
    shuffled = {}
    for key, value in block.items():
        if isinstance(value, list) and key != "expose_headers":
            value = value + value[:1]
            random.shuffle(value)
        shuffled[key] = value
    one = CorsPolicy.from_krakend(block, config_version=version).decide(method, fields)
    other = CorsPolicy.from_krakend(shuffled, config_version=version).decide(method, fields)
    assert one[:2] == other[:2]
    assert one.edits == other.edits


@MANY
@given(policies, st.lists(st.tuples(request_methods, request_lines), max_size=6))
def test_what_was_asked_before_does_not_change_an_answer(policy, requests):
    fresh = CorsPolicy.from_config(policy.config)
    for method, fields in requests:
        policy.decide(method, fields)
    for method, fields in requests:
        assert policy.decide(method, fields) == fresh.decide(method, fields) == policy.decide(method, list(fields))


@MANY
@given(policies, request_methods, request_lines, st.sampled_from(["strip", "pass", "prefer"]))
def test_edits_never_leave_two_allow_origins_of_which_one_is_ours_and_never_lose_a_vary_member(
    policy, method, fields, upstream
):
    theirs = [
        (b"vary", b"Accept-Encoding , accept"),
        (b"access-control-allow-origin", b"https://theirs.example"),
        (b"x-a", b"1"),
        (b"vary", b"cookie"),
    ]
    before = list(theirs)
    decision = policy.decide(method, fields)
    result = decision.edits.apply(theirs, upstream)
    assert theirs == before
    lines = [value for name, value in result if name == b"access-control-allow-origin"]
    assert len(lines) <= 1
    assert (b"x-a", b"1") in result
    members = [m.strip().lower() for name, value in result if name == b"vary" for m in value.split(b",")]
    assert set(members) == {b"accept-encoding", b"accept", b"cookie"} | {m.lower() for m in decision.edits.vary}
    assert len(members) == len(set(members))
    if decision.kind is Kind.PREFLIGHT and not decision.edits.hands_off:
        assert b"https://theirs.example" not in lines


@MANY
@given(policies, st.lists(st.tuples(request_methods, request_lines), max_size=8))
def test_counters_add_up_to_the_number_of_decisions(policy, requests):
    counters = Counters()
    for method, fields in requests:
        counters.count(policy.decide(method, fields))
    assert sum(counters.snapshot().values()) == len(requests)
