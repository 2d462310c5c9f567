"""Flexible configuration: where its problems are shown, what it may read, and what it tells of itself."""

from pathlib import Path

import pytest

from crossgate.config import Loaded, load_file
from crossgate.diagnostics import Diagnostic

MAIN = """{
  "version": 3,
  "port": {{ .service.port }},
  "endpoints": [
    {{ range $i, $e := .list.items }}{{ if $i }},{{ end }}
    {"endpoint": "{{ $e.path }}", "backend": [{"host": ["{{ $e.host }}"], "url_pattern": "/a"}]}
    {{ end }}
  ]
}
"""
SERVICE = '{\n  "port": 8080\n}\n'
LIST = """{
  "items": [
    {"path": "/a", "host": "http://a"},
    {"path": "/b", "host": "http://b"}
  ]
}
"""
FILES = {"krakend.tmpl": MAIN, "settings/service.json": SERVICE, "settings/list.json": LIST}
ENVIRON = {
    "FC_ENABLE": "1",
    "FC_SETTINGS": "settings",
    "FC_PARTIALS": "partials",
    "FC_TEMPLATES": "templates",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working folder."""
    folder = tmp_path / "project"
    for name in ("settings", "partials", "templates"):
        (folder / name).mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def load(files: dict[str, str], **environ: str) -> Loaded:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    return load_file("krakend.tmpl", environ={**ENVIRON, **environ})


def only(loaded: Loaded, code: str) -> Diagnostic:
    [found] = [each for each in loaded.diagnostics if each.code == code]
    return found


def place(found: Diagnostic) -> tuple[str, int, int]:
    assert found.span is not None
    return found.span.file, found.span.line, found.span.column


def test_a_sound_project_loads() -> None:
    loaded = load(FILES)
    assert loaded.diagnostics == ()
    assert loaded.config is not None
    assert loaded.config.port == 8080


def test_a_mistake_in_the_templates_text_is_shown_there() -> None:
    loaded = load({**FILES, "krakend.tmpl": MAIN.replace("url_pattern", "url_patern")})
    found, again = [each for each in loaded.diagnostics if each.code == "CFG205"]
    assert (found.span, found.group) == (again.span, again.group)
    assert place(found) == ("krakend.tmpl", 6, 75)
    assert dict(found.notes)["rendered"].startswith("6 | ")
    assert dict(found.notes)["within"] == "range $i, $e := .list.items at krakend.tmpl:5, turn 1"


def test_a_stray_comma_says_in_which_turn_it_is() -> None:
    text = MAIN.replace("{{ if $i }},{{ end }}", "").replace("]}\n    {{ end", "]},\n    {{ end")
    found = only(load({**FILES, "krakend.tmpl": text}), "CFG102")
    assert place(found) == ("krakend.tmpl", 6, 97)
    assert "turn 2" in dict(found.notes)["within"]


def test_a_wrong_value_of_the_settings_is_shown_in_their_file() -> None:
    found = only(load({**FILES, "settings/list.json": LIST.replace("http://b", "no host")}), "CFG212")
    assert place(found) == ("settings/list.json", 4, 28)
    assert dict(found.notes)["printed"] == "at krakend.tmpl:6:58"
    assert "turn 2" in dict(found.notes)["within"]


def test_a_mistake_in_a_partial_is_shown_there() -> None:
    main = '{"version": 3, "endpoints": [\n  {{ include "e.json" }}\n]}'
    partial = '{"endpoint": "/a",\n "bakend": []}'
    found = only(load({"krakend.tmpl": main, "partials/e.json": partial}), "CFG205")
    assert place(found) == ("partials/e.json", 2, 2)
    assert dict(found.notes)["included"] == "at krakend.tmpl:2:3"


def test_a_mistake_in_a_template_is_shown_there_with_its_call() -> None:
    main = '{"version": 3, "endpoints": [\n  {{ template "e.tmpl" }}\n]}'
    found = only(load({"krakend.tmpl": main, "templates/e.tmpl": '{"endpoint": "/a",\n "bakend": []}'}), "CFG205")
    assert place(found) == ("templates/e.tmpl", 2, 2)
    assert dict(found.notes)["within"] == 'template "e.tmpl" at krakend.tmpl:2'


def test_what_an_action_prints_is_shown_at_the_action() -> None:
    found = only(load({"krakend.tmpl": '{"version": 3,\n "port": "{{ upper "abc" }}"}'}), "CFG202")
    assert place(found) == ("krakend.tmpl", 2, 11)
    assert dict(found.notes)["rendered"] == '2 |  "port": "ABC"}'


def test_where_a_path_stands_is_asked_of_the_template() -> None:
    loaded = load(FILES)
    span = loaded.locate("$.endpoints[1].backend[0].host[0]")
    assert (span.file, span.line) == ("settings/list.json", 4)
    assert loaded.sources[span.file] == LIST


def test_an_error_of_go_is_shown_at_its_place() -> None:
    found = only(load({"krakend.tmpl": '{\n "name": "{{ upper 5 }}"\n}'}), "CFG502")
    assert place(found) == ("krakend.tmpl", 2, 20)
    assert found.message == 'template: krakend.tmpl:2:19: executing "krakend.tmpl" at <5>: expected string; found 5'


def test_a_file_that_fails_to_render_is_not_served_as_it_stands() -> None:
    """DEV-TMPL-4."""
    text = '{"version": 3, "extra_config": {"router": {"error_body": {"404": "{{ fail `x` }}"}}}}'
    loaded = load({"krakend.tmpl": text})
    assert loaded.config is None
    assert only(loaded, "CFG502").krakend.startswith("logs it and reads the file as it is")


def test_broken_settings_are_shown_at_their_line_and_prevent_the_start() -> None:
    loaded = load({"krakend.tmpl": '{"version": 3}', "settings/bad.json": '{\n "a": }'})
    found = only(loaded, "CFG503")
    assert loaded.config is None
    assert place(found) == ("settings/bad.json", 2, 7)
    assert found.message.endswith("bad.json: invalid character '}' looking for beginning of value")


def test_the_environment_is_read_by_env_and_expandenv_alone_and_told() -> None:
    text = '{"version": 3, "name": "{{ env "A" }}{{ expandenv "$B ${C}" }}$D"}'
    loaded = load({"krakend.tmpl": text}, A="x", B="y", D="z")
    assert loaded.config is not None
    assert only(loaded, "CFG504").message == "the template reads the environment: A, B, C (not set)"


def test_a_value_that_is_not_there_is_told_once_and_at_its_action() -> None:
    loaded = load({**FILES, "krakend.tmpl": MAIN.replace("{{ $e.host }}", "{{ $e.hots }}")})
    found = [each for each in loaded.diagnostics if each.code == "CFG505"]
    assert loaded.config is None
    assert {place(each) for each in found} == {("krakend.tmpl", 6, 58)}


def test_a_value_that_is_not_there_explains_what_is_wrong_then() -> None:
    found = only(load({**FILES, "krakend.tmpl": MAIN.replace(".service.port", ".service.prot")}), "CFG505")
    assert found.severity == "error"
    assert found.message == "there is no value for .service.prot: the configuration gets the text <no value>"
    assert found.krakend == "refuses to start: invalid character '<' looking for beginning of value"


def test_a_partial_that_is_not_there_is_told() -> None:
    loaded = load({"krakend.tmpl": '{"version": 3{{ include "none" }}}'})
    assert loaded.config is not None
    assert only(loaded, "CFG506").message.startswith("partials/none cannot be read")


def test_templates_read_within_their_folders_only(project: Path) -> None:
    """DEV-TMPL-5."""
    (project.parent / "secret").write_text("secret")
    (project / "beside").write_text("beside")
    (project / "partials" / "link").symlink_to(project.parent / "secret")
    for name in ("../../secret", "link"):
        found = only(load({"krakend.tmpl": f'{{{{ include "{name}" }}}}'}), "CFG502")
        assert found.message.endswith("is outside of the folders that templates may read")
    loaded = load(
        {"krakend.tmpl": '{"version": 3, "name": "{{ include "../beside" }}{{ include "/x" }}"}', "partials/x": "X"}
    )
    assert loaded.config is not None
    assert loaded.config.name == "besideX"


def test_everything_that_was_read_is_to_be_watched() -> None:
    files = {**FILES, "partials/p": "", "templates/t.tmpl": ""}
    loaded = load({**files, "krakend.tmpl": MAIN + '{{ include "p" }}{{ include "later" }}'})
    assert set(loaded.watched) == {
        *files,
        "partials/later",
        "settings",
        "partials",
        "templates",
    }


def test_a_plain_file_is_to_be_watched_alone() -> None:
    Path("plain.json").write_text('{"version": 3}')
    assert load_file("plain.json", environ={}).watched == ("plain.json",)


def test_the_kept_file_says_how_the_rendered_text_is_read() -> None:
    loaded = load({"krakend.tmpl": "version: 3\nport: 9000\n"}, FC_OUT="out.yml")
    assert loaded.config is not None
    assert loaded.config.port == 9000
    assert Path("out.yml").read_text() == "version: 3\nport: 9000\n"
    assert load({"krakend.tmpl": "version: 3\n"}).config is None


def test_strict_counts_warnings_of_the_template_too() -> None:
    Path("krakend.tmpl").write_text('{"version": 3, "name": "{{ .nope }}"}')
    assert load_file("krakend.tmpl", environ=ENVIRON).config is not None
    assert load_file("krakend.tmpl", environ=ENVIRON, strict=True).config is None


def test_options_in_a_file_read_yaml_and_toml_settings_too() -> None:
    options = """{
      "settings": {"paths": ["shared", "production"]},
      "partials": {"paths": ["partials"]},
      "templates": {"paths": ["templates"]},
      "out": "out.json"
    }"""
    files = {
        "flexible_config.json": options,
        "shared/a.yaml": "port: 8080\nname: shared\n",
        "shared/b.toml": 'hosts = ["http://b"]\n',
        "production/a.yaml": "port: 9090\nname: production\n",
        "krakend.tmpl": '{"version": 3, "name": "{{ .a.name }}", "port": {{ .a.port }}, "host": {{ toJson .b.hosts }}}',
    }
    loaded = load(files, FC_CONFIG="flexible_config.json")
    assert loaded.diagnostics == ()
    assert loaded.config is not None
    assert (loaded.config.port, loaded.config.name) == (9090, "production")
    assert Path("out.json").exists()
    assert "flexible_config.json" in loaded.watched


def test_yaml_settings_are_shown_where_they_stand() -> None:
    files = {
        "flexible_config.json": '{"settings": {"paths": ["settings"]}}',
        "settings/a.yaml": "name: x\nhost: no host\n",
        "krakend.tmpl": '{"version": 3, "host": ["{{ .a.host }}"]}',
    }
    found = only(load(files, FC_CONFIG="flexible_config.json"), "CFG212")
    assert place(found) == ("settings/a.yaml", 2, 7)


def test_options_that_are_not_run_are_told() -> None:
    files = {
        "krakend.tmpl": '{"version": 3}',
        "fc.json": '{"meta_key": "m", "settings": {"allowed_suffixes": [".ini"]}}',
    }
    messages = [found.message for found in load(files, FC_CONFIG="fc.json").diagnostics]
    assert messages == [
        "crossgate does not know the option 'meta_key'",
        "crossgate does not read settings that end in .ini",
    ]
    assert load(files, FC_CONFIG="none.json").config is None


def test_a_thousand_endpoints_render() -> None:
    items = ",".join([f'{{"path": "/p{n}/{{id}}", "host": "http://h{n}"}}' for n in range(1000)])
    loaded = load({**FILES, "settings/list.json": f'{{"items": [{items}]}}'})
    assert loaded.config is not None
    assert len(loaded.config.endpoints) == 1000
