"""The script behind the GitHub Action, in throw-away repositories: what it says, what it leaves, how it ends."""

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from crossgate.cli.main import main
from tests.support.sarif import sarif_validator

ACTION = Path(__file__).parents[2] / "deploy/github-action"
BEFORE = {
    "version": 3,
    "host": ["http://shop.internal:9000"],
    "endpoints": [
        {
            "endpoint": "/users",
            "backend": [{"url_pattern": "/users"}],
            "extra_config": {"security/bot-detector": {"deny": ["a"]}},
        }
    ],
}
SLOWER = json.dumps({**BEFORE, "timeout": "9s"}, indent=1)
OPEN = json.dumps({**BEFORE, "endpoints": [{**BEFORE["endpoints"][0], "extra_config": {}}]}, indent=1)
SAME = json.dumps({**BEFORE, "timeout": "2000ms"}, indent=4)
BROKEN = '{"version": 3,\n "endpoints": 7, ::error::, "%0A'
WARNED = '{"version": 3,\n "port": "9000", "endpoints": []}'
TEXT = json.dumps(BEFORE, indent=1)
SUITE = "config: krakend.json\ntests:\n  - name: 'users: 100%%'\n    in: {url: /users}\n    out: {status: %s}\n"
NAMES = ("GIT_", "GITHUB_", "KRAKEND_", "FC_", "CROSSGATE_", "RUNNER_")


