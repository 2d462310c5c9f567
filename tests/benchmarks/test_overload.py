"""How much of its peak a gateway keeps, as the benchmark of overload works it out."""

import pytest

from benchmarks.gateway.processes import has_programs
from benchmarks.overload.__main__ import CASES, SHARES, Case, Results, Span, kept_share, measured, table, told


def good(*counts):
    return [{"good": count} for count in counts]


def test_what_is_kept_is_a_share_of_the_best_row():
    assert kept_share([good(80), good(100), good(90)], good(95)) == pytest.approx(0.95)


def test_rounds_are_compared_each_with_itself():
    halved = good(95, 45, 95)  # the machine was half as quick in the second
    assert kept_share([good(100, 50, 100)], halved) == pytest.approx(0.95)


def test_one_round_that_went_wrong_does_not_count():
    assert kept_share([good(100, 100, 100)], good(95, 20, 94)) == pytest.approx(0.94)


def results(**twice):
    usual = {
        "asked": 100,
        "good": 100,
        "refused": 0,
        "hung_up": 0,
        "broken": 0,
        "busy": 0.5,
        "late_ms": 1.0,
        "core": 1.0,
    }
    usual |= {"good_p50_ms": 3.0, "good_p99_ms": 9.0}
    case = Case("typical", False, {}, "defaults")
    return Results(case, 2.0, [(usual,)] * len(SHARES), [usual | twice], 100.0, 10.0)


def test_the_table_says_what_the_text_says():
    usual = results().twice[0]
    rows = [tuple(usual | one for one in good(100, 50, 100))] * len(SHARES)
    found = Results(results().case, 2.0, rows, [usual | one for one in good(95, 40, 70)], 100.0, 10.0)
    assert "| 80% |" in table(found)[-1]
    assert "80% of the peak" in told(found)[0]


@pytest.mark.parametrize(
    ("twice", "verdict"),
    [
        ({"good": 91}, "met"),
        ({"good": 89}, "missed"),
        ({"good_p99_ms": 1001.0}, "missed"),
        ({"busy": 0.95}, "not valid: the crowd could not keep up"),
        ({"busy": float("inf")}, "not valid: the crowd could not keep up"),
        ({"core": 0.8}, "not valid: others took the gateway's core"),
        ({"broken": 3}, "not valid: 3 requests broke"),
    ],
)
def test_verdict_is_about_the_gateway_or_there_is_none(twice, verdict):
    assert told(results(**twice))[0].endswith(f"; {verdict}).")


@pytest.mark.skipif(not has_programs(), reason="wrk and nginx are needed")
@pytest.mark.parametrize("is_pool", [True, False])
def test_gateway_is_offered_twice_what_it_can_serve(is_pool):
    case = next(case for case in CASES if case.workload == "merge3" and case.is_pool is is_pool)
    found = measured(case, 1, Span(warm=0.2, measured=0.5, patience=2.0))
    assert len(table(found)) == len(SHARES) + 1
    assert sum(row["good"] for (row,) in found.rows) > 0
    assert found.refusal_us < found.served_us
