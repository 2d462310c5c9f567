"""`crossgate plan`."""

import json
from pathlib import Path

import pytest

from crossgate.cli.main import main

CONFIG = {
    "version": 3,
    "name": "shop",
    "host": ["http://backend:8000"],
    "endpoints": [
        {"endpoint": "/items/{id}", "output_encoding": "no-op", "backend": [{"url_pattern": "/v1/{id}"}]},
        {"endpoint": "/page", "backend": [{"url_pattern": "/a", "group": "a"}, {"url_pattern": "/b"}]},
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(CONFIG))
    return str(path)


def test_text_shows_routes_stages_and_backends(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "-c", file]) == 0
    shown = capsys.readouterr().out
    assert "GET /items/{id}\n  stages: pass-through\n" in shown
    assert "  backend 0: GET http://backend:8000 /v1/{{.Id}}\n" in shown
    assert "GET /page\n  stages: respond > deadline > copy-body > merge\n" in shown


def test_both_forms_are_the_same_every_time(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json"):
        outputs = set()
        for _ in range(2):
            assert main(["plan", "-c", file, "--format", form]) == 0
            outputs.add(capsys.readouterr().out)
        assert len(outputs) == 1


def test_json_is_json(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "-c", file, "--format", "json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert [route["path"] for route in plan["routes"]] == ["/__health", "/items/{id}", "/page"]


def test_krakends_name_is_shown_when_asked_for(
    file: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSGATE_KRAKEND_VERSION", "2.13.8")
    assert main(["plan", "-c", file]) == 0
    assert capsys.readouterr().out.startswith(
        "gateway: X-Krakend: Version 2.13.8; User-Agent: KrakenD Version 2.13.8\n"
    )


def test_configuration_with_errors_has_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "krakend.json"
    path.write_text('{"version": 9}')
    assert main(["plan", "-c", str(path)]) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("value", ["1", "true", "ON", "0", "", "no"])
def test_plan_and_check_understand_the_same_permission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    path = tmp_path / "krakend.json"
    path.write_text('{"version": 3, "endpoints": [], "extra_config": {"plugin/http-server": {"name": ["x"]}}}')
    monkeypatch.setenv("CROSSGATE_ALLOW_UNSUPPORTED", value)
    assert main(["plan", "-c", str(path)]) == main(["check", "-c", str(path)]) == (value not in ("1", "true", "ON"))
