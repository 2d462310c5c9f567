"""Numbers on the command line."""

import pytest

from crossgate.cli.main import main


@pytest.mark.parametrize("text", ["abc", "", "-1", "70000", "1.5", "٣", "0x10", "9" * 5000, "8080 "])
@pytest.mark.parametrize("verb", [["run", "-c", "krakend.json"], ["demo"]])
def test_what_is_no_port_is_a_usage_error_that_says_so(
    verb: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*verb, "--port", text])

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "is not a port" in said
    assert "_port" not in said
    assert len(said) < 1000


@pytest.mark.parametrize("text", ["two", "0", "100000"])
def test_what_is_no_number_of_workers_is_a_usage_error(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "-c", "krakend.json", "--workers", text])

    assert ended.value.code == 2
    assert "is not a number of workers: write a number from 1 to" in capsys.readouterr().err
