"""Two CORS policies compared: what pages may do that they might not, and the reverse, by classes of requests.

Exact: origins are divided by the lists that have them in either policy, and of each class one origin is judged, with
the methods and headers that the two can tell apart. What means the same is no difference, however it is spelt.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crossgate.compare.cors_words import headers_told, listed_names, methods_told, ordered, whom
from crossgate.compare.origins import Cell, Pair, divide, division_of
from crossgate.compare.page_powers import (
    ANY_HEADERS,
    EVERY,
    Powers,
    call,
    headers_of,
    methods_of,
    powers,
    value_of,
)
from crossgate.compare.wire_answers import differing_answers
from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig
from crossgate.cors.fetch.safelist import SAFELISTED_METHODS


class CorsKind(StrEnum):
    """What a difference is about, worst first."""

    READABLE_WITH_COOKIES = "readable-with-cookies"
    READABLE = "readable"
    METHODS = "methods"
    REQUEST_HEADERS = "request-headers"
    PRIVATE_NETWORK = "private-network"
    EXPOSED_HEADERS = "exposed-headers"
    BACKEND_FIELDS = "backend-fields"  # what becomes of CORS headers that a backend sets itself
    PREFLIGHTS = "preflights"  # who answers them
    MAX_AGE = "max-age"
    ANSWERS = "answers"  # no browser acts otherwise; the bytes are others


@dataclass(frozen=True, slots=True)
class CorsExample:
    """A call that shows a difference. `headers` are names and values that the script sets.

    `is_preflight`: the request is the preflight itself, `method` and `headers` are what it asks for. `raw_headers` is
    its Access-Control-Request-Headers where no browser would put it so.
    """

    origin: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    with_cookies: bool = False
    is_preflight: bool = False
    raw_headers: bytes | None = None


@dataclass(frozen=True, slots=True)
class CorsDifference:
    """One difference. `opens`: something is possible that was not. `origins` are those that it is about and a list
    names; `patterns`, each with one origin, and `is_any` say what others. Lower `rank` is worse."""

    kind: CorsKind
    opens: bool
    sentence: str
    example: CorsExample
    rank: int
    origins: tuple[str, ...] = ()
    patterns: tuple[tuple[str, str], ...] = ()
    is_any: bool = False


def any_method(method: str) -> bool:  # noqa: ARG001 # it is all the same which
    """They decide about every method."""
    return True


def compare_policies(
    old: CorsPolicy | None, new: CorsPolicy | None, decide_about: Callable[[str], bool] = any_method
) -> tuple[CorsDifference, ...]:
    """All differences, worst first. None, a policy that is off and one that only reports mean: no CORS fields are set.

    `decide_about` tells of a method whether calls with it are for these policies. Backends are taken to say nothing of
    CORS. Linear in the number of origins; patterns are held against each other.
    """
    return tuple(sorted(_Comparison(old, new, decide_about).differences(), key=lambda one: one.rank))


@dataclass(frozen=True, slots=True)
class _Finding:
    """A difference of one cell, before those of several are told together. `sentence` has `{who}` in it."""

    kind: CorsKind
    opens: bool
    sentence: str
    example: CorsExample


class _Comparison:
    def __init__(self, old: CorsPolicy | None, new: CorsPolicy | None, decide_about: Callable[[str], bool]) -> None:
        self._decide_about = decide_about
        self._policies = (_acting(old), _acting(new))
        self._written = (old, new)
        self._configs = tuple(None if one is None else one.config for one in self._policies)
        self._signatures = tuple(_signatures(config) for config in self._configs)

    def differences(self) -> Iterator[CorsDifference]:
        """In no order."""
        divisions = [division_of(config) for config in self._configs]
        found: dict[tuple[CorsKind, bool, str], list[tuple[_Finding, Cell]]] = {}
        for pair, cell in divide(divisions[0], divisions[1], self._may_differ).items():
            for finding in self._in_cell(pair, cell):
                found.setdefault((finding.kind, finding.opens, finding.sentence), []).append((finding, cell))
        yield from map(_told, found.values())
        backends = _of_backends(*self._written)
        if backends is not None:
            yield backends

    def _may_differ(self, pair: Pair) -> bool:
        before, after = (one[-1 if index is None else index] for one, index in zip(self._signatures, pair, strict=True))
        return before != after

    def _in_cell(self, pair: Pair, cell: Cell) -> Iterator[_Finding]:
        parts = [_part(config, index) for config, index in zip(self._configs, pair, strict=True)]
        origin = cell.example
        if origin is None:
            yield from self._answers(cell.unsendable or "", parts)
            return
        found = list(_Pages(self._policies, origin, parts, self._decided_methods(parts)).findings())
        yield from found
        if not found:
            yield from self._answers(origin, parts)

    def _decided_methods(self, parts: list[CorsConfig | None]) -> tuple[str, ...]:
        return tuple(filter(self._decide_about, methods_of(parts)))

    def _answers(self, origin: str, parts: list[CorsConfig | None]) -> Iterator[_Finding]:
        difference = differing_answers(
            *self._policies, origin, self._decided_methods(parts), headers_of(parts), self._decide_about
        )
        if difference is not None:
            method, asked, is_preflight, words = difference
            example = CorsExample(origin, method, is_preflight=is_preflight, raw_headers=asked)
            yield _Finding(CorsKind.ANSWERS, False, words, example)


class _Pages:
    """What pages of one origin can do under both policies."""

    def __init__(
        self,
        policies: tuple[CorsPolicy | None, CorsPolicy | None],
        origin: str,
        parts: list[CorsConfig | None],
        methods: Sequence[str],
    ) -> None:
        self._policies = policies
        self._parts = parts
        self._origin = origin
        headers = headers_of(parts)
        self._powers = {
            cookies: tuple(powers(policy, origin, methods, headers, with_cookies=cookies) for policy in policies)
            for cookies in (True, False)
        }

    def findings(self) -> Iterator[_Finding]:
        """All of them, each with a call that shows it."""
        yield from self._one_way(opens=True)
        yield from self._one_way(opens=False)
        yield from self._preflights()

    def _sides(self, cookies: bool, opens: bool) -> tuple[Powers, Powers]:
        """Whoever has less, whoever has more."""
        old, new = self._powers[cookies]
        return (old, new) if opens else (new, old)

    def _one_way(self, *, opens: bool) -> Iterator[_Finding]:
        may = "may now" if opens else "may no longer"
        with_cookies, without = (self._sides(cookies, opens) for cookies in (True, False))
        gains = {
            cookies: bool(more.methods) and not less.methods
            for cookies, (less, more) in ((True, with_cookies), (False, without))
        }
        if gains[True]:
            also = ", with cookies" if gains[False] else " with cookies"
            if not opens and gains[False]:
                also = ", neither with cookies nor without"
            sentence = f"{{who}} {may} read answers{also}"
            yield _Finding(CorsKind.READABLE_WITH_COOKIES, opens, sentence, self._shown(with_cookies[1].methods, True))
        elif gains[False]:
            sentence = f"{{who}} {may} read answers" + (", without cookies" if opens else "")
            yield _Finding(CorsKind.READABLE, opens, sentence, self._shown(without[1].methods, False))
        told: set[str] = set()
        for cookies, (less, more) in ((True, with_cookies), (False, without)):
            if not (less.methods and more.methods):
                continue
            for finding in self._gained(less, more, cookies, opens, may):
                if finding.sentence not in told:
                    told.add(finding.sentence)
                    yield finding

    def _gained(self, less: Powers, more: Powers, cookies: bool, opens: bool, may: str) -> Iterator[_Finding]:
        methods = more.methods - less.methods
        if methods:
            sentence = f"{{who}} {may} call with {methods_told(methods)}"
            kind = CorsKind.METHODS
            if opens and _READING in methods:  # what most of them could not read, they can
                kind = CorsKind.READABLE_WITH_COOKIES if cookies else CorsKind.READABLE
            yield _Finding(kind, opens, sentence, self._shown(methods, cookies))
        headers = more.headers - less.headers
        if headers:
            sentence = f"{{who}} {may} send {headers_told(headers)}"
            name = min(headers, key=lambda one: (one in ANY_HEADERS, one))
            policy = self._policies[1 if opens else 0]
            method = next(
                method
                for method in ordered(more.methods)
                if call(policy, self._origin, method, name, with_cookies=cookies).allowed
            )
            example = CorsExample(self._origin, method, ((name, value_of(name)),), cookies)
            yield _Finding(CorsKind.REQUEST_HEADERS, opens, sentence, example)
        if more.private_network and not less.private_network and less.max_age_seconds is not None:
            sentence = f"pages of {{who}} {may} call from public networks into private ones"
            method = self._shown(more.methods & less.methods or more.methods, cookies).method
            example = CorsExample(self._origin, method, with_cookies=cookies, is_preflight=True)
            yield _Finding(CorsKind.PRIVATE_NETWORK, opens, sentence, example)
        exposed = more.exposed - less.exposed
        shared = more.methods & less.methods
        if exposed and EVERY not in less.exposed and shared:
            what = "every response header" if EVERY in exposed else f"the response headers {listed_names(exposed)}"
            sentence = f"scripts of {{who}} {may} read {what}"
            example = self._shown(shared, cookies)
            yield _Finding(CorsKind.EXPOSED_HEADERS, opens, sentence, example)

    def _preflights(self) -> Iterator[_Finding]:
        for cookies in (True, False):
            old, new = self._powers[cookies]
            example = self._preflight(cookies)
            if example is None or old.max_age_seconds is None or new.max_age_seconds is None:
                continue
            before, after = (part is not None and part.options_passthrough for part in self._parts)
            if before != after:
                what = "left to whatever answers OPTIONS" if after else "answered by the gateway"
                yield _Finding(CorsKind.PREFLIGHTS, before, f"preflights from {{who}} are now {what}", example)
            elif (statuses := [part.preflight_status for part in self._parts if part]) and len(set(statuses)) > 1:
                sentence = f"preflights from {{who}} are answered with {statuses[1]} instead of {statuses[0]}"
                yield _Finding(CorsKind.ANSWERS, False, sentence, example)
            if old.max_age_seconds != new.max_age_seconds:
                sentence = (
                    f"browsers keep the answers to preflights from {{who}} for {new.max_age_seconds} s instead of "
                    f"{old.max_age_seconds} s"
                )
                opens = new.max_age_seconds > old.max_age_seconds
                yield _Finding(CorsKind.MAX_AGE, opens, sentence, example)
            return

    def _preflight(self, cookies: bool) -> CorsExample | None:
        """A preflight that passes in both; None where there is none."""
        old, new = self._powers[cookies]
        shared = old.methods & new.methods
        unsafe = shared - SAFELISTED_METHODS
        headers = sorted(old.headers & new.headers)
        if not shared or not (unsafe or headers):
            return None
        method = ordered(unsafe or shared)[0]
        sent = () if unsafe else ((headers[0], value_of(headers[0])),)
        return CorsExample(self._origin, method, sent, cookies, is_preflight=True)

    def _shown(self, methods: frozenset[str], cookies: bool) -> CorsExample:
        return CorsExample(self._origin, next(iter(ordered(methods))), with_cookies=cookies)


def _acting(policy: CorsPolicy | None) -> CorsPolicy | None:
    """None for one that leaves every response as it is."""
    return None if policy is None or not policy.config.enabled or policy.config.report_only else policy


def _part(config: CorsConfig | None, index: int | None) -> CorsConfig | None:
    """The rule that decides about an origin, or the policy itself."""
    return None if config is None else (*config.rules, config)[-1 if index is None else index]


def _signatures(config: CorsConfig | None) -> tuple[object, ...]:
    """For each list, then for who is in none: what answers depend on. Where two are equal, so are all answers."""
    if config is None:
        return ("off",)
    asks_private_network = any(part.allow_private_network for part in (*config.rules, config))
    # Who is in no list has preflights answered with the policy's own status.
    everywhere = (config.dialect, asks_private_network)
    granted = [
        (
            everywhere,
            part.any_origin,
            part.any_method,
            part.any_header or frozenset(part.allow_headers),
            frozenset(part.allow_methods),
            frozenset(part.expose_headers),
            part.max_age_seconds,
            part.allow_credentials,
            part.allow_private_network,
            None if part.options_passthrough else part.preflight_status,
            None if config.options_passthrough else config.preflight_status,
        )
        for part in (*config.rules, config)
    ]
    refused = (everywhere, None if config.options_passthrough else config.preflight_status)
    return (*granted, refused)


_READING = "GET"
_OPENNESS = {"strip": 0, "prefer": 1, "pass": 2}
_BACKEND_WORDS = {
    "strip": "are removed",
    "prefer": "are kept where they name one origin, and take the place of the policy's",
    "pass": "are passed on as they are",
}


def _of_backends(old: CorsPolicy | None, new: CorsPolicy | None) -> CorsDifference | None:
    """Whether CORS fields of a backend's own have another fate."""
    before, after = ("pass" if _acting(one) is None else one.config.upstream.value for one in (old, new))  # type: ignore[union-attr]
    if before == after:
        return None
    sentence = (
        f"CORS headers that a backend sends itself {_BACKEND_WORDS[after]}; before, they {_BACKEND_WORDS[before]}"
    )
    opens = _OPENNESS[after] > _OPENNESS[before] or before != "strip" != after
    example = CorsExample("https://other.example")
    return CorsDifference(
        CorsKind.BACKEND_FIELDS, opens, sentence, example, _rank(CorsKind.BACKEND_FIELDS, opens), is_any=True
    )


def _rank(kind: CorsKind, opens: bool) -> int:
    order = list(CorsKind).index(kind)
    return order if opens else order + len(CorsKind)


def _told(findings: list[tuple[_Finding, Cell]]) -> CorsDifference:
    """One difference of what is the same in several cells."""
    first, cell = findings[0]
    origins = tuple(dict.fromkeys(origin for _, one in findings for origin in one.exact))
    patterns = {text: example for _, one in findings for text, example in one.patterns.items()}
    others = next((one.other for _, one in findings if one.other), None)
    who = whom(origins, patterns, others, cell.unsendable)
    return CorsDifference(
        first.kind,
        first.opens,
        first.sentence.format(who=who),
        first.example,
        _rank(first.kind, first.opens),
        origins,
        tuple(patterns.items()),
        others is not None,
    )
