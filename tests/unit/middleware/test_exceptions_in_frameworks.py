"""An exception that somebody outside handles stays theirs, in every framework, and their answer has the CORS fields."""

import asyncio
import contextlib
import logging
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from flask import Flask
from litestar import Litestar, get
from litestar import Response as LitestarResponse
from litestar.middleware import DefineMiddleware
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from werkzeug.debug import DebuggedApplication
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import make_server
from werkzeug.test import Client as WerkzeugClient

from crossgate.cors import CorsPolicy
from crossgate.middleware import asgi, wsgi
from tests.support import asgi_client, wsgi_client

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.com"
POLICY = CorsPolicy(allow_origins=[ORIGIN, OTHER], allow_methods=["GET"])
ASKING = [(b"origin", ORIGIN.encode()), (b"host", b"api.example.com"), (b"accept", b"text/html")]


class BoomError(Exception):
    pass


async def boom(request):
    raise BoomError("the application's own fault")


async def on_error(request, error):
    on_error.seen.append(error)
    return JSONResponse({"error": "internal"}, status_code=500, headers={"Vary": "Accept"})


def on_error_sync(request, error):
    on_error.seen.append(error)
    return JSONResponse({"error": "internal"}, status_code=500, headers={"Vary": "Accept"})


on_error.seen = []


@pytest.fixture(autouse=True)
def _nothing_seen():
    on_error.seen.clear()


def starlette(**options):
    app = Starlette(routes=[Route("/boom", boom)], **options)
    app.add_middleware(asgi.CORSMiddleware, policy=POLICY)
    return app


def fastapi(**options):
    app = FastAPI(**options)
    app.add_api_route("/boom", boom_without_request)
    app.add_middleware(asgi.CORSMiddleware, policy=POLICY)
    return app


async def boom_without_request():
    raise BoomError("the application's own fault")


def vary_of(answer):
    return {member.strip() for line in answer.values("vary") for member in line.split(",")}


