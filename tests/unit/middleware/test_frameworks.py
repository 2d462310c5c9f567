"""The examples: the middleware in front of the real frameworks, asked the same questions on both protocols."""

import importlib
import sys
from pathlib import Path

import pytest

from tests.support import asgi_client, wsgi_client

EXAMPLES = Path(__file__).parents[3] / "examples" / "middleware"
ORIGIN = "https://app.example.com"
SUBDOMAIN = "https://pr-7.preview.example.com"

ASGI = ["starlette_app", "fastapi_app", "litestar_app", "falcon_app", "django_app"]
WSGI = [("flask_app", "app"), ("falcon_app", "wsgi_app"), ("django_app", "wsgi_app")]
FRONTS = [("asgi", name, "app") for name in ASGI] + [("wsgi", name, attribute) for name, attribute in WSGI]


@pytest.fixture(params=FRONTS, ids=lambda front: f"{front[1]}-{front[0]}")
def ask(request, monkeypatch):
    """Asks one example: (method, path, headers) -> its answer."""
    protocol, module, attribute = request.param
    monkeypatch.syspath_prepend(str(EXAMPLES))
    app = getattr(importlib.import_module(module), attribute)

    def ask_asgi(method, path, headers):
        return asgi_client.ask(app, method, path, [(n.lower().encode(), v.encode()) for n, v in headers])

    def ask_wsgi(method, path, headers):
        return wsgi_client.ask(app, method, path, headers, validate=False)

    return ask_asgi if protocol == "asgi" else ask_wsgi


@pytest.mark.parametrize("origin", [ORIGIN, SUBDOMAIN])
def test_an_allowed_request_is_answered_with_the_fields(ask, origin):
    answer = ask("GET", "/item", [("Origin", origin), ("Host", "api.example.com")])
    assert answer.status == 200
    assert answer.values("Access-Control-Allow-Origin") == [origin]
    assert answer.values("Access-Control-Allow-Credentials") == ["true"]
    assert answer.values("Access-Control-Expose-Headers") == ["X-Total"]
    assert answer.values("X-Total") == ["1"]
    assert "origin" in ", ".join(answer.values("Vary")).lower()


def test_a_preflight_is_answered(ask):
    asked = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "content-type,x-token")]
    answer = ask("OPTIONS", "/item", [("Origin", ORIGIN), ("Host", "api.example.com"), *asked])
    assert (answer.status, answer.body) == (204, b"")
    assert answer.values("Access-Control-Allow-Methods") == ["PUT"]
    allowed = answer.values("Access-Control-Allow-Headers")
    assert [line.replace(" ", "") for line in allowed] == ["content-type,x-token"]
    assert answer.values("Access-Control-Max-Age") == ["600"]


def test_another_origin_gets_no_cors_fields(ask):
    answer = ask("GET", "/item", [("Origin", "https://preview.example.com.evil.example"), ("Host", "api.example.com")])
    assert answer.status == 200
    assert answer.values("Access-Control-Allow-Origin") == []


def test_a_missing_page_has_the_fields(ask):
    answer = ask("GET", "/nowhere", [("Origin", ORIGIN), ("Host", "api.example.com")])
    assert answer.status == 404
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_unhandled_exception_is_a_500_with_the_fields(ask):
    answer = ask("GET", "/broken", [("Origin", ORIGIN), ("Host", "api.example.com")])
    assert answer.status == 500
    assert answer.values("Access-Control-Allow-Origin") == [ORIGIN]


def test_each_example_is_shown_in_the_documentation():
    page = (EXAMPLES.parents[1] / "docs" / "middleware.md").read_text()
    for module in {name for _, name, _ in FRONTS}:
        assert f"examples/middleware/{module}.py" in page


def teardown_module():
    sys.modules.pop("cors_policy", None)
