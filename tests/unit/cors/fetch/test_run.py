"""A whole fetch in the model, step by step."""

from collections.abc import Callable

import pytest

from crossgate.cors.fetch import (
    CHROMIUM,
    CHROMIUM_ERRORS,
    FIREFOX,
    FIREFOX_ERRORS,
    STANDARD,
    FetchRequest,
    NetworkFailure,
    Outcome,
    PreflightCache,
    Responder,
    Step,
    Trace,
    WireRequest,
    WireResponse,
    run_fetch,
)

PAGE = "https://app.example"
URL = "https://api.example/data"
GRANTED = {
    "access-control-allow-origin": PAGE,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "PUT, patch",
    "access-control-allow-headers": "authorization, X-A",
    "access-control-max-age": "600",
}


def answer(status: int = 200, *lines: tuple[str, str], **fields: str) -> WireResponse:
    named = [(name.replace("_", "-"), value) for name, value in fields.items()]
    return WireResponse(status, tuple((n.encode(), v.encode("latin-1")) for n, v in [*named, *lines]))


def server(
    preflight: WireResponse | NetworkFailure | None = None, actual: WireResponse | NetworkFailure | None = None
) -> Responder:
    granted = WireResponse(204, tuple((n.encode(), v.encode()) for n, v in GRANTED.items()))

    def respond(request: WireRequest) -> WireResponse | NetworkFailure:
        if request.is_preflight:
            return preflight or granted
        return actual or WireResponse(200, granted.fields)

    return respond


def fetch(respond: Responder | None = None, *, method: str = "PUT", **options: object) -> Trace:
    browser = options.pop("browser", STANDARD)
    cache = options.pop("cache", None)
    request = FetchRequest(**{"origin": PAGE, "url": URL, "method": method, **options})  # type: ignore[arg-type]
    return run_fetch(request, respond or server(), browser, cache)  # type: ignore[arg-type]


def test_the_preflight_asks_for_method_and_sorted_lower_case_names() -> None:
    trace = fetch(headers=(("X-A", "1"), ("Authorization", "t"), ("Accept", "*/*"), ("Cookie", "c")))
    assert trace.allowed
    preflight, actual = (exchange.request for exchange in trace.exchanges)
    assert dict(preflight.fields) == {
        b"accept": b"*/*",
        b"access-control-request-method": b"PUT",
        b"access-control-request-headers": b"authorization,x-a",
        b"origin": PAGE.encode(),
    }
    assert (preflight.method, preflight.credentials, preflight.is_preflight) == ("OPTIONS", False, True)
    assert (b"origin", PAGE.encode()) in actual.fields
    assert b"cookie" not in dict(actual.fields)


def test_a_simple_request_has_no_preflight() -> None:
    trace = fetch(method="post", headers=(("Content-Type", "text/plain"),))
    assert (trace.allowed, trace.preflighted, len(trace.exchanges)) == (True, False, 1)


def test_a_same_origin_request_needs_no_cors_at_all() -> None:
    trace = fetch(server(actual=answer(200, ("x-a", "1"), ("set-cookie", "s"))), url=f"{PAGE}/x")
    assert (trace.allowed, trace.response_type, trace.preflighted) == (True, "basic", False)
    assert trace.readable_headers == ("x-a",)
    assert trace.exchanges[0].request.credentials


def test_a_same_origin_get_sends_no_origin() -> None:
    trace = fetch(method="GET", url=f"{PAGE}/x")
    assert trace.exchanges[0].request.fields == ()


