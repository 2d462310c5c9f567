"""CORS in Django's MIDDLEWARE, behind its synchronous and its asynchronous handler."""

import asyncio
import importlib
import sys
import types
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path

from crossgate import CorsPolicy
from tests.support import asgi_client, wsgi_client

# Django has one set of settings for a process, and the example's are the ones that configure it here.
EXAMPLES = Path(__file__).parents[3] / "examples" / "middleware"

ORIGIN = "https://app.example.com"
POLICY = CorsPolicy(allow_origins=[ORIGIN], allow_methods=["PUT"], expose_headers=["X-Total"], max_age=600)
ASKING = [("Origin", ORIGIN)]
PREFLIGHT = [*ASKING, ("Access-Control-Request-Method", "PUT")]


def item(request):
    return JsonResponse({"id": 1})


async def item_async(request):
    return JsonResponse({"id": 1})


def broken(request):
    raise RuntimeError("the view's own fault")


def own_fields(request):
    fields = {"Access-Control-Allow-Origin": "*", "Access-Control-Max-Age": "1", "Vary": "Cookie"}
    return HttpResponse("ok", headers=fields)


def streamed(request):
    return StreamingHttpResponse(iter([b"one,", b"two"]))


def on_error(request):
    return HttpResponse("their own page", status=500)


urls = types.ModuleType("crossgate_test_urls")
urls.urlpatterns = [
    path("item", item),
    path("async", item_async),
    path("broken", broken),
    path("own", own_fields),
    path("streamed", streamed),
]
urls_with_handler = types.ModuleType("crossgate_test_urls_with_handler")
urls_with_handler.urlpatterns = urls.urlpatterns
urls_with_handler.handler500 = on_error

MIDDLEWARE = ["crossgate.middleware.django.CORSMiddleware", "django.middleware.common.CommonMiddleware"]


@pytest.fixture(autouse=True)
def project(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    importlib.import_module("django_app")
    for module in (urls, urls_with_handler):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    given = {
        "ROOT_URLCONF": urls.__name__,
        "MIDDLEWARE": MIDDLEWARE,
        "CROSSGATE_CORS": POLICY,
        "ALLOWED_HOSTS": ["*"],
        "DEBUG": False,
        "DEBUG_PROPAGATE_EXCEPTIONS": False,
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    }
    with override_settings(**given):
        yield


@pytest.fixture(params=["wsgi", "asgi"])
def ask(request):
    """(method, path, headers) -> the answer of a handler made for this request, with the settings of the moment."""

    def ask_wsgi(method, path, headers):
        return wsgi_client.ask(WSGIHandler(), method, path, headers, validate=False)

    def ask_asgi(method, path, headers):
        fields = [(b"host", b"api.example.com"), *[(n.lower().encode(), v.encode()) for n, v in headers]]
        return asyncio.run(asgi_client.ask_async(ASGIHandler(), method, path, fields))

    return ask_wsgi if request.param == "wsgi" else ask_asgi


@pytest.mark.parametrize("path", ["/item", "/async"])
def test_an_allowed_request_is_answered_with_the_fields(ask, path):
    answer = ask("GET", path, ASKING)
    assert (answer.status, answer.body) == (200, b'{"id": 1}')
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]
    assert answer.values("Access-Control-Expose-Headers") == ["X-Total"]
    assert answer.values("Vary") == ["Origin"]


def test_another_origin_gets_vary_alone(ask):
    answer = ask("GET", "/item", [("Origin", "https://evil.example")])
    assert answer.status == 200
    assert answer.values("Access-Control-Allow-Origin") == []
    assert answer.values("Vary") == ["Origin"]


def test_a_preflight_is_answered_without_the_view(ask):
    answer = ask("OPTIONS", "/broken", PREFLIGHT)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]
    assert answer.values("Access-Control-Allow-Methods") == ["PUT"]
    assert answer.values("Access-Control-Max-Age") == ["600"]
    assert answer.values("Content-Type") == []