def git(*words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def commit(files, message="change"):
    for name, text in files.items():
        path = Path(name)
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


@pytest.fixture(scope="session")
def pipeline():
    sys.path.insert(0, str(ACTION))
    try:
        return importlib.import_module("pipeline")
    finally:
        sys.path.remove(str(ACTION))


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """On a branch that begins at `main`, which has krakend.json."""
    for name in list(os.environ):
        if name.startswith(NAMES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    folder = tmp_path / "a repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "--quiet", "--initial-branch", "main")
    commit({"krakend.json": TEXT})
    git("checkout", "--quiet", "-b", "change")
    return folder


class Ran:
    """One run: its exit code, what it printed, outputs and reports."""

    def __init__(self, code, printed, folder):
        self.code, self.printed = code, printed
        self.commands = [line for line in printed.splitlines() if line.startswith("::")]
        self.outputs = read_outputs(folder / "outputs")
        self.summary = (folder / "summary").read_text() if (folder / "summary").exists() else ""

    def results(self):
        """Of a report that code scanning takes: it wants a place in a file for each."""
        report = json.loads(Path(self.outputs["sarif"]).read_text())
        sarif_validator().validate(report)
        results = report["runs"][0]["results"]
        assert all(each["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1 for each in results)
        return results


def read_outputs(path):
    """As GitHub reads them."""
    outputs, lines = {}, iter(path.read_text().splitlines() if path.exists() else [])
    for line in lines:
        name, _, end = line.partition("<<")
        values = []
        while (line := next(lines)) != end:
            values.append(line)
        outputs[name] = "\n".join(values)
    return outputs


@pytest.fixture
def run(pipeline, tmp_path, monkeypatch, capsys):
    """The script in this process, on GitHub."""

    def crossgate(*words):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(words)
            except SystemExit as end:
                code = end.code
        return pipeline._Told(code, out.getvalue(), err.getvalue())

    def call(*words, github=True):
        for name in ("outputs", "summary"):
            (tmp_path / name).unlink(missing_ok=True)
        if github:
            monkeypatch.setenv("GITHUB_ACTIONS", "true")
            monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
            monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
        code = pipeline.main([*words, "--output", str(tmp_path / "report")])
        return Ran(code, capsys.readouterr().out, tmp_path)

    monkeypatch.setattr(pipeline, "crossgate", crossgate)
    return call


@pytest.mark.parametrize(
    ("text", "result", "codes"),
    [
        (SAME, "same", {"error": 0, "opens": 0, "differs": 0, "never": 0}),
        (SLOWER, "differs", {"error": 0, "opens": 0, "differs": 1, "never": 0}),
        (OPEN, "opens", {"error": 0, "opens": 1, "differs": 1, "never": 0}),
        (BROKEN, "unknown", {"error": 1, "opens": 1, "differs": 1, "never": 0}),
    ],
    ids=["same", "differs", "opens", "broken"],
)
def test_what_a_change_does_is_the_result_and_ends_the_job_as_asked(repository, run, text, result, codes):
    commit({"krakend.json": text})
    assert {level: run("--base", "main", "--fail-on", level).code for level in codes} == codes
    ran = run("--base", "main")
    assert ran.outputs["result"] == result
    assert (ran.outputs["errors"] != "0") is (text is BROKEN)
    assert Path(ran.outputs["report"]).read_text() == ran.summary


def test_what_opens_stands_at_its_line_with_a_request_that_shows_it(repository, run):
    commit({"krakend.json": OPEN})
    line = OPEN.splitlines().index('   "endpoint": "/users",') + 1
    command = next(line for line in run("--base", "main", "--fail-on", "opens").commands if "guard-gone" in line)
    assert command.startswith("::error title=opens%3A guard-gone,file=krakend.json,line=")
    assert abs(int(command.partition("line=")[2].partition("::")[0]) - line) <= 1
    assert "%0ATry: curl -i " in command
    ran = run("--base", "main")
    assert any(each.startswith("::warning title=opens") for each in ran.commands)
    assert "#### Opens something" in ran.summary


def test_errors_stand_at_their_lines_and_nothing_that_a_file_holds_is_a_command(repository, run):
    commit({"krakend.json": BROKEN})
    ran = run("--base", "main")
    (error,) = [each for each in ran.results() if each["level"] == "error"][:1]
    region = error["locations"][0]["physicalLocation"]["region"]
    assert f"::error title={error['ruleId']},file=krakend.json,line={region['startLine']}," in ran.printed
    opened = [line for line in ran.commands if line.startswith("::stop-commands::")]
    for line in opened:  # between these two lines GitHub reads no command
        begin = ran.commands.index(line)
        assert ran.commands[begin + 1 :].count(f"::{line.rpartition('::')[2]}::") == 1
    assert {line.split("::")[1].split()[0] for line in ran.commands} <= {"error", "warning", "stop-commands"} | {
        line.rpartition("::")[2] for line in opened
    }


def test_warnings_are_errors_if_asked(repository, run):
    commit({"krakend.json": WARNED})
    ran = run()
    assert (ran.code, ran.outputs["errors"], ran.outputs["result"]) == (0, "0", "")
    assert any(line.startswith("::warning title=CFG") for line in ran.commands)
    assert run("--strict", "true").code == 1


def test_several_files_named_by_patterns_with_blanks_and_worse_in_their_names(repository, run):
    names = ["gate ways/a b/krakend.json", "gate ways/`c`,d:e%/krakend.json", "-f.json", "x[1].json"]
    git("checkout", "--quiet", "main")
    commit(dict.fromkeys(names, TEXT) | {"gate ways/old/krakend.json": TEXT, "krakend.test.yaml": SUITE % 200})
    git("checkout", "--quiet", "-B", "change")
    commit({names[0]: SLOWER, names[1]: OPEN, names[2]: SAME, names[3]: OPEN, "gate ways/old/krakend.json": None})
    patterns = "gate ways/*/krakend.json\n\n  -f.json \nkrakend*\nx[1].json"
    ran = run("--config", patterns, "--base", "main")
    assert ran.outputs["result"] == "opens"
    assert "5 files: 0 errors" in ran.summary
    assert "file=gate ways/`c`%2Cd%3Ae%25/krakend.json,line=" in ran.printed
    assert "file=x[1].json,line=" in ran.printed
    assert "## `` gate ways/`c`,d:e%/krakend.json ``\n" in ran.summary
    assert "## `gate ways/old/krakend.json`\n\n`gone: " in ran.summary
    assert "\n## `./-f.json`\n\n### What this change does to requests\n\nno request" in ran.summary


def test_line_ends_and_bytes_in_names_are_no_commands_and_end_nothing(repository, run):
    for name in (b"a\n::warning::x.json", b"b\xff.json"):
        Path(os.fsdecode(name)).write_text("{")
    commit({})
    ran = run("--config", "*.json", "--base", "main", "--fail-on", "opens")
    assert (ran.code, ran.outputs["errors"]) == (1, "2")
    assert "file=a%0A%3A%3Awarning%3A%3Ax.json,line=1," in ran.printed
    assert not any(line.startswith("::warning::") for line in ran.commands)
    assert {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in ran.results()} == {
        "./a%0A::warning::x.json",
        "b%FF.json",
    }


def test_a_file_with_a_new_name_is_compared_with_the_old_one_and_a_new_file_opens(repository, run):
    commit({"krakend.json": None, "gateway.json": TEXT.replace('"/users"', '"/users/all"')})
    assert run("--config", "gateway.json", "--base", "main").outputs["result"] == "opens"
    commit({"gateway.json": SLOWER})
    assert run("--config", "gateway.json", "--base", "main").outputs["result"] == "differs"
    commit({"other.json": '{"version": 3, "endpoints": []}'})
    ran = run("--config", "other.json", "--base", "main", "--fail-on", "opens")
    assert (ran.code, ran.outputs["result"]) == (1, "opens")
    assert "new: " in ran.summary


def test_a_file_that_was_broken_is_not_taken_for_one_that_is_the_same(repository, run):
    git("checkout", "--quiet", "main")
    commit({"krakend.json": BROKEN})
    git("checkout", "--quiet", "-B", "change")
    commit({"krakend.json": TEXT})
    ran = run("--base", "main", "--fail-on", "opens")
    assert (ran.code, ran.outputs["result"], ran.outputs["errors"]) == (1, "unknown", "0")
    assert run("--base", "main").code == 0


def test_other_files_that_a_configuration_reads_are_those_of_its_commit(repository, run):
    template = TEXT.replace('"/users"', '"{{ .service.path }}"', 1)
    git("checkout", "--quiet", "main")
    commit({"krakend.json": template, "prod/service.json": '{"path": "/a"}', "test/service.json": '{"path": "/a"}'})
    git("checkout", "--quiet", "-B", "change")
    commit({"prod/service.json": '{"path": "/b"}'})
    ran = run("--base", "main", "--settings", "prod\ntest")
    assert ran.outputs["result"] == "opens"
    assert "## `krakend.json` with `prod`\n\n### What this change does to requests\n\nno request" not in ran.summary
    assert "## `krakend.json` with `test`\n\n### What this change does to requests\n\nno request" in ran.summary


@pytest.mark.parametrize("is_option", [False, True])
def test_folders_by_their_whole_path_are_those_of_the_commit_and_named_from_its_top(
    repository, run, monkeypatch, is_option
):
    text = TEXT.replace('"/users"', '"{{ .service.path }}"', 1).replace("{", '{ {{ include "port" }}', 1)
    git("checkout", "--quiet", "main")
    commit({"krakend.tmpl": text, "set/service.json": '{"path": "/a"}', "partials/port": '"port": "80",'})
    git("checkout", "--quiet", "-B", "change")
    commit({"set/service.json": '{"path": "/b"}'})
    monkeypatch.setenv("FC_ENABLE", "1")
    monkeypatch.setenv("FC_PARTIALS", str(repository / "partials"))
    words = ["--settings", str(repository / "set")] if is_option else []
    if not is_option:
        monkeypatch.setenv("FC_SETTINGS", str(repository / "set/"))
    ran = run("--config", str(repository / "krakend.tmpl"), "--base", "main", *words)
    assert ran.outputs["result"] == "opens"
    assert "::warning title=CFG203,file=partials/port,line=1," in ran.printed
    assert "::warning title=opens%3A route,file=krakend.tmpl,line=" in ran.printed
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in ran.results()}
    assert uris == {"partials/port"}


def test_what_two_files_have_in_common_is_said_once(repository, run, monkeypatch):
    commit({"a.json": TEXT, "b.json": TEXT, "set/service.json": "{"})
    monkeypatch.setenv("FC_ENABLE", "1")
    monkeypatch.setenv("FC_SETTINGS", "set")
    ran = run("--config", "?.json")
    assert (ran.code, ran.outputs["errors"], len(ran.results())) == (1, "1", 1)


def test_in_a_folder_of_the_repository_files_are_named_from_its_top(repository, run, monkeypatch):
    git("checkout", "--quiet", "main")
    commit({"gateway/krakend.json": TEXT})
    git("checkout", "--quiet", "-B", "change")
    commit({"gateway/krakend.json": OPEN.replace('"version": 3', '"version": 3, "port": "8080"')})
    monkeypatch.chdir("gateway")
    ran = run("--base", "main")
    assert ran.outputs["result"] == "opens"
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in ran.results()}
    assert uris == {"gateway/krakend.json"}
    files = {line.partition("file=")[2].partition(",")[0] for line in ran.commands}
    assert files == {"gateway/krakend.json"}


def test_tests_beside_the_files_are_run_and_those_that_fail_stand_at_their_lines(repository, run):
    commit({"krakend.test.yaml": SUITE % 200})
    ran = run()
    assert (ran.code, "1 of 1 passed" in ran.summary) == (0, True)
    commit({"krakend.test.yaml": SUITE % 404})
    ran = run()
    assert (ran.code, ran.outputs["errors"]) == (1, "1")
    assert "::error title=users%3A 100%25,file=krakend.test.yaml,line=3::status: expected 404, got 200" in ran.printed
    assert ET.parse(ran.outputs["junit"]).getroot().find(".//failure") is not None
    commit({"krakend.test.yaml": "tests: 7"})
    ran = run()
    assert (ran.code, ran.outputs["errors"], "junit" in ran.outputs) == (1, "1", False)
    assert "They could not be run" in ran.summary


def test_a_pull_request_is_compared_with_what_it_is_merged_into(repository, run, tmp_path, monkeypatch):
    """However shallow the checkout is, and whatever else has come to the base meanwhile."""
    commit({"notes": "a change without one to the file"})
    git("checkout", "--quiet", "main")
    commit({"krakend.json": OPEN}, "somebody else's")
    git("merge", "--quiet", "--no-ff", "change", "--message", "as GitHub merges it")
    git("update-ref", "refs/pull/7/merge", "HEAD")
    clone = tmp_path / "clone"
    git("init", "--quiet", str(clone))
    monkeypatch.chdir(clone)
    git("remote", "add", "origin", f"file://{repository}")
    git("fetch", "--quiet", "--depth=1", "origin", "refs/pull/7/merge")
    git("checkout", "--quiet", "FETCH_HEAD")
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert run().outputs["result"] == "same"
    assert run("--base", "change").outputs["result"] == "opens"
    monkeypatch.setenv("GITHUB_REF", "refs/heads/change")  # a checkout of something else than the merge
    assert run().outputs["result"] == "same"


@pytest.mark.parametrize(
    "base", ["nowhere", "--upload-pack=touch x", "main:krakend.json", "a b", "main^{tree}", "$(id)"]
)
def test_a_base_that_is_none_is_no_reason_to_pass(repository, run, base):
    ran = run(f"--base={base}", "--fail-on", "opens")
    assert (ran.code, ran.outputs["result"]) == (1, "unknown")
    assert "there is nothing to compare with" in ran.summary
    assert sorted(path.name for path in repository.iterdir()) == [".git", "krakend.json"]


def test_without_a_repository_or_a_base_files_are_checked_all_the_same(repository, run, tmp_path, monkeypatch):
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "krakend.json").write_text(WARNED)
    monkeypatch.chdir(plain)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    ran = run(github=False)
    assert (ran.code, ran.commands, ran.outputs) == (0, [], {})
    assert ran.printed.startswith("krakend.json:2:")
    assert run("--base", "main").outputs["result"] == "unknown"


@pytest.mark.parametrize("words", [["--config", "nothing*.json"], ["--config", "krakend.json\nmissing.json"]])
def test_files_that_are_not_there_are_wrong_usage(repository, run, words):
    ran = run(*words)
    assert ran.code == 2
    assert "::error title=crossgate::there is no file " in ran.printed


@pytest.mark.parametrize(("verb", "code"), [("check", 2), ("test", 1), ("diff", 1)])
@pytest.mark.parametrize("status", [1, -9])
def test_a_verb_that_does_not_come_to_an_end_is_not_taken_for_well(
    repository, run, pipeline, monkeypatch, verb, code, status
):
    commit({"krakend.test.yaml": SUITE % 200})
    works = pipeline.crossgate

    def crossgate(*words):
        return pipeline._Told(status, "", "Traceback\nMemoryError\n") if words[0] == verb else works(*words)

    monkeypatch.setattr(pipeline, "crossgate", crossgate)
    ran = run("--base", "main", "--fail-on", "opens")
    assert ran.code == code
    assert "::error title=" in ran.printed
    assert "MemoryError" in ran.printed


def test_neither_the_index_nor_the_working_tree_is_touched(repository, run):
    commit({"krakend.json": OPEN})
    (repository / "krakend.json").write_text(SLOWER)
    before = (repository / ".git/index").read_bytes()
    assert run("--base", "main").outputs["result"] == "differs"
    assert (repository / ".git/index").read_bytes() == before
    assert sorted(path.name for path in repository.iterdir()) == [".git", "krakend.json"]


def test_a_link_is_what_it_leads_to_in_each_of_the_two(repository, run):
    git("checkout", "--quiet", "main")
    commit({"strict.json": TEXT, "lax.json": OPEN})
    Path("krakend.json").unlink()
    Path("krakend.json").symlink_to("strict.json")
    commit({})
    git("checkout", "--quiet", "-B", "change")
    Path("krakend.json").unlink()
    Path("krakend.json").symlink_to("lax.json")
    commit({})
    assert run("--base", "main").outputs["result"] == "opens"
