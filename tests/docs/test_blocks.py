"""What stands in a code block is true: configurations load, Python runs, commands name what there is."""

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossgate.cli.main import build_parser, main
from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.load import Loaded
from crossgate.cors import ConfigError, CorsPolicy
from crossgate.cors.refusal import describe
from tests.docs.pages import PAGES, ROOT, Block, blocks
from tests.support.process import gateway

ALL = [block for page in PAGES for block in blocks(page)]
LANGUAGES = {"json", "python", "sh", "console", "http", "text", "yaml", "toml", "go"}
PROGRAMS = {
    "crossgate", "make", "python3", "pipx", "pip", "curl", "docker", "kubectl", "helm", "sudo", "mv", "kill", "echo",
    "jq", "pytest", "git",
}  # fmt: skip
OTHERS = [block for block in ALL if not block.page.startswith("docs/rules/")]
# What blocks name and a machine has.
FILES = {"/etc/crossgate/htpasswd": "ops:$2b$10$CwTycUXWue0Thq9StjUM0uJ8pGq0qDjFvZc6SB3oQOhPcRLsZr9Gi\n"}
FILES |= dict.fromkeys(("/run/secrets/revoker", "revoker.token"), "a token that nobody guesses")


# Blocks that only run with the files beside them.
TRIED_AS_A_WHOLE = {"docs/testing.md": "tests/docs/test_testing_page.py"}


def each(language: str, among: list[Block] = OTHERS) -> pytest.MarkDecorator:
    found = [block for block in among if block.language == language and block.page not in TRIED_AS_A_WHOLE]
    assert found
    return pytest.mark.parametrize("block", found, ids=lambda block: f"{block.page}: {block.heading}")


_HOST = '"host": ["http://backend.internal"]'
_BACKEND = '"backend": [{"url_pattern": "/"}]'
_START = f'{{"version": 3, {_HOST}'
_ENDPOINTS = f'"endpoints": [{{"endpoint": "/shown", {_BACKEND}}}]'
_ORIGINS = '"allow_origins": ["https://app.example.com"]'
_POLICIES = '"extra_config": {"crossgate/cors": {"policies": {"public": {"allow_origins": ["*"]}}}}'
# Where a part of a configuration may stand: `<all>` is its text, `<keys>` what is inside of it.
PLACES = (
    f"{_START}, {_ENDPOINTS}, <keys>}}",
    f'{_START}, "endpoints": [{{"endpoint": "/shown", {_BACKEND}, <keys>}}]}}',
    f'{_START}, "endpoints": [{{"endpoint": "/shown", "backend": [{{"url_pattern": "/", <keys>}}]}}]}}',
    f'{_START}, {_ENDPOINTS}, "extra_config": <all>}}',
    f'{_START}, "endpoints": [{{"endpoint": "/shown", {_BACKEND}, "extra_config": <all>}}]}}',
    f'{_START}, "endpoints": [{{"endpoint": "/shown", "backend": [{{"url_pattern": "/", "extra_config": <all>}}]}}]}}',
    f'{_START}, {_ENDPOINTS}, "extra_config": {{"security/cors": {{{_ORIGINS}, <keys>}}}}}}',
    f'{_START}, {_ENDPOINTS}, "extra_config": {{"security/cors": <all>}}}}',
    f'{_START}, {_ENDPOINTS}, "extra_config": {{"crossgate/cors": <all>}}}}',
    f'{{"version": 2, {_HOST}, {_ENDPOINTS}, "extra_config": {{"github_com/devopsfaith/krakend-cors": <all>}}}}',
    f'{{"version": 2, {_HOST}, {_ENDPOINTS}, "extra_config": <all>}}',
    f'{_START}, {_ENDPOINTS}, "extra_config": {{"security/cors": {{{_ORIGINS}}}}}, <keys>}}',
    f'{_START}, "endpoints": [<all>], "extra_config": {{"security/cors": {{{_ORIGINS}}}}}}}',
    '{"version": 3, "endpoints": [<all>]}',
    f'{_START}, "endpoints": [{{"endpoint": "/shown", {_BACKEND}, "extra_config": <all>}}], {_POLICIES}}}',
)
# Nothing reads it there, so that it may say anything.
UNREAD = {"CFG205", "CFG206", "CFG207", "CFG208", "CFG209", "COR108", "COR109"}


def placed(text: str) -> list[str]:
    """Whole configurations with the text; a text that is whole is the only one."""
    text = text.strip()
    if (
        not text.startswith("{")
        or text.startswith('{"version"')
        or re.search(r'^  ("\$schema|"version)', text, re.MULTILINE)
    ):
        return [text]
    keys = text.removeprefix("{").removesuffix("}")
    return [place.replace("<all>", text).replace("<keys>", keys) for place in PLACES]


