"""Asking the backend whether what is kept still holds (RFC 9111 section 4.3)."""

from crossgate.components.http_cache.store import Kept
from crossgate.http.hop_by_hop import HOP_BY_HOP, names_to_drop
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse

_OF_THE_BODY = frozenset((b"content-encoding", b"content-length", b"content-range"))
"""A 304 has none: what it says there is not true of the body that is kept."""


def add_validators(request: UpstreamRequest, kept: Kept) -> Fields | None:
    """Ask whether what is kept still holds. Gives the request's fields of before; None where nothing tells one answer
    from another, so that it is left as it is."""
    etag, modified = kept.first(b"etag"), kept.first(b"last-modified")
    added: Fields = [(b"If-None-Match", etag)] if etag else []
    added += [(b"If-Modified-Since", modified)] if modified else []
    if not added:
        return None
    before, names = request.fields, {name.lower() for name, _ in added}
    request.fields = [field for field in before if field[0].lower() not in names] + added
    return before


def is_of(kept: Kept, not_modified: UpstreamResponse) -> bool:
    """Whether a 304 is about what is kept.

    DEVIATION(DEV-CACHE-4): KrakenD takes each for that, and gives the old body with the new ETag from then on.
    """
    etag = not_modified.first(b"etag")
    if etag is not None:
        mine = kept.first(b"etag") or b""
        return mine == etag or (b"W/" in (mine[:2], etag[:2]) and mine.removeprefix(b"W/") == etag.removeprefix(b"W/"))
    modified = not_modified.first(b"last-modified")
    return modified is None or modified == kept.first(b"last-modified")


def refreshed(kept: Kept, not_modified: UpstreamResponse) -> Kept:
    """What is kept, with the fields of a 304 in the place of its own."""
    if kept.lines is not None and not_modified.lines is not None:
        new_lines = [line for line in not_modified.lines.split(b"\r\n")[1:] if _name(line) not in _OF_THE_BODY]
        gone = {b"age", *map(_name, new_lines)}
        lines = [line for line in kept.lines.split(b"\r\n")[1:] if _name(line) not in gone] + new_lines
        return Kept(
            kept.status,
            None,
            kept.body,
            kept.varied,
            lines=b"".join([b"\r\n%b" % line for line in lines]),
            length_bytes=kept.length_bytes,
            is_encoded=kept.is_encoded,
        )
    fields = not_modified.fields
    drop = HOP_BY_HOP | names_to_drop(fields) | _OF_THE_BODY
    new = [field for field in fields if field[0] not in drop]
    names = {b"age", *(name for name, _ in new)}
    return Kept(kept.status, [field for field in kept.fields if field[0] not in names] + new, kept.body, kept.varied)


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].lower()
