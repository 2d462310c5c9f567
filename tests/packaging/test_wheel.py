"""What is released works: sdist, a wheel made from it, an environment with its dependencies and nothing else.

The environment is made without a network: the distributions that the wheel requires are copied from the one that runs
the tests. What the wheel forgets to require is therefore missing, as it would be for whoever installs it.
"""

import contextlib
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import crossgate

ROOT = Path(__file__).parents[2]
SECONDS = 120


def build(source: Path, target: str, into: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into), "-t", target]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=SECONDS)
    (built,) = into.glob("*.tar.gz" if target == "sdist" else "*.whl")
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    unpacked = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(unpacked)], check=True, timeout=SECONDS)
    (source,) = unpacked.iterdir()
    return build(source, "wheel", tmp_path_factory.mktemp("wheel"))


def required_by(requirements: list[str]) -> dict[str, importlib.metadata.Distribution]:
    """The distributions that are required without any extra, and those that these require."""
    found: dict[str, importlib.metadata.Distribution] = {}
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            distribution = importlib.metadata.distribution(requirement.name)
            assert requirement.specifier.contains(distribution.version), (text, distribution.version)
            found[requirement.name] = distribution
            found |= required_by(distribution.requires or [])
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment with the wheel."""
    home = tmp_path_factory.mktemp("clean") / "environment"
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        requirements = re.findall(r"^Requires-Dist: (.*)$", archive.read(metadata).decode(), re.MULTILINE)
    for distribution in required_by(requirements).values():
        for file in distribution.files or []:
            if ".." not in file.parts and file.suffix != ".pyc":
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(Path(str(distribution.locate_file(file))), target)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True, timeout=SECONDS)
    return home / "bin"


@pytest.fixture
def run(installed: Path, tmp_path: Path):
    """Runs a program of the environment far from the checkout: arguments -> standard output."""

    def run(program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(installed / program), *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_package_that_runs_is_the_installed_one(run, installed):
    shown = run("python", "-c", "import crossgate; print(crossgate.__file__)")
    assert shown.startswith(str(installed.parent))


def three_free_ports() -> int:
    """The first of three neighbours that were free a moment ago."""
    for first in range(20000 + os.getpid() % 10000, 60000, 3):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + 3):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return first
    raise AssertionError("no port is free")


def test_the_demo_runs_and_ends(installed: Path, tmp_path: Path) -> None:
    port = three_free_ports()
    command = [str(installed / "crossgate"), "demo", "-p", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env={"PATH": os.environ["PATH"]}, **pipes) as demo:
        try:
            assert demo.stdout.readline() == "crossgate demo\n", demo.stderr.read()
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/hello", headers={"Origin": "http://a.example"})
            with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
                assert json.load(answer)
                assert answer.headers["Access-Control-Allow-Origin"] == "*"
            with urllib.request.urlopen(f"http://127.0.0.1:{port + 2}/", timeout=SECONDS) as page:
                assert b"<title>" in page.read()
            demo.send_signal(signal.SIGINT)
            assert demo.wait(SECONDS) == 0
        finally:
            demo.kill()


def test_a_file_is_checked_planned_and_explained(run, tmp_path):
    shutil.copy(ROOT / "examples" / "quickstart" / "krakend-v3.json", tmp_path / "krakend.json")
    assert "krakend.json" in run("crossgate", "check", "-c", "krakend.json")
    assert "/users/{id}" in run("crossgate", "plan", "-c", "krakend.json")
    asked = ["--origin", "http://127.0.0.1:8082", "--method", "GET", "--url", "/hello"]
    assert run("crossgate", "cors", "explain", "-c", "krakend.json", *asked).startswith("ALLOWED")


def test_the_schema_and_the_pages_of_the_rules_are_there(run, wheel):
    schema = (ROOT / "schema" / "crossgate.schema.json").read_text()
    assert run("crossgate", "schema") == schema
    page = (ROOT / "docs" / "rules" / "COR201.md").read_text()
    assert run("crossgate", "rule", "COR201").strip() == page.strip()
    # Without docstrings the pages are read from the files.
    assert run("python", "-OO", "-m", "crossgate.cli.main", "rule", "COR201").strip() == page.strip()
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("rules", "errors"):
        pages = (ROOT / "docs" / folder).iterdir()
        assert {f"crossgate/shipped/{folder}/{path.name}" for path in pages} <= set(names)
    assert "crossgate/py.typed" in names


def test_completion_and_the_version_are_there(run):
    assert run("crossgate", "--version") == f"crossgate {crossgate.__version__}\n"
    assert "crossgate" in run("crossgate", "--print-completion", "bash")


def test_the_middleware_is_there(run):
    run("python", "-W", "error", "-c", "from crossgate import CorsPolicy, CORSMiddleware, ConfigError")


# What a module may miss: the framework it is for, or what an extra brings.
MAY_BE_MISSING = ("flask", "asgiref", "pytest", "hiredis", "lupa", "opentelemetry", "jsonschema_rs", "cel_expr_python")


def test_every_module_can_be_imported_with_what_the_wheel_requires(run):
    program = (
        "import pkgutil, importlib, crossgate\n"
        "for found in pkgutil.walk_packages(crossgate.__path__, 'crossgate.', onerror=lambda _: None):\n"
        "    try:\n"
        "        importlib.import_module(found.name)\n"
        "    except ModuleNotFoundError as error:\n"
        f"        if error.name.partition('.')[0] not in {MAY_BE_MISSING}:\n"
        "            raise\n"
    )
    run("python", "-c", program)


def test_nothing_of_the_development_is_in_the_wheel(wheel):
    top = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert top == {"crossgate", f"crossgate-{crossgate.__version__}.dist-info"}
    assert not any("/tests/" in name or "__pycache__" in name for name in zipfile.ZipFile(wheel).namelist())


def test_the_classifiers_name_the_pythons_that_it_was_tested_with(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
    named = re.findall(
        r"^Classifier: Programming Language :: Python :: (3\.\d+)$", archive.read(metadata).decode(), re.MULTILINE
    )
    assert named == ["3.11", "3.12", "3.13"]
    assert f"3.{sys.version_info.minor}" in named


PLUGIN = {
    "pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "theirs"
version = "2.0"
[project.entry-points."crossgate.plugins"]
their-gate = "theirs:gate"
[tool.hatch.build.targets.wheel]
packages = ["theirs"]
""",
    "theirs/__init__.py": """from crossgate.plugins import Plugin, Request, Response, Setup

def gate(setup: Setup) -> Plugin:
    async def answer(request: Request) -> Response | None:
        return Response(200, {"X-Word": setup.config["word"]}, request.path) if request.path == "/theirs" else None
    return Plugin(gate=answer)
""",
}