PREFLIGHT_REFUSALS: list[tuple[str, WireResponse | NetworkFailure, dict[str, object], Step, str]] = [
    ("no answer", NetworkFailure("refused"), {}, Step.PREFLIGHT_RESPONSE, "InvalidResponse"),
    ("redirect", answer(301, location="/y"), {}, Step.PREFLIGHT_REDIRECT, "PreflightDisallowedRedirect"),
    ("missing", answer(204), {}, Step.PREFLIGHT_ALLOW_ORIGIN, "PreflightMissingAllowOriginHeader"),
    ("missing, 404", answer(404), {}, Step.PREFLIGHT_ALLOW_ORIGIN, "PreflightMissingAllowOriginHeader"),
    (
        "mismatch",
        answer(access_control_allow_origin="https://b.example"),
        {},
        Step.PREFLIGHT_ALLOW_ORIGIN,
        "PreflightAllowOriginMismatch",
    ),
    (
        "twice",
        answer(200, *[("access-control-allow-origin", PAGE)] * 2),
        {},
        Step.PREFLIGHT_ALLOW_ORIGIN,
        "PreflightMultipleAllowOriginValues",
    ),
    (
        "invalid",
        answer(access_control_allow_origin="app.example"),
        {},
        Step.PREFLIGHT_ALLOW_ORIGIN,
        "PreflightInvalidAllowOriginValue",
    ),
    (
        "wildcard",
        answer(access_control_allow_origin="*"),
        {"credentials": "include"},
        Step.PREFLIGHT_ALLOW_ORIGIN,
        "PreflightWildcardOriginNotAllowed",
    ),
    (
        "no credentials",
        answer(access_control_allow_origin=PAGE),
        {"credentials": "include"},
        Step.PREFLIGHT_ALLOW_CREDENTIALS,
        "PreflightInvalidAllowCredentials",
    ),
    (
        "True",
        answer(access_control_allow_origin=PAGE, access_control_allow_credentials="True"),
        {"credentials": "include"},
        Step.PREFLIGHT_ALLOW_CREDENTIALS,
        "PreflightInvalidAllowCredentials",
    ),
    ("404", answer(404, access_control_allow_origin="*"), {}, Step.PREFLIGHT_STATUS, "PreflightInvalidStatus"),
    (
        "302 without Location",
        answer(302, access_control_allow_origin="*"),
        {},
        Step.PREFLIGHT_STATUS,
        "PreflightInvalidStatus",
    ),
    (
        "methods malformed",
        answer(access_control_allow_origin="*", access_control_allow_methods="GET PUT"),
        {},
        Step.PREFLIGHT_ALLOW_METHODS,
        "InvalidAllowMethodsPreflightResponse",
    ),
    (
        "headers malformed, before the method is looked at",
        answer(access_control_allow_origin="*", access_control_allow_headers="x y"),
        {},
        Step.PREFLIGHT_ALLOW_HEADERS,
        "InvalidAllowHeadersPreflightResponse",
    ),
    (
        "method missing",
        answer(access_control_allow_origin="*", access_control_allow_methods="GET, put,,DELETE"),
        {},
        Step.PREFLIGHT_ALLOW_METHODS,
        "MethodDisallowedByPreflightResponse",
    ),
    (
        "method * with credentials",
        answer(
            access_control_allow_origin=PAGE,
            access_control_allow_credentials="true",
            access_control_allow_methods="*",
        ),
        {"credentials": "include"},
        Step.PREFLIGHT_ALLOW_METHODS,
        "MethodDisallowedByPreflightResponse",
    ),
    (
        "header missing",
        answer(access_control_allow_origin="*", access_control_allow_methods="*", access_control_allow_headers="x-a"),
        {"headers": (("X-B", ""),)},
        Step.PREFLIGHT_ALLOW_HEADERS,
        "HeaderDisallowedByPreflightResponse",
    ),
    (
        "header * with credentials",
        answer(
            access_control_allow_origin=PAGE,
            access_control_allow_credentials="true",
            access_control_allow_methods="PUT",
            access_control_allow_headers="*",
        ),
        {"credentials": "include", "headers": (("X-B", ""),)},
        Step.PREFLIGHT_ALLOW_HEADERS,
        "HeaderDisallowedByPreflightResponse",
    ),
    (
        "authorization is not covered by *",
        answer(access_control_allow_origin="*", access_control_allow_methods="PUT", access_control_allow_headers="*"),
        {"headers": (("authorization", "x"),)},
        Step.PREFLIGHT_ALLOW_HEADERS,
        "HeaderDisallowedByPreflightResponse",
    ),
]


