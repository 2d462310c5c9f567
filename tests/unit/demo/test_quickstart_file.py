import json
from pathlib import Path

import pytest

from crossgate.config import load_text
from crossgate.cors.explain import PolicyResponder
from crossgate.cors.fetch import FetchRequest, WireResponse
from crossgate.cors.judge import judge
from crossgate.demo import demo_configuration

EXAMPLES = Path(__file__).parents[3] / "examples" / "quickstart"


def test_example_has_the_documented_cors_block() -> None:
    data = json.loads((EXAMPLES / "krakend.json").read_bytes())

    assert data["version"] == 2
    assert data["extra_config"]["github_com/devopsfaith/krakend-cors"] == {
        "allow_origins": ["*"],
        "allow_methods": ["GET", "HEAD", "POST"],
        "expose_headers": ["Content-Length", "Content-Type"],
        "max_age": "12h",
        "allow_headers": ["Accept-Language"],
        "allow_credentials": False,
        "debug": False,
    }


@pytest.mark.parametrize("version", [2, 3])
def test_demo_at_the_usual_port_runs_the_example_on_loopback_only(version: int) -> None:
    name = "krakend.json" if version == 2 else "krakend-v3.json"
    example = json.loads((EXAMPLES / name).read_bytes())

    assert json.loads(demo_configuration(8080, version=version)) == {**example, "listen_ip": "127.0.0.1"}


@pytest.mark.parametrize("version", [2, 3])
def test_port_and_hosts_move_together(version: int) -> None:
    text = demo_configuration(9000, version=version).decode()
    data = json.loads(text)

    assert data["port"] == 9000
    assert {host for endpoint in data["endpoints"] for one in endpoint["backend"] for host in one["host"]} == {
        "http://127.0.0.1:9001"
    }
    assert "8081" not in text
    assert "8082" not in text
    if version == 3:
        assert data["extra_config"]["security/cors"]["allow_origins"] == [
            "http://127.0.0.1:9002",
            "http://localhost:9002",
        ]


@pytest.mark.parametrize("version", [2, 3])
def test_example_loads_without_errors_or_warnings(version: int) -> None:
    loaded = load_text(demo_configuration(8080, version=version), name="krakend.json", environ={})

    assert loaded.config is not None
    assert loaded.config.version == version
    assert [found for found in loaded.diagnostics if found.severity != "note"] == []


def test_example_of_version_2_notes_the_json_that_its_page_shows_refused() -> None:
    loaded = load_text(demo_configuration(8080, version=2), name="krakend.json", environ={})
    assert "COR404" in {found.code for found in loaded.diagnostics}


@pytest.mark.parametrize(
    ("origin", "method", "allowed"),
    [
        ("http://127.0.0.1:9002", "POST", True),
        ("http://localhost:9002", "DELETE", True),
        ("http://127.0.0.1:9002", "PUT", False),
        ("http://127.0.0.1:9003", "GET", False),
        ("https://localhost:9002", "GET", False),
        ("null", "GET", False),
    ],
)
def test_twin_lets_its_page_call_with_credentials_and_nobody_else(origin: str, method: str, allowed: bool) -> None:
    loaded = load_text(demo_configuration(9000, version=3), name="krakend-v3.json", environ={})
    assert loaded.config is not None
    policy = loaded.config.cors
    request = FetchRequest(
        origin, "http://127.0.0.1:9000/hello", method, (("Content-Type", "application/json"),), "include"
    )
    judgement = judge(request, PolicyResponder(lambda _: policy, lambda _: WireResponse(200, ())))

    assert (judgement.chromium.allowed, judgement.firefox.allowed) == (allowed, allowed)
