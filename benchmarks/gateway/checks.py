"""Whether an answer is right, byte by byte, and whether the backend got what it should: before anything is timed."""

import http.client
from collections.abc import Sequence

from benchmarks.gateway.requests import Request
from benchmarks.gateway.stacks import Stack
from benchmarks.gateway.witness import Call, Witness
from benchmarks.gateway.workloads import (
    BROWSER,
    GZIPPED,
    REQUESTED_FIELDS,
    REQUESTED_METHOD,
    Workload,
)

# What gateways send to backends in any case.
_OF_THEIR_OWN = ("Accept-Encoding", "User-Agent")


def check_stack(stack: Stack, workload: Workload, port: int) -> None:
    """Raise AssertionError unless the stack answers the first request of the workload as it should."""
    expected = workload.expected if stack.is_gateway else workload.passed_on
    check(workload.make_requests()[0], port, expected)


def check_calls(stack: Stack, workload: Workload, port: int, witness: Witness) -> None:
    """The same while the witness is the backend; then its calls are looked at."""
    witness.take()
    check_stack(stack, workload, port)
    check_forwarded(stack, workload, witness.take())


def check_forwarded(stack: Stack, workload: Workload, calls: Sequence[Call]) -> None:
    """Raise AssertionError unless these are the calls that the first request of the workload should make."""
    request = workload.make_requests()[0]
    targets = workload.calls if stack.is_gateway else tuple("" for _ in workload.calls[:1])
    assert sorted(call.target for call in calls) == sorted(target or request.target for target in targets), calls
    forwarded = workload.forwarded if stack.is_gateway else BROWSER.keys()
    for call in calls:
        assert (call.method, call.body) == (request.method, request.body), call
        for name in BROWSER.keys() | forwarded:
            if name in forwarded:
                assert call.fields.get(name.lower()) == request.fields[name], (name, call)
            elif name not in _OF_THEIR_OWN:
                assert name.lower() not in call.fields, (name, call)


def check(request: Request, port: int, expected: bytes) -> None:
    """Raise AssertionError unless the answer is right: status, body, and what CORS promises."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    is_preflight = request.method == "OPTIONS"
    try:
        connection.request(request.method, request.target, request.body or None, dict(request.fields))
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    shown = answer.headers.as_string()
    assert answer.status == (204 if is_preflight else 200), (answer.status, shown)
    assert body == expected, body[:200]
    assert answer.headers["Content-Encoding"] == ("gzip" if expected == GZIPPED else None), shown
    assert answer.headers.get_all("Access-Control-Allow-Origin") == [request.fields["Origin"]], shown
    assert "Origin" in ", ".join(answer.headers.get_all("Vary") or []), shown
    if is_preflight:
        assert REQUESTED_METHOD in _listed(answer.headers["Access-Control-Allow-Methods"]), shown
        allowed = {name.lower() for name in _listed(answer.headers["Access-Control-Allow-Headers"])}
        assert allowed.issuperset(_listed(REQUESTED_FIELDS)), shown
        assert answer.headers["Access-Control-Max-Age"] == "600", shown


def _listed(value: str | None) -> list[str]:
    return [item.strip() for item in (value or "").split(",")]
