"""What looking at requests costs is measured, in a row for each check."""

from benchmarks import guards


def test_each_check_has_a_row_and_passes_what_it_is_asked_about() -> None:
    lines = guards.rows(1)
    assert lines[:2] == guards.HEADING
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[2:]] == list(guards.checks())
    assert all(ask() is None for ask in guards.checks().values())
