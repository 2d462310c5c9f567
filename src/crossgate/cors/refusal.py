"""One decision as a line of a log: what was asked, what was said, and why, with the name that is at stake.

Runs for lines that somebody reads, so it may look twice at what `decide` looked at once. Knows policies and requests;
does not know who logs.
"""

from collections.abc import Iterable, Sequence

from crossgate.cors.config import CorsConfig, Dialect
from crossgate.cors.decision import Decision, Kind, Reason
from crossgate.cors.origin_set import MAX_ORIGIN_BYTES, OriginSet, origin_defect
from crossgate.cors.policy import CorsPolicy
from crossgate.cors.request_headers import MAX_BYTES, MAX_EMPTY_ELEMENTS, UNPRINTABLE
from crossgate.http.printable import printable

_MAX_SHOWN_BYTES = 256
_MAX_PATH_BYTES = 1024
_MAX_NAMES = 8


def describe(
    policy: CorsPolicy, method: bytes, path: bytes, fields: Iterable[tuple[bytes, bytes]], decision: Decision
) -> str:
    """What was decided about a request and why: one line, without what could break it or act on a terminal."""
    lines = list(fields)
    origins = _values(lines, b"origin")
    parts = [f"[CORS] {decision.kind.value}: {printable(method)} {printable(path[:_MAX_PATH_BYTES])}"]
    parts.append("origin=" + (" and ".join(f'"{_shown(origin)}"' for origin in origins[:2]) or "none"))
    if decision.kind is Kind.PREFLIGHT:
        parts.append(f'method="{_shown(_asked_method(method, lines, decision))}"')
        asked = _values(lines, b"access-control-request-headers")
        if asked:
            parts.append(f'headers="{_shown(b", ".join(asked))}"')
    if decision.kind is Kind.NOT_CORS:
        plain = (
            "" if method != b"OPTIONS" else ": no Access-Control-Request-Method, so no preflight; the router answers it"
        )
        return f"{' '.join(parts)} nothing to decide at {decision.step.value}: {decision.reason.value}{plain}"
    verdict = "allowed" if decision.allowed else "refused"
    parts.append(f"{verdict} at {decision.step.value}: {decision.reason.value}")
    why = "" if decision.allowed else why_refused(policy.config, method, lines, decision)
    return f"{' '.join(parts)}: {why}" if why else " ".join(parts)


def why_refused(config: CorsConfig, method: bytes, fields: Sequence[tuple[bytes, bytes]], decision: Decision) -> str:
    """The reason of a refusal in words, with the name or value that is at stake."""
    origins = _values(fields, b"origin")
    origin = origins[0] if origins else b""
    _, part = active_part(config, origin)
    headers = _values(fields, b"access-control-request-headers")
    match decision.reason:
        case Reason.NO_ORIGIN:
            return "a preflight without Origin, which no browser sends"
        case Reason.SEVERAL_ORIGINS:
            return f"{len(origins)} Origin lines, and browsers send one"
        case Reason.ORIGIN_TOO_LONG:
            return f"{len(origin)} bytes, and no more than {MAX_ORIGIN_BYTES} are read"
        case Reason.ORIGIN_MALFORMED:
            return "it is empty" if not origin else "it has control characters or bytes outside ASCII"
        case Reason.ORIGIN_NOT_LISTED:
            return _why_origin(config, origin)
        case Reason.METHOD_NOT_LISTED:
            return _why_method(part, _asked_method(method, fields, decision))
        case Reason.HEADERS_TOO_LONG:
            return f"{sum(map(len, headers))} bytes of names, and no more than {MAX_BYTES} are read"
        case Reason.HEADERS_MALFORMED:
            return _why_malformed(headers)
        case Reason.OPTIONS_NOT_ANSWERED:
            return "an OPTIONS request that is no preflight; KrakenD 1.4 adds nothing to the answer"
        case _:
            return _why_header(part, headers, decision.reason)


