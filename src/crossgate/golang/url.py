"""URLs as Go's net/url reads and writes them: escaping of paths, form encoding of queries, the request target.

Bytes in, bytes out; nothing here knows hosts or routes. Source: Go 1.22 `net/url/url.go`.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote_from_bytes, unquote_to_bytes

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
# What validEncoded lets stand in a path that was written escaped: RFC 3986 pchar, brackets and the escapes themselves.
_VALID_PATH = re.compile(rb"[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]/%]*")
_PATH_SAFE = "$&+,/:;=@"  # quote() itself keeps letters, digits and -_.~
# A query is not escaped by Go. DEVIATION(DEV-FWD-2): a blank would end the request target, so it is.
_QUERY_UNSAFE = re.compile(rb"[^\x21-\x7e]")


class UrlError(ValueError):
    """The text is no URL. `str()` is the reason in Go's words, without the text it is about."""


def go_quote(text: str) -> str:
    """The text in double quotes as Go's `%q` prints it (control characters escaped)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for raw, shown in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(raw, shown)
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\x{ord(match[0]):02x}", escaped) + '"'


def path_unescape(raw: bytes) -> bytes:
    """The decoded path. Raises UrlError on a `%` that no two hexadecimal digits follow."""
    if b"%" not in raw:
        return raw
    bad = _BAD_ESCAPE.search(raw)
    if bad is not None:
        raise UrlError(f"invalid URL escape {go_quote(bad[0].decode('utf-8', 'replace'))}")
    return unquote_to_bytes(raw)


def escape_path(decoded: bytes) -> bytes:
    """A decoded path, escaped (`url.URL.EscapedPath` without a RawPath)."""
    return quote_from_bytes(decoded, safe=_PATH_SAFE).encode("ascii")


def request_target(text: bytes) -> bytes:
    """The origin-form that Go sends for the part of a URL behind its authority.

    A fragment is cut off, a path that has characters which cannot stand is escaped anew as a whole, a query stays as
    written. Raises UrlError on control characters and on bad escapes in the path.
    """
    if _CONTROL.search(text) is not None:
        raise UrlError("net/url: invalid control character in URL")
    text = text.partition(b"#")[0]
    path, mark, query = text.partition(b"?")
    decoded = path_unescape(path)
    if _VALID_PATH.fullmatch(path) is None:
        path = escape_path(decoded)
    if not path:
        path = b"/"
    if not mark:
        return path
    if _QUERY_UNSAFE.search(query) is not None:
        query = _QUERY_UNSAFE.sub(lambda match: b"%%%02X" % match[0][0], query)
    return path + b"?" + query


def parse_query(raw: bytes) -> dict[bytes, list[bytes]]:
    """The values of a query by name, both decoded; pairs with a semicolon or a bad escape are dropped, as in Go."""
    values: dict[bytes, list[bytes]] = {}
    for pair in raw.split(b"&"):
        if not pair or b";" in pair:
            continue
        name, _, value = pair.partition(b"=")
        try:
            name, value = query_unescape(name), query_unescape(value)
        except UrlError:
            continue
        values.setdefault(name, []).append(value)
    return values


def query_unescape(raw: bytes) -> bytes:
    """One decoded name or value of a form-encoded query."""
    return path_unescape(raw.replace(b"+", b" "))


def encode_query(values: Mapping[bytes, Sequence[bytes]]) -> bytes:
    """The form encoding of a query, names in order (`url.Values.Encode`)."""
    return b"&".join(
        [query_escape(name) + b"=" + query_escape(value) for name in sorted(values) for value in values[name]]
    )


_UNRESERVED = b"-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
_IN_ENCODED_QUERY = b"&-.0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"


def is_encoded(query: bytes) -> bool:
    """Whether `encode_query(parse_query(query))` would be the query itself. May say no where it would."""
    if query.translate(None, _IN_ENCODED_QUERY):
        return False
    last = b""
    for pair in query.split(b"&"):
        end = pair.find(b"=")
        if end <= 0 or pair.find(b"=", end + 1) > 0:
            return False
        name = pair[:end]
        if name < last:
            return False
        last = name
    return True


def query_escape(decoded: bytes) -> bytes:
    """One name or value, form-encoded: a blank becomes `+`."""
    if not decoded.translate(None, _UNRESERVED):
        return decoded
    return quote_from_bytes(decoded, safe=" ").replace(" ", "+").encode("ascii")
