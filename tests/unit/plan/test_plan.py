"""Plans: comparable, printable, and with the stages in their one order."""

import json

import pytest

from crossgate.config.model import RouterConfig, StaticConfig
from crossgate.cors import CorsPolicy
from crossgate.plan import Identity, Plan, compile_plan, render_json, render_text
from crossgate.plan.stages import ENDPOINT_STAGES, WHOLE_WAYS, EndpointStage
from crossgate.plan.url_template import parse_url_template
from tests.support.pipeline import backend, endpoint, service


def compiled(*endpoints: object, **keys: object) -> Plan:
    return compile_plan(service(*endpoints, **keys), identity=Identity.own("1"))


def stages(**keys: object) -> list[str]:
    backends = keys.pop("backends", (backend(),))
    return [stage.value for stage in compiled(endpoint("/e", *backends, **keys)).endpoints[0].stages]


def test_stages_of_an_endpoint_are_those_it_needs() -> None:
    two = (backend("/a", 0), backend("/b", 1))
    static = StaticConfig("always", {})
    assert stages() == ["respond", "deadline"]
    assert stages(output_encoding="no-op") == ["pass-through"]
    assert stages(output_encoding="no-op", backends=(backend(guarded_by=("a",)),)) == ["pass-through"]
    assert stages(output_encoding="no-op", backends=(backend(wrapped_by=("a",)),)) == ["respond", "deadline"]
    assert stages(output_encoding="no-op", static=static) == ["respond", "deadline", "static"]
    assert stages(output_encoding="no-op", concurrent_calls=2) == ["respond", "deadline", "copy-body"]
    assert stages(backends=two) == ["respond", "deadline", "copy-body", "merge"]
    assert stages(backends=two, sequential=True, static=static) == [
        "respond",
        "deadline",
        "copy-body",
        "static",
        "sequence",
    ]
    assert stages(backends=(backend(), backend("/s", 1, shadow=True)), sequential=True) == [
        "respond",
        "deadline",
        "copy-body",
        "shadow",
    ]
    assert stages(unsupported=("auth/validator",), output_encoding="no-op") == ["refuse"]


def test_every_stage_stands_in_the_table_once() -> None:
    assert [stage for stage, _ in (*WHOLE_WAYS, *ENDPOINT_STAGES)] == list(EndpointStage)


def test_equal_configurations_have_equal_plans() -> None:
    def make() -> Plan:
        return compiled(endpoint("/e/{id}", backend("/b/{id}")), router=RouterConfig(auto_options=True))

    assert make() == make()
    assert render_text(make()) == render_text(make())
    assert make() != compiled(endpoint("/e/{id}", backend("/c/{id}")))


def test_plan_as_text() -> None:
    plan = compiled(
        endpoint("/u/{id}", backend("/b/{id}", hosts=("http://a", "http://b"), group="g"), input_headers=("Accept",)),
        router=RouterConfig(auto_options=True, hide_version_header=True),
    )
    assert render_text(plan) == (
        "gateway: X-Krakend: Version crossgate/1; User-Agent: crossgate/1\n"
        "errors: krakend\n"
        "cors: off\n"
        "router: auto_options: true\n"
        "router: hide_version_header: true\n"
        "\n"
        "GET /__health: health\n"
        "\n"
        "GET /u/{id}\n"
        "  stages: respond > deadline\n"
        "  timeout: 2s\n"
        '  input_headers: ["Accept"]\n'
        "  backend 0: GET http://a | http://b /b/{{.Id}}\n"
        "    stages: balance > call > status > decode > manipulate\n"
        '    group: "g"\n'
        "\n"
        "OPTIONS /u/{id}: options, Allow: GET\n"
    )


def test_plan_as_json_is_json_with_policies() -> None:
    policy = CorsPolicy(allow_origins=["https://a.example"])
    plan = compiled(endpoint("/e", static=StaticConfig("always", {"x": [1, {"y": 2.5}]})), cors=policy)
    document = json.loads(render_json(plan))
    assert document["cors"]["allow_origins"] == ["https://a.example"]
    assert document["endpoints"][0]["stages"] == ["respond", "deadline", "static"]
    assert document["endpoints"][0]["config"]["static"]["data"] == {"x": [1, {"y": 2.5}]}
    assert "allow_origins" in render_text(plan)


@pytest.mark.parametrize(
    ("pattern", "internal"),
    [("/a", "/a"), ("/{a}/b", "/{{.A}}/b"), ("/{resp0_x.y}", "/{{.Resp0_x.y}}"), ("/{a b}/{", "/{a b}/{")],
)
def test_templates_show_the_internal_pattern(pattern: str, internal: str) -> None:
    assert parse_url_template(pattern).internal_pattern == internal
