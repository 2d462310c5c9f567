"""A refused preflight, asked again: what is named is what the policy behind it refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors import CorsPolicy
from crossgate.cors.explain import PolicyResponder
from crossgate.cors.fetch import (
    CHROMIUM,
    FIREFOX,
    Browser,
    FetchRequest,
    NetworkFailure,
    WireRequest,
    WireResponse,
    run_fetch,
)
from crossgate.probe.refused_part import MAX_HEADERS_ASKED, RefusedPart, find_refused_part

APP = "https://app.example"
BLOCK = {"allow_origins": [APP], "allow_methods": ["PUT", "GET"], "allow_headers": ["X-A", "X-B", "Content-Type"]}
Respond = Callable[[WireRequest], WireResponse | NetworkFailure]


def krakend(version: int = 3, **changes: Any) -> Respond:
    policy = CorsPolicy.from_krakend({**BLOCK, **changes}, config_version=version)  # type: ignore[arg-type]
    return PolicyResponder(lambda _: policy, lambda _: WireResponse(200, ()))


def ask(
    respond: Respond,
    method: str = "PUT",
    *names: str,
    origin: str = APP,
    browser: Browser = CHROMIUM,
    credentials: Any = "same-origin",
) -> RefusedPart | None:
    headers = tuple((name, "1") for name in names)
    request = FetchRequest(origin, "https://api.example/x", method, headers, credentials)
    return find_refused_part(run_fetch(request, respond, browser), respond)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("method", "headers", "part", "names"),
    [
        ("DELETE", (), "method", ("DELETE",)),
        ("patch", (), "method", ("patch",)),
        ("DELETE", ("X-A",), "method", ("DELETE",)),
        ("PUT", ("X-C",), "headers", ("x-c",)),
        ("PUT", ("X-A", "X-C", "X-D"), "headers", ("x-c", "x-d")),
        ("DELETE", ("X-A", "X-C"), "method-and-headers", ("DELETE", "x-c")),
        ("GET", ("X-C",), "headers", ("x-c",)),
    ],
)
def test_the_refused_method_or_header_is_named(
    version: int, method: str, headers: tuple[str, ...], part: str, names: tuple[str, ...]
) -> None:
    found = ask(krakend(version), method, *headers)
    assert found is not None
    assert (found.part, found.names) == (part, names)
    assert all(name in found.sentence for name in names)
    assert all(exchange.request.is_preflight for exchange in found.exchanges)


@pytest.mark.parametrize("only", ["PUT", "DELETE", "PATCH"])
def test_a_method_is_named_where_get_itself_is_not_allowed(only: str) -> None:
    found = ask(krakend(allow_methods=[only]), "MOVE")
    assert found is not None
    assert (found.part, found.names) == ("method", ("MOVE",))


def test_a_refused_origin_is_named() -> None:
    found = ask(krakend(), "PUT", "X-A", origin="https://evil.example")
    assert found is not None
    assert (found.part, found.names) == ("origin", ("https://evil.example",))
    assert "the origin is refused" in found.sentence


def test_credentials_do_not_blur_what_is_refused() -> None:
    found = ask(krakend(), "DELETE", credentials="include")
    assert found is not None
    assert (found.part, found.names) == ("method", ("DELETE",))


def test_a_header_that_firefox_asks_for_twice_is_named() -> None:
    found = ask(krakend(), "PUT", "X-A", "X-A", browser=FIREFOX)
    assert found is not None
    assert (found.part, found.names) == ("headers-together", ("x-a",))


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (WireResponse(401, ()), "preflight"),
        (WireResponse(405, ((b"allow", b"GET"),)), "preflight"),
        (WireResponse(403, ((b"access-control-allow-origin", b"*"),)), "preflight"),
        (WireResponse(204, ()), "origin"),
        (WireResponse(403, ((b"vary", b"Origin"),)), "origin"),
    ],
)
def test_a_server_that_grants_nothing_is_told_apart_from_one_without_cors(answer: WireResponse, part: str) -> None:
    found = ask(lambda _: answer)
    assert found is not None
    assert found.part == part


def test_a_server_that_refuses_by_status_is_asked_again_too() -> None:
    def respond(request: WireRequest) -> WireResponse:
        fields = dict(request.fields)
        if fields[b"access-control-request-method"] == b"PUT":
            return WireResponse(403, ((b"access-control-allow-origin", b"*"),))
        return WireResponse(204, ((b"access-control-allow-origin", b"*"), (b"access-control-allow-methods", b"*")))

    found = ask(respond, "PUT")
    assert found is not None
    assert found.part == "method"


def test_nothing_is_asked_where_the_browser_names_the_part_itself() -> None:
    answer = WireResponse(204, ((b"access-control-allow-origin", b"*"),))
    asked: list[WireRequest] = []

    def respond(request: WireRequest) -> WireResponse:
        asked.append(request)
        return answer

    assert ask(respond, "PUT") is None
    assert len(asked) == 1


def test_an_answer_that_stays_out_ends_the_asking() -> None:
    answers: list[WireResponse | NetworkFailure] = [WireResponse(403, ()), NetworkFailure("the time for it ran out")]
    assert ask(lambda _: answers.pop(0)) is None
    assert answers == []


def test_many_headers_cost_a_bounded_number_of_requests() -> None:
    found = ask(krakend(), "PUT", *(f"X-N{number}" for number in range(100)))
    assert found is not None
    assert len(found.exchanges) == 1 + MAX_HEADERS_ASKED


NAMES = st.lists(st.sampled_from(["X-A", "X-B", "X-C", "X-D"]), unique=True)


@given(
    NAMES,
    NAMES,
    st.sampled_from(["PUT", "DELETE", "PATCH", "GET"]),
    st.lists(st.sampled_from(["PUT", "DELETE", "PATCH", "GET", "POST"]), min_size=1),
    st.booleans(),
    st.sampled_from([2, 3]),
)
@settings(max_examples=200, deadline=None)
def test_what_is_named_is_what_the_policy_lacks(
    listed: list[str], asked: list[str], method: str, methods: list[str], known: bool, version: int
) -> None:
    policy = {"allow_headers": listed or ["X-Z"], "allow_methods": methods}
    found = ask(krakend(version, **policy), method, *asked, origin=APP if known else "https://evil.example")
    lacking = sorted(name.lower() for name in asked if name not in listed)
    is_refused = method not in methods
    if method == "GET" and not asked:
        assert found is None  # no preflight
    elif not known:
        assert found is not None
        assert found.part == "origin"
    elif is_refused and lacking:
        assert found is not None
        assert (found.part, [*found.names]) == ("method-and-headers", [method, *lacking])
    elif is_refused:
        assert found is not None
        assert (found.part, found.names) == ("method", (method,))
    elif lacking:
        assert found is not None
        assert (found.part, [*found.names]) == ("headers", lacking)
    else:
        assert found is None
