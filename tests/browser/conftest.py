"""One sitting of the judges for all tests, and its agreement table at the end of the run."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.browser.case import Case
from tests.browser.certificate import LoopbackCertificate
from tests.browser.compared_policies import compared_cases
from tests.browser.court import Court, open_court
from tests.browser.departures import DEPARTURES
from tests.browser.finding import Finding, Observation
from tests.browser.launch import Name, find_browser, version_of
from tests.browser.named_cases import named_cases
from tests.browser.policies_times_requests import product_cases

BROWSERS: tuple[Name, ...] = ("chromium", "firefox")


@dataclass
class Sitting:
    """What the judges found, by browser; browsers that are not installed are missing."""

    findings: dict[Name, list[Finding]] = field(default_factory=dict)
    without: dict[tuple[Name, str, str], tuple[Observation, ...]] = field(default_factory=dict)
    consoles: dict[Name, str] = field(default_factory=dict)
    cookies_on_preflights: int = 0
    versions: dict[Name, str] = field(default_factory=dict)
    seconds: float = 0.0
    table: Path | None = None

    def of(self, name: Name) -> list[Finding]:
        """The findings of a browser; skips the test where it is not installed."""
        if name not in self.findings:
            pytest.skip(f"{name} is not installed: `make browsers` says how to get it")
        return self.findings[name]


_SITTING = pytest.StashKey[Sitting]()


@pytest.fixture(scope="session")
def sitting(pytestconfig: pytest.Config) -> Sitting:
    """All cases in all browsers that are installed."""
    held = asyncio.run(_sit([*named_cases(), *product_cases(), *compared_cases()]))
    pytestconfig.stash[_SITTING] = held
    _write_table(held, pytestconfig)
    return held


def _write_table(held: Sitting, config: pytest.Config) -> None:
    """Case by case: what the server decided, what the model says, what the browser did."""
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if cache is None:
        return
    lines = ["browser\tcase\tserver\tmodel\tbrowser's result\tagreed\n"]
    for name, findings in held.findings.items():
        for finding in findings:
            model = "; ".join(f"{trace.response_type} ({trace.decided_by.step})" for trace in finding.traces)
            result = "; ".join(f"{one.response_type} {one.status or ''}".strip() for one in finding.observed)
            agreed = "yes" if finding.agreed else "NO"
            lines.append(f"{name}\t{finding.case.name}\t{'; '.join(finding.decisions)}\t{model}\t{result}\t{agreed}\n")
    held.table = cache.mkdir("judges") / "agreement.tsv"
    held.table.write_text("".join(lines))


async def _sit(cases: Sequence[Case]) -> Sitting:
    held = Sitting()
    started = time.monotonic()
    names = [name for name in BROWSERS if find_browser(name)]
    certificate = LoopbackCertificate()
    court = await open_court(cases, certificate)
    try:
        judged = await asyncio.gather(*(court.judge(name, certificate) for name in names))
        for name, findings in zip(names, judged, strict=True):
            held.findings[name] = findings
            held.versions[name] = version_of(name)
            held.consoles[name] = court.consoles[name]
            await _ask_without(court, name, held)
            held.cookies_on_preflights += sum(
                seen.method == b"OPTIONS" and seen.first(b"cookie") is not None
                for case in cases
                for seen in court.seen(case, name)
            )
    finally:
        await court.close()
    held.seconds = time.monotonic() - started
    return held


async def _ask_without(court: Court, name: Name, held: Sitting) -> None:
    cases = {case.name: case for case in court.cases}
    for departure, case_names in DEPARTURES[name].items():
        for case_name in case_names:
            held.without[name, departure, case_name] = await court.expect_without(departure, cases[case_name], name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the agreement table."""
    held = terminalreporter.config.stash.get(_SITTING, None)
    if held is None or not held.findings:
        return
    terminalreporter.section(f"the browser model and real browsers, {held.seconds:.0f} s")
    terminalreporter.write_line(
        f"{'browser':<28}{'cases':>7}{'requests':>10}{'preflights':>12}{'allowed':>9}{'blocked':>9}{'agreed':>16}"
    )
    for name, findings in held.findings.items():
        observed = [one for finding in findings for one in finding.observed]
        requests = [request for one in observed for request in one.requests]
        allowed = sum(one.response_type in {"basic", "cors"} for one in observed)
        agreed = sum(finding.agreed for finding in findings)
        terminalreporter.write_line(
            f"{held.versions[name]:<28.27}{len(findings):>7}{len(requests):>10}"
            f"{sum(request[0] == 'OPTIONS' for request in requests):>12}{allowed:>9}{len(observed) - allowed:>9}"
            f"{f'{agreed} ({100 * agreed / len(findings):.1f} %)':>16}"
        )
    if held.table is not None:
        terminalreporter.write_line(f"case by case: {held.table}")
