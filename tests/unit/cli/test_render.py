"""`crossgate render` and templates given to the other verbs."""

import json
from pathlib import Path

import pytest

from crossgate.cli.main import main

MAIN = '{"version": 3, "name": "{{ .service.name }}", "endpoints": []}\n'


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("FC_ENABLE", "FC_PARTIALS", "FC_TEMPLATES", "FC_OUT", "FC_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FC_SETTINGS", "settings")
    for folder, name in (("settings", "héllo"), ("other", "other"), ("broken", 'a"b')):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "service.json").write_text(json.dumps({"name": name}))
    (tmp_path / "krakend.tmpl").write_text(MAIN)
    return tmp_path


def test_render_prints_the_rendered_bytes_and_nothing_else(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["render", "-c", "krakend.tmpl"]) == 0
    captured = capfdbinary.readouterr()
    assert captured.out == MAIN.replace("{{ .service.name }}", "héllo").encode()
    assert captured.err == b""


def test_render_writes_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "-c", "krakend.tmpl", "-o", "out.json"]) == 0
    assert json.loads((project / "out.json").read_text())["name"] == "héllo"
    assert capsys.readouterr().out == ""
    assert main(["render", "-c", "krakend.tmpl", "-o", "no/out.json"]) == 1


def test_render_does_not_mind_what_comes_out(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "krakend.tmpl").write_text("{{ 1 }},")
    assert main(["render", "-c", "krakend.tmpl"]) == 0


def test_a_template_that_fails_gives_nothing_and_says_why(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "krakend.tmpl").write_text("text {{ fail `no` }}")
    assert main(["render", "-c", "krakend.tmpl"]) == 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "error calling fail: no\n" in captured.err


def test_a_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "-c", "none.tmpl"]) == 1
    assert "none.tmpl cannot be read: No such file or directory" in capsys.readouterr().err


def test_check_takes_all_environments_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-c", "krakend.tmpl", "--settings", "settings", "other"]) == 0
    assert capsys.readouterr().out.count("krakend.tmpl is fine") == 2
    assert main(["check", "-c", "krakend.tmpl", "--settings", "settings", "broken", "other"]) == 1
    out = capsys.readouterr().out
    assert "with settings broken: krakend.tmpl does not start: 1 error" in out
    assert "--> broken/service.json:1:10" in out


def test_the_json_report_says_which_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-c", "krakend.tmpl", "--format", "json", "--settings", "broken", "other"]) == 1
    [found] = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (found["file"], found["notes"]["settings"]) == ("broken/service.json", "broken")


@pytest.mark.parametrize("verb", [["check"], ["plan"]])
def test_verbs_take_a_template_where_fc_enable_is_set(
    verb: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "-c", "krakend.tmpl"]) == 0
    monkeypatch.setenv("FC_SETTINGS", "broken")
    assert main([*verb, "-c", "krakend.tmpl"]) == 0
    monkeypatch.setenv("FC_ENABLE", "1")
    assert main([*verb, "-c", "krakend.tmpl"]) == 1


def test_cors_explain_points_into_the_template(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "settings" / "service.json").write_text('{\n  "origin": "https://a.example"\n}')
    text = (
        '{"version": 3, "extra_config": {"security/cors": {"allow_origins":\n ["{{ .service.origin }}"]}},'
        ' "endpoints": [{"endpoint": "/a", "backend": [{"host": ["http://a"], "url_pattern": "/a"}]}]}'
    )
    (project / "krakend.tmpl").write_text(text)
    monkeypatch.setenv("FC_ENABLE", "1")
    arguments = ["--origin", "https://b.example", "--method", "GET", "--url", "/a"]
    assert main(["cors", "explain", "-c", "krakend.tmpl", *arguments]) == 3
    assert "krakend.tmpl:" in capsys.readouterr().out
