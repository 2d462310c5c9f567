"""CORS as a Flask extension."""

import pytest
from flask import Flask

from crossgate import CorsPolicy
from crossgate.cors import Counters
from crossgate.middleware.flask import CORS
from tests.support.wsgi_client import ask

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.com"
POLICY = CorsPolicy(allow_origins=[ORIGIN], allow_methods=["PUT"])


def make_app(**config):
    app = Flask("shown")
    app.config.update(config)

    @app.get("/item")
    def item():
        return {"id": 1}

    return app


def allowed_origin(app, origin=ORIGIN, path="/item"):
    return ask(app, "GET", path, [("Origin", origin)]).values("Access-Control-Allow-Origin")


def test_an_application_gets_the_policy_at_once():
    app = make_app()
    CORS(app, POLICY)
    assert allowed_origin(app) == [ORIGIN]
    assert allowed_origin(app, OTHER) == []
    assert allowed_origin(app, path="/nowhere") == [ORIGIN]


def test_a_preflight_is_answered_without_the_application():
    app = make_app()
    CORS(app, POLICY)
    answer = ask(app, "OPTIONS", "/item", [("Origin", ORIGIN), ("Access-Control-Request-Method", "PUT")])
    assert answer.status == 204
    assert answer.values("Access-Control-Allow-Methods") == ["PUT"]


def test_a_factory_takes_applications_in_later():
    cors = CORS(policy=POLICY)
    first, second = make_app(), make_app()
    cors.init_app(first)
    cors.init_app(second, CorsPolicy(allow_origins=[OTHER]))
    assert (allowed_origin(first), allowed_origin(first, OTHER)) == ([ORIGIN], [])
    assert (allowed_origin(second), allowed_origin(second, OTHER)) == ([], [OTHER])


def test_a_policy_may_come_with_init_app_alone():
    app = make_app()
    CORS().init_app(app, POLICY)
    assert allowed_origin(app) == [ORIGIN]


def test_without_a_policy_nothing_is_assumed():
    with pytest.raises(TypeError, match="needs a policy"):
        CORS(make_app())
    with pytest.raises(TypeError, match="needs a policy"):
        CORS().init_app(make_app())
    with pytest.raises(TypeError, match="CorsPolicy"):
        CORS(make_app(), {"allow_origins": ["*"]})


def test_two_policies_for_one_application_are_refused():
    app = make_app()
    CORS(app, POLICY)
    with pytest.raises(RuntimeError, match="already"):
        CORS(app, POLICY)


def test_options_reach_the_middleware():
    counters = Counters()
    app = make_app()
    CORS(app, POLICY, counters=counters, exceptions="answer")
    allowed_origin(app)
    assert counters.snapshot() == {("actual-allowed", "origin-listed"): 1}
    assert app.extensions["crossgate_cors"].counters is counters


def test_the_test_client_of_flask_goes_through_it():
    app = make_app(TESTING=True)
    CORS(app, POLICY)
    response = app.test_client().get("/item", headers={"Origin": ORIGIN})
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