def loaded(text: str, name: str = "krakend.json") -> Loaded:
    environ = dict.fromkeys(re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+)"', text), "what nobody guesses")
    encoded = text.encode("utf-8", "surrogateescape")
    return load_text(encoded, name=name, components=COMPONENTS, environ=environ)


def test_every_block_says_its_language() -> None:
    assert [(block.page, block.heading) for block in ALL if block.language not in LANGUAGES] == []


@each("json")
def test_a_configuration_is_one_that_starts_and_a_part_is_read_somewhere_without_an_error(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(ROOT / "examples/plugins/src"))  # whose plugins some blocks name
    text = block.text
    for number, (name, content) in enumerate(FILES.items()):
        (tmp_path / str(number)).write_text(content)
        text = text.replace(json.dumps(name), json.dumps(str(number)))
    texts = placed(text)
    said = []
    for one in map(loaded, texts):
        codes = {found.code for found in one.diagnostics}
        errors = [
            found.message
            for found in one.diagnostics
            if found.severity == "error" and "there is no module" not in found.message  # a plugin of the reader's own
        ]
        if not errors and (len(texts) == 1 or not codes & UNREAD):
            return
        said.append((codes, errors))
    pytest.fail(f"it starts nowhere: {said}")


@each("python")
def test_python_runs(block: Block) -> None:
    exec(compile(block.text, block.page, "exec"), {"__name__": "shown"})


def commands(text: str) -> list[list[str]]:
    """The simple commands of a shell block, as words, without what is assigned in front of them."""
    done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words: list[str] = []
        skipped = False
        for word in [*lexer, ";"]:
            if re.fullmatch(r"[|&;]+", word):
                if words:
                    found.append(words)
                words, skipped = [], False
            elif re.fullmatch(r"[<>]+", word):
                skipped = True
            elif skipped:
                skipped = False
            elif words or not re.match(r"[A-Z_]+=", word):
                words.append(word)
    return found


@each("sh", ALL)
def test_a_command_is_one_that_there_is_with_options_and_files_that_there_are(block: Block) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for words in commands(block.text):
        program, *arguments = words
        if "/" in program:
            assert program in {".venv/bin/pip", ".venv/bin/crossgate"}, words
            continue
        assert program in PROGRAMS, words
        if program == "crossgate" and arguments[:1] == ["--print-completion"]:
            assert arguments[1] in {"bash", "zsh", "tcsh"}
        elif program == "crossgate":
            assert callable(build_parser().parse_args(arguments).handler)
        elif program == "make":
            assert {argument for argument in arguments if "=" not in argument} <= targets
        else:
            named = [argument.removeprefix("$PWD/").split(":")[0] for argument in arguments]
            ours = [name for name in named if re.match(r"(deploy|docs|examples|tests|src|schema)/", name)]
            assert [name for name in ours if not (ROOT / name).exists()] == []


def test_a_command_that_is_not_right_is_noticed() -> None:
    block = Block("page", "heading", "sh", "")
    for text in ("crossgate check --colour", "make nothing", "docker build -f deploy/None .", "rm -rf /", "echo 'a"):
        with pytest.raises((AssertionError, SystemExit)):
            test_a_command_is_one_that_there_is_with_options_and_files_that_there_are(block._replace(text=text))


@pytest.mark.parametrize("page", ["README.md", "docs/command-line.md", "docs/running.md"])
def test_an_overview_of_the_command_line_names_verbs_and_options_that_there_are(page: str) -> None:
    verbs = build_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    lines = [
        line for block in ALL if (block.page, block.language) == (page, "text") for line in block.text.splitlines()
    ]
    assert lines
    for line in lines:
        _, verb, *rest = line.partition("#")[0].split()
        if verb.startswith("-"):
            continue
        parser: Any = verbs[verb]  # type: ignore[index]
        if parser._subparsers is not None:
            parser = parser._subparsers._group_actions[0].choices[rest[0]]
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.partition("#")[0])) <= known, line