@pytest.mark.parametrize(
    ("preflight", "options", "step", "error"),
    [case[1:] for case in PREFLIGHT_REFUSALS],
    ids=[case[0] for case in PREFLIGHT_REFUSALS],
)
def test_a_refused_preflight_blocks_at_its_step_and_sends_nothing_more(
    preflight: WireResponse | NetworkFailure, options: dict[str, object], step: Step, error: str
) -> None:
    trace = fetch(server(preflight=preflight), **options)  # type: ignore[arg-type]
    assert not trace.allowed
    assert (trace.decided_by.step, trace.decided_by.chromium_error) == (step, error)
    assert len(trace.exchanges) == 1
    assert trace.readable_headers == ()


@pytest.mark.parametrize(
    ("actual", "options", "step", "error"),
    [
        (answer(500), {}, Step.ALLOW_ORIGIN, "MissingAllowOriginHeader"),
        (answer(access_control_allow_origin="null"), {}, Step.ALLOW_ORIGIN, "AllowOriginMismatch"),
        (answer(access_control_allow_origin=PAGE + "/"), {}, Step.ALLOW_ORIGIN, "AllowOriginMismatch"),
        (answer(access_control_allow_origin="HTTPS://app.example"), {}, Step.ALLOW_ORIGIN, "AllowOriginMismatch"),
        (answer(access_control_allow_origin=""), {}, Step.ALLOW_ORIGIN, "InvalidAllowOriginValue"),
        (answer(access_control_allow_origin=f"{PAGE}, {PAGE}"), {}, Step.ALLOW_ORIGIN, "MultipleAllowOriginValues"),
        (answer(access_control_allow_origin="localhost:3000"), {}, Step.ALLOW_ORIGIN, "AllowOriginMismatch"),
        (answer(access_control_allow_origin="http://a:b:c"), {}, Step.ALLOW_ORIGIN, "InvalidAllowOriginValue"),
        (
            answer(access_control_allow_origin="*", access_control_allow_credentials="true"),
            {"credentials": "include"},
            Step.ALLOW_ORIGIN,
            "WildcardOriginNotAllowed",
        ),
        (
            answer(access_control_allow_origin=PAGE),
            {"credentials": "include"},
            Step.ALLOW_CREDENTIALS,
            "InvalidAllowCredentials",
        ),
        (NetworkFailure("the connection was reset"), {}, Step.RESPONSE, None),
    ],
)
def test_a_refused_actual_response_blocks_at_its_step(
    actual: WireResponse | NetworkFailure, options: dict[str, object], step: Step, error: str | None
) -> None:
    trace = fetch(server(actual=actual), method="GET", **options)  # type: ignore[arg-type]
    assert not trace.allowed
    assert (trace.decided_by.step, trace.decided_by.chromium_error) == (step, error)


def test_an_error_page_with_cors_fields_can_be_read() -> None:
    trace = fetch(server(actual=answer(500, access_control_allow_origin="*")), method="GET")
    assert (trace.allowed, trace.status) == (True, 500)


@pytest.mark.parametrize("browser", [CHROMIUM, FIREFOX])
def test_both_browsers_let_a_wildcard_cover_authorization(browser: object) -> None:
    preflight = answer(
        access_control_allow_origin="*", access_control_allow_methods="PUT", access_control_allow_headers="*"
    )
    trace = fetch(server(preflight=preflight), headers=(("Authorization", "x"),), browser=browser)
    assert trace.allowed
    assert any(check.subject == "authorization" and check.outcome is Outcome.NOTE for check in trace.checks)


def test_patch_is_not_upper_cased_and_so_compared_as_written() -> None:
    upper = answer(access_control_allow_origin="*", access_control_allow_methods="PATCH")
    assert fetch(server(preflight=upper), method="PATCH").allowed
    assert "case" in fetch(server(preflight=upper), method="patch").decided_by.reason
    assert fetch(method="patch").allowed


def test_a_null_origin_is_allowed_by_null_and_by_a_wildcard_only() -> None:
    for allowed, value in ((True, "null"), (True, "*"), (False, PAGE)):
        trace = fetch(server(actual=answer(access_control_allow_origin=value)), method="GET", origin="null")
        assert trace.allowed is allowed
        assert trace.exchanges[0].request.fields == ((b"origin", b"null"),)


