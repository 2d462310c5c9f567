"""The ASGI middleware in front of applications of a few lines."""

import logging

import pytest

from crossgate.cors import CorsPolicy, Counters
from crossgate.cors.edits import RESPONSE_FIELDS
from crossgate.middleware.asgi import CORSMiddleware
from tests.support.asgi_client import ask, shake_hands

ORIGIN = "https://app.example.com"
ASKING = [(b"origin", ORIGIN.encode())]
STRANGER = [(b"origin", b"https://evil.example")]
PREFLIGHT = [*ASKING, (b"access-control-request-method", b"PUT"), (b"access-control-request-headers", b"x-token")]


def policy(**changes):
    keys = {"allow_origins": [ORIGIN], "allow_methods": ["GET", "PUT"], "allow_headers": ["X-Token"]}
    return CorsPolicy(**{**keys, **changes})


def responding(status=200, headers=(), body=b"ok"):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return app


async def never_called(scope, receive, send):
    raise AssertionError("the application was called")


async def failing(scope, receive, send):
    raise RuntimeError("the application's own fault")


def test_an_allowed_request_reaches_the_application_and_its_answer_gets_the_fields():
    answer = ask(CORSMiddleware(responding(), policy(expose_headers=["X-Total"])), "GET", headers=ASKING)
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert answer.values("access-control-expose-headers") == ["X-Total"]
    assert answer.values("vary") == ["Origin"]


def test_a_request_from_another_origin_is_answered_without_cors_fields_but_with_vary():
    answer = ask(CORSMiddleware(responding(), policy()), "GET", headers=STRANGER)
    assert answer.headers == [(b"vary", b"Origin")]


def test_a_preflight_is_answered_without_the_application():
    answer = ask(CORSMiddleware(never_called, policy(max_age=600)), "OPTIONS", headers=PREFLIGHT)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert answer.values("access-control-allow-methods") == ["PUT"]
    assert answer.values("access-control-allow-headers") == ["x-token"]
    assert answer.values("access-control-max-age") == ["600"]


def test_a_refused_preflight_has_no_cors_fields():
    headers = [*STRANGER, (b"access-control-request-method", b"PUT")]
    answer = ask(CORSMiddleware(never_called, policy()), "OPTIONS", headers=headers)
    assert answer.status == 204
    assert [name for name, _ in answer.headers] == [b"vary"]


@pytest.mark.parametrize("status", [204, 205, 304, 404, 500, 503])
def test_every_status_has_the_fields(status):
    answer = ask(CORSMiddleware(responding(status, body=b""), policy()), "HEAD", headers=ASKING)
    assert answer.status == status
    assert answer.values("access-control-allow-origin") == [ORIGIN]


def test_an_exception_before_the_answer_becomes_a_500_with_the_fields_and_is_raised_again():
    answer = ask(CORSMiddleware(failing, policy()), "GET", headers=ASKING)
    assert isinstance(answer.raised, RuntimeError)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]


def test_an_exception_after_the_answer_began_is_only_raised_again():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    answer = ask(CORSMiddleware(app, policy()), "GET", headers=ASKING)
    assert isinstance(answer.raised, RuntimeError)
    assert answer.status == 200


def test_a_streamed_answer_passes_piece_by_piece():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    answer = ask(CORSMiddleware(app, policy()), "GET", headers=ASKING)
    assert [m.get("body") for m in answer.messages] == [None, b"a", b"b"]


def test_the_applications_own_cors_fields_are_replaced_and_its_vary_is_kept():
    own = [
        (b"Access-Control-Allow-Origin", b"*"),
        (b"access-control-allow-methods", b"*"),
        (b"Vary", b"Accept-Encoding"),
    ]
    answer = ask(CORSMiddleware(responding(headers=own), policy()), "GET", headers=ASKING)
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert answer.values("access-control-allow-methods") == []
    assert ", ".join(answer.values("vary")) == "Accept-Encoding, Origin"


@pytest.mark.parametrize("field", sorted(RESPONSE_FIELDS))
@pytest.mark.parametrize("spell", [bytes.lower, bytes.upper, bytes.title])
def test_no_cors_field_of_the_applications_own_stays_however_it_is_spelt(field, spell):
    own = [(b"content-type", b"text/plain"), (spell(field), b"theirs")]
    answer = ask(CORSMiddleware(responding(headers=own), policy()), "GET", headers=ASKING)
    assert "theirs" not in answer.values(field.decode())
    assert answer.values("access-control-allow-origin") == [ORIGIN]


@pytest.mark.parametrize("spelling", [b"vary", b"Vary", b"VARY"])
def test_a_vary_of_the_applications_own_is_merged_however_it_is_spelt(spelling):
    own = [(b"content-type", b"text/plain"), (spelling, b"Origin")]
    answer = ask(CORSMiddleware(responding(headers=own), policy()), "GET", headers=ASKING)
    assert answer.values("vary") == ["Origin"]


@pytest.mark.parametrize("headers", [None, (), [], ((b"x-a", b"1"),), [[b"x-a", b"1"]], {b"x-a": b"1"}.items()])
def test_headers_of_any_iterable_are_taken(headers):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": True})
        await send({"type": "http.response.body"})

    answer = ask(CORSMiddleware(app, policy()), "GET", headers=ASKING)
    assert answer.messages[0]["trailers"] is True
    assert answer.headers == [
        *map(tuple, headers or ()),
        (b"access-control-allow-origin", ORIGIN.encode()),
        (b"vary", b"Origin"),
    ]


