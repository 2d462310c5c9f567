"""The README: what it shows is what happens."""

import argparse
import json
import re
import shlex
import socket
from pathlib import Path
from urllib.parse import urlsplit

from crossgate.cli.main import CORS_VERBS, VERBS, build_parser, main
from crossgate.cors import CorsPolicy
from tests.support.process import gateway

ROOT = Path(__file__).parents[2]
ORIGIN = b"https://app.example.com"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def readme_policy():
    shown = json.loads(blocks(ROOT / "README.md", "json")[0])
    return CorsPolicy.from_krakend(shown["extra_config"]["github_com/devopsfaith/krakend-cors"], config_version=2)


def lines_of(block):
    return sorted(line.lower() for line in block.strip().splitlines())


def sent(edits):
    shown = [f"{name.decode()}: {value.decode()}" for name, value in edits.apply([])]
    return sorted(line.lower() for line in shown)


def test_the_readme_shows_the_fields_of_an_actual_response():
    decision = readme_policy().decide(b"GET", [(b"origin", ORIGIN)])
    assert lines_of(blocks(ROOT / "README.md", "http")[0]) == sent(decision.edits)


def test_the_readme_shows_the_fields_of_a_preflight():
    asked = [(b"access-control-request-method", b"GET"), (b"access-control-request-headers", b"accept-language")]
    decision = readme_policy().decide(b"OPTIONS", [(b"origin", ORIGIN), *asked])
    assert lines_of(blocks(ROOT / "README.md", "http")[1]) == sent(decision.edits)


def test_nothing_is_said_of_the_configuration_shown_first(tmp_path, capsys):
    path = tmp_path / "krakend.json"
    path.write_text(blocks(ROOT / "README.md", "json")[0])
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out.strip() == f"{path} is fine"


def test_the_configuration_shown_first_answers_as_it_stands(tmp_path):
    shown = blocks(ROOT / "README.md", "json")[0]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    path = tmp_path / "krakend.json"
    path.write_text(shown.replace("8080", str(port)))
    asked = next(line for line in "\n".join(blocks(ROOT / "README.md", "sh")).splitlines() if line.startswith("curl"))
    _, _, _, header, url = shlex.split(asked)
    with gateway(path, "-d", "-p", str(port)) as running:
        status, headers, body = running.ask("GET", urlsplit(url).path, dict([header.split(": ")]))
    assert (status, json.loads(body)) == (200, {"message": "pong"})
    for line in blocks(ROOT / "README.md", "http")[0].strip().splitlines():
        name, value = line.split(": ", 1)
        assert headers.get_all(name) == [value]


def test_every_verb_and_option_of_the_command_line_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    page = (ROOT / "docs/command-line.md").read_text()
    verbs = build_parser()._subparsers._group_actions[0].choices
    assert set(verbs) == {*VERBS, "cors"}
    for name, parser in verbs.items():
        if name == "validate":
            continue
        assert f"crossgate {name}" in readme
        assert f"crossgate {name}" in page
        for action in parser._actions:
            if (
                name != "cors"
                and action.option_strings
                and action.help is not argparse.SUPPRESS
                and action.dest != "help"
            ):
                assert any(option in readme for option in action.option_strings), (name, action.option_strings)
    for verb in CORS_VERBS:
        assert f"crossgate cors {verb}" in readme


def test_the_explanation_shown_is_what_the_command_prints(capsys, monkeypatch):
    command, _, shown = blocks(ROOT / "README.md", "console")[0].partition("\n")
    monkeypatch.chdir(ROOT)
    assert main(command.removeprefix("$ crossgate ").split()) == 3
    assert capsys.readouterr().out.startswith(shown)


def test_nothing_in_the_project_speaks_of_the_machine_it_was_written_on():
    for path in [*ROOT.glob("*.md"), *(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        assert "/work/" not in path.read_text(), path
