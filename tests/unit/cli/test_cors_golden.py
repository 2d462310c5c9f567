"""What `cors explain` and `cors probe` say in the situations people ask about, word for word.

After a change that is meant, run with UPDATE_GOLDEN=1 and read the difference.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossgate.cors.fetch import CHROMIUM_ERRORS
from tests.support.canned_server import canned_server
from tests.support.cors_situations import SITUATIONS, Situation
from tests.unit.cli.conftest import RunCors

GOLDEN = Path(__file__).parent.parent.parent / "data" / "cors_golden"
by_name = pytest.mark.parametrize("situation", SITUATIONS, ids=[situation.name for situation in SITUATIONS])


@pytest.fixture
def run_situation(run_cors: RunCors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def run(situation: Situation, *more: str) -> tuple[int, str]:
        if situation.config is not None:
            monkeypatch.chdir(tmp_path)
            Path("krakend.json").write_text(json.dumps(situation.config, indent=2) + "\n")
            code, output, _ = run_cors(["explain", "-c", "krakend.json", *situation.arguments, *more])
            return code, output
        return run_live(situation, *more)

    def run_live(situation: Situation, *more: str) -> tuple[int, str]:
        def answer(request: bytes) -> Iterator[bytes]:
            if request.startswith(b"OPTIONS"):
                reply = situation.preflight
            else:
                reply = situation.redirected if request.split()[1] == b"/y" else situation.actual
            yield reply.replace(b"PORT", str(server.port).encode())

        with canned_server(answer) as server:
            url = f"http://127.0.0.1:{server.port}/x"
            code, output, _ = run_cors(["probe", url, *situation.arguments, *more])
        return code, output.replace(str(server.port), "PORT")

    return run


VERBOSE = (
    "a-header-set-twice",
    "a-path-with-a-slash-too-many",
    "everything-at-once",
    "live-a-preflight-that-needs-a-login",
    "live-redirected-elsewhere",
    "mixed-content",
)
"""What else is shown with -v, for some."""


@by_name
def test_the_text_is_what_it_was(situation: Situation, run_situation) -> None:  # type: ignore[no-untyped-def]
    code, output = run_situation(situation)
    compare(output, situation.name)
    assert code == (0 if situation.readable else 3)


@pytest.mark.parametrize("name", VERBOSE)
def test_the_whole_trace_is_what_it_was(name: str, run_situation) -> None:  # type: ignore[no-untyped-def]
    situation = next(situation for situation in SITUATIONS if situation.name == name)
    compare(run_situation(situation, "-v")[1], f"{name}.verbose")


def compare(output: str, name: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(output)
    assert output == file.read_text()


@by_name
def test_the_json_has_what_programs_read(situation: Situation, run_situation) -> None:  # type: ignore[no-untyped-def]
    code, output = run_situation(situation, "--format", "json")
    document = json.loads(output)
    assert document["verdict"] == ("allowed" if situation.readable else "blocked")
    assert code == (0 if situation.readable else 3)
    assert isinstance(document["preflight"], bool)
    assert document["step"]
    assert document["reason"]
    assert document["chromium_error"] is None or document["chromium_error"] in CHROMIUM_ERRORS
    assert bool(document["fixes"]) is not situation.readable
    assert all(fix["change"] and fix["cost"] for fix in document["fixes"])


def test_there_are_more_than_forty_situations_and_no_stale_file() -> None:
    assert len(SITUATIONS) >= 40
    names = {situation.name for situation in SITUATIONS} | {f"{name}.verbose" for name in VERBOSE}
    assert {file.stem for file in GOLDEN.glob("*.txt")} == names