@pytest.mark.parametrize("origin", [[], [(b"origin", b"")]])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "BREW"])
def test_a_request_without_origin_gets_vary_and_nothing_else_whatever_its_method(method, origin):
    answer = ask(CORSMiddleware(responding(), policy()), method, headers=[(b"host", b"a"), *origin])
    assert answer.headers == [(b"vary", b"Origin")]


def test_several_origin_lines_are_refused_even_if_each_is_allowed():
    answer = ask(CORSMiddleware(responding(), policy()), "GET", headers=[*ASKING, *ASKING])
    assert answer.headers == [(b"vary", b"Origin")]


def test_pass_leaves_the_applications_own_cors_fields_alone():
    own = [(b"access-control-allow-origin", b"https://other.example")]
    answer = ask(CORSMiddleware(responding(headers=own), policy(upstream="pass")), "GET", headers=ASKING)
    assert answer.values("access-control-allow-origin") == ["https://other.example"]


def test_pass_adds_vary_alone_where_the_application_has_no_fields_of_its_own():
    own = [(b"content-type", b"text/plain")]
    answer = ask(CORSMiddleware(responding(headers=own), policy(upstream="pass")), "GET", headers=ASKING)
    assert answer.headers == [*own, (b"vary", b"Origin")]


def test_the_applications_own_header_list_is_not_touched():
    own = [(b"content-type", b"text/plain")]

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": own})
        await send({"type": "http.response.body", "body": b""})

    ask(CORSMiddleware(app, policy()), "GET", headers=ASKING)
    assert own == [(b"content-type", b"text/plain")]


def test_changing_the_fields_of_an_answer_does_not_change_the_next():
    middleware = CORSMiddleware(responding(), policy())
    first = ask(middleware, "GET", headers=ASKING)
    first.messages[0]["headers"].clear()
    assert ask(middleware, "GET", headers=ASKING).values("access-control-allow-origin") == [ORIGIN]


def test_an_answer_without_a_header_list_gets_the_fields():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    assert ask(CORSMiddleware(app, policy()), "GET", headers=ASKING).values("access-control-allow-origin") == [ORIGIN]


def test_lifespan_passes_untouched():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    ask_lifespan = CORSMiddleware(app, policy())
    import asyncio

    asyncio.run(ask_lifespan({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


def test_a_policy_of_another_type_is_refused():
    with pytest.raises(TypeError, match="CorsPolicy"):
        CORSMiddleware(responding(), {"allow_origins": ["*"]})


def test_counters_count_by_outcome_and_reason():
    counters = Counters()
    middleware = CORSMiddleware(responding(), policy(), counters=counters)
    ask(middleware, "GET", headers=ASKING)
    ask(middleware, "GET", headers=STRANGER)
    ask(middleware, "OPTIONS", headers=PREFLIGHT)
    assert counters.snapshot() == {
        ("actual-allowed", "origin-listed"): 1,
        ("actual-refused", "origin-not-listed"): 1,
        ("preflight-allowed", "origin-listed"): 1,
    }


def test_report_only_logs_what_it_would_refuse_and_leaves_the_answer_alone(caplog):
    own = [(b"access-control-allow-origin", b"*")]
    middleware = CORSMiddleware(responding(headers=own), policy(report_only=True))
    with caplog.at_level(logging.WARNING):
        answer = ask(middleware, "GET", headers=STRANGER)
    assert answer.headers == own
    assert (
        '[CORS] actual: GET / origin="https://evil.example" refused at origin-allowed: origin-not-listed' in caplog.text
    )
    assert "report-only: not enforced" in caplog.text


async def accepting(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ([(b"host", b"api.example.com"), *ASKING], "ws"),
        ([(b"host", b"api.example.com")], "ws"),
        ([(b"host", b"api.example.com"), (b"origin", b"http://api.example.com")], "ws"),
        ([(b"host", b"api.example.com:80"), (b"origin", b"http://api.example.com")], "ws"),
        ([(b"host", b"api.example.com"), (b"origin", b"https://api.example.com")], "wss"),
        ([(b"host", b"api.example.com:8443"), (b"origin", b"https://api.example.com:8443")], "wss"),
    ],
)
def test_a_websocket_handshake_of_an_allowed_or_the_same_or_no_origin_is_let_through(headers, scheme):
    answer = shake_hands(CORSMiddleware(accepting, policy()), headers, scheme=scheme)
    assert answer.messages == [{"type": "websocket.accept"}]


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ([(b"host", b"api.example.com"), *STRANGER], "ws"),
        ([(b"host", b"api.example.com"), (b"origin", b"null")], "ws"),
        ([(b"host", b"api.example.com"), (b"origin", b"http://api.example.com")], "wss"),
        ([(b"host", b"api.example.com:81"), (b"origin", b"http://api.example.com")], "ws"),
        ([(b"host", b"api.example.com"), *ASKING, *ASKING], "ws"),
        ([(b"host", b"api.example.com"), (b"origin", b"")], "ws"),
    ],
)
def test_a_websocket_handshake_of_any_other_origin_is_closed_before_it_is_accepted(headers, scheme):
    answer = shake_hands(CORSMiddleware(accepting, policy()), headers, scheme=scheme)
    assert [m["type"] for m in answer.messages] == ["websocket.close"]


def test_websocket_handshakes_can_be_left_alone():
    middleware = CORSMiddleware(accepting, policy(), websockets=False)
    answer = shake_hands(middleware, [(b"host", b"api.example.com"), *STRANGER])
    assert answer.messages == [{"type": "websocket.accept"}]
