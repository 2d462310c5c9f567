"""How much of its peak a gateway keeps, as the benchmark of overload works it out."""

import pytest

from benchmarks.overload.__main__ import kept_share


def good(*counts):
    return [{"good": count} for count in counts]


def test_what_is_kept_is_a_share_of_the_best_row():
    assert kept_share([good(80), good(100), good(90)], good(95)) == pytest.approx(0.95)


def test_rounds_are_compared_each_with_itself():
    halved = good(95, 45, 95)  # the machine was half as quick in the second
    assert kept_share([good(100, 50, 100)], halved) == pytest.approx(0.95)


def test_one_round_that_went_wrong_does_not_count():
    assert kept_share([good(100, 100, 100)], good(95, 20, 94)) == pytest.approx(0.94)
