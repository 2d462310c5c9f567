"""The GitHub Action and the hooks for pre-commit: they are what those take, and do what they are to do."""

import importlib.resources
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import vendor

from crossgate.cli.main import build_parser
from tests.docs.pages import blocks
from tests.support.process import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "deploy/github-action"
BINARIES = Path(sys.executable).parent
PAGE = [yaml.safe_load(block.text) for block in blocks(ROOT / "docs/ci.md") if block.language == "yaml"]
DEFINITION = yaml.safe_load((ACTION / "action.yml").read_text())
STEPS = DEFINITION["runs"]["steps"]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
BROKEN = '{"version": 3,\n "endpoints": 7}'
FIXABLE = '{"version": 3, "port": "9000", "endpoints": []}'
SUITE = "config: krakend.json\ntests:\n  - name: health\n    in: {url: /__health}\n    out: {status: %s}\n"


def done(*words, **options):
    return subprocess.run(
        [*map(str, words)], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, **options
    )


def on_page(wanted):
    (found,) = [block for block in PAGE if wanted(block)]
    return found


def uses(steps):
    return [step["uses"] for step in steps if "uses" in step]


WORKFLOW = on_page(lambda block: "jobs" in block)
OF_GITLAB = on_page(lambda block: "gateway" in block)
OF_PRE_COMMIT = on_page(lambda block: "repos" in block)


@pytest.mark.parametrize(
    ("schema", "tree"),
    [("github-actions", DEFINITION), ("github-workflows", WORKFLOW), ("gitlab-ci", OF_GITLAB)],
    ids=["action", "workflow", "gitlab"],
)
def test_a_definition_is_what_its_schema_says(schema, tree):
    text = importlib.resources.files(vendor).joinpath(f"{schema}.json").read_text(encoding="utf-8")
    validator = jsonschema.Draft7Validator(json.loads(text))
    tree = {"on" if key is True else key: value for key, value in tree.items()}  # YAML 1.1 reads `on` as true
    assert [error.message for error in validator.iter_errors(tree)] == []
    assert not validator.is_valid({**tree, "jobs": 7, "runs": 7, "gateway": 7})


def test_actions_of_others_are_pinned_by_commit_and_the_version_is_said():
    text = (ACTION / "action.yml").read_text() + (ROOT / "docs/ci.md").read_text()
    found = re.findall(r"uses: (\S+)@(\S+)(?: +# (\S+))?", text)
    assert len(found) >= 5
    for name, commit, version in found:
        if not name.startswith("OWNER/"):
            assert re.fullmatch("[0-9a-f]{40}", commit), name
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), name
    assert len({commit for name, commit, _ in found if name.startswith("actions/setup-python")}) == 1


def test_no_input_is_text_of_a_script():
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 2
    for script in scripts + [
        step["run"] for block in PAGE if isinstance(block, list) for step in block if "run" in step
    ]:
        assert "${{" not in script
    for script in scripts:
        for variable in re.findall(r"\$\{?[A-Z_]+", script):
            assert f'"{variable}' in script or f"{variable}/" in script or f"={variable}" in script or "+[" in script


def test_every_input_and_output_is_used_there_is_and_is_described_on_the_page():
    text = (ACTION / "action.yml").read_text()
    page = (ROOT / "docs/ci.md").read_text()
    for name, one in DEFINITION["inputs"].items():
        assert f"inputs.{name} " in text
        shown = re.search(rf"^\| `{name}` \| (.*?) \|", page, re.MULTILINE)[1]
        assert shown == f"`{one['default']}`" or (one["default"] == "" and "`" not in shown) or name == "extras"
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == DEFINITION["inputs"].keys()
    assert all(f"`{name}`" in page for name in DEFINITION["outputs"])
    (with_action,) = [step for step in WORKFLOW["jobs"]["gateway"]["steps"] if step["uses"].startswith("OWNER")]
    assert with_action["with"].keys() <= DEFINITION["inputs"].keys()
    assert (ROOT / with_action["uses"].partition("@")[0].removeprefix("OWNER/crossgate/") / "action.yml").exists()


def test_where_nothing_may_be_uploaded_the_job_goes_on():
    (upload,) = [step for step in STEPS if "upload-sarif" in step.get("uses", "")]
    assert upload["continue-on-error"] is True
    assert [step for step in STEPS if "continue-on-error" in step] == [upload]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in upload["if"]


def test_the_extras_are_those_that_there_are():
    extras = set(DEFINITION["inputs"]["extras"]["default"].split(","))
    pyproject = (ROOT / "pyproject.toml").read_text()
    table = pyproject.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    assert extras == set(re.findall(r"^([\w-]+) = \[", table, re.MULTILINE))
    assert f"crossgate[{','.join(sorted(extras))}]" in OF_GITLAB["gateway"]["before_script"][1]


def git(folder, *words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    assert done("git", *identity, *words, cwd=folder, env=environment()).returncode == 0


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "check out"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "krakend.json").write_text('{"version": 3, "endpoints": []}')
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "a")
    return folder


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "FC_", "KRAKEND_"))}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, **more}