# Rules whose examples need more than a text: a file that is missing, bytes, many levels, a library that is not there.
NOT_BY_TEXT = {"CFG101", "CFG103", "CFG106", "CFG107", "CFG108", "CFG408", "CFG503"}
RULES = sorted({block.page for block in ALL if block.page.startswith("docs/rules/C")})
SHOWN = [page for page in RULES if Path(page).stem not in NOT_BY_TEXT]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: Path(page).stem)
def test_the_example_of_a_rule_sets_it_off_and_what_to_use_instead_does_not(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = Path(page).stem
    texts = {block.heading: block for block in blocks(ROOT / page) if block.language in {"json", "yaml", "python"}}
    monkeypatch.chdir(tmp_path)

    def codes(block: Block) -> list[set[str]]:
        """By place."""
        if block.language == "python":
            return [codes_of_python(block.text.strip())]
        if block.language == "yaml":
            return [{found.code for found in loaded(block.text, "krakend.yaml").diagnostics}]
        if code.startswith("CFG5") or "{{" in block.text:
            (tmp_path / "settings").mkdir(exist_ok=True)
            (tmp_path / "settings/service.json").write_text('{"name": "x", "port": 8080}')
            (tmp_path / "endpoints.json").write_text("")
            (tmp_path / "krakend.tmpl").write_text(whole_template(block.text))
            if code != "CFG404":
                monkeypatch.setenv("FC_ENABLE", "1")
                monkeypatch.setenv("FC_SETTINGS", "settings")
            main(["check", "-c", "krakend.tmpl", "--format", "json"])
            return [{found["code"] for found in json.loads(capsys.readouterr().out)["diagnostics"]}]
        return [{found.code for found in loaded(text).diagnostics} for text in placed(block.text)]

    places = [number for number, found in enumerate(codes(texts["Example"])) if code in found]
    assert places
    if "Use instead" in texts and code != "CFG504":  # a note that a variable is read, with or without a default
        instead = codes(texts["Use instead"])
        assert any(code not in instead[number % len(instead)] for number in places)


def whole_template(text: str) -> str:
    return text.replace(
        '{"version": 3', '{"version": 3, "x": []' if '"endpoints"' in text else '{"version": 3, "endpoints": []'
    )


def codes_of_python(text: str) -> set[str]:
    try:
        policy = eval(text, {"CorsPolicy": CorsPolicy})
    except ConfigError as error:
        return {found.code for found in error.diagnostics}
    return {found.code for found in policy.diagnostics}


@each("toml", ALL)
def test_toml_is_toml(block: Block) -> None:
    assert tomllib.loads(block.text)


@each("yaml", ALL)
def test_yaml_is_yaml(block: Block) -> None:
    assert list(yaml.safe_load_all(block.text))


def shown(page: str, language: str) -> str:
    (text,) = [block.text for block in ALL if (block.page, block.language) == (page, language)]
    return text


def test_the_mistake_that_is_shown_in_a_template_is_what_check_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings").mkdir()
    items = '    {"path": "/a", "host": "http://a.internal"},\n    {"path": "/b", "host": "no host"}\n'
    (tmp_path / "settings/list.json").write_text('{\n  "items": [\n' + items + "  ]\n}\n")
    before = '{\n  "version": 3,\n  "port": 8080,\n  "endpoints": [\n'
    loop = "    {{ range $i, $e := .list.items }}{{ if $i }},{{ end }}\n"
    endpoint = '    {"endpoint": "{{ $e.path }}", "backend": [{"host": ["{{ $e.host }}"], "url_pattern": "/a"}]}\n'
    (tmp_path / "krakend.tmpl").write_text(f"{before}{loop}{endpoint}    {{{{ end }}}}\n  ]\n}}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["check", "-c", "krakend.tmpl", "--settings", "settings"]) == 1
    assert shown("docs/flexible-configuration.md", "console") in capsys.readouterr().out


def test_the_fields_of_a_refusal_are_those_that_a_limit_sends(tmp_path: Path) -> None:
    text = next(
        block.text for block in ALL if block.page == "docs/components/rate_limit.md" and block.language == "json"
    )
    endpoint = json.loads(text)
    endpoint["backend"][0]["host"] = ["http://127.0.0.1:19"]
    service = {"crossgate/errors": {"style": "http"}}
    path = tmp_path / "krakend.json"
    path.write_text(
        json.dumps({"version": 3, "listen_ip": "127.0.0.1", "extra_config": service, "endpoints": [endpoint]})
    )
    allowed = endpoint["extra_config"]["qos/ratelimit/router"]["client_capacity"]
    with gateway(path) as running:
        for _ in range(allowed * 10):
            status, headers, _ = running.ask("GET", endpoint["endpoint"], {"X-Api-Key": "a"})
            if status == 429:
                break
    for line in shown("docs/components/rate_limit.md", "http").splitlines():
        name, _, value = line.partition(": ")
        assert headers.get_all(name) == [value]


def test_the_log_line_of_a_refused_preflight_is_what_the_gateway_writes() -> None:
    fields = [(b"origin", b"https://app.example.com"), (b"access-control-request-method", b"PUT")]
    fields.append((b"access-control-request-headers", b"authorization,x-trace"))
    policy = CorsPolicy(
        allow_origins=["https://app.example.com"], allow_methods=["PUT"], allow_headers=["Authorization"]
    )
    decision = policy.decide(b"OPTIONS", fields)
    line = describe(policy, b"OPTIONS", b"/orders", fields, decision)
    assert line == shown("docs/cors.md", "text").strip()
