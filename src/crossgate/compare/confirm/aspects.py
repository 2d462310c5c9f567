"""What of two gateways' doings a kind of difference is about: what has to be another for it to be shown."""

from collections.abc import Callable

from crossgate.compare.confirm.stands import Seen
from crossgate.compare.difference import CORS_KINDS, Difference, Fields, Kind

GUARD_KINDS = frozenset((Kind.GUARD_GONE, Kind.GUARD_WEAKER, Kind.GUARD_CHANGED, Kind.GUARD_STRONGER))
_OF_GUARDS = frozenset(
    (
        "location",
        "strict-transport-security",
        "x-frame-options",
        "x-content-type-options",
        "x-xss-protection",
        "content-security-policy",
        "referrer-policy",
    )
)

_A_REFUSAL = 400
_REASONS = {"cel": "cel.", "json_schema": "schema.", "plugins": "plugin.", "lua": "lua.", "rate_limit": "limit."}
"""What the codes of reasons begin with, of components that may refuse without being gates."""

Aspect = Callable[[Seen], object]


def aspect_of(difference: Difference) -> Aspect:
    """Two answers that have the same of it do not show the difference."""
    kind = difference.kind
    if kind in CORS_KINDS:
        return _cors
    if kind in GUARD_KINDS or kind is Kind.LIMIT:
        return _verdict
    if kind is Kind.CALLS and difference.new is not None and difference.new.is_component:
        return _seen_by_others  # a modifier changes answers, too
    if kind in (Kind.FIELDS, Kind.CALLS):
        return lambda seen: seen.calls
    if kind is Kind.DATA and is_one_more(difference):
        return lambda seen: (seen.status, seen.fields, seen.body)
    if kind in (Kind.DATA, Kind.STATUS, Kind.TIMEOUT):
        return lambda seen: (seen.status, seen.fields, seen.body, len(seen.calls))
    return _seen_by_others


def _cors(seen: Seen) -> object:
    return (seen.status, _cors_fields(seen), len(seen.calls))


def _cors_fields(seen: Seen) -> Fields:
    return tuple(one for one in seen.fields if one[0] == "vary" or one[0].startswith("access-control-"))


def _verdict(seen: Seen) -> object:
    fields = tuple(one for one in seen.fields if one[0] in _OF_GUARDS)
    return (seen.status, seen.refused_by, seen.reason, fields, len(seen.calls))


def is_one_more(difference: Difference) -> bool:
    """Whether it is about a backend that only one of the files has."""
    return len({place is not None and place.backend >= 0 for place in (difference.old, difference.new)}) > 1


def told_apart(aspect: Aspect, old: Seen, new: Seen) -> bool:
    """Whether that is another, and a client or a backend sees it: a reason is seen only where answers say it."""
    return aspect(old) != aspect(new) and _seen_by_others(old) != _seen_by_others(new)


def _seen_by_others(seen: Seen) -> object:
    return (seen.status, seen.fields, seen.body, seen.calls)


def is_by_itself(difference: Difference, old: Seen, new: Seen) -> bool:
    """Whether it is the guard of the difference that decides, and in the direction that is told: something else may
    have become another there, too."""
    place = difference.new or difference.old
    if difference.kind in CORS_KINDS:
        return _cors_fields(old) != _cors_fields(new) or old.status != new.status < _A_REFUSAL > old.status
    if difference.kind not in GUARD_KINDS or place is None or not place.is_component or place.key == "security_http":
        return True
    refused = [_refuses(place.key, seen) for seen in (old, new)]
    if difference.kind is Kind.GUARD_STRONGER:
        return refused == [False, True] and let_in(old)
    if difference.kind is Kind.GUARD_CHANGED:
        return refused[0] != refused[1]
    return refused == [True, False] and let_in(new)


def _refuses(component: str, seen: Seen) -> bool:
    reason = _REASONS.get(component)
    return seen.refused_by == component or (reason is not None and seen.reason.startswith(reason))


def let_in(seen: Seen) -> bool:
    """Whether it got past all gates."""
    return not seen.refused_by and (bool(seen.calls) or seen.status < 400)
