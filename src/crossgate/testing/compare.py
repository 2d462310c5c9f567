"""What came back beside what was expected: each difference as a value. Knows no gateway and no form of report."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossgate.cors.judge import Judgement
from crossgate.testing.answered import Answered
from crossgate.testing.mocks import Received
from crossgate.testing.suite import EMPTY, CorsExpected, Expected

_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected: what it is about, and both sides as text."""

    what: str
    expected: str
    got: str


def differences(expected: Expected, answered: Answered, received: Sequence[Received]) -> list[Difference]:
    """All of them, the most telling first."""
    found: list[Difference] = []
    if expected.route is not None and expected.route != answered.route:
        found.append(Difference("route", expected.route or "none", answered.route or "none"))
    if expected.status is not None and expected.status != answered.status:
        found.append(Difference("status", str(expected.status), str(answered.status)))
    got_reason = "" if answered.reason is None else answered.reason.code
    if expected.reason is not None and expected.reason != got_reason:
        found.append(Difference("reason", expected.reason or "none", got_reason or "none"))
    for name, values in expected.fields.items():
        got = answered.values(name)
        if list(values) != got and not (values == EMPTY and not got):
            found.append(Difference(f"header {name}", _listed(values), _listed(got)))
    found += _body_differences(expected, answered)
    if expected.log and not any(expected.log in line for line in answered.log):
        found.append(Difference("log", expected.log, "\n".join(answered.log) or "nothing"))
    took_ms = 1000 * answered.took_seconds
    if took_ms < expected.at_least_ms - 0.001:
        found.append(Difference("time", f"at least {expected.at_least_ms:g} ms", f"{took_ms:g} ms"))
    if expected.at_most_ms is not None and took_ms > expected.at_most_ms:
        found.append(Difference("time", f"at most {expected.at_most_ms:g} ms", f"{took_ms:g} ms"))
    if expected.received is not None:
        found += _received_differences(expected.received, received)
    return found


def cors_differences(expected: CorsExpected, judgement: Judgement) -> list[Difference]:
    """Whether the page may read what came, and why."""
    check = judgement.decided_by
    got = f"{'allowed' if judgement.allowed else 'blocked'} ({check.step}): {check.reason}"
    wanted = "allowed" if expected.allowed else "blocked"
    agrees = (
        expected.allowed == judgement.allowed
        and (not expected.step or expected.step == check.step)
        and (not expected.reason or expected.reason.lower() in check.reason.lower())
        and (not expected.chromium_error or expected.chromium_error == judgement.chromium_error)
    )
    if agrees:
        return []
    details = ", ".join(filter(None, (expected.step, expected.reason, expected.chromium_error)))
    error = f" [{judgement.chromium_error}]" if judgement.chromium_error else ""
    return [Difference("cors", f"{wanted} ({details})" if details else wanted, got + error)]


def _body_differences(expected: Expected, answered: Answered) -> list[Difference]:
    text = answered.body.decode("utf-8", "replace")
    if expected.body is not None and expected.body != answered.body:
        return [Difference("body", _cut(expected.body.decode("utf-8", "replace")), _cut(text))]
    if expected.body_matches and re.fullmatch(expected.body_matches, text, re.DOTALL) is None:
        return [Difference("body", f"/{expected.body_matches}/", _cut(text))]
    if expected.fits is not None and (mistakes := expected.fits(answered.body)):
        return [Difference("body", "as its schema says", _cut(f"{text}\n{mistakes}"))]
    if not (expected.has_json or expected.has_subset):
        return []
    try:
        value = json.loads(answered.body)
    except ValueError:
        return [Difference("body", "JSON", _cut(text))]
    found = []
    if expected.has_json and _with_literals(text) != _with_literals(_text_of(expected.json)):
        found.append(Difference("json", _cut(_text_of(expected.json)), _cut(_text_of(value))))
    if expected.has_subset and not agrees(expected.has, value):
        found.append(Difference("json", f"with {_cut(_text_of(expected.has))}", _cut(_text_of(value))))
    return found


def _received_differences(expected: Sequence[Mapping[str, Any]], received: Sequence[Received]) -> list[Difference]:
    """Where all calls are expected by path, calls of other paths do not count."""
    paths = {one.get("path") for one in expected}
    by_path = bool(paths) and None not in paths
    left = [one for one in received if not by_path or one.path in paths]
    missing = []
    for one in expected:
        match = next((other for other in left if _is_call(_lower_names(one), _lower_names(other.seen))), None)
        if match is None:
            missing.append(one)
        else:
            left.remove(match)
    if not missing and not left:
        return []
    got = [f"{one.method} {one.authority}{one.target}" for one in received]
    wanted = [_text_of(one) for one in expected]
    if missing and left:
        named = {name for one in missing for name in one}
        fields = {name.lower() for one in missing for name in one.get("headers") or ()}
        got = [_text_of(_of_interest(one.seen, named, fields)) for one in left]
        wanted = [_text_of(one) for one in missing]
    return [Difference("calls of backends", _cut("\n".join(wanted)) or "none", _cut("\n".join(got)) or "none")]


def _is_call(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Whether a call is one that is expected. A field of the value true is to be there, whatever it says."""
    wanted, there = expected.get("headers"), seen.get("headers")
    if isinstance(wanted, dict) and isinstance(there, dict):
        expected = {
            **expected,
            "headers": {name: there.get(name, "") if value is True else value for name, value in wanted.items()},
        }
    return agrees(expected, seen)


def _lower_names(call: Mapping[str, Any]) -> dict[str, Any]:
    """With names of fields that do not depend on who wrote them."""
    headers = call.get("headers")
    if not isinstance(headers, dict):
        return dict(call)
    return {**call, "headers": {name.lower(): value for name, value in headers.items()}}


def _of_interest(seen: Mapping[str, Any], named: set[str], fields: set[str]) -> dict[str, Any]:
    """What is to be shown of a call beside one that was expected."""
    shown = {name: value for name, value in seen.items() if name in named}
    if "headers" in shown:
        shown["headers"] = {name: value for name, value in shown["headers"].items() if name.lower() in fields}
    return shown


def agrees(expected: Any, actual: Any) -> bool:
    """Whether what is named is there and what is null is not."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(
            name not in actual if value is None else name in actual and agrees(value, actual[name])
            for name, value in expected.items()
        )
    if isinstance(actual, list) and len(actual) == 1 and isinstance(expected, str):
        return bool(actual[0] == expected)  # one value of a field
    return bool(expected == actual)


def _with_literals(text: str) -> Any:
    """JSON whose numbers keep their text: 1 and 1.0 are two answers."""
    return json.loads(text, parse_int=_literal, parse_float=_literal)


def _literal(text: str) -> tuple[str, str]:
    return ("number", text)


def _text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _listed(values: Sequence[str]) -> str:
    return " and ".join(f'"{value}"' for value in values) if values else "absent"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} … ({len(text)} characters)"
