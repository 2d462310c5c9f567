"""Text that another tool should have filled in is called that, and nothing else is said of it."""

import json

import pytest

from crossgate.config import load_text


def problems(tree, **keys):
    return load_text(json.dumps(tree).encode(), **keys).diagnostics


def file_with(backend=None, cors=None, **root):
    backend = {"host": ["http://127.0.0.1:8081"], "url_pattern": "/a"} | (backend or {})
    extra = {} if cors is None else {"extra_config": {"security/cors": cors}}
    return {"version": 3, "endpoints": [{"endpoint": "/a", "backend": [backend]}]} | extra | root


@pytest.mark.parametrize(
    ("tree", "path", "severity"),
    [
        (file_with({"host": ["$BACKEND"]}), "$.endpoints[0].backend[0].host[0]", "warning"),
        (file_with({"host": ["http://$backend:80"]}), "$.endpoints[0].backend[0].host[0]", "error"),
        (file_with({"host": ["${BACKEND}"]}), "$.endpoints[0].backend[0].host[0]", "warning"),
        (file_with({"host": ["http://<your-host>:8080"]}), "$.endpoints[0].backend[0].host[0]", "error"),
        (file_with({"host": ["http://%HOST%"]}), "$.endpoints[0].backend[0].host[0]", "error"),
        (file_with({"host": ["__HOST__"]}), "$.endpoints[0].backend[0].host[0]", "warning"),
        (file_with({"url_pattern": "/${TENANT}/a"}), "$.endpoints[0].backend[0].url_pattern", "error"),
        (file_with({"url_pattern": "/{{ .tenant }}/a"}), "$.endpoints[0].backend[0].url_pattern", "warning"),
        (file_with(port="$PORT"), "$.port", "error"),
        (file_with(port="{{ .port }}"), "$.port", "error"),
        (file_with(timeout="${TIMEOUT}"), "$.timeout", "error"),
        (file_with(name='{{ env "NAME" }}'), "$.name", "warning"),
        (file_with(cors={"allow_origins": ["https://${SITE}/"]}), '$.extra_config["security/cors"].allow_origins[0]',
         "warning"),
        (file_with(cors={"allow_origins": ["https://a.example"], "max_age": "{{ .age }}"}),
         '$.extra_config["security/cors"].max_age', "warning"),
    ],
)  # fmt: skip
def test_placeholder_is_said_once_and_nothing_else_of_that_value(tree, path, severity):
    about = [(d.code, d.path, str(d.severity)) for d in problems(tree) if d.path.startswith(path)]
    assert about == [("CFG226", path, severity)]


@pytest.mark.parametrize(
    "tree",
    [
        file_with({"url_pattern": "/a?$filter=x&y=%AB%"}),
        file_with({"host": ["http://my_host-1:8080"]}),
        file_with({"@host": "$HOST", "url_pattern": "/a"}),
        file_with({"extra_config": {"proxy": {"flatmap_filter": [{"type": "del", "args": ["$HOST"]}]}}}),
        file_with(name="price in $"),
        file_with(cors={"allow_origins": ["https://a.example"]}, **{"$schema": "{{ x }}"}),
    ],
)
def test_what_only_looks_like_one_is_left_alone(tree):
    assert problems(tree) == ()


def test_places_of_one_kind_are_one_problem():
    tree = file_with({"host": ["$A", "http://${B}:80"], "url_pattern": "/{{ .c }}"}, name="{{ .d }}")
    found = problems(tree)
    assert {d.code for d in found} == {"CFG226"}
    assert len({(d.group, d.severity) for d in found}) == 2


def test_krakends_own_words_are_kept():
    [found] = problems(file_with(port="$PORT"))
    assert "strconv.ParseInt" in found.krakend


TEMPLATES = [
    '{"version": 3, "port": {{ .port }}}',
    '{"version": 3, "name": "{{ env "NAME" }}"}',
    '{{ template "root" . }}',
    '{"endpoints": [{{range .list}}{"endpoint": "{{.}}"},{{end}}]}',
    '{"a": {{ marshal .service.cors }} }',
    '{"a": {{- include "file.json" -}} }',
    "{{/* a comment */}}{",
    '{"a": {{ $x }}}',
    '{"a": {{ index .list 0 }}}',
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_template_is_told_to_be_one(text):
    [found] = load_text(text.encode(), name="krakend.tmpl").diagnostics
    assert found.code == "CFG404"
    assert "FC_ENABLE=1" in found.hint
    assert found.span is not None
    assert text.split("\n")[found.span.line - 1][found.span.column - 1 :].startswith("{{")


def test_template_in_yaml_is_told_to_be_one():
    [found] = load_text(b"version: 3\nport: {{ .port }}\nendpoints: [\n", name="krakend.yaml").diagnostics
    assert (found.code, found.span and found.span.line) == ("CFG404", 2)


@pytest.mark.parametrize("text", ['{"a": {{"b": 1}}}', '{"a": 1,}', "{{}}", "[{{a: 1}}]", '{"a": {{}}'])
def test_broken_json_is_no_template(text):
    [found] = load_text(text.encode()).diagnostics
    assert found.code == "CFG102"


def test_what_was_rendered_is_no_template_any_more():
    [found] = load_text(TEMPLATES[0].encode(), rendered=True).diagnostics
    assert found.code == "CFG102"
