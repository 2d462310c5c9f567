"""Laws of the browser model that hold for any request and any server."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cors.fetch import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    FetchRequest,
    NetworkFailure,
    Outcome,
    WireRequest,
    WireResponse,
    parse_origin,
    parse_url,
    run_fetch,
)
from crossgate.cors.fetch.safelist import SAFELISTED_METHODS, unsafe_names
from crossgate.cors.fetch.url import UrlError

PAGE = "https://app.example"

browsers = st.sampled_from([STANDARD, CHROMIUM, FIREFOX])
names = st.sampled_from(["Accept", "accept-language", "Content-Type", "Range", "Authorization", "X-A", "x-b", "Cookie",
                         "DPR", "User-Agent", "*", "sec-x", "bad name"])  # fmt: skip
values = st.one_of(
    st.sampled_from(["text/plain", "application/json", "bytes=0-", "", "*", "de", "2", "a" * 129]), st.text(max_size=20)
)
requests = st.builds(
    FetchRequest,
    origin=st.sampled_from([PAGE, "null", "http://localhost:3000", "https://api.example"]),
    url=st.sampled_from(["https://api.example/x", "http://api.example/", "http://127.0.0.1:8080/", "https://a:b@c/"]),
    method=st.sampled_from(["GET", "post", "PUT", "patch", "DELETE", "HEAD", "TRACE", "", "*", "ä"]),
    headers=st.lists(st.tuples(names, values), max_size=6).map(tuple),
    credentials=st.sampled_from(["omit", "same-origin", "include"]),
    mode=st.sampled_from(["cors", "cors", "cors", "no-cors", "same-origin"]),
    redirect=st.sampled_from(["follow", "follow", "error", "manual"]),
    has_body=st.booleans(),
    upload_listener=st.booleans(),
    streamed_body=st.booleans(),
)
field_names = st.sampled_from(
    [f"access-control-{rest}".encode() for rest in
     ("allow-origin", "allow-credentials", "allow-methods", "allow-headers", "expose-headers", "max-age")]
    + [b"location", b"set-cookie", b"x-a", b"content-type"]
)  # fmt: skip
field_values = st.one_of(
    st.sampled_from([PAGE.encode(), b"null", b"*", b"true", b"True", b"PUT, patch", b"x-a, authorization, *", b"600",
                     b"", b"https://b.example/", b"/y", b"https://u:p@b.example/", b"http://[", b"a b"]),
    st.binary(max_size=12),
)  # fmt: skip
responses = st.one_of(
    st.builds(NetworkFailure, st.just("the connection was refused")),
    st.builds(
        WireResponse,
        st.sampled_from([200, 204, 299, 301, 302, 303, 307, 308, 304, 404, 500]),
        st.lists(st.tuples(field_names, field_values), max_size=8).map(tuple),
    ),
)


@given(request=requests, answers=st.lists(responses, min_size=1, max_size=8), browser=browsers)
@settings(max_examples=800, deadline=None)
def test_any_request_and_any_answers_give_a_complete_trace(
    request: FetchRequest, answers: list[WireResponse | NetworkFailure], browser: object
) -> None:
    sent: list[WireRequest] = []

    def respond(wire: WireRequest) -> WireResponse | NetworkFailure:
        sent.append(wire)
        return answers[min(len(sent), len(answers)) - 1]

    trace = run_fetch(request, respond, browser)  # type: ignore[arg-type]
    assert [exchange.request for exchange in trace.exchanges] == sent
    assert len(sent) <= 42
    failed = [check for check in trace.checks if check.outcome is Outcome.FAILED]
    assert len(failed) == (0 if trace.allowed else 1)
    assert trace.decided_by.reason
    assert trace.allowed or not trace.readable_headers
    assert not {"set-cookie", "set-cookie2"} & set(trace.readable_headers)
    for wire in sent:
        assert wire.is_preflight <= (wire.method == "OPTIONS")
        assert not (wire.is_preflight and wire.credentials)


@given(request=requests, answers=st.lists(responses, min_size=1, max_size=4), browser=browsers)
@settings(max_examples=500, deadline=None)
def test_what_is_read_across_origins_was_allowed_by_a_field(
    request: FetchRequest, answers: list[WireResponse | NetworkFailure], browser: object
) -> None:
    pending = list(answers)
    trace = run_fetch(request, lambda _: pending.pop(0) if len(pending) > 1 else pending[0], browser)  # type: ignore[arg-type]
    if trace.response_type != "cors":
        return
    last = trace.exchanges[-1]
    assert isinstance(last.response, WireResponse)
    allowed = last.response.combined(b"access-control-allow-origin")
    assert allowed in (b"*", dict(last.request.fields).get(b"origin"))
    if request.credentials == "include":
        assert allowed != b"*"
        assert last.response.combined(b"access-control-allow-credentials") == b"true"


@given(request=requests, browser=browsers)
@settings(max_examples=400, deadline=None)
def test_a_server_that_grants_what_is_asked_is_always_read(request: FetchRequest, browser: object) -> None:
    def respond(wire: WireRequest) -> WireResponse:
        fields = dict(wire.fields)
        granted = [
            (b"access-control-allow-origin", fields.get(b"origin", b"*")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", fields.get(b"access-control-request-method", b"")),
            (b"access-control-allow-headers", fields.get(b"access-control-request-headers", b"")),
        ]
        return WireResponse(204, tuple(granted))

    trace = run_fetch(request, respond, browser)  # type: ignore[arg-type]
    if trace.exchanges and request.mode == "cors":
        assert trace.allowed, trace.decided_by


@given(headers=st.lists(st.tuples(names, values), max_size=8), browser=browsers)
@settings(max_examples=500, deadline=None)
def test_unsafe_names_do_not_depend_on_order_and_only_grow(headers: list[tuple[str, str]], browser: object) -> None:
    found = unsafe_names(headers, browser)  # type: ignore[arg-type]
    assert unsafe_names(reversed(headers), browser) in (found, unsafe_names(headers[::-1], browser))  # type: ignore[arg-type]
    assert list(found) == sorted(found)
    assert set(found) <= set(unsafe_names([*headers, ("x-more", "")], browser))  # type: ignore[arg-type]


@given(st.text(max_size=60))
@settings(max_examples=800, deadline=None)
def test_any_text_is_a_url_with_a_stable_origin_or_an_error(text: str) -> None:
    for candidate in (text, f"https://{text}", f"http://a.example/{text}"):
        try:
            url = parse_url(candidate)
        except UrlError:
            continue
        assert parse_url(str(url)).origin == url.origin
        assert parse_origin(url.origin) == url.origin
        assert str(url).isascii()


def test_the_safelisted_methods_are_three() -> None:
    assert {"GET", "HEAD", "POST"} == SAFELISTED_METHODS
