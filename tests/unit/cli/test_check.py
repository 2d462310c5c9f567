"""`crossgate check`: exit codes, formats, and KrakenD's way of calling it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crossgate.cli.main import main

SOUND = '{"version": 3, "endpoints": []}'
DOUBTFUL = '{"version": 3,\n "port": "9000"}'
BROKEN = '{"version": 3,\n "port": }'


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("KRAKEND_", "FC_", "CROSSGATE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def file_with(tmp_path: Path):
    def write(text: str, name: str = "krakend.json") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (SOUND, [], 0),
        (SOUND, ["--strict"], 0),
        (DOUBTFUL, [], 0),
        (DOUBTFUL, ["--strict"], 1),
        (BROKEN, [], 1),
        (SOUND, ["-d", "-t"], 0),
        (SOUND, ["-ddd", "-l"], 0),
        (SOUND, ["-n", "-i", "\t"], 0),
        (SOUND, ["-s", "schema.json"], 0),
    ],
)
def test_exit_code_says_whether_crossgate_would_start(file_with, capsys, text, options, code) -> None:
    assert main(["check", "-c", file_with(text), *options]) == code
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["check", "--strict"], ["check", "-c"], ["check", "-c", "x", "--format", "xml"]],
)
def test_wrong_usage_is_exit_code_2(arguments, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_several_files_are_checked_at_once_and_named_once(file_with, capsys) -> None:
    sound, broken = file_with(SOUND, "a file.json"), file_with(BROKEN, "b.json")
    assert main(["check", "-c", broken, sound, broken]) == 1
    output = capsys.readouterr().out
    assert output.count(f"{broken} does not start: 1 error\n") == 1
    assert output.endswith(f"{sound} is fine\n")
    assert main(["check", "--strict", sound, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"diagnostics": []}


def test_the_reports_for_programs_are_one_report_of_all_files(file_with, capsys) -> None:
    files = [file_with(DOUBTFUL, "a.json"), file_with(BROKEN, "b.json")]
    assert main(["check", "--format", "json", *files]) == 1
    assert [found["file"] for found in json.loads(capsys.readouterr().out)["diagnostics"]] == files
    assert main(["check", "--format", "sarif", *files]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert len(run["results"]) == 2


def test_fix_mends_each_of_several_files_whatever_is_wrong_with_another(file_with, tmp_path, capsys) -> None:
    first, second = file_with(DOUBTFUL, "a.json"), file_with(DOUBTFUL, "b.json")
    missing = str(tmp_path / "missing.json")
    assert main(["check", "--diff", first, missing]) == 2
    assert main(["check", "--diff", first, second]) == 1
    assert main(["check", "--fix", first, missing, second]) == 2
    assert f"{missing} cannot be read" in capsys.readouterr().err
    assert [Path(path).read_text() for path in (first, second)] == [DOUBTFUL.replace('"9000"', "9000")] * 2
    assert main(["check", "--fix", first, second]) == 0


def test_krakends_other_name_for_it_works(file_with) -> None:
    assert main(["validate", "-c", file_with(SOUND)]) == 0


def test_text_shows_the_place_and_ends_with_a_summary(file_with, capsys) -> None:
    path = file_with(BROKEN)
    assert main(["check", "-c", path]) == 1
    output = capsys.readouterr().out
    assert f"--> {path}:2:10\n" in output
    assert '\n2 |  "port": }\n  |          ^\n' in output
    assert output.endswith(f"{path} does not start: 1 error\n")


def test_json_is_the_whole_of_standard_output(file_with, capsys) -> None:
    path = file_with(DOUBTFUL)
    assert main(["check", "-c", path, "--format", "json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["diagnostics"]
    assert set(found) == {
        "code", "severity", "group", "message", "path", "file", "line", "column", "end_line", "end_column", "hint",
        "krakend",
    }  # fmt: skip
    assert (found["code"], found["severity"], found["file"]) == ("CFG203", "warning", path)
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (2, 10, 2, 16)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_missing_file_is_a_diagnostic_too(tmp_path, capsys, form) -> None:
    assert main(["check", "-c", str(tmp_path / "none"), "--format", form]) == 1
    assert "CFG101" in capsys.readouterr().out


def test_unsupported_is_allowed_by_option_and_by_environment(file_with, monkeypatch) -> None:
    path = file_with('{"version": 3, "extra_config": {"security/policies": {}}}')
    assert main(["check", "-c", path]) == 1
    assert main(["check", "-c", path, "--allow-unsupported"]) == 0
    monkeypatch.setenv("CROSSGATE_ALLOW_UNSUPPORTED", "1")
    assert main(["check", "-c", path]) == 0


def test_terminal_that_lacks_characters_is_no_reason_to_fall(tmp_path) -> None:
    path = tmp_path / "k.json"
    path.write_text('{"version": 3, "náme→": 1}', encoding="utf-8")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "crossgate.cli.main", "check", "-c", str(path)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_standard_input_is_read_for_a_hyphen() -> None:
    command = [sys.executable, "-m", "crossgate.cli.main", "check", "-c", "-"]
    done = subprocess.run(command, input=DOUBTFUL.encode(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert b"CFG203" in done.stdout


def test_fix_writes_the_file_anew_and_reports_what_is_left(file_with, capsys) -> None:
    path = file_with('{"version": 3,\n "port": "9000", "nonsense": 1}')
    Path(path).chmod(0o640)
    assert main(["check", "--fix", "-c", path]) == 0
    assert Path(path).read_text() == '{"version": 3,\n "port": 9000, "nonsense": 1}'
    assert Path(path).stat().st_mode & 0o777 == 0o640
    output = capsys.readouterr().out
    assert f"fixed {path}:2:10: " in output
    assert "1 problem fixed" in output
    assert "CFG205" in output
    assert "CFG203" not in output.partition("1 problem fixed")[2]


def test_fix_of_a_link_writes_what_it_leads_to(file_with, tmp_path) -> None:
    path = file_with(DOUBTFUL)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    assert main(["check", "--fix", "-c", str(link)]) == 0
    assert link.is_symlink()
    assert Path(path).read_text() == '{"version": 3,\n "port": 9000}'


def test_fix_leaves_a_sound_file_alone(file_with) -> None:
    path = file_with(SOUND)
    before = Path(path).stat()
    assert main(["check", "--fix", "-c", path]) == 0
    assert Path(path).stat().st_ino == before.st_ino


def test_programs_are_told_what_was_fixed_on_standard_error(file_with, capsys) -> None:
    assert main(["check", "--fix", "--format", "json", "-c", file_with(DOUBTFUL)]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"diagnostics": []}
    assert "1 problem fixed" in captured.err


@pytest.mark.parametrize(("text", "code"), [(DOUBTFUL, 1), (SOUND, 0), (BROKEN, 0)])
def test_diff_shows_what_would_be_written_and_writes_nothing(file_with, capsys, text, code) -> None:
    path = file_with(text)
    assert main(["check", "--diff", "-c", path]) == code
    assert ('\n- "port": "9000"}\n+ "port": 9000}\n' in capsys.readouterr().out) is (code == 1)
    assert Path(path).read_text() == text


def test_templates_and_standard_input_are_not_written_anew(file_with, capsys, monkeypatch) -> None:
    path = file_with(DOUBTFUL)
    for options in (["-c", "-"], ["-c", path, "--settings", str(Path(path).parent)]):
        assert main(["check", "--fix", *options]) == 2
        assert "crossgate check: " in capsys.readouterr().err
    monkeypatch.setenv("FC_ENABLE", "1")
    assert main(["check", "--fix", "-c", path]) == 2
    assert "template" in capsys.readouterr().err
    assert Path(path).read_text() == DOUBTFUL
