"""The comparison with other proxies, in small: it runs, and what would make its figures worthless is told."""

import http.client
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from benchmarks import forms
from benchmarks.gateway.access_logs import check_logged
from benchmarks.gateway.checks import check_forwarded
from benchmarks.gateway.comparison import Results
from benchmarks.gateway.measure import Measurement
from benchmarks.gateway.paced import p99_ms
from benchmarks.gateway.processes import free_port
from benchmarks.gateway.requests import Request, Ring
from benchmarks.gateway.stacks import OURS, Stack
from benchmarks.gateway.table import aims, by_krakend, gate_costs, table
from benchmarks.gateway.tokens import AUDIENCE, ISSUER, key_set, tokens
from benchmarks.gateway.witness import Call, witness_at
from benchmarks.gateway.workloads import BODY, TOKENS_TOO_MANY, WORKLOADS
from crossgate.components.jwt.gate import REMEMBERED_TOKENS
from tests.support.benchmarks import ROOT, needs_programs


@needs_programs
def test_short_comparison_gives_a_row_for_each_stack_and_keeps_raw_figures(tmp_path: Path) -> None:
    raw = tmp_path / "raw.json"
    asked = ["merge3", "preflight", "typical, access logs on"]
    command = [sys.executable, "-m", "benchmarks.gateway", "--seconds", "1", "--rounds", "1", "--only", *asked]
    ran = subprocess.run(
        [*command, "--stacks", "nginx", "crossgate", "--output", str(raw)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    figures = json.loads(raw.read_text())
    for workload in asked:
        assert f"| {workload} | **crossgate** |" in ran.stdout
        for stack in ("nginx", "crossgate"):
            assert figures[f"{workload}/{stack}"]["measured"][0]["requests"] > 0


def _measured(cpu_us: float, rss_mb: float = 30) -> Measurement:
    return Measurement(1000, 1e6 / cpu_us, 1.0, cpu_us, 1.0, rss_mb)


def test_forms_are_compared_within_a_round() -> None:
    results = Results()
    results.measured["typical", "nginx"] = [_measured(20), _measured(40), _measured(20)]
    results.measured["typical", "P 3, pure"] = [_measured(60), _measured(90), _measured(50)]
    results.measured["typical", "P 3, compiled"] = [_measured(45), _measured(80), _measured(40)]
    assert forms.table(results, ["P 3"], ["typical"])[2:] == [
        "| typical | P 3 | 50.0 | 2.50 | 40.0 | 2.00 | 0.80 | 0.75–0.89 |"
    ]


def test_ratios_are_taken_within_a_round_and_krakend_is_reckoned_only_where_it_was_not_measured() -> None:
    results = Results()
    results.measured["typical", "nginx"] = [_measured(20), _measured(40), _measured(20)]
    results.measured["typical", OURS] = [_measured(40), _measured(60), _measured(60)]
    assert by_krakend(results, "typical") == (pytest.approx(148 / 25 / 2), False)
    assert "| typical | **crossgate** | 60.0 | 2.00 | 1.50–3.00 | ≈ 3.0 |" in "\n".join(table(results))
    assert "| typical: KrakenD's processor time ÷ ours ≥ 3.5 | ≈ 2.96 | missed |" in aims(results)
    assert "| typical: ours ÷ nginx's ≤ 2 | 2.00 | met |" in aims(results)
    results.measured["typical", "KrakenD"] = [_measured(160), _measured(240), _measured(300)]
    assert by_krakend(results, "typical") == (4.0, True)
    assert "| typical: KrakenD's processor time ÷ ours ≥ 3.5 | 4.00 | met |" in aims(results)


def test_what_a_validator_takes_is_the_difference_within_a_round() -> None:
    results = Results()
    results.measured["typical", OURS] = [_measured(40), _measured(60), _measured(50)]
    results.measured["auth", OURS] = [_measured(48), _measured(65), _measured(60)]
    assert gate_costs(results)[2:] == ["| auth | 8.0 | 5.0–10.0 |"]


def test_heaviest_worker_counts() -> None:
    results = Results()
    results.measured["typical", OURS] = [_measured(40, rss_mb=46), _measured(40)]
    assert "| MB of a worker ≤ 45 | 46 | missed |" in aims(results)


def test_p99_is_the_slowest_of_the_quickest_ninety_nine_in_a_hundred_and_a_failure_is_told() -> None:
    lines = [f"1\t200\t{1000 * (number + 1)}" for number in range(200)]
    assert p99_ms(lines) == 198
    with pytest.raises(RuntimeError, match="status 502"):
        p99_ms([*lines, "1\t502\t10"])
    with pytest.raises(RuntimeError, match="nothing"):
        p99_ms([])


def test_ring_goes_on_where_it_stopped(tmp_path: Path) -> None:
    ring = Ring([Request(f"/{number}", {}) for number in range(5)])
    ring.advance(13)
    ring.write_script(tmp_path / "wrk.lua")
    assert "local at = 3\n" in (tmp_path / "wrk.lua").read_text()
    assert (tmp_path / "wrk.requests").read_bytes().split(b"\0")[3].startswith(b"GET /3 HTTP/1.1\r\n")


def test_new_tokens_are_more_than_the_gateway_remembers() -> None:
    # It forgets an eighth at a time, so that the oldest are gone when the first comes again.
    assert TOKENS_TOO_MANY > REMEMBERED_TOKENS


def test_tokens_differ_and_hold_for_the_key_set() -> None:
    first, second = tokens(2)
    assert first != second
    key = jwt.PyJWKSet.from_json(key_set().decode()).keys[0]
    assert jwt.decode(first, key, ["RS256"], audience=AUDIENCE, issuer=ISSUER)["roles"] == ["reader", "buyer"]


POST = next(workload for workload in WORKLOADS if workload.name == "post")
GATEWAY = Stack("it", lambda _: [], is_gateway=True)
POSTED = Call("POST", "/post", {"content-type": "application/json", "x-requested-with": "fetch"}, BODY)


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [POSTED, POSTED],
        [replace(POSTED, target="/post?page=2")],
        [replace(POSTED, body=BODY[:-1])],
        [replace(POSTED, fields={"content-type": "application/json"})],
        [replace(POSTED, fields={**POSTED.fields, "cookie": "session=0123456789abcdef; theme=dark"})],
    ],
    ids=["none", "twice", "other target", "body cut", "field lost", "field too many"],
)
def test_calls_other_than_a_workload_should_make_are_told(calls: list[Call]) -> None:
    check_forwarded(GATEWAY, POST, [POSTED])
    with pytest.raises(AssertionError):
        check_forwarded(GATEWAY, POST, calls)


def test_witness_gives_what_it_was_asked_with_a_body_in_chunks(tmp_path: Path) -> None:
    port = free_port()
    with witness_at(port) as witness:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/post?a=1", iter((b"one", b"two")), {"X-It": "here"})
        assert connection.getresponse().read() == BODY
        connection.close()
        (call,) = witness.take()
    assert (call.method, call.target, call.fields["x-it"], call.body) == ("POST", "/post?a=1", "here", b"onetwo")


def test_log_with_too_few_lines_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.gateway.access_logs.PATIENCE_SECONDS", 0)
    log = tmp_path / "log"
    log.write_bytes(b"line\n" * 99)
    check_logged("it", log, 99, wanted=True)
    with pytest.raises(RuntimeError, match="not as many lines"):
        check_logged("it", log, 100, wanted=True)


def test_log_that_should_be_off_is_told(tmp_path: Path) -> None:
    check_logged("it", tmp_path / "none", 100, wanted=False)
    (tmp_path / "log").write_bytes(b"line\n" * 99)
    with pytest.raises(RuntimeError, match="should not"):
        check_logged("it", tmp_path / "log", 100, wanted=False)
