"""The container file: what can be said of its text, and its steps in a clean root folder (`make container`)."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement

from tests.deploy.container_steps import Image, as_list, build, in_root, stages, steps
from tests.support.process import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy/Containerfile"
SUITE = "trixie"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def copied() -> set[str]:
    return {
        word
        for step in steps(FILE.read_text())
        if step.name == "COPY" and not step.rest.startswith("--from")
        for word in step.rest.split()[:-1]
    }


def test_an_instruction_that_is_not_known_is_not_passed_over() -> None:
    assert [step.name for step in steps("# a\nFROM x AS y\nRUN a \\\n && b\n")] == ["FROM", "RUN"]
    with pytest.raises(ValueError, match="ADD"):
        steps("FROM x\nADD a b\n")


def test_the_base_is_pinned_by_a_tag_and_nobody_is_root() -> None:
    arguments, parts = stages(steps(FILE.read_text()))
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", arguments["BASE"])
    assert [part[0].rest.split()[0] for part in parts] == ["${BASE}", "${BASE}"]
    assert [step.rest for step in parts[-1] if step.name == "USER"] == ["65532:65532"]


def test_what_is_copied_is_there_and_nothing_else_is_sent_to_the_engine() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    ignored = (ROOT / "deploy/Containerfile.dockerignore").read_text().splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied()
    assert "*" in ignored


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-build.txt"])
def test_what_is_installed_is_pinned_by_hash(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text()
    pinned = re.findall(r"^([\w.-]+)==.*\\\n    --hash=sha256:", text, re.MULTILINE)
    assert pinned
    assert len(pinned) == len(re.findall(r"^[\w.-]+", text, re.MULTILINE))


def test_all_that_the_project_and_its_extras_need_is_pinned_at_a_version_that_they_take() -> None:
    text = (ROOT / "deploy/requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE))
    wanted = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower().replace("_", "-")
        assert requirement.specifier.contains(pinned.get(name, "0")), f"{requirement}; run: make pins"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Image]:
    """The image, twice, each from scratch."""
    if os.environ.get("CROSSGATE_CONTAINER") != "1":
        pytest.skip("takes minutes, root and debootstrap: make container")
    folder = tmp_path_factory.mktemp("container")
    base = folder / "base"
    wanted = "--include=python3,python3-venv,ca-certificates"
    subprocess.run(
        ["debootstrap", "--variant=minbase", wanted, SUITE, str(base)], check=True, stdout=subprocess.DEVNULL
    )
    (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    shutil.copy("/etc/resolv.conf", base / "etc/resolv.conf")
    network = {name: value for name, value in os.environ.items() if re.match(r"(?i)(https?|no)_proxy$|PIP_", name)}
    if "PIP_CERT" in network:
        shutil.copy(network["PIP_CERT"], base / "etc/ssl/certs/pip.pem")
        network["PIP_CERT"] = "/etc/ssl/certs/pip.pem"
    made = []
    for name in ("first", "second"):
        (folder / name).mkdir()
        made.append(build(FILE.read_text(), ROOT, base, folder / name, network))
    return made


def digest(root: Path) -> str:
    """One number for all files below, with their names, modes, owners and times."""
    packed = subprocess.run(
        ["tar", "--create", "--sort=name", "--numeric-owner", "--directory", str(root), "opt/crossgate"],
        check=True,
        capture_output=True,
    )
    return hashlib.sha256(packed.stdout).hexdigest()


def test_two_builds_give_the_same_files(images: list[Image]) -> None:
    assert digest(images[0].root) == digest(images[1].root)


def test_the_image_has_no_installer_no_bytecode_and_nothing_that_its_user_may_write(images: list[Image]) -> None:
    inside = [path for path in (images[0].root / "opt/crossgate").rglob("*") if not path.is_symlink()]
    assert (images[0].root / "opt/crossgate/bin/crossgate").is_file()
    assert [path for path in inside if path.name in {"pip", "__pycache__"}] == []
    assert [path for path in inside if path.stat().st_uid != 0 or path.stat().st_mode & 0o022] == []


def test_the_image_serves_as_nobody_is_found_healthy_and_ends_when_it_is_told_to(images: list[Image]) -> None:
    image = images[0]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    configuration = image.root / "etc/crossgate"
    configuration.mkdir()
    (configuration / "krakend.json").write_text(json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []}))
    env = {**image.env, "KRAKEND_PORT": port}
    health = in_root(image, as_list(image.settings["HEALTHCHECK"]))
    words = as_list(image.settings["ENTRYPOINT"]) + as_list(image.settings["CMD"])
    assert subprocess.run(health, env=env, capture_output=True, check=False).returncode != 0
    with subprocess.Popen(in_root(image, words), env=env, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(health, env=env, capture_output=True, check=False).returncode != 0:
            assert running.poll() is None
            assert time.monotonic() < deadline
        status = Path(f"/proc/{running.pid}/status").read_text()
        assert re.search(r"^Uid:\s+65532\s+65532", status, re.MULTILINE)
        with urlopen(f"http://127.0.0.1:{port}/__health") as answer:
            assert answer.status == 200
        running.send_signal(getattr(signal, image.settings["STOPSIGNAL"]))
        assert running.wait(PATIENCE_SECONDS) == 0