def install(installed: Path, package: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(installed / "python"), "--disable-pip-version-check"]
    command = [*pip, "install", "--quiet", "--no-deps", "--no-index", str(package)]
    subprocess.run(command, check=True, timeout=SECONDS)


def test_plugins_of_other_distributions_run_once_they_are_installed(run, installed: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    for name, text in PLUGIN.items():
        (theirs / name).parent.mkdir(parents=True, exist_ok=True)
        (theirs / name).write_text(text)
    extra = {"plugin/http-server": {"name": ["their-gate", "tenants"], "their-gate": {"word": "hello"}}}
    extra["plugin/http-server"]["tenants"] = {"tenants": {"k": "blue"}}
    tree = {"version": 3, "listen_ip": "127.0.0.1", "plugin": {"folder": "x"}, "endpoints": [], "extra_config": extra}
    (tmp_path / "krakend.json").write_text(json.dumps(tree))
    command = [str(installed / "crossgate"), "check", "-c", "krakend.json"]
    before = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert 'nothing gives the plugin "their-gate"' in before.stdout
    for number, source in enumerate((theirs, ROOT / "examples/plugins")):
        install(installed, build(source, "wheel", tmp_path / f"wheel{number}"))
    assert "is fine" in run("crossgate", "check", "-c", "krakend.json")
    command = [str(installed / "crossgate"), "run", "-c", "krakend.json", "-p", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as gateway:
        try:
            assert gateway.stderr is not None
            line = next(line for line in gateway.stderr if "listens on" in line)
            (address,) = re.findall(r"http://[\d.:]+", line)
            asked = urllib.request.Request(f"{address}/theirs", headers={"X-Api-Key": "k"})
            with urllib.request.urlopen(asked, timeout=SECONDS) as answer:
                assert (answer.read(), answer.headers["X-Word"]) == (b"/theirs", "hello")
            gateway.send_signal(signal.SIGTERM)
            assert gateway.wait(SECONDS) == 0
        finally:
            gateway.kill()
