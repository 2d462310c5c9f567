"""The parts of a test, from their written form: what is asked, what is expected, what backends answer.

Knows what the keys mean; does not know files, nor where in one a part stands.
"""

import base64
import json
import re
from binascii import Error as Base64Error
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET

from crossgate.components import all_components
from crossgate.components.all_reasons import all_reasons
from crossgate.golang.duration import DurationError, parse_duration
from crossgate.testing.body_schema import UnusableSchemaError, check_of
from crossgate.testing.mocks import Answer
from crossgate.testing.suite import ABSENT, Asked, CorsExpected, Expected, Token
from crossgate.testing.written import (
    HeaderValue,
    WrittenAnswer,
    WrittenCase,
    WrittenCors,
    WrittenExpectation,
    WrittenRequest,
)


class WrongPartError(ValueError):
    """A value that means nothing. `path` is relative to what was being read."""

    def __init__(self, path: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.hint = hint


def asked_of(written: WrittenRequest, tokens: Mapping[str, Token], client: str) -> Asked:
    """The request, of that client where it names none. Raises WrongPartError, here as below."""
    target, host = written.url, ""
    if not target.startswith("/") and target != "*":
        try:
            url = urlsplit(target)
        except ValueError:
            url = urlsplit("")
        if url.scheme not in ("http", "https") or not url.netloc:
            raise WrongPartError(".url", "this is no URL and no path", 'write "/path?query"')
        host = url.netloc
        target = target[target.index(host) + len(host) :].partition("#")[0]
        target = target if target.startswith("/") else f"/{target}"
    if re.search(r"[\x00-\x20\x7f]", target) or re.search(r"[\x00-\x20\x7f]", written.method):
        raise WrongPartError(".url", "a request line has no blanks in its parts")
    fields = [*lines_of(written.headers, ".headers"), *lines_of(written.header, ".header")]
    body = None
    if written.json is not UNSET:
        body = json.dumps(written.json, ensure_ascii=False).encode()
        if all(name.lower() != "content-type" for name, _ in fields):
            fields.append(("Content-Type", "application/json"))
    elif written.body is not UNSET and written.body is not None:
        text = written.body if isinstance(written.body, str) else json.dumps(written.body, ensure_ascii=False)
        body = text.encode("utf-8", "surrogateescape")
    if written.token is not None and written.token != "valid" and written.token not in tokens:  # noqa: S105 # its name
        known = ", ".join(["valid", *tokens])
        raise WrongPartError(".token", f"there is no token {written.token}", f"there are: {known}")
    return Asked(
        written.method,
        target,
        tuple(fields),
        body,
        written.chunked,
        written.token or "",
        written.key or "",
        client if written.client is None else written.client,
        written.credentials,
        host,
    )


def lines_of(headers: Mapping[str, HeaderValue], path: str) -> Iterable[tuple[str, str]]:
    """Fields, a line for each value. `path` is where they were written."""
    for name, values in headers.items():
        for value in [values] if isinstance(values, str) else values:
            if not name or re.search(r"[\x00\r\n]", name + value):
                raise WrongPartError(path, f"{name!r} is no field that can be sent")
            yield name, value


def expected_of(written: WrittenCase) -> Expected:
    """What is to come back."""
    out: WrittenExpectation = written.out
    body, json_value, has_json = None, out.json, out.json is not UNSET
    if isinstance(out.body, str):
        body = out.body.encode("utf-8", "surrogateescape")
    elif out.body is not UNSET and out.body is not None:
        json_value, has_json = out.body, True
    if out.body_matches:
        try:
            re.compile(out.body_matches)
        except re.error as error:
            raise WrongPartError(".body_matches", f"this is no regular expression: {error}") from None
    _check_reason(out.reason)
    cors = out.cors
    return Expected(
        status=0 if written.error else out.status if out.status is not None else out.status_code,
        fields={name: _values(value) for name, value in (*out.headers.items(), *out.header.items())},
        body=body,
        body_matches=out.body_matches,
        json=json_value if has_json else None,
        has_json=has_json,
        has=None if out.json_has is UNSET else out.json_has,
        has_subset=out.json_has is not UNSET,
        fits=None if out.schema is UNSET else _schema_check(out.schema),
        route=out.route,
        cors=None if cors is None else _cors(cors),
        reason=out.reason,
        log=out.log or "",
        received=None if written.received is None else tuple(written.received),
        at_least_ms=written.at_least_ms or 0.0,
        at_most_ms=written.at_most_ms,
    )


@cache
def _known_reasons() -> Collection[str]:
    return all_reasons(all_components())


def _check_reason(code: str | None) -> None:
    if code and code not in _known_reasons():
        close = get_close_matches(code, _known_reasons(), 1)
        hint = f"did you mean {close[0]}?" if close else "`crossgate rule` lists them"
        raise WrongPartError(".reason", f"there is no reason {code}", hint)


def _schema_check(schema: Any) -> Callable[[bytes], str]:
    try:
        return check_of(schema)
    except UnusableSchemaError as error:
        raise WrongPartError(".schema", str(error), error.hint) from None


def _values(value: HeaderValue | None) -> tuple[str, ...]:
    if value is None or value == "":
        return ABSENT
    return (value,) if isinstance(value, str) else tuple(value)


def _cors(written: str | WrittenCors) -> CorsExpected:
    if isinstance(written, str):
        return CorsExpected(written == "allowed")
    return CorsExpected(
        written.verdict == "allowed", written.step or "", written.reason or "", written.chromium_error or ""
    )


def answers_of(written: WrittenAnswer) -> tuple[Answer, ...]:
    """A backend's answers, one after the other."""
    if written.sequence is not None:
        return tuple(each for part in written.sequence for each in answers_of(part))
    delay_seconds = seconds_of(written.delay) if written.delay is not None else (written.delay_ms or 0.0) / 1000
    body: bytes | None = None if written.echo else b""
    if written.json is not UNSET:
        body = json.dumps(written.json, ensure_ascii=False).encode()
    elif isinstance(written.base64, str):
        try:
            body = base64.b64decode(written.base64, validate=True)
        except (Base64Error, ValueError):
            raise WrongPartError(".base64", "this is not base64") from None
    elif isinstance(written.body, str):
        body = written.body.encode("utf-8", "surrogateescape")
    fault = written.fail or ("closed" if written.drop else "")
    return (
        Answer(
            written.status,
            written.reason,
            tuple(lines_of(written.headers, ".headers")),
            body,
            written.gzip,
            "chunked" if written.chunked else "close" if written.until_close else "length",
            written.length,
            written.truncate,
            delay_seconds,
            fault,
            None if written.raw is None else written.raw.encode("latin-1", "replace"),
        ),
    )


def seconds_of(text: str | None) -> float:
    """A Go duration; None: no time."""
    if text is None:
        return 0.0
    try:
        return parse_duration(text) / 1e9
    except DurationError:
        raise WrongPartError("", f'"{text}" is no duration', 'write a number and a unit, such as "90s"') from None
