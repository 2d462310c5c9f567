"""A URL taken apart and put together as Go's `url.Parse` and `URL.String` do.

Source: Go 1.25 `net/url/url.go`.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

from crossgate.golang.literals import from_bytes, quote, to_bytes
from crossgate.golang.url import UrlError

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_PORT = re.compile(r":[0-9]*")
_HOST_BAD = re.compile(r"[\x00-\x20\"\\^`{|}#?@/]|%(?!25|[89A-Fa-f][0-9A-Fa-f])")
_USERINFO = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_SAFE_USER = "$&+,;=-_.~"
_SAFE_PATH = "$&+,/:;=@"
_SAFE_FRAGMENT = "$&+,/:;=?@!()*"
_SAFE_HOST = "!$&'()*+,;=:[]<>\"-_.~"
_VALID_PATH = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]/%]*")


@dataclass(slots=True)
class UrlParts:
    """url.URL; `user` is the userinfo as `User.String()` writes it, None where there is none."""

    scheme: str = ""
    opaque: str = ""
    user: str | None = None
    host: str = ""
    path: str = ""
    raw_path: str = ""
    query: str = ""
    force_query: bool = False
    fragment: str = ""
    raw_fragment: str = ""
    omit_host: bool = False

    @property
    def hostname(self) -> str:
        """The host without its port, and without brackets."""
        host = self.host
        colon = host.rfind(":")
        if colon >= 0 and _PORT.fullmatch(host[colon:]):
            host = host[:colon]
        return host[1:-1] if host.startswith("[") and host.endswith("]") else host

    def text(self) -> str:
        """URL.String."""
        out = f"{self.scheme}:" if self.scheme else ""
        if self.opaque:
            out += self.opaque
        else:
            if self.scheme or self.host or self.user is not None:
                if not (self.omit_host and not self.host and self.user is None) and (
                    self.host or self.path or self.user is not None
                ):
                    out += "//"
                if self.user is not None:
                    out += f"{self.user}@"
                out += _escaped(self.host, _SAFE_HOST)
            path = self._escaped_path()
            if path and not path.startswith("/") and self.host:
                out += "/"
            if not out and ":" in path.partition("/")[0]:
                out += "./"
            out += path
        if self.force_query or self.query:
            out += f"?{self.query}"
        if self.fragment:
            raw = self.raw_fragment
            out += "#" + (raw if raw and _unescaped(raw) == self.fragment else _escaped(self.fragment, _SAFE_FRAGMENT))
        return out

    def _escaped_path(self) -> str:
        if self.raw_path and _VALID_PATH.fullmatch(self.raw_path) and _unescaped(self.raw_path) == self.path:
            return self.raw_path
        return "*" if self.path == "*" else _escaped(self.path, _SAFE_PATH)


def parse_url(text: str) -> UrlParts:
    """url.Parse. Raises UrlError with Go's whole message: `parse "…": …`."""
    before, mark, fragment = text.partition("#")
    try:
        parts = _parse(before)
        if mark:
            parts.fragment = _unescaped(fragment)
            if _escaped(parts.fragment, _SAFE_FRAGMENT) != fragment:
                parts.raw_fragment = fragment
    except UrlError as error:
        raise UrlError(f"parse {quote(text if mark and 'fragment' in str(error) else before)}: {error}") from None
    return parts


def _parse(text: str) -> UrlParts:
    if _CONTROL.search(text):
        raise UrlError("net/url: invalid control character in URL")
    parts = UrlParts()
    if text == "*":
        parts.path = "*"
        return parts
    parts.scheme, rest = _scheme(text)
    if rest.endswith("?") and rest.count("?") == 1:
        parts.force_query, rest = True, rest[:-1]
    else:
        rest, _, parts.query = rest.partition("?")
    if not rest.startswith("/"):
        if parts.scheme:
            parts.opaque = rest
            return parts
        if ":" in rest.partition("/")[0]:
            raise UrlError("first path segment in URL cannot contain colon")
    if (parts.scheme or not rest.startswith("///")) and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        _authority(parts, authority)
    elif parts.scheme and rest.startswith("/"):
        parts.omit_host = True
    parts.path = _unescaped(rest)
    if _escaped(parts.path, _SAFE_PATH) != rest:
        parts.raw_path = rest
    return parts


def _scheme(text: str) -> tuple[str, str]:
    head, colon, rest = text.partition(":")
    if not colon:
        return "", text
    if not head:
        raise UrlError("missing protocol scheme")
    if _SCHEME.fullmatch(head):
        return head.lower(), rest
    if not re.match(r"[a-zA-Z]", head) or re.search(r"[^a-zA-Z0-9+.\-]", head):
        return "", text
    return "", text


def _authority(parts: UrlParts, authority: str) -> None:
    userinfo, at, host = authority.rpartition("@")
    parts.host = _host(host)
    if not at:
        return
    if not _USERINFO.fullmatch(userinfo):
        raise UrlError("net/url: invalid userinfo")
    name, colon, password = userinfo.partition(":")
    parts.user = _escaped(_unescaped(name), _SAFE_USER)
    if colon:
        parts.user += f":{_escaped(_unescaped(password), _SAFE_USER)}"


def _host(host: str) -> str:
    if host.startswith("["):
        closing = host.rfind("]")
        if closing < 0:
            raise UrlError("missing ']' in host")
        port = host[closing + 1 :]
        if port and not _PORT.fullmatch(port):
            raise UrlError(f"invalid port {quote(port)} after host")
        return _unescaped(host, zone=True)
    if ":" in host:
        port = host[host.rfind(":") :]
        if not _PORT.fullmatch(port):
            raise UrlError(f"invalid port {quote(port)} after host")
    bad = _BAD_ESCAPE.search(host)
    if bad:
        raise UrlError(f"invalid URL escape {quote(bad[0])}")
    wrong = _HOST_BAD.search(host)
    if wrong:
        if wrong[0] == "%":
            raise UrlError(f"invalid URL escape {quote(host[wrong.start() : wrong.start() + 3])}")
        raise UrlError(f"invalid character {quote(wrong[0])} in host name")
    return _unescaped(host)


def _unescaped(text: str, *, zone: bool = False) -> str:
    bad = None if zone else _BAD_ESCAPE.search(text)
    if bad:
        raise UrlError(f"invalid URL escape {quote(bad[0])}")
    return from_bytes(unquote_to_bytes(to_bytes(text))) if "%" in text else text


def _escaped(text: str, safe: str) -> str:
    return quote_from_bytes(to_bytes(text), safe=safe)