@pytest.mark.parametrize("handler", [on_error, on_error_sync])
@pytest.mark.parametrize("key", [500, Exception])
@pytest.mark.parametrize("make", [starlette, fastapi])
def test_the_handler_of_the_application_answers_once_with_the_fields(make, key, handler):
    app = make(exception_handlers={key: handler})
    answer = asgi_client.ask(app, "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert vary_of(answer) == {"Accept", "Origin"}
    assert isinstance(answer.raised, BoomError)
    assert on_error.seen == [answer.raised]


@pytest.mark.parametrize("make", [starlette, fastapi])
def test_each_request_gets_the_fields_of_its_own_origin(make):
    app = make(exception_handlers={500: on_error})
    for origin, expected in [(ORIGIN, [ORIGIN]), (OTHER, [OTHER]), ("https://evil.example", []), (ORIGIN, [ORIGIN])]:
        answer = asgi_client.ask(app, "GET", "/boom", [(b"origin", origin.encode())])
        assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
        assert answer.values("access-control-allow-origin") == expected
        assert vary_of(answer) == {"Accept", "Origin"}


@pytest.mark.parametrize("make", [starlette, fastapi])
def test_the_debug_page_is_shown_with_the_fields(make):
    answer = asgi_client.ask(make(debug=True), "GET", "/boom", ASKING)
    assert answer.status == 500
    assert b"the application&#x27;s own fault" in answer.body
    assert b"Traceback" in answer.body
    assert answer.values("access-control-allow-origin") == [ORIGIN]


@pytest.mark.parametrize("make", [starlette, fastapi])
def test_without_a_handler_the_frameworks_own_500_has_the_fields(make):
    answer = asgi_client.ask(make(), "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert isinstance(answer.raised, BoomError)


@pytest.mark.parametrize("make", [starlette, fastapi])
def test_other_middleware_of_the_application_may_stand_between(make):
    app = make(exception_handlers={500: on_error})
    seen = []

    async def dispatch(request, call_next):
        try:
            return await call_next(request)
        except BoomError as error:
            seen.append(error)
            raise

    app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
    answer = asgi_client.ask(app, "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert seen == on_error.seen == [answer.raised]


def test_requests_that_fail_at_the_same_time_do_not_exchange_their_fields():
    both_failed = asyncio.Barrier(2)

    async def slow_handler(request, error):
        await both_failed.wait()
        return PlainTextResponse("broken", status_code=500)

    app = starlette(exception_handlers={500: slow_handler})

    async def ask_both():
        asked = [asgi_client.ask_async(app, "GET", "/boom", [(b"origin", o.encode())]) for o in (ORIGIN, OTHER)]
        return await asyncio.gather(*asked)

    answers = asyncio.run(ask_both())
    assert [answer.values("access-control-allow-origin") for answer in answers] == [[ORIGIN], [OTHER]]


def test_an_application_mounted_in_a_framework_leaves_the_exception_to_it():
    async def raw(scope, receive, send):
        raise BoomError

    routes = [Mount("/raw", asgi.CORSMiddleware(raw, POLICY)), Route("/boom", boom)]
    app = Starlette(routes=routes, exception_handlers={500: on_error})
    answer = asgi_client.ask(app, "GET", "/raw/", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    # A route beside it has no policy, and gets none.
    answer = asgi_client.ask(app, "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == []


def test_a_mounted_framework_answers_for_itself():
    app = Starlette(routes=[Mount("/sub", starlette(exception_handlers={500: on_error}))])
    answer = asgi_client.ask(app, "GET", "/sub/boom", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert len(on_error.seen) == 1


def test_a_failing_handler_of_the_application_is_left_to_the_server():
    def failing_handler(request, error):
        raise RuntimeError("in the handler")

    answer = asgi_client.ask(starlette(exception_handlers={500: failing_handler}), "GET", "/boom", ASKING)
    assert answer.messages == []
    assert isinstance(answer.raised, RuntimeError)


def test_a_stream_that_breaks_off_in_a_framework_is_only_raised():
    async def streaming(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise BoomError

    app = Starlette(routes=[Mount("/", streaming)], exception_handlers={500: on_error})
    app.add_middleware(asgi.CORSMiddleware, policy=POLICY)
    answer = asgi_client.ask(app, "GET", "/", ASKING)
    assert answer.status == 200
    assert isinstance(answer.raised, BoomError)


@pytest.mark.parametrize("make", [starlette, fastapi])
def test_outermost_around_a_framework_its_answer_has_the_fields(make):
    inner = make(exception_handlers={500: on_error})
    answer = asgi_client.ask(asgi.CORSMiddleware(inner, POLICY), "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == [ORIGIN]


@get("/boom")
async def litestar_boom() -> None:
    raise BoomError("the application's own fault")


def failing_middleware(app):
    async def fail(scope, receive, send):
        raise BoomError("the middleware's own fault")

    return fail


def litestar_on_error(request, error):
    on_error.seen.append(error)
    return LitestarResponse({"error": "internal"}, status_code=500)


def litestar(middleware=(), **options):
    cors = DefineMiddleware(asgi.CORSMiddleware, policy=POLICY)
    return Litestar([litestar_boom], middleware=[cors, *middleware], logging_config=None, **options)


@pytest.mark.parametrize("middleware", [(), (failing_middleware,)], ids=["in the handler", "in a middleware"])
def test_litestars_handler_answers_once_with_the_fields(middleware):
    app = litestar(middleware, exception_handlers={500: litestar_on_error})
    answer = asgi_client.ask(app, "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert len(on_error.seen) == 1


@pytest.mark.parametrize("middleware", [(), (failing_middleware,)], ids=["in the handler", "in a middleware"])
def test_litestars_debug_page_is_shown_with_the_fields(middleware):
    answer = asgi_client.ask(litestar(middleware, debug=True), "GET", "/boom", ASKING)
    assert answer.status == 500
    assert b"own fault" in answer.body
    assert answer.values("access-control-allow-origin") == [ORIGIN]


class Reporting:
    """As an error tracker wraps an application: it sees every exception, and lets it go on."""

    def __init__(self, app):
        self.app = app
        self.seen = []

    async def __call__(self, scope, receive, send):
        async def wrapped_send(message):
            await send(message)

        try:
            await self.app(scope, receive, wrapped_send)
        except Exception as error:
            self.seen.append(error)
            raise


async def raw(scope, receive, send):
    raise BoomError


def test_a_reporter_outside_sees_the_exception_and_the_answer_has_the_fields():
    app = Reporting(asgi.CORSMiddleware(raw, POLICY))
    answer = asgi_client.ask(app, "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert app.seen == [answer.raised]


def test_a_reporter_outside_of_a_framework_sees_the_exception_and_its_answer_stays():
    app = Reporting(starlette(exception_handlers={500: on_error}))
    answer = asgi_client.ask(app, "GET", "/boom", ASKING)
    assert answer.body == b'{"error":"internal"}'
    assert app.seen == on_error.seen == [answer.raised]


class Answering:
    """An application of somebody's own that turns what is raised into an answer."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        try:
            await self.app(scope, receive, send)
        except Exception:
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b"their own page"})


def answering_unless_started(app):
    async def answering(*arguments):
        started = False

        async def noting(message):
            nonlocal started
            started = True
            await arguments[2](message)

        try:
            await app(dict(arguments[0]), arguments[1], noting)
        except BoomError:
            if not started:
                await PlainTextResponse("their own page", status_code=500)(*arguments)

    return answering


def around_both(app):
    return Reporting(answering_unless_started(Reporting(app)))


@pytest.mark.parametrize("outside", [Answering, answering_unless_started, around_both])
def test_an_answer_of_any_application_outside_stays(outside):
    app = outside(asgi.CORSMiddleware(raw, POLICY))
    answer = asgi_client.ask(app, "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, b"their own page")


def test_starlettes_handler_on_its_own_keeps_its_answer():
    app = ServerErrorMiddleware(asgi.CORSMiddleware(raw, POLICY), handler=on_error)
    answer = asgi_client.ask(app, "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, b'{"error":"internal"}')


def test_an_application_that_only_names_itself_in_the_scope_is_no_handler():
    class Naming:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            scope["app"] = self
            await self.app(scope, receive, send)

    app = Naming(asgi.CORSMiddleware(raw, POLICY))
    app.middleware_stack = app  # and a stack that goes in a circle ends
    answer = asgi_client.ask(app, "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]


def test_an_answer_after_a_wait_is_still_theirs():
    async def late(scope, receive, send):
        await asyncio.sleep(0)
        raise BoomError

    answer = asgi_client.ask(Answering(asgi.CORSMiddleware(late, POLICY)), "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, b"their own page")


def passing_on_async(app):
    async def passed_on(scope, receive, send):
        try:
            scope["seen"] = scope["seen"] + 1
        except KeyError:
            await asyncio.sleep(0)
        async with contextlib.AsyncExitStack():
            await app(scope, receive, send)

    return passed_on


def test_an_application_outside_that_sends_nothing_of_its_own_leaves_the_middleware_outermost():
    answer = asgi_client.ask(passing_on_async(asgi.CORSMiddleware(raw, POLICY)), "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]


@pytest.mark.parametrize(("exceptions", "body"), [("raise", b"their own page"), ("answer", b"")])
def test_what_becomes_of_exceptions_can_be_said(exceptions, body):
    inner = asgi.CORSMiddleware(raw, POLICY, exceptions=exceptions)
    answer = asgi_client.ask(answering_unless_started(inner), "GET", "/", ASKING)
    assert (answer.status, answer.body) == (500, body)


def test_answers_of_its_own_can_be_asked_for_within_a_framework():
    app = Starlette(routes=[Route("/boom", boom)])
    app.add_middleware(asgi.CORSMiddleware, policy=POLICY, exceptions="answer")
    answer = asgi_client.ask(app, "GET", "/boom", ASKING)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]


@pytest.mark.parametrize("module", [asgi, wsgi])
def test_an_unknown_way_with_exceptions_is_refused(module):
    with pytest.raises(ValueError, match="auto, answer or raise"):
        module.CORSMiddleware(raw, POLICY, exceptions="swallow")


def test_the_httpx_transport_sees_the_same():
    transport = httpx.ASGITransport(app=starlette(exception_handlers={500: on_error}), raise_app_exceptions=False)

    async def ask():
        async with httpx.AsyncClient(transport=transport, base_url="http://api.example.com") as client:
            return await client.get("/boom", headers={"Origin": ORIGIN})

    response = asyncio.run(ask())
    assert response.json() == {"error": "internal"}
    assert response.headers["access-control-allow-origin"] == ORIGIN


# WSGI


def fail_at_once(environ, start_response):
    raise BoomError("the application's own fault")


def fail_when_read(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b""
    raise BoomError("the application's own fault")


class WsgiReporting:
    def __init__(self, app):
        self.app = app
        self.seen = []

    def __call__(self, environ, start_response):
        try:
            yield from self.app(environ, start_response)
        except Exception as error:
            self.seen.append(error)
            raise


def handling(app):
    """As an application that has an answer for exceptions, with arguments of any kind."""

    def handled(*arguments):
        try:
            return list(app(*arguments))
        except Exception:
            arguments[1]("500 Broken", [("Content-Type", "text/plain")], sys.exc_info())
            return [b"their own page"]

    return handled


def on_a_copy(app):
    def copied(environ, start_response):
        return app(dict(environ), start_response)

    return copied


def passing_on(app):
    """As middleware that looks at requests alone: nothing that is raised is of interest to it."""

    def passed_on(environ, start_response):
        with contextlib.suppress(KeyError):
            environ = {**environ, "HTTP_X_SEEN": environ["HTTP_X_SEEN"]}
        return app(environ, start_response)

    return passed_on


def passing_on_as_generator(app):
    def passed_on(environ, start_response):
        yield from app(environ, start_response)

    return passed_on


def handling_in_a_with(app):
    def handled(environ, start_response):
        with contextlib.suppress(BoomError):
            return list(app(environ, start_response))
        start_response("500 Broken", [("Content-Type", "text/plain")])
        return [b"their own page"]

    return handled


FAILING = pytest.mark.parametrize("app", [fail_at_once, fail_when_read])


@FAILING
def test_wsgi_a_reporter_outside_sees_the_exception(app):
    reporting = WsgiReporting(wsgi.CORSMiddleware(app, POLICY))
    answer = wsgi_client.ask(reporting, "GET", headers=[("Origin", ORIGIN)], validate=False)
    assert [type(error) for error in reporting.seen] == [BoomError]
    assert reporting.seen == [answer.raised]


@FAILING
@pytest.mark.parametrize("between", [lambda app: app, on_a_copy], ids=["", "on a copy of the environment"])
def test_wsgi_an_answer_of_an_application_outside_stays(app, between):
    handled = handling(between(wsgi.CORSMiddleware(app, POLICY)))
    answer = wsgi_client.ask(handled, "GET", headers=[("Origin", ORIGIN)], validate=False)
    assert (answer.status, answer.body) == (500, b"their own page")


def test_wsgi_a_with_statement_outside_may_handle_it_too():
    handled = handling_in_a_with(wsgi.CORSMiddleware(fail_at_once, POLICY))
    answer = wsgi_client.ask(handled, "GET", headers=[("Origin", ORIGIN)], validate=False)
    assert (answer.status, answer.body) == (500, b"their own page")


@FAILING
@pytest.mark.parametrize("outside", [passing_on, passing_on_as_generator, on_a_copy, ProxyFix])
def test_wsgi_an_application_outside_without_a_handler_leaves_the_middleware_outermost(app, outside):
    wrapped = outside(wsgi.CORSMiddleware(app, POLICY))
    answer = wsgi_client.ask(wrapped, "GET", headers=[("Origin", ORIGIN)], validate=False)
    assert (answer.raised, answer.status, answer.body) == (None, 500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]


@FAILING
@pytest.mark.parametrize("exceptions", ["auto", "answer"])
def test_wsgi_outermost_the_answer_is_a_bare_500_with_the_fields(app, exceptions):
    middleware = wsgi.CORSMiddleware(app, POLICY, exceptions=exceptions)
    answer = wsgi_client.ask(middleware, "GET", headers=[("Origin", ORIGIN)], validate=False)
    assert (answer.status, answer.body) == (500, b"")
    assert answer.values("access-control-allow-origin") == [ORIGIN]
    assert "BoomError: the application's own fault" in answer.errors


@FAILING
@pytest.mark.parametrize("around", [lambda app: app, DebuggedApplication], ids=["", "in the debugger"])
def test_wsgi_a_request_made_while_another_is_served_has_nobody_outside(app, around):
    def asking_another(environ, start_response):
        inner = wsgi_client.ask(wsgi.CORSMiddleware(app, POLICY), "GET", headers=[("Origin", ORIGIN)], validate=False)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(inner.status).encode()]

    assert wsgi_client.ask(around(asking_another), "GET").body == b"500"


@FAILING
def test_wsgi_what_is_raised_can_be_asked_for_and_so_can_the_answer(app):
    answer = wsgi_client.ask(wsgi.CORSMiddleware(app, POLICY, exceptions="raise"), "GET", validate=False)
    assert isinstance(answer.raised, BoomError)
    answered = handling(wsgi.CORSMiddleware(app, POLICY, exceptions="answer"))
    assert wsgi_client.ask(answered, "GET", validate=False).body == b""


def flask_app(**config):
    app = Flask("shown")
    app.config.update(config)
    app.wsgi_app = wsgi.CORSMiddleware(app.wsgi_app, POLICY)

    @app.get("/boom")
    def boom():
        secret_of_the_frame = "kept for the console"
        raise BoomError(secret_of_the_frame)

    return app


def test_flasks_own_500_handler_answers_with_the_fields():
    app = flask_app()
    app.register_error_handler(500, lambda error: ("their own page", 500))
    app.logger.disabled = True
    answer = wsgi_client.ask(app, "GET", "/boom", [("Origin", ORIGIN)], validate=False)
    assert (answer.status, answer.body) == (500, b"their own page")
    assert answer.values("access-control-allow-origin") == [ORIGIN]


def test_flasks_test_client_raises_what_the_application_raised():
    app = flask_app(TESTING=True)
    with pytest.raises(BoomError):
        app.test_client().get("/boom", headers={"Origin": ORIGIN})


@pytest.mark.parametrize("evalex", [True, False])
@pytest.mark.parametrize("headers", [[("Origin", ORIGIN)], []])
def test_werkzeugs_debugger_shows_its_page_with_the_fields(evalex, headers):
    app = DebuggedApplication(flask_app(DEBUG=True), evalex=evalex, pin_security=False)
    answer = wsgi_client.ask(app, "GET", "/boom", headers, validate=False)
    assert answer.status == 500
    assert b"kept for the console" in answer.body
    assert answer.values("access-control-allow-origin") == [value for _, value in headers]
    assert answer.values("vary") == ["Origin"]
    assert answer.errors.count("BoomError: kept for the console") == 1
    assert len(app.frames) > 0


def test_werkzeugs_test_client_gets_the_debuggers_page_with_the_fields():
    app = DebuggedApplication(flask_app(DEBUG=True), pin_security=False)
    answer = WerkzeugClient(app).get("/boom", headers={"Origin": ORIGIN})
    assert answer.status_code == 500
    assert b"kept for the console" in answer.data
    assert answer.headers.getlist("Access-Control-Allow-Origin") == [ORIGIN]


def test_the_console_of_werkzeugs_debugger_works_in_the_failing_frame():
    app = DebuggedApplication(flask_app(DEBUG=True), evalex=True, pin_security=False)
    wsgi_client.ask(app, "GET", "/boom", [("Origin", ORIGIN)], validate=False)
    frame = next(number for number, kept in app.frames.items() if "secret_of_the_frame" in kept.local_ns)
    query = f"__debugger__=yes&cmd=secret_of_the_frame&frm={frame}&s={app.secret}"

    def asking_the_console(environ, start_response):
        return app({**environ, "QUERY_STRING": query}, start_response)

    shown = wsgi_client.ask(asking_the_console, "GET", "/console", [], validate=False)
    assert b"kept for the console" in shown.body
    contexts = app.frame_contexts[frame]
    assert len(contexts) == 2  # Flask's, of the application and of the request


def test_somebody_between_the_debugger_and_the_middleware_sees_the_exception():
    app = flask_app(DEBUG=True)
    app.wsgi_app = reporting = WsgiReporting(app.wsgi_app)
    answer = wsgi_client.ask(
        DebuggedApplication(app, pin_security=False), "GET", "/boom", [("Origin", ORIGIN)], validate=False
    )
    assert [type(error) for error in reporting.seen] == [BoomError]
    assert b"kept for the console" in answer.body


def test_a_streamed_body_that_fails_gets_the_debuggers_page():
    app = DebuggedApplication(wsgi.CORSMiddleware(fail_when_read, POLICY), pin_security=False)
    answer = wsgi_client.ask(app, "GET", headers=[("Origin", ORIGIN)], validate=False)
    assert answer.status == 500
    assert b"the application&#39;s own fault" in answer.body
    assert answer.values("access-control-allow-origin") == [ORIGIN]


DEBUG_APP = """
from flask import Flask
from crossgate.cors import CorsPolicy
from crossgate.middleware.flask import CORS
from crossgate.middleware.wsgi import CORSMiddleware

app = Flask(__name__)
policy = CorsPolicy(allow_origins=["https://app.example.com"])
PUT_AROUND

@app.get("/boom")
def boom():
    raise RuntimeError("shown by the debugger")
"""


@pytest.mark.parametrize(
    "line", ["CORS(app, policy)", "app.wsgi_app = CORSMiddleware(app.wsgi_app, policy)"], ids=["extension", "by hand"]
)
def test_flask_run_debug_shows_the_debuggers_page_with_the_fields(tmp_path, line):
    (tmp_path / "shown.py").write_text(DEBUG_APP.replace("PUT_AROUND", line))
    command = [sys.executable, "-m", "flask", "--app", "shown", "run", "--debug", "--no-reload", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as flask:
        try:
            port = next(found[1] for line in flask.stderr if (found := re.search(r"http://127.0.0.1:(\d+)", line)))
            request = urllib.request.Request(f"http://127.0.0.1:{port}/boom", headers={"Origin": ORIGIN})
            with pytest.raises(urllib.error.HTTPError) as failed:
                urllib.request.urlopen(request, timeout=20)
            with failed.value as answer:
                page = answer.read().decode()
            assert "shown by the debugger" in page
            assert "Werkzeug" in page
            assert answer.headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
        finally:
            flask.kill()


def test_behind_a_real_wsgi_server_the_bare_500_stays():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, wsgi.CORSMiddleware(fail_at_once, POLICY), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/", headers={"Origin": ORIGIN})
        with pytest.raises(urllib.error.HTTPError) as failed:
            urllib.request.urlopen(request, timeout=20)
        with failed.value as answer:
            assert (answer.code, answer.read()) == (500, b"")
            assert answer.headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
