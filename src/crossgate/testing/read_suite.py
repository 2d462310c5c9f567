"""A file of tests made into values, with everything that is wrong with it, each problem at its line.

Knows the written form and what it means; does not run anything.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct

from crossgate.config.source import Parsed, parse
from crossgate.diagnostics import Diagnostic, Severity, Span
from crossgate.diagnostics.path import child
from crossgate.testing.misfits import fitted
from crossgate.testing.mocks import Answer, Mock
from crossgate.testing.read_parts import WrongPartError, answers_of, asked_of, expected_of, lines_of, seconds_of
from crossgate.testing.suite import Case, Lock, Suite, Test, Token
from crossgate.testing.written import (
    TIME_PATTERN,
    WrittenAnswer,
    WrittenCase,
    WrittenCors,
    WrittenExpectation,
    WrittenLock,
    WrittenRequest,
    WrittenSuite,
    WrittenToken,
)

S = TypeVar("S", bound=Struct)

_ADDRESSES = {"{{backend}}": "backend.test:8000", "{{port}}": "8000", "{{dead}}": "dead.test:8999"}
_AIM = re.compile(r"(?:(?P<method>[A-Z]+) )?(?P<host>https?://[^/]+)?(?P<path>/.*|\*)?\Z")
_TWICE = "CFG104"
_COMMENT = ("@", "$", "_", "#")


@dataclass(frozen=True, slots=True)
class ReadSuite:
    """What a file became. `suite` is None where `diagnostics` has errors; `text` is what their spans point into."""

    suite: Suite | None
    diagnostics: tuple[Diagnostic, ...]
    text: str
    _parsed: Parsed | None = None

    def locate(self, path: str, *, on_key: bool = False) -> Span:
        """Where a path of the file was written: its nearest part that is there."""
        parsed = self._parsed or Parsed("", self.text)
        return parsed.places.locate(path, on_key=on_key)


def read_suite(path: str) -> ReadSuite:
    """The tests of a file. Never raises for what is on disk or in it."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        span = Span(path, 1, 1, 1, 1)
        return ReadSuite(None, (Diagnostic("TST101", Severity.ERROR, "$", message, span=span),), "")
    return suite_of(data, path)


def suite_of(data: bytes, name: str) -> ReadSuite:
    """The tests of a text; the suffix of its name says how it is written."""
    return _read(parse(data, name=name), name)


def suite_of_tree(tree: Mapping[str, Any], name: str) -> ReadSuite:
    """The tests of what a file would hold."""
    parsed = Parsed(name, "")
    parsed.tree = tree
    return _read(parsed, name)


def _read(parsed: Parsed, name: str) -> ReadSuite:
    if not isinstance(parsed.tree, Mapping):
        found = [_as_of_tests(each) for each in parsed.findings if each.severity is Severity.ERROR]
        return ReadSuite(None, tuple(found), parsed.text)
    reader = _Reader(parsed, name)
    reader.found += [_as_of_tests(each) for each in parsed.findings if each.code == _TWICE]
    suite = reader.suite(_filled(parsed.tree))
    found = sorted(reader.found, key=lambda each: (each.span.line, each.span.column) if each.span else (0, 0))
    return ReadSuite(None if found else suite, tuple(found), parsed.text, parsed)


