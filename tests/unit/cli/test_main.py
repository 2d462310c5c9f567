"""The program itself: verbs, `--version`, completion, examples, colour, standard input."""

import io
import json
import re
import shlex
import socket
import subprocess
import sys

import pytest

import crossgate
from crossgate.cli.colour import wants_colour
from crossgate.cli.main import CORS_VERBS, VERBS, build_parser, main
from crossgate.cli.verb_help import EXAMPLES

MINIMAL = {"version": 3, "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/a", "host": ["http://b"]}]}]}


def run_program(*arguments: str, text: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "crossgate.cli.main", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, env=environ, check=False)


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["chekc"], "did you mean `crossgate check`?"),
        (["rnu", "-c", "krakend.json"], "did you mean `crossgate run`?"),
        (["Plan"], "did you mean `crossgate plan`?"),
        (["verison"], "did you mean `crossgate version`?"),
        (["cors", "explian"], "did you mean `crossgate cors explain`?"),
        (["prob", "http://127.0.0.1"], "did you mean `crossgate cors probe`?"),
        (["quite-another-thing"], "`crossgate --help` lists the verbs"),
        (["cors", "quite-another-thing"], "`crossgate cors --help` lists the verbs"),
    ],
)
def test_a_verb_that_there_is_not_is_a_usage_error_that_names_the_nearest(
    arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.strip().endswith(meant)


@pytest.mark.parametrize("arguments", [["--version"], ["version"]])
def test_the_version_is_shown(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as ended:
        code = ended.code
    assert code == 0
    assert capsys.readouterr().out.startswith(f"crossgate {crossgate.__version__}")


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["help"], "usage: crossgate [-h]"),
        (["help", "run"], "usage: crossgate run"),
        (["help", "cors", "probe"], "usage: crossgate cors probe"),
    ],
)
def test_help_is_also_a_verb(arguments: list[str], usage: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(usage)


def test_every_verb_has_examples() -> None:
    assert EXAMPLES.keys() == {"", "cors", *VERBS, *(f"cors {verb}" for verb in CORS_VERBS)} - {"validate"}


@pytest.mark.parametrize("verb", EXAMPLES)
def test_examples_stand_in_the_help_line_by_line(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*verb.split(), "--help"])
    shown = capsys.readouterr().out
    for line in EXAMPLES[verb]:
        assert f"\n  {line}\n" in shown


@pytest.mark.parametrize("line", sorted({line for lines in EXAMPLES.values() for line in lines}))
def test_an_example_is_a_command_line_that_the_program_takes(line: str) -> None:
    ours = next(part for part in re.split(r"[|>]", line) if "crossgate" in part)
    program, *arguments = [word for word in shlex.split(ours) if not re.match("[A-Z_]+=", word)]
    assert program == "crossgate"
    assert callable(build_parser().parse_args(arguments).handler)


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_verbs_and_options(shell: str) -> None:
    printed = run_program("--print-completion", shell)
    assert printed.returncode == 0
    for word in ("check", "explain", "allow-unsupported"):
        assert word in printed.stdout


def test_bash_completes_verbs_and_options() -> None:
    script = run_program("--print-completion", "bash").stdout
    asking = 'COMP_WORDS=({words}); COMP_CWORD={last}; {function}; echo "${{COMPREPLY[@]}}"'
    function = re.search(r"complete .*-F (\w+) ", script)
    assert function is not None
    for words, last, expected in [("crossgate che", 1, "check"), ("crossgate run --wor", 2, "--workers")]:
        asked = script + "\n" + asking.format(words=words, last=last, function=function[1])
        done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=60, check=False)
        assert expected in done.stdout.split()


def test_a_shell_that_there_is_no_completion_for_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", "cmd.exe"])
    assert ended.value.code == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "at_a_terminal", "in_a_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_colour_follows_the_two_conventions(environ: dict[str, str], at_a_terminal: bool, in_a_pipe: bool) -> None:
    assert wants_colour(Terminal(), environ) is at_a_terminal
    assert wants_colour(io.StringIO(), environ) is in_a_pipe


@pytest.mark.parametrize("verb", ["check", "run"])
def test_reports_of_verbs_are_coloured_where_it_is_asked_for(verb: str) -> None:
    assert "\x1b[" in (done := run_program(verb, "-c", "-", text="{", FORCE_COLOR="1")).stdout + done.stderr
    assert "\x1b[" not in (done := run_program(verb, "-c", "-", text="{")).stdout + done.stderr


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_a_configuration_is_read_from_standard_input(verb: str) -> None:
    assert run_program(verb, "-c", "-", text=json.dumps(MINIMAL)).returncode == 0


def test_standard_input_may_be_a_socket() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(json.dumps(MINIMAL).encode())
        ours.shutdown(socket.SHUT_WR)
        command = [sys.executable, "-m", "crossgate.cli.main", "check", "-c", "-"]
        done = subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_closed_standard_input_is_said_so(verb: str) -> None:
    program = f"exec '{sys.executable}' -m crossgate.cli.main {verb} -c - <&-"
    done = subprocess.run(["sh", "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "cannot be read" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "usage", "meant"),
    [
        (["check", "-c", "krakend.json", "--strcit"], "crossgate check", "did you mean --strict?"),
        (["check", "-c", "krakend.json", "--Format=json"], "crossgate check", "did you mean --format?"),
        (["run", "-c", "krakend.json", "--worker-count", "2"], "crossgate run", "did you mean --workers?"),
        (["cors", "probe", "http://b/", "--orign", "http://a"], "crossgate cors probe", "did you mean --origin?"),
        (["run", "krakend.json"], "crossgate run", "did you mean -c krakend.json?"),
        (["plan", "krakend.json", "--format=json"], "crossgate plan", "did you mean -c krakend.json?"),
    ],
)
def test_arguments_that_a_verb_does_not_know_are_its_own_error_with_what_was_meant(
    arguments: list[str], usage: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(f"usage: {usage} ")
    assert meant in said


@pytest.mark.parametrize("arguments", [["check"], ["check", "-c"], ["check", "-c", "a.json", "b.json", "--zzzz"]])
def test_where_nothing_is_alike_nothing_is_suggested(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "did you mean" not in capsys.readouterr().err