def test_a_refused_preflight_has_no_cors_fields(ask):
    answer = ask("OPTIONS", "/item", [("Origin", "https://evil.example"), *PREFLIGHT[1:]])
    assert answer.status == 204
    assert [name for name, _ in answer.headers if b"access" in str(name).lower().encode()] == []


def test_a_preflight_status_other_than_204_has_an_empty_body(ask):
    with override_settings(CROSSGATE_CORS=CorsPolicy(allow_origins=[ORIGIN], preflight_status=200)):
        answer = ask("OPTIONS", "/item", [*ASKING, ("Access-Control-Request-Method", "GET")])
    assert (answer.status, answer.body, answer.values("Content-Length")) == (200, b"", ["0"])


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
def test_a_missing_page_and_a_streamed_one_have_the_fields(ask):
    assert ask("GET", "/nowhere", ASKING).values("Access-Control-Allow-Origin") == [ORIGIN]
    answer = ask("GET", "/streamed", ASKING)
    assert answer.body == b"one,two"
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


def test_the_views_own_fields_are_replaced_and_its_vary_is_kept(ask):
    answer = ask("GET", "/own", ASKING)
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]
    assert answer.values("Access-Control-Max-Age") == []
    assert answer.values("Vary") == ["Cookie, Origin"]


def test_pass_keeps_the_views_own_fields(ask):
    with override_settings(CROSSGATE_CORS=CorsPolicy(allow_origins=[ORIGIN], upstream="pass")):
        answer = ask("GET", "/own", ASKING)
    assert answer.values("Access-Control-Allow-Origin") == ["*"]
    assert answer.values("Access-Control-Max-Age") == ["1"]


def test_the_500_handler_of_the_project_answers_with_the_fields(ask):
    with override_settings(ROOT_URLCONF=urls_with_handler.__name__):
        answer = ask("GET", "/broken", ASKING)
    assert (answer.status, answer.body) == (500, b"their own page")
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


def test_the_debug_page_is_shown_with_the_fields(ask):
    with override_settings(DEBUG=True):
        answer = ask("GET", "/broken", ASKING)
    assert answer.status == 500
    assert b"RuntimeError" in answer.body
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


def test_an_exception_that_django_is_told_to_raise_is_raised():
    def failing(request):
        raise RuntimeError

    async def failing_async(request):
        raise RuntimeError

    from crossgate.middleware.django import CORSMiddleware

    request = RequestFactory().get("/", headers={"Origin": ORIGIN})
    with pytest.raises(RuntimeError):
        CORSMiddleware(failing)(request)
    with pytest.raises(RuntimeError):
        asyncio.run(CORSMiddleware(failing_async)(request))


def test_report_only_logs_and_changes_nothing(ask, caplog):
    with override_settings(CROSSGATE_CORS=CorsPolicy(allow_origins=[ORIGIN], report_only=True)):
        answer = ask("GET", "/own", [("Origin", "https://evil.example")])
    assert answer.values("Access-Control-Allow-Origin") == ["*"]
    assert "report-only" in caplog.text


def test_the_setting_may_be_a_krakend_block(ask):
    with override_settings(CROSSGATE_CORS={"allow_origins": [ORIGIN], "allow_methods": ["DELETE"]}):
        answer = ask("OPTIONS", "/item", [*ASKING, ("Access-Control-Request-Method", "DELETE")])
    assert answer.values("Access-Control-Allow-Methods") == ["DELETE"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "CROSSGATE_CORS is missing"),
        (["https://app.example.com"], "CROSSGATE_CORS is a list"),
        ({"allow_origins": "https://app.example.com"}, "allow_origins"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_stops_django_and_is_named(value, said):
    with override_settings(CROSSGATE_CORS=value), pytest.raises(ImproperlyConfigured, match=said):
        WSGIHandler()
