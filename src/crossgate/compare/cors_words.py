"""What differences of CORS policies are about, in words: origins, methods, headers. Knows no policy."""

from crossgate.compare.page_powers import ANY_HEADERS, ANY_METHOD

_MOST = 3


def whom(origins: tuple[str, ...], patterns: dict[str, str], others: str | None, unsendable: str | None) -> str:
    if others is not None:
        named = [origin for origin in origins if origin != "null"]
        return (
            f"every other origin ({others} for one)" if not named else f"{named[0]} and every origin that is not named"
        )
    named = [*origins[:_MOST]]
    rest = len(origins) - len(named)
    if rest:
        named.append(f"{rest} more")
    if patterns:
        more = f" and {len(patterns) - _MOST} more" if len(patterns) > _MOST else ""
        shown = " or ".join(list(patterns)[:_MOST]) if not more else ", ".join(list(patterns)[:_MOST])
        named.append(f"origins that match {shown}{more} ({next(iter(patterns.values()))} for one)")
    if not named and unsendable is not None:
        shown = unsendable if len(unsendable) <= 80 else f"{unsendable[:60]}… ({len(unsendable)} bytes)"
        return f'clients that send the origin "{shown}", which no browser does,'
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def ordered(methods: frozenset[str]) -> list[str]:
    """Usual ones first."""
    usual = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    return sorted(methods, key=lambda one: (usual.index(one) if one in usual else len(usual), one == ANY_METHOD, one))


def methods_told(methods: frozenset[str]) -> str:
    if ANY_METHOD in methods:
        return "any method"
    return listed_names(ordered(methods))


def headers_told(headers: frozenset[str]) -> str:
    if ANY_HEADERS[0] in headers:
        return "any header"
    named = sorted(headers - {*ANY_HEADERS})
    if not named:
        return "headers with dots in their names"
    return f"the header{'s' if len(named) > 1 else ''} {listed_names(named)}"


def listed_names(names: frozenset[str] | list[str]) -> str:
    shown = sorted(names) if isinstance(names, frozenset) else names
    text = ", ".join(shown[:6])
    return f"{text} and {len(shown) - 6} more" if len(shown) > 6 else text