def test_the_step_that_does_the_work_runs_as_it_stands_whatever_inputs_hold(folder, tmp_path):
    step = next(step for step in STEPS if step.get("id") == "run")
    binaries = tmp_path / "run ner/crossgate/bin"
    binaries.mkdir(parents=True)
    (binaries / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (binaries / "python").chmod(0o755)
    (folder / "crossgate").mkdir()  # nothing of the checkout is imported
    (folder / "crossgate/__init__.py").write_text("raise SystemExit('imported')")
    evil = "$(touch stolen) `touch stolen`; touch stolen #.json"
    (folder / evil).write_text(BROKEN)
    runner = {"RUNNER_TEMP": str(binaries.parents[1]), "GITHUB_ACTION_PATH": str(ACTION), "GITHUB_ACTIONS": "true"}
    runner |= {"GITHUB_OUTPUT": str(tmp_path / "outputs"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    inputs = {name: one["default"] for name, one in DEFINITION["inputs"].items()}
    inputs |= {"config": f"krakend.json\n{evil}", "base": '"; touch stolen; "'}
    given = {
        name: inputs[re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)[1]] for name, value in step["env"].items()
    }
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])  # as GitHub calls it
    ran = done(*bash, cwd=folder, env=environment(**runner, **given))
    assert (ran.returncode, ran.stderr) == (1, "")
    assert f"file={evil},line=2," in ran.stdout
    assert "is no name of a branch or commit" in ran.stdout
    assert sorted(path.name for path in folder.iterdir()) == sorted([".git", "krakend.json", "crossgate", evil])
    outputs = (tmp_path / "outputs").read_text()
    for name, one in DEFINITION["outputs"].items():
        assert one["value"] == f"${{{{ steps.run.outputs.{name} }}}}"
        assert name == "junit" or f"{name}<<" in outputs


def test_the_step_that_installs_takes_no_extras_but_names(tmp_path):
    step = next(step for step in STEPS if step.get("name") == "Install crossgate")
    called = tmp_path / "called"
    runner = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": "/a b", "PYTHON": str(tmp_path / "python")}
    (tmp_path / "crossgate/bin").mkdir(parents=True)
    for path in (tmp_path / "python", tmp_path / "crossgate/bin/python"):
        path.write_text(f'#!/bin/sh\nfor word; do echo "$word"; done >> {called}\n')
        path.chmod(0o755)
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    assert done(*bash, env=environment(**runner, EXTRAS="lua] evil @ http://x")).returncode == 2
    assert not called.exists()
    assert done(*bash, env=environment(**runner, EXTRAS="")).returncode == 0
    assert called.read_text().splitlines()[-1] == "/a b/../.."
    assert done(*bash, env=environment(**runner, EXTRAS="cel,lua")).returncode == 0
    assert called.read_text().splitlines()[-1] == "/a b/../..[cel,lua]"


def test_the_pipeline_of_gitlab_names_options_that_there_are():
    (script,) = OF_GITLAB["gateway"]["script"]
    words = script.split()
    assert (ROOT / words[1].removeprefix("/tmp/crossgate/")).exists()
    helped = done(sys.executable, ACTION / "pipeline.py", "--help").stdout
    assert [word for word in words if word.startswith("--") and word not in helped] == []


# -- pre-commit


def test_the_hooks_are_what_pre_commit_takes_and_those_of_the_page():
    checked = done(BINARIES / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    assert (checked.returncode, checked.stdout) == (0, "")
    page = (ROOT / "docs/ci.md").read_text()
    for hook in HOOKS.values():
        assert callable(build_parser().parse_args(hook["entry"].split()[1:]).handler)
        assert f"| `{hook['id']}` |" in page
    assert {hook["id"] for hook in OF_PRE_COMMIT["repos"][0]["hooks"]} <= HOOKS.keys()


@pytest.fixture
def pre_commit(folder, tmp_path):
    """pre-commit with a hook of the manifest, run by the crossgate that is there instead of one installed anew."""

    def run(name, *files, **changed):
        hook = {**HOOKS[name], "language": "system", **changed}
        (folder / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}))
        git(folder, "add", ".")
        environ = environment(PRE_COMMIT_HOME=str(tmp_path / "home"), PATH=f"{BINARIES}:{os.environ['PATH']}")
        return done(BINARIES / "pre-commit", "run", "--files", *files, cwd=folder, env=environ)

    return run


def test_the_hook_checks_configurations_and_nothing_else(folder, pre_commit):
    (folder / "a b").mkdir()
    texts = {"a b/krakend-1.yaml": "version: [", "krakend.test.yaml": "tests: 7", "package.json": BROKEN}
    for name, text in texts.items():
        (folder / name).write_text(text)
    assert pre_commit("crossgate-check", "krakend.json", "krakend.test.yaml", "package.json").returncode == 0
    ran = pre_commit("crossgate-check", "krakend.json", *texts)
    assert ran.returncode == 1
    assert "krakend.json is fine" in ran.stdout
    assert "a b/krakend-1.yaml does not start: 1 error" in ran.stdout
    assert "package.json" not in ran.stdout


def test_the_hook_that_mends_leaves_a_file_to_be_staged(folder, pre_commit):
    (folder / "krakend.json").write_text(FIXABLE)
    assert pre_commit("crossgate-check", "krakend.json", args=["--strict"]).returncode == 1
    ran = pre_commit("crossgate-check-fix", "krakend.json")
    assert ran.returncode == 1
    assert "files were modified by this hook" in ran.stdout
    assert json.loads((folder / "krakend.json").read_text())["port"] == 9000
    assert pre_commit("crossgate-check-fix", "krakend.json").returncode == 0


def test_the_hook_runs_tests_when_the_configuration_changes(folder, pre_commit):
    (folder / "krakend.test.yaml").write_text(SUITE % 200)
    assert "Passed" in pre_commit("crossgate-test", "krakend.json").stdout
    (folder / "krakend.test.yaml").write_text(SUITE % 404)
    ran = pre_commit("crossgate-test", "krakend.json")
    assert ran.returncode == 1
    assert "FAILED health" in ran.stdout
    assert "Skipped" in pre_commit("crossgate-test", "README.md").stdout
