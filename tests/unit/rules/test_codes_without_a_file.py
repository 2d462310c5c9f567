"""The codes that no text of a configuration file brings about."""

import pytest

from crossgate.config import load_file
from crossgate.cors import ConfigError, CorsPolicy


def test_file_that_cannot_be_read_is_cfg101(tmp_path):
    assert [d.code for d in load_file(str(tmp_path / "none.json"), environ={}).diagnostics] == ["CFG101"]
    assert [d.code for d in load_file(str(tmp_path), environ={}).diagnostics] == ["CFG101"]


@pytest.mark.parametrize(
    ("code", "text", "files"),
    [
        ("CFG501", '{"version": 3, "name": "{{ if }}"}', {}),
        ("CFG502", '{"version": 3, "name": "{{ upper 5 }}"}', {}),
        ("CFG503", '{"version": 3}', {"settings/a.json": "[1]"}),
        ("CFG504", '{"version": 3, "name": "{{ env `NAME` }}"}', {}),
        ("CFG505", '{"version": 3, "name": "{{ .a.nmae }}"}', {"settings/a.json": '{"name": "x"}'}),
        ("CFG506", '{"version": 3{{ include `more` }}}', {"partials/mroe": ""}),
    ],
)
def test_code_comes_from_a_flexible_configuration(code, text, files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("settings", "partials"):
        (tmp_path / folder).mkdir()
    for name, content in {"krakend.tmpl": text, "sound.tmpl": '{"version": 3}', **files}.items():
        (tmp_path / name).write_text(content)
    environ = {"FC_ENABLE": "1", "FC_SETTINGS": "settings", "FC_PARTIALS": "partials"}
    assert code in [d.code for d in load_file("krakend.tmpl", environ=environ).diagnostics]
    (tmp_path / "settings" / "a.json").write_text('{"name": "x"}')
    assert load_file("sound.tmpl", environ=environ).diagnostics == ()


@pytest.mark.parametrize(
    ("arguments", "code", "path"),
    [
        ({"allow_headers": ["X-A", "X-B, X-C"]}, "COR120", "$.allow_headers[1]"),
        ({"allow_methods": ["PUT", "trace"]}, "COR121", "$.allow_methods[1]"),
    ],
)
def test_python_argument_that_cannot_help_is_refused(arguments, code, path):
    with pytest.raises(ConfigError) as refused:
        CorsPolicy(allow_origins=["https://app.example.com"], **arguments)
    assert [(d.code, d.path) for d in refused.value.diagnostics] == [(code, path)]


def test_python_arguments_of_a_working_policy_are_accepted():
    policy = CorsPolicy(
        allow_origins=["https://app.example.com"], allow_headers=["X-A", "X-B"], allow_methods=["PUT", "tracing"]
    )
    assert policy.diagnostics == ()
