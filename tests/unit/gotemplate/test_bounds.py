"""A template is bounded in steps, depth and size, and what it cannot do ends in a located error."""

import random
from datetime import UTC

import pytest

from crossgate.gotemplate import TemplateError, TemplateSet, execute
from crossgate.gotemplate.sprig import World, sprig_functions


def render(text: str, data: object = None) -> str:
    world = World.of_environment(
        {}, now=lambda: 0, random_bytes=random.Random(1).randbytes, zone=lambda _: None, local_zone=UTC
    )
    templates = TemplateSet(sprig_functions(world))
    templates.parse("main", text)
    return templates.execute("main", {} if data is None else data).text


def failure(text: str) -> TemplateError:
    with pytest.raises(TemplateError) as failed:
        render(text)
    return failed.value


def test_names_are_not_looked_up_in_dns() -> None:
    """DEV-TMPL-1."""
    assert "does not look up names" in failure('{{ getHostByName "localhost" }}').reason
    assert render('{{ getHostByName "127.0.0.1" }}') == "127.0.0.1"


def test_a_loop_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEV-TMPL-2."""
    monkeypatch.setattr(execute, "MAX_STEPS", 1000)
    error = failure("{{ range 9223372036854775807 }}{{ end }}")
    assert error.reason == "more than 1000 steps"


@pytest.mark.parametrize(
    "text",
    [
        '{{ repeat 1000000000 "xxxxxxxxxx" }}',
        '{{ indent 100000000 "x" }}',
        '{{ $s := repeat 1000000 "x" }}{{ range 100 }}{{ $s = print $s $s }}{{ end }}',
        '{{ $l := list "x" }}{{ range 60 }}{{ $l = list $l $l }}{{ end }}{{ $l }}',
        '{{ $l := list "x" }}{{ range 60 }}{{ $l = list $l $l }}{{ end }}{{ toJson $l }}',
        '{{ $l := list "x" }}{{ range 60 }}{{ $l = concat $l $l }}{{ end }}',
        "{{ until 1000000000 }}",
        "{{ seq 1 1000000000 }}",
        '{{ $s := repeat 10000 "x" }}{{ replace "x" $s $s }}',
        '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}',
        '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToJson $d }}',
        '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}',
        "{{ randAlpha 1000000000 }}",
    ],
)
def test_what_would_fill_the_memory_is_a_located_error(text: str) -> None:
    """DEV-TMPL-2."""
    error = failure(text)
    assert (error.file, error.line) == ("main", 1)
    assert str(error).startswith("template: main:1:")


def test_keys_and_values_come_in_the_order_of_keys() -> None:
    """DEV-TMPL-3."""
    text = '{{ $d := dict "b" 1 "c" 2 "a" 3 }}{{ keys $d }}{{ values $d }}'
    assert render(text) == "[a b c][3 1 2]"


def test_parentheses_without_end_are_an_error_of_the_template() -> None:
    assert failure("{{ " + "(" * 100_000).reason == "max expression depth exceeded"
    assert failure("{{ if true }}" * 100_000).reason == "max expression depth exceeded"


def test_templates_may_call_each_other_deeper_than_python_could() -> None:
    text = '{{ define "n" }}{{ if . }}{{ template "n" (sub . 1) }}{{ end }}.{{ end }}{{ template "n" 20000 }}'
    assert render(text) == "." * 20_001
