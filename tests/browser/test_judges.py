"""Real browsers judge the gateway's answers, and the browser model is held to what they do."""

from dataclasses import fields

import pytest

from crossgate.cors.fetch import STANDARD
from tests.browser.chromium_console import blocked_calls
from tests.browser.compared_policies import compared_policies
from tests.browser.conftest import BROWSERS, Sitting
from tests.browser.court import MODELS
from tests.browser.departures import DEPARTURES
from tests.browser.finding import Finding
from tests.browser.launch import Name


def _tell(findings: list[Finding]) -> str:
    lines = []
    for finding in findings[:20]:
        lines.append(f"{finding.browser}: {finding.case.name}: {finding.errors}")
        lines += [f"  expected {one}" for one in finding.expected]
        lines += [f"  observed {one}" for one in finding.observed]
    return "\n".join(lines)


@pytest.mark.parametrize("name", BROWSERS)
def test_model_and_browser_agree_on_every_case(sitting: Sitting, name: Name) -> None:
    disagreed = [finding for finding in sitting.of(name) if not finding.agreed]

    assert not disagreed, _tell(disagreed)


@pytest.mark.parametrize("name", BROWSERS)
def test_cases_are_many_and_of_both_outcomes(sitting: Sitting, name: Name) -> None:
    findings = sitting.of(name)
    allowed = sum(finding.observed[-1].response_type == "cors" for finding in findings)

    assert len(findings) >= 300
    assert allowed >= 150
    assert len(findings) - allowed >= 150


@pytest.mark.parametrize("name", BROWSERS)
def test_every_difference_that_is_reported_of_two_policies_is_one_to_a_page(sitting: Sitting, name: Name) -> None:
    readable = {finding.case.name: finding.observed[0].response_type == "cors" for finding in sitting.of(name)}
    compared = list(compared_policies())
    wrong = [one for one in compared if readable[one.fails.name] or not readable[one.passes.name]]

    assert len(compared) >= 50
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("name", BROWSERS)
def test_every_way_to_be_blocked_was_seen(sitting: Sitting, name: Name) -> None:
    errors = {trace.decided_by.chromium_error for finding in sitting.of(name) for trace in finding.traces}

    assert errors >= {
        "MissingAllowOriginHeader",
        "MultipleAllowOriginValues",
        "InvalidAllowOriginValue",
        "AllowOriginMismatch",
        "WildcardOriginNotAllowed",
        "InvalidAllowCredentials",
        "PreflightMissingAllowOriginHeader",
        "PreflightAllowOriginMismatch",
        "PreflightWildcardOriginNotAllowed",
        "PreflightInvalidAllowCredentials",
        "PreflightInvalidStatus",
        "PreflightDisallowedRedirect",
        "InvalidAllowMethodsPreflightResponse",
        "InvalidAllowHeadersPreflightResponse",
        "MethodDisallowedByPreflightResponse",
        "HeaderDisallowedByPreflightResponse",
        "RedirectContainsCredentials",
        "DisallowedByMode",
    }


def test_chromium_names_the_reason_that_the_model_names(sitting: Sitting) -> None:
    findings = {f"chromium-{finding.case.slug}": finding for finding in sitting.of("chromium")}
    told = blocked_calls(sitting.consoles["chromium"])
    differing = {
        findings[token].case.name: (error, findings[token].traces[-1].decided_by.chromium_error)
        for token, error in told.items()
        if error != findings[token].traces[-1].decided_by.chromium_error
    }

    assert len(told) >= 400
    assert len(set(told.values())) >= 15
    assert not differing


@pytest.mark.parametrize("name", BROWSERS)
def test_no_browser_gave_up_waiting(sitting: Sitting, name: Name) -> None:
    waited = [finding.case.name for finding in sitting.of(name) if "timeout" in finding.errors]

    assert not waited


def test_no_preflight_carried_a_cookie(sitting: Sitting) -> None:
    if not sitting.findings:
        pytest.skip("no browser is installed: `make browsers` says how to get one")

    assert sitting.cookies_on_preflights == 0


@pytest.mark.parametrize("name", BROWSERS)
def test_credentials_travelled_with_requests_that_include_them(sitting: Sitting, name: Name) -> None:
    requests = [
        request for finding in sitting.of(name) for one in finding.observed for request in one.requests if one.status
    ]

    assert sum(request[-1] == "cookie" for request in requests) >= 20


@pytest.mark.parametrize(
    ("name", "departure", "case_name"),
    [
        (name, departure, case_name)
        for name in BROWSERS
        for departure, case_names in DEPARTURES[name].items()
        for case_name in case_names
    ],
)
def test_browser_departs_from_the_standard_where_the_model_says(
    sitting: Sitting, name: Name, departure: str, case_name: str
) -> None:
    finding = next(finding for finding in sitting.of(name) if finding.case.name == case_name)

    assert finding.agreed
    assert sitting.without[name, departure, case_name] != finding.observed


@pytest.mark.parametrize("name", BROWSERS)
def test_every_departure_in_the_model_has_a_case(name: Name) -> None:
    model = MODELS[name]
    departures = {
        field.name for field in fields(model) if getattr(model, field.name) != getattr(STANDARD, field.name)
    } - {"name", "max_age_cap_seconds"}

    assert departures == set(DEPARTURES[name])
