"""The WSGI middleware in front of applications of a few lines, through the validator of PEP 3333."""

import logging

import pytest

from crossgate.cors import CorsPolicy, Counters
from crossgate.middleware.wsgi import CORSMiddleware
from tests.support.wsgi_client import ask

ORIGIN = "https://app.example.com"
ASKING = [("Origin", ORIGIN)]
STRANGER = [("Origin", "https://evil.example")]
PREFLIGHT = [*ASKING, ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-token")]


def policy(**changes):
    keys = {"allow_origins": [ORIGIN], "allow_methods": ["GET", "PUT"], "allow_headers": ["X-Token"]}
    return CorsPolicy(**{**keys, **changes})


def responding(status="200 OK", headers=(("Content-Type", "text/plain"),), body=(b"ok",)):
    def app(environ, start_response):
        start_response(status, list(headers))
        return list(body)

    return app


def never_called(environ, start_response):
    raise AssertionError("the application was called")


def test_an_allowed_request_reaches_the_application_and_its_answer_gets_the_fields():
    answer = ask(CORSMiddleware(responding(), policy()), "GET", headers=ASKING)
    assert (answer.status, answer.body) == (200, b"ok")
    assert answer.headers == [
        ("Content-Type", "text/plain"),
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Vary", "Origin"),
    ]


def test_a_request_from_another_origin_is_answered_without_cors_fields_but_with_vary():
    answer = ask(CORSMiddleware(responding(), policy()), "GET", headers=STRANGER)
    assert answer.headers == [("Content-Type", "text/plain"), ("Vary", "Origin")]


def test_a_preflight_is_answered_without_the_application():
    answer = ask(CORSMiddleware(never_called, policy()), "OPTIONS", headers=PREFLIGHT)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.values("Access-Control-Allow-Methods") == ["PUT"]


def test_an_exception_becomes_a_500_with_the_fields_and_its_traceback_is_written_to_the_servers_log():
    def app(environ, start_response):
        raise RuntimeError("the application's own fault")

    answer = ask(CORSMiddleware(app, policy()), "GET", headers=ASKING, validate=False)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]
    assert "RuntimeError: the application's own fault" in answer.errors


def test_an_exception_while_a_generator_starts_becomes_a_500_with_the_fields():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b""
        raise RuntimeError

    answer = ask(CORSMiddleware(app, policy()), "GET", headers=ASKING, validate=False)
    assert answer.raised is None
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


def test_an_exception_after_bytes_were_sent_is_raised_for_the_server():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        yield b"a"
        raise RuntimeError

    answer = ask(CORSMiddleware(app, policy()), "GET", headers=ASKING, validate=False)
    assert isinstance(answer.raised, RuntimeError)
    assert (answer.status, answer.body) == (200, b"a")


def test_a_body_is_closed_once():
    closed = []

    class Body:
        def __iter__(self):
            return iter([b"a"])

        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Body()

    assert ask(CORSMiddleware(app, policy()), "GET", headers=ASKING).body == b"a"
    assert closed == [True]


def test_the_applications_own_cors_fields_are_replaced_and_its_vary_is_kept_in_its_own_spelling():
    own = [
        ("Content-Type", "text/plain"),
        ("access-control-allow-origin", "*"),
        ("X-ETag-Like", "1"),
        ("vary", "Cookie"),
    ]
    answer = ask(CORSMiddleware(responding(headers=own), policy()), "GET", headers=ASKING)
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]
    assert ("X-ETag-Like", "1") in answer.headers
    assert ", ".join(answer.values("Vary")) == "Cookie, Origin"


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("field", ["access-control-allow-origin", "access-control-max-age"])
def test_no_cors_field_of_the_applications_own_stays_however_it_is_spelt(field, spell):
    own = [("Content-Type", "text/plain"), (spell(field), "theirs")]
    answer = ask(CORSMiddleware(responding(headers=own), policy()), "GET", headers=ASKING)
    assert "theirs" not in answer.values(field)
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


def test_pass_keeps_the_applications_fields_and_adds_vary_alone():
    own = [("Content-Type", "text/plain"), ("X-A", "1")]
    answer = ask(CORSMiddleware(responding(headers=own), policy(upstream="pass")), "GET", headers=ASKING)
    assert answer.headers == [*own, ("Vary", "Origin")]


def test_header_text_that_is_no_latin_1_is_a_500_with_the_fields():
    own = [("Content-Type", "text/plain"), ("X-Price", "5 \u20ac")]
    answer = ask(CORSMiddleware(responding(headers=own), policy()), "GET", headers=ASKING, validate=False)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]
    assert "UnicodeEncodeError" in answer.errors


def test_several_origins_joined_by_the_server_are_refused():
    answer = ask(CORSMiddleware(responding(), policy()), "GET", headers=[*ASKING, *ASKING])
    assert answer.values("Access-Control-Allow-Origin") == []


def test_a_list_body_stays_a_list_so_that_servers_know_its_length():
    middleware = CORSMiddleware(responding(), policy())
    assert middleware({"REQUEST_METHOD": "GET"}, lambda *_: None) == [b"ok"]


def test_counters_and_report_only(caplog):
    counters = Counters()
    middleware = CORSMiddleware(responding(), policy(report_only=True), counters=counters)
    with caplog.at_level(logging.WARNING):
        answer = ask(middleware, "GET", headers=STRANGER)
    assert answer.headers == [("Content-Type", "text/plain")]
    assert (
        '[CORS] actual: GET / origin="https://evil.example" refused at origin-allowed: origin-not-listed' in caplog.text
    )
    assert "report-only: not enforced" in caplog.text
    assert counters.snapshot() == {("actual-refused", "origin-not-listed"): 1}


def test_a_policy_of_another_type_is_refused():
    with pytest.raises(TypeError, match="CorsPolicy"):
        CORSMiddleware(responding(), None)


def test_text_that_no_server_may_hand_over_is_refused_and_raises_nothing():
    def asked(environ, start_response):
        environ.update(HTTP_ORIGIN="https://\u4f8b.example", REQUEST_METHOD="\u4f8b")
        return CORSMiddleware(responding(), policy())(environ, start_response)

    answer = ask(asked, "GET", validate=False)

    assert answer.raised is None
    assert answer.status == 200
    assert answer.values("Access-Control-Allow-Origin") == []