@pytest.mark.parametrize(
    ("credentials", "expose", "readable"),
    [
        ("omit", "", ("content-type", "content-length")),
        ("omit", "X-A, x-none", ("content-type", "x-a", "content-length")),
        ("omit", "*", ("content-type", "x-a", "x-b", "content-length", "*")),
        ("include", "*", ("content-type", "content-length", "*")),
        ("include", "X-B, Set-Cookie", ("content-type", "x-b", "content-length")),
        ("omit", "X-A, X B", ("content-type", "content-length")),
    ],
)
def test_scripts_read_safelisted_and_exposed_headers(credentials: str, expose: str, readable: tuple[str, ...]) -> None:
    actual = answer(
        200,
        ("content-type", "a/b"),
        ("x-a", "1"),
        ("x-b", "2"),
        ("x-a", "3"),
        ("content-length", "0"),
        ("set-cookie", "s"),
        ("*", "4"),
        access_control_allow_origin=PAGE,
        access_control_allow_credentials="true",
    )
    if expose:
        actual = WireResponse(200, (*actual.fields, (b"access-control-expose-headers", expose.encode())))
    trace = fetch(server(actual=actual), method="GET", credentials=credentials)
    shown = tuple(name for name in trace.readable_headers if not name.startswith("access-control-"))
    assert shown == readable


@pytest.mark.parametrize(
    ("max_age", "standard", "chromium", "firefox"),
    [
        (None, 5, 5, 5),
        ("", 5, 5, 5),
        ("0", 0, 0, 0),
        ("600", 600, 600, 600),
        ("7200", 7200, 7200, 7200),
        ("86401", 86401, 7200, 86400),
        ("9" * 30, int("9" * 20), 7200, 86400),
        ("-1", 0, 0, 0),
        ("abc", 5, 5, 0),
        ("600, 700", 5, 5, 0),
    ],
)
def test_the_preflights_answer_lives_as_long_as_each_browser_says(
    max_age: str | None, standard: int, chromium: int, firefox: int
) -> None:
    fields = {"access_control_allow_origin": "*", "access_control_allow_methods": "PUT"}
    if max_age is not None:
        fields["access_control_max_age"] = max_age
    respond = server(preflight=answer(204, **fields))
    lifetimes = [fetch(respond, browser=browser).preflight_cache_seconds for browser in (STANDARD, CHROMIUM, FIREFOX)]
    assert lifetimes == [standard, chromium, firefox]


def test_the_preflight_cache_spares_the_second_preflight_until_it_expires() -> None:
    cache = PreflightCache(CHROMIUM)
    assert fetch(browser=CHROMIUM, cache=cache).preflighted
    assert not fetch(browser=CHROMIUM, cache=cache).preflighted
    assert fetch(browser=CHROMIUM, cache=cache, headers=(("x-a", "1"),), method="DELETE").preflighted
    cache.now_seconds = 600
    assert fetch(browser=CHROMIUM, cache=cache).preflighted


@pytest.mark.parametrize(("browser", "again"), [(STANDARD, False), (CHROMIUM, False), (FIREFOX, True)])
def test_an_entry_made_with_credentials_serves_others_except_in_firefox(browser: object, again: bool) -> None:
    cache = PreflightCache(browser)  # type: ignore[arg-type]
    assert fetch(browser=browser, cache=cache, credentials="include").preflighted
    assert fetch(browser=browser, cache=cache).preflighted is again


def test_an_entry_made_without_credentials_never_serves_a_request_with() -> None:
    cache = PreflightCache(STANDARD)
    fetch(cache=cache)
    assert fetch(cache=cache, credentials="include").preflighted


# -- redirects


