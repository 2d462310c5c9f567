"""Entries of `allow_origins` that were meant for an origin and do not match it, and what is wrong with them.

Knows how people write origins; decides nothing.
"""

from dataclasses import dataclass

from crossgate.cors.fetch.url import UrlError, parse_origin


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An entry close to an origin. `why` is the end of a sentence that begins with the entry.

    `replace` says that the entry can match nothing else and had better be rewritten; otherwise it is right for others.
    """

    item: int
    entry: str
    why: str
    replace: bool


def nearest_entry(entries: tuple[str, ...], origin: str) -> NearMiss | None:
    """The entry that was most likely meant for `origin`, None if none was. Linear in the entries."""
    best: NearMiss | None = None
    for item, entry in enumerate(entries):
        found = _compare(item, entry, origin)
        if found is not None and (best is None or (found.replace and not best.replace)):
            best = found
    return best


def _compare(item: int, entry: str, origin: str) -> NearMiss | None:
    scheme, _, authority = origin.partition("://")
    if not authority or entry == "*":
        return None
    written = entry.strip()
    if "*" in written:
        domain = written.partition("*.")[2]
        if domain and written.startswith(f"{scheme}://*.") and domain.lower().rstrip("/") == authority:
            return NearMiss(item, entry, "covers subdomains and not the domain itself", replace=False)
        return None
    if written.lower().rstrip("/") in (authority, authority.partition(":")[0]):
        return NearMiss(item, entry, "has no scheme, and every Origin has one", replace=True)
    try:
        meant = parse_origin(written)
    except UrlError:
        return None
    if meant == origin:
        return NearMiss(item, entry, _what_is_too_much(entry, written, origin), replace=True)
    other_scheme, _, other_authority = meant.partition("://")
    if other_authority == authority:
        return NearMiss(item, entry, f"is for {other_scheme}, and the page is on {scheme}", replace=False)
    if other_scheme == scheme and _host(other_authority) == _host(authority):
        return NearMiss(item, entry, "is for another port, and each port is an origin of its own", replace=False)
    return None


def _what_is_too_much(entry: str, written: str, origin: str) -> str:
    if entry != written:
        return "has blanks around it"
    tail = written[len(origin) :]
    if written.lower().startswith(origin) and tail:
        if tail == "/":
            return "ends in a slash, which no Origin has"
        if tail[0] in "/?#":
            return "has a path, which no Origin has"
    if written.lower().startswith(f"{origin}:"):
        return "names the default port, which no Origin does"
    return f"is not written as browsers write it: {origin}"


def _host(authority: str) -> str:
    return authority.rpartition(":")[0] if ":" in authority.rpartition("]")[2] else authority