class _Reader:
    def __init__(self, parsed: Parsed, file: str) -> None:
        self._parsed = parsed
        self._file = file
        self._client = ""
        self.found: list[Diagnostic] = []

    # -- problems

    def wrong(self, path: str, message: str, hint: str = "", *, on_key: bool = False) -> None:
        span = self._parsed.places.locate(path, on_key=on_key)
        self.found.append(Diagnostic("TST102", Severity.ERROR, path, message, hint, span=span, on_key=on_key))

    def typed(self, kind: type[S], tree: Any, path: str) -> S | None:
        """The tree as that type, without what does not fit, which is reported; None where that cannot be left out."""
        value, misfits = fitted(kind, _without_comments(tree), _KEYS)
        for misfit in misfits:
            at = path
            for step in misfit.steps:
                at = child(at, step)
            self.wrong(at, misfit.message, misfit.hint, on_key=misfit.on_key)
        return value

    # -- the file

    def suite(self, tree: Mapping[str, Any]) -> Suite | None:
        written = self.typed(WrittenSuite, tree, "$")
        if written is None:
            return None
        now_seconds = _seconds_at(written.now)
        if written.now is not None and now_seconds is None:
            self.wrong("$.now", "this is no time", 'write "2026-01-31T12:00:00Z"')
        self._client = written.client
        proxy_fields = self._tried("$", lambda: tuple(lines_of(written.proxy_headers, ".proxy_headers"))) or ()
        mocks = [*self._mocks(written.backends, "$.backends"), *self._mocks(written.backend, "$.backend")]
        tokens = {name: self._token(token, f"$.tokens.{name}") for name, token in written.tokens.items()}
        cases = list(self._cases(written, tokens))
        if not cases and not self.found:
            self.wrong("$", "there are no tests in this file", 'write them under "tests"')
        return Suite(
            self._file,
            tuple(cases),
            written.config,
            written.environ,
            now_seconds,
            written.url.rstrip("/"),
            tokens,
            proxy_fields,
            (*mocks, Mock((Answer(fault="refused"),), host=_ADDRESSES["{{dead}}"])),
        )

    def _cases(self, written: WrittenSuite, tokens: Mapping[str, Token]) -> Iterable[Test]:
        if written.in_ is not UNSET or written.out is not UNSET:
            tree = {name: value for name, value in (("in", written.in_), ("out", written.out)) if value is not UNSET}
            tree |= {"name": written.name, "error": written.error}
            single = self._case(tree, "$", Path(self._file).stem, tokens)
            if single is not None:
                yield single
        for name in ("tests", "specs"):
            for number, tree in enumerate(getattr(written, name)):
                case = self._case(tree, f"$.{name}[{number}]", f"{name}[{number}]", tokens)
                if case is not None:
                    yield case

    def _case(self, tree: Any, path: str, default_name: str, tokens: Mapping[str, Token]) -> Test | None:
        if isinstance(tree, dict) and "lets_through" in tree:
            return self._lock(tree, path, default_name)
        written = self.typed(WrittenCase, tree, path)
        return None if written is None else self._case_of(written, path, default_name, tokens)

    def _lock(self, tree: Any, path: str, default_name: str) -> Lock | None:
        written = self.typed(WrittenLock, tree, path)
        if written is None:
            return None
        method, blank, place = written.endpoint.partition(" ")
        if tree["endpoint"] == "*":
            method, place = "", "*"
        elif not blank:
            self.wrong(f"{path}.endpoint", "this names no endpoint", 'write "GET /its/path", or "*": the service')
        lists = msgspec.to_builtins(written.lets_through)
        span = self._parsed.places.locate(path)
        return Lock(written.name or default_name, method, place, lists, span)

    def _case_of(self, written: WrittenCase, path: str, default_name: str, tokens: Mapping[str, Token]) -> Case | None:
        before = len(self.found)
        asked = self._tried(f"{path}.in", lambda: asked_of(written.in_, tokens, self._client))
        expected = self._tried(f"{path}.out", lambda: expected_of(written))
        after_seconds = self._tried(f"{path}.after", lambda: seconds_of(written.after)) or 0.0
        mocks = [
            *self._mocks(written.backends, f"{path}.backends"),
            *self._mocks(written.backend, f"{path}.backend"),
        ]
        if written.page is None and isinstance(written.out.cors, WrittenCors | str):
            self.wrong(f"{path}.out.cors", "only a page has a CORS verdict", 'say which: "page": "https://…"')
        following = None
        if written.next is not None:
            following = self._case_of(written.next, f"{path}.next", f"{default_name}.next", tokens)
        if asked is None or expected is None or len(self.found) > before:
            return None
        return Case(
            written.name or written.rule or default_name,
            asked,
            expected,
            self._parsed.places.locate(path),
            written.page or "",
            tuple(mocks),
            after_seconds,
            written.times,
            following,
        )

    def _tried(self, path: str, read: Any) -> Any:
        try:
            return read()
        except WrongPartError as error:
            self.wrong(path + error.path, str(error), error.hint)
            return None

    def _mocks(self, written: Mapping[str, WrittenAnswer], path: str) -> Iterable[Mock]:
        for aim, answer in written.items():
            at = child(path, aim)
            match = _AIM.match(aim)
            if match is None or not aim:
                self.wrong(at, "this is no place of a backend", 'write "[METHOD ][http://host:port]/path"', on_key=True)
                continue
            answers = self._tried(at, lambda answer=answer: answers_of(answer))
            if answers is None:
                continue
            if answers[0].fault == "refused" and match["path"]:
                self.wrong(at, "a connection is refused for a whole host", "leave the path out", on_key=True)
                continue
            host = (match["host"] or "").lower()
            yield Mock(answers, host, match["method"] or "", match["path"] or "", name=f"{self._file}: {aim}")

    def _token(self, written: WrittenToken, path: str) -> Token:
        lifetime = self._tried(f"{path}.expires_in", lambda: seconds_of(written.expires_in))
        return Token(written.claims, lifetime or 0.0, written.signed_by == "stranger", written.algorithm or "")


def _as_of_tests(found: Diagnostic) -> Diagnostic:
    """What is said of a text, where it is no configuration that KrakenD would read."""
    message = found.message.replace("a configuration must be", "a file of tests must be")
    return replace(found, severity=Severity.ERROR, message=message, krakend="", fix=None)


def _seconds_at(text: str | None) -> float | None:
    """A time as seconds since the epoch; None where the text is none."""
    if text is None or re.match(TIME_PATTERN, text) is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


# -- trees


def _filled(value: Any) -> Any:
    """With addresses in the place of their names."""
    if isinstance(value, str):
        if "{{" not in value:
            return value
        for mark, address in _ADDRESSES.items():
            value = value.replace(mark, address)
        return value
    if isinstance(value, dict):
        return {_filled(name): _filled(member) for name, member in value.items()}
    return [_filled(item) for item in value] if isinstance(value, list) else value


_OPEN = frozenset(
    (
        *("config", "json", "json_has", "body", "claims", "received", "headers", "header", "environ"),
        *("settings", "proxy_headers", "mapping", "schema"),
    )
)


def _without_comments(tree: Any, name: str = "") -> Any:
    """Without keys that are comments, wherever keys are fixed."""
    if isinstance(tree, list):
        return [_without_comments(item) for item in tree]
    if not isinstance(tree, dict) or name in _OPEN:
        return tree
    return {key: _without_comments(value, key) for key, value in tree.items() if not key.startswith(_COMMENT)}


def _keys_of(*kinds: type[Struct]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for kind in kinds for name in kind.__struct_encode_fields__))


_KEYS = _keys_of(
    WrittenSuite, WrittenCase, WrittenRequest, WrittenExpectation, WrittenAnswer, WrittenToken, WrittenCors
)
