"""The cost of switches, in small: each of them is asked and has a row."""

import pytest

from benchmarks import plugins, switches
from crossgate.components.opentelemetry import export


def test_each_plugin_has_a_row(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "REQUESTS_A_TURN", 5)
    assert plugins.main(["--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == plugins.HEADING
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == list(plugins.files())


def test_each_switch_has_a_row(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "REQUESTS_A_TURN", 5)
    send = export.Export._run
    assert switches.main(["--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == switches.HEADING
    names = [line.split(" | ")[0].removeprefix("| ") for line in lines[3:]]
    switched = [name for name in (*switches.SWITCHES, *switches.AT_ENDPOINT, *switches.AT_BACKEND) if name != "none"]
    assert [name.removesuffix(" (the whole request)") for name in names] == [
        *switched,
        "sending a span, in a thread of its own",
    ]
    assert export.Export._run is send
