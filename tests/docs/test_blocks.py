"""What stands in a code block is true: configurations load, Python runs, commands name what there is."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from crossgate.cli.main import build_parser, main
from crossgate.components import COMPONENTS
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.config import load_text
from crossgate.config.load import Loaded
from crossgate.cors import ConfigError, CorsPolicy
from crossgate.cors.refusal import describe
from tests.docs.pages import PAGES, ROOT, Block, blocks

ALL = [block for page in PAGES for block in blocks(page)]
LANGUAGES = {"json", "python", "sh", "console", "http", "text", "yaml"}
PROGRAMS = {
    "crossgate", "make", "python3", "pipx", "pip", "curl", "docker", "kubectl", "helm", "sudo", "mv", "kill", "echo",
    "jq", "pytest",
}  # fmt: skip
RULES = [block for block in ALL if block.page.startswith("docs/rules/")]
OTHERS = [block for block in ALL if not block.page.startswith("docs/rules/")]
# What blocks name and a machine has.
FILES = {"/etc/crossgate/htpasswd": "ops:$2b$10$CwTycUXWue0Thq9StjUM0uJ8pGq0qDjFvZc6SB3oQOhPcRLsZr9Gi\n"}
FILES |= dict.fromkeys(("/run/secrets/revoker", "revoker.token"), "a token that nobody guesses")


def each(language: str, among: list[Block] = OTHERS) -> pytest.MarkDecorator:
    found = [block for block in among if block.language == language]
    assert found
    return pytest.mark.parametrize("block", found, ids=lambda block: f"{block.page}: {block.heading}")


def whole(text: str) -> str:
    """A configuration that has the part: what stands around it is added in front of the text, which stays as it is."""
    if '"version"' in text or not text.lstrip().startswith("{"):
        return text
    inner = text.strip()[1:]
    names = set(json.loads(text, object_pairs_hook=lambda pairs: [name for name, _ in pairs]))
    host = '"host": ["http://backend.internal"]'
    start = f'{{"version": 3, {host}'
    comma = "," if names else ""
    if "endpoint" in names:
        backend = "" if "backend" in names else '"backend": [{"url_pattern": "/"}], '
        return f'{start}, "endpoints": [{{{backend}{inner}]}}'
    if "url_pattern" in names:
        return f'{start}, "endpoints": [{{"endpoint": "/shown", "backend": [{{{inner}]}}]}}'
    if "backend" in names:
        return f'{start}, "endpoints": [{{"endpoint": "/shown", {inner}]}}'
    if any("/" in name for name in names) or names == {"proxy"}:
        old = any(name.startswith("git") for name in names)
        place = f'"extra_config": {{{inner}'
        if names & {"qos/ratelimit/router", "proxy", "auth/validator"}:
            backend = '"backend": [{"url_pattern": "/"}]'
            return f'{start}, "endpoints": [{{"endpoint": "/shown", {backend}, {place}}}]}}'
        return f'{start.replace("3", "2", 1) if old else start}, "endpoints": [], {place}}}'
    cors = {"rules", "policies", "default", "policy", "upstream"}
    if names & {"colour"} or any(
        name.lower().startswith(("allow", "expose", "max_age", "options_", "debug")) for name in names
    ):
        namespace = "crossgate/cors" if names & cors else "security/cors"
        return f'{start}, "endpoints": [], "extra_config": {{"{namespace}": {{{inner}}}}}'
    if names & cors:
        return f'{start}, "endpoints": [], "extra_config": {{"crossgate/cors": {{{inner}}}}}'
    given = "" if "host" in names else f"{host}, "
    ends = "" if "endpoints" in names else f'"endpoints": []{comma} '
    return f'{{"version": 3, {given}{ends}{inner}' if ends or names else f'{{"version": 3, {host}, "endpoints": []}}'


def loaded(text: str, name: str = "krakend.json") -> Loaded:
    return load_text(text.encode("utf-8", "surrogateescape"), name=name, components=COMPONENTS, environ={})


def test_every_block_says_its_language() -> None:
    assert [(block.page, block.heading) for block in ALL if block.language not in LANGUAGES] == []


@each("json")
def test_a_configuration_or_a_part_of_one_loads_without_an_error(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = whole(block.text)
    for number, (name, content) in enumerate(FILES.items()):
        (tmp_path / str(number)).write_text(content)
        text = text.replace(json.dumps(name), json.dumps(str(number)))
    found = loaded(text)
    assert [(each.code, each.message) for each in found.diagnostics if each.severity == "error"] == []
    assert found.config is not None


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
        if verb == "cors":
            parser = parser._subparsers._group_actions[0].choices[rest[0]]
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line.partition("#")[0])) <= known, line


# Rules whose examples need more than a text (a file that is missing, bytes, a thousand levels), or that always speak.
NOT_BY_TEXT = {"CFG101", "CFG103", "CFG106", "CFG107", "CFG108", "CFG503"}
# What stands around an example where its keys do not tell: `<all>` is the text, `<keys>` what is inside.
_CORS = '"extra_config": {"security/cors": {"allow_origins": ["https://app.example.com"]'
AROUND = {
    "CFG305": '{"version": 3, "endpoints": [<all>]}',
    "CFG307": '{"version": 3, "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/"}]}], <keys>}',
    "CFG407": '{"version": 3, "host": ["http://a"], '
    '"endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/"}], "extra_config": <all>}]}',
    "COR111": '{"version": 2, "endpoints": [], "extra_config": {"github_com/devopsfaith/krakend-cors": <all>}}',
    "COR119": '{"version": 3, "extra_config": {"crossgate/cors": {"policies": {"public": {"allow_origins": ["*"]}}}}, '
    '"endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/"}], "extra_config": <all>}]}',
    "COR122": '{"version": 3, "endpoints": [], "extra_config": <all>}',
    "COR333": f'{{"version": 3, "endpoints": [], {_CORS}, <keys>}}}}}}',
    "COR403": f'{{"version": 3, "host": ["http://a"], {_CORS}}}}}, "endpoints": [<all>]}}',
}
BY_TEXT = [
    block
    for block in RULES
    if block.language in {"json", "yaml", "python"}
    and Path(block.page).stem not in NOT_BY_TEXT
    and (Path(block.page).stem, block.heading) != ("CFG504", "Use instead")
]


@pytest.mark.parametrize("block", BY_TEXT, ids=lambda block: f"{block.page}: {block.heading}")
def test_the_example_of_a_rule_sets_it_off_and_what_to_use_instead_does_not(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = Path(block.page).stem
    if block.language == "python":
        codes = codes_of_python(block.text.strip())
    elif code.startswith("CFG5") or "{{" in block.text:
        (tmp_path / "settings").mkdir()
        (tmp_path / "settings/service.json").write_text('{"name": "x", "port": 8080}')
        (tmp_path / "endpoints.json").write_text("")
        (tmp_path / "krakend.tmpl").write_text(whole_template(block.text))
        monkeypatch.chdir(tmp_path)
        if code != "CFG404":
            monkeypatch.setenv("FC_ENABLE", "1")
            monkeypatch.setenv("FC_SETTINGS", "settings")
        main(["check", "-c", "krakend.tmpl", "--format", "json"])
        codes = {found["code"] for found in json.loads(capsys.readouterr().out)["diagnostics"]}
    elif block.language == "yaml":
        codes = {found.code for found in loaded(block.text, "krakend.yaml").diagnostics}
    else:
        shown = block.text.strip()
        around = AROUND.get(code, whole(shown))
        text = around.replace("<all>", shown).replace("<keys>", shown.removeprefix("{").removesuffix("}"))
        codes = {found.code for found in loaded(text).diagnostics}
    assert (code in codes) == (block.heading == "Example"), codes


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


def test_the_fields_of_a_refusal_are_those_that_a_limit_sends() -> None:
    (configuration,) = [block.text for block in ALL if block.page == "docs/components/rate_limit.md"][:1]
    config = loaded(whole(configuration)).config
    assert config is not None
    limit = config.endpoints[0].components["rate_limit"]
    refusal = Refusals(limit, is_honest=True).of_client(1)
    sent = {name.decode(): value.decode() for name, value in refusal.fields}
    for line in shown("docs/components/rate_limit.md", "http").splitlines():
        name, _, value = line.partition(": ")
        assert sent[name.lower()] == value


def test_the_log_line_of_a_refused_preflight_is_what_the_gateway_writes() -> None:
    fields = [(b"origin", b"https://app.example.com"), (b"access-control-request-method", b"PUT")]
    fields.append((b"access-control-request-headers", b"authorization,x-trace"))
    policy = CorsPolicy(
        allow_origins=["https://app.example.com"], allow_methods=["PUT"], allow_headers=["Authorization"]
    )
    decision = policy.decide(b"OPTIONS", fields)
    line = describe(policy, b"OPTIONS", b"/orders", fields, decision)
    assert line == shown("docs/cors.md", "text").strip()