def active_part(config: CorsConfig, origin: bytes) -> tuple[int | None, CorsConfig]:
    """The rule that holds for an origin and its index, or None and the policy itself."""
    defect = origin_defect(origin)
    for index, rule in enumerate(config.rules):
        origins = OriginSet(rule.allow_origins, rule.origin_grammar, any_origin=rule.any_origin)
        if (defect is None or origins.any_origin) and origins.find(origin) is not None:
            return index, rule
    return None, config


def missing_names(part: CorsConfig, asked: Iterable[bytes]) -> list[str]:
    """The requested header names that a policy does not allow, in order, each once."""
    allowed = {name.lower() for name in part.allow_headers}
    if part.dialect is Dialect.KRAKEND_1_4:
        allowed.add("origin")
    names = [name.decode("latin-1") for name in _names(asked)]
    return [name for name in dict.fromkeys(names) if name.lower() not in allowed]


def _why_origin(config: CorsConfig, origin: bytes) -> str:
    from crossgate.cors.near_miss import (
        nearest_entry,
    )  # with it comes the browser's side, which a gateway can do without

    near = nearest_entry(config.allow_origins, origin.decode("latin-1"))
    if near is None:
        return "allow_origins has neither it nor a pattern for it"
    return f'allow_origins[{near.item}] is "{_shown(near.entry.encode("utf-8", "replace"))}", which {near.why}'


def _why_method(part: CorsConfig, method: bytes) -> str:
    name = _shown(method)
    listed = [known for known in part.allow_methods if known.upper() == method.decode("latin-1").upper()]
    if listed and part.dialect is not Dialect.KRAKEND_1_4:
        return f"{name} is not in allow_methods, {listed[0]} is: letter case counts"
    return f"{name} is not in allow_methods"


def _why_header(part: CorsConfig, lines: Sequence[bytes], reason: Reason) -> str:
    names = _names(lines)
    match reason:
        case Reason.HEADER_NOT_LISTED:
            missing = [_shown(name.encode("latin-1")) for name in missing_names(part, lines)[:_MAX_NAMES]]
            return f"{', '.join(missing) or 'a name'} {'are' if len(missing) > 1 else 'is'} not in allow_headers"
        case Reason.HEADER_NOT_LOWER_CASE:
            name = next((name for name in names if name != name.lower()), b"")
            return f"{_shown(name)} has capitals, and browsers ask for names in lower case, which alone KrakenD 2 takes"
        case Reason.HEADER_REPEATED:
            name = next((name for at, name in enumerate(names) if name in names[:at]), b"")
            return f"{_shown(name)} is asked for twice, and KrakenD 2 takes each name once"
        case Reason.HEADERS_NOT_SORTED:
            later = next((at for at in range(1, len(names)) if names[at] < names[at - 1]), 0)
            return (
                f"{_shown(names[later])} comes after {_shown(names[later - 1])}, and browsers ask for names in "
                "alphabetical order, which alone KrakenD 2 takes"
            )
        case _:
            return ""


def _why_malformed(lines: Sequence[bytes]) -> str:
    if any(UNPRINTABLE.search(line) for line in lines):
        return "the list has control characters or bytes outside ASCII"
    elements = [element for line in lines for element in line.split(b",")]
    if sum(not element.strip(b" \t") for element in elements) > MAX_EMPTY_ELEMENTS:
        return f"the list has more than {MAX_EMPTY_ELEMENTS} empty elements"
    padded = next((element for element in elements if len(element) - len(element.strip(b" \t")) > 1), None)
    if padded is not None:
        return (
            f'there is more than one blank beside "{_shown(padded.strip(b" " + bytes([9])))}", and browsers send none'
        )
    return "the list has a name with characters that no name has"


def _asked_method(method: bytes, fields: Sequence[tuple[bytes, bytes]], decision: Decision) -> bytes:
    asked = _values(fields, b"access-control-request-method") if decision.kind is Kind.PREFLIGHT else []
    return asked[0] if asked else method


def _values(fields: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for known, value in fields if known == name]


def _names(lines: Iterable[bytes]) -> list[bytes]:
    return [name for line in lines for element in line.split(b",") if (name := element.strip(b" \t"))]


def _shown(value: bytes) -> str:
    return printable(value[:_MAX_SHOWN_BYTES]) + ("..." if len(value) > _MAX_SHOWN_BYTES else "")