def chain(
    *locations: str, status: int = 307, last: WireResponse | None = None
) -> Callable[[WireRequest], WireResponse]:
    """Answers each actual request with the next redirect, then with a plain 200, granting every origin that asks."""
    hops = list(locations)

    def respond(request: WireRequest) -> WireResponse:
        origin = dict(request.fields).get(b"origin", b"*")
        cors = ((b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true"))
        if request.is_preflight:
            return WireResponse(204, (*cors, (b"access-control-allow-methods", b"PUT"),
                                      (b"access-control-allow-headers", b"authorization")))  # fmt: skip
        if hops:
            return WireResponse(status, (*cors, (b"location", hops.pop(0).encode())))
        return WireResponse(200, cors)

    return respond


def sent(trace: Trace) -> list[tuple[str, str, bytes | None]]:
    requests = [exchange.request for exchange in trace.exchanges]
    return [(request.method, request.url, dict(request.fields).get(b"origin")) for request in requests]


def test_a_redirect_between_foreign_origins_turns_the_origin_into_null() -> None:
    trace = fetch(chain("https://b.example/"), method="GET")
    assert sent(trace) == [("GET", URL, PAGE.encode()), ("GET", "https://b.example/", b"null")]
    assert trace.allowed


def test_a_redirect_back_home_stays_cross_origin() -> None:
    trace = fetch(chain(f"{PAGE}/"), method="GET")
    assert sent(trace)[1] == ("GET", f"{PAGE}/", b"null")
    assert trace.response_type == "cors"


def test_a_redirect_from_home_keeps_the_origin() -> None:
    trace = fetch(chain(URL), method="GET", url=f"{PAGE}/")
    assert sent(trace) == [("GET", f"{PAGE}/", None), ("GET", URL, PAGE.encode())]


def test_a_redirect_whose_own_response_is_not_allowed_blocks() -> None:
    trace = fetch(server(actual=answer(302, location="https://b.example/")), method="GET")
    assert trace.decided_by.chromium_error == "MissingAllowOriginHeader"
    assert len(trace.exchanges) == 1


def test_a_redirect_to_a_url_with_credentials_blocks() -> None:
    trace = fetch(chain("https://u:p@api.example/"), method="GET")
    assert (trace.decided_by.step, trace.decided_by.chromium_error) == (Step.REDIRECT, "RedirectContainsCredentials")


def test_a_redirect_to_another_scheme_blocks() -> None:
    assert fetch(chain("ftp://api.example/"), method="GET").decided_by.chromium_error == "CorsDisabledScheme"


def test_a_redirect_loop_ends_after_twenty() -> None:
    trace = fetch(lambda request: answer(302, location=URL, access_control_allow_origin="*"), method="GET")
    assert len(trace.exchanges) == 21
    assert trace.decided_by.step is Step.REDIRECT


@pytest.mark.parametrize(
    ("status", "method", "after"),
    [(301, "POST", "GET"), (302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"), (308, "PUT", "PUT"),
     (302, "PUT", "PUT"), (303, "HEAD", "HEAD")],
)  # fmt: skip
def test_redirects_rewrite_the_method_as_the_standard_says(status: int, method: str, after: str) -> None:
    trace = fetch(chain(f"{URL}/2", status=status), method=method)
    assert [m for m, _, _ in sent(trace) if m != "OPTIONS"] == [method, after]


def test_a_put_that_is_redirected_is_preflighted_at_each_hop() -> None:
    assert [m for m, _, _ in sent(fetch(chain(f"{URL}/2")))] == ["OPTIONS", "PUT", "OPTIONS", "PUT"]


def test_only_firefox_preflights_what_has_become_a_simple_request() -> None:
    for browser, methods in ((CHROMIUM, ["OPTIONS", "PUT", "GET"]), (FIREFOX, ["OPTIONS", "PUT", "OPTIONS", "GET"])):
        trace = fetch(chain(f"{URL}/2", status=303), browser=browser)
        assert [m for m, _, _ in sent(trace)] == methods


def test_authorization_is_dropped_on_the_way_to_another_origin() -> None:
    trace = fetch(chain("https://b.example/"), method="GET", headers=(("Authorization", "x"),))
    assert [b"authorization" in dict(e.request.fields) for e in trace.exchanges] == [False, True, False]


def test_redirect_mode_manual_hides_and_error_blocks() -> None:
    manual = fetch(chain(f"{URL}/2"), method="GET", redirect="manual")
    assert (manual.response_type, manual.allowed, manual.decided_by.step) == ("opaqueredirect", False, Step.REDIRECT)
    assert fetch(chain(f"{URL}/2"), method="GET", redirect="error").response_type == "error"


def test_a_redirect_status_without_location_is_an_answer() -> None:
    assert fetch(server(actual=answer(302, access_control_allow_origin="*")), method="GET").status == 302


def test_a_streamed_body_is_preflighted_and_not_sent_twice() -> None:
    trace = fetch(chain(f"{URL}/2"), method="POST", streamed_body=True)
    assert [m for m, _, _ in sent(trace)] == ["OPTIONS", "POST"]
    assert trace.decided_by.step is Step.REDIRECT


def test_an_upload_listener_asks_for_a_preflight() -> None:
    assert fetch(method="POST", upload_listener=True).preflighted


# -- what is decided before anything is sent


@pytest.mark.parametrize(
    ("options", "step"),
    [
        ({"method": "TRACE"}, Step.REQUEST),
        ({"method": "A B"}, Step.REQUEST),
        ({"url": "https://u:p@api.example/"}, Step.REQUEST),
        ({"url": "nonsense"}, Step.REQUEST),
        ({"headers": (("X Y", "1"),)}, Step.REQUEST),
        ({"headers": (("X-Y", "1\n2"),)}, Step.REQUEST),
        ({"headers": (("X-Y", "€"),)}, Step.REQUEST),
        ({"method": "GET", "has_body": True}, Step.REQUEST),
        ({"method": "PUT", "mode": "no-cors"}, Step.REQUEST),
        ({"url": "https://api.example:6000/"}, Step.PORT),
        ({"url": "http://api.example/"}, Step.MIXED_CONTENT),
        ({"mode": "same-origin"}, Step.MODE),
    ],
)
def test_some_requests_are_never_sent(options: dict[str, object], step: Step) -> None:
    trace = fetch(**options)  # type: ignore[arg-type]
    assert (trace.decided_by.step, trace.exchanges, trace.allowed) == (step, [], False)


def test_loopback_is_no_mixed_content() -> None:
    assert fetch(url="http://127.0.0.1:8080/x").allowed
    assert any(check.step is Step.LOCAL_NETWORK for check in fetch(url="http://127.0.0.1:8080/x").checks)


def test_no_cors_is_sent_and_opaque() -> None:
    trace = fetch(mode="no-cors", method="GET", headers=(("X-A", "1"), ("Accept", "a/b")))
    assert (trace.response_type, trace.allowed) == ("opaque", False)
    assert trace.exchanges[0].request.fields == ((b"accept", b"a/b"),)


def test_a_scripts_user_agent_is_sent_by_firefox_and_ignored_by_chromium() -> None:
    headers = (("User-Agent", "x"),)
    assert not fetch(method="GET", headers=headers, browser=CHROMIUM).preflighted
    assert fetch(method="GET", headers=headers, browser=FIREFOX).preflighted


@pytest.mark.parametrize(
    ("response", "name"),
    [
        (answer(301, location="/y"), "CORSMissingAllowOrigin"),
        (answer(301, location="/y", access_control_allow_origin="*"), "CORSExternalRedirectNotAllowed"),
        (answer(access_control_allow_origin=""), "CORSMissingAllowOrigin"),
        (answer(access_control_allow_origin="a, b"), "CORSAllowOriginNotMatchingOrigin"),
        (answer(200, *[("access-control-allow-origin", PAGE)] * 2), "CORSMultipleAllowOriginNotAllowed"),
        (answer(404, access_control_allow_origin="*"), "CORSPreflightDidNotSucceed"),
        (answer(access_control_allow_origin="*"), "CORSMethodNotFound"),
    ],
)
def test_firefox_has_its_own_name_for_it(response: WireResponse, name: str) -> None:
    assert fetch(server(preflight=response), browser=FIREFOX).decided_by.firefox_error == name


def test_both_tables_of_names_cover_the_same_25_errors() -> None:
    assert len(CHROMIUM_ERRORS) == 25
    assert CHROMIUM_ERRORS.keys() == FIREFOX_ERRORS.keys()


def test_every_failed_check_names_its_section() -> None:
    for _, preflight, options, _, _ in PREFLIGHT_REFUSALS:
        for check in fetch(server(preflight=preflight), **options).checks:  # type: ignore[arg-type]
            assert check.source
            assert check.reason.endswith(".")
