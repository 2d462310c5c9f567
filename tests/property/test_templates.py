"""Rendering is total: any text renders, or gives an error with a place in it."""

import random
from datetime import UTC

from hypothesis import example, given
from hypothesis import strategies as st

from crossgate.gotemplate import Rendered, TemplateError, TemplateSet
from crossgate.gotemplate.printing import sprintf
from crossgate.gotemplate.sprig import World, sprig_functions

DATA = {
    "s": {"str": "é", "int": 7.0, "list": [1.0, "two", None], "map": {"b": 2.0, "a": {"c": True}}, "nul": None},
    "n": 3,
}
FUNCTIONS = sprig_functions(
    World.of_environment(
        {"A": "x"}, now=lambda: 0, random_bytes=random.Random(1).randbytes, zone=lambda _: None, local_zone=UTC
    )
)
# Making keys and hashing passwords takes long, whatever they are given.
SLOW = {"genPrivateKey", "genCA", "genSelfSignedCert", "genSignedCert", "bcrypt", "htpasswd", "derivePassword"}
WORDS = st.sampled_from(
    [
        *[name for name in sorted(FUNCTIONS) if name not in SLOW and "Key" not in name],
        *[
            "index",
            "slice",
            "len",
            "print",
            "printf",
            "println",
            "html",
            "js",
            "urlquery",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "and",
            "or",
            "not",
            "call",
        ],
        *[".s.str", ".s.int", ".s.list", ".s.map", ".s.nul", ".s.nope", ".n", ".", "$", "$x"],
        *['"a"', '"%d %v"', "1", "-1", "2.5", "true", "nil", "'c'", "(list 1 2)", '(dict "a" 1)', "`raw`", '"1h"'],
        *["|", "(", ")", ":=", "=", ","],
    ]
)
ACTIONS = st.one_of(
    st.lists(WORDS, min_size=1, max_size=6).map(" ".join),
    st.sampled_from(["end", "else", "break", "continue", 'define "t"', 'template "t" .', 'block "b" .']),
    st.tuples(st.sampled_from(["if", "with", "range", "range $i, $e :="]), WORDS).map(" ".join),
    st.text(max_size=6),
)
PIECES = st.one_of(
    ACTIONS.map(lambda text: f"{{{{ {text} }}}}"),
    ACTIONS.map(lambda text: f"{{{{- {text} -}}}}"),
    st.sampled_from(["text", "\n", " ", "{{", "}}", "{{/* c */}}", '{"a": ', "é\udcff"]),
    st.text(max_size=4),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@given(TEXTS)
@example('{{ print "\\xff" | upper | trunc 1 }}')
@example("{{ $x := 1 }}{{ with $x := 2 }}{{ end }}{{ $x.y }}")
def test_any_text_renders_or_gives_a_located_error(text: str) -> None:
    templates = TemplateSet(FUNCTIONS)
    try:
        templates.parse("main", text)
        rendered = templates.execute("main", DATA)
    except TemplateError as error:
        check_place(error, text)
    else:
        check_origins(rendered, text)


def check_place(error: TemplateError, text: str) -> None:
    assert error.file == "main"
    assert 1 <= error.line <= text.count("\n") + 1
    assert error.column >= 1
    assert str(error).startswith(f"template: main:{error.line}:")


def check_origins(rendered: Rendered, text: str) -> None:
    """Every character has an origin inside the template, and copied text is what stands there."""
    whole = rendered.text
    for position, character in enumerate(whole):
        origin = rendered.origin(position)
        assert origin is not None
        assert 0 <= origin.position <= len(text)
        if type(origin.node).__name__ == "Text":
            assert text[origin.position] == character


@given(
    st.text("%dvsqxXfgeETtcUpbo[]0123456789.*+-# ", max_size=12),
    st.lists(st.sampled_from([1, 2.5, "a", True, None]), max_size=3),
)
def test_any_format_prints_something(form: str, values: list[object]) -> None:
    assert isinstance(sprintf(form, values), str)
