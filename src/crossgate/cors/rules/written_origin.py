"""One entry of `allow_origins`, taken apart as far as its author got.

Knows what a browser's serialized origin looks like and how far an entry is from it; does not judge. Total: any text
comes apart somehow. Sources: HTML standard, "serialization of an origin"; URL standard, "host parsing".
"""

import ipaddress
import re
from dataclasses import dataclass, replace
from functools import cached_property

from crossgate.cors.rules.browser_form import Defect, find_defect

DEFAULT_PORTS = {"http": "80", "https": "443"}
_SCHEME = re.compile(r"([A-Za-z*][A-Za-z0-9+.*-]*)://")
_HALF_SCHEME = re.compile(r"(?:https?:)?//?|https?:(?![0-9*])")
_AUTHORITY_END = re.compile(r"[/?#\\]")
_SEPARATORS = re.compile(r"[\s,;]+")
_PORT = re.compile(r":([^:\]@]*)\Z")


@dataclass(frozen=True)
class WrittenOrigin:
    """The parts of an entry, each exactly as written. `scheme` is None without `://`, `port` None without a colon.

    `tail` is what follows the authority: a slash, a path, a query, a fragment. `host` may hold wildcards.
    """

    index: int
    text: str
    path: str
    scheme: str | None
    userinfo: str | None
    host: str
    port: str | None
    tail: str

    @classmethod
    def of(cls, index: int, text: str, path: str) -> "WrittenOrigin":
        """Take an entry apart. Outer blanks are not part of any part."""
        rest = text.strip()
        scheme = None
        if match := _SCHEME.match(rest):
            scheme = match[1]
            rest = rest[match.end() :]
        elif match := _HALF_SCHEME.match(rest):
            rest = rest[match.end() :]
        end = _AUTHORITY_END.search(rest)
        authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
        userinfo, at, hostport = authority.rpartition("@")
        port = _PORT.search(hostport)
        host = hostport[: port.start()] if port else hostport
        return cls(index, text, path, scheme, userinfo if at else None, host, port[1] if port else None, tail)

    @property
    def is_any(self) -> bool:
        """The bare `*`."""
        return self.text == "*"

    @property
    def is_null(self) -> bool:
        """`null`, in any letter case: KrakenD compares without case."""
        return self.text.lower() == "null"

    @property
    def is_special(self) -> bool:
        """Neither a host nor a pattern of one: `*`, `null`, the empty text."""
        return self.is_any or self.is_null or not self.text.strip()

    @cached_property
    def several(self) -> list[str]:
        """The pieces between commas, semicolons and blanks."""
        return [piece for piece in _SEPARATORS.split(self.text) if piece]

    @property
    def is_several(self) -> bool:
        """Whether more than one origin stands in the entry. A blank alone does not make two of one."""
        pieces = self.several
        if len(pieces) < 2:
            return False
        return "," in self.text or ";" in self.text or all("://" in piece for piece in pieces)

    @cached_property
    def pattern(self) -> tuple[str, str] | None:
        """What KrakenD compares: the lower-cased text before and after the first `*`; None without one."""
        before, star, after = self.text.lower().partition("*")
        return (before, after) if star and not self.is_any else None

    @property
    def lacks_scheme(self) -> bool:
        """Whether no browser's origin can match for want of a scheme. A leading wildcard may stand for one."""
        if self.scheme is not None or self.is_special or self.text.strip() == "*":
            return False
        return self.pattern is None or not any(s.startswith(self.pattern[0]) for s in ("http://", "https://"))

    @cached_property
    def defect(self) -> Defect | None:
        """Why no browser writes scheme, host and port so, where the entry has all of its parts in their places."""
        if not self.text.strip():
            return Defect("the entry is empty")
        if self.is_special or self.scheme is None or self.is_several:
            return None
        return find_defect(self.scheme.lower(), self.host.lower(), None if self.port is None else self.port.lower())

    @property
    def without_defect(self) -> str:
        """The origin as a browser writes it, empty where that is anybody's guess."""
        if self.defect is None or self.defect.instead is None:
            return ""
        scheme, host, port = self.defect.instead
        return replace(self, scheme=scheme, host=host, port=port).repaired()

    @cached_property
    def never_matches(self) -> bool:
        """Whether some part shows that no browser's origin can match, so that nothing is allowed by mistake."""
        if self.is_special:
            return not self.text.strip()
        return bool(
            self.lacks_scheme
            or self.defect
            or self.tail
            or self.userinfo is not None
            or self.text.count("*") > 1
            or not self.text.isascii()
            or any(c.isspace() for c in self.text)
            or self.is_several
            or (self.port is not None and self.port == DEFAULT_PORTS.get((self.scheme or "").lower()))
        )

    @cached_property
    def wildcard_host(self) -> tuple[str, str] | None:
        """The lower-cased host before and after its first `*`, where the entry's first wildcard stands in the host."""
        if self.pattern is None or self.never_matches or "*" in (self.scheme or ""):
            return None
        before, star, after = self.host.lower().partition("*")
        return (before, after) if star else None

    @cached_property
    def open_domain(self) -> str | None:
        """The domain below which the wildcard lets any host match: `example.com` of `https://app-*.example.com`.

        None where the wildcard does not end at a label's boundary, and for loopback names.
        """
        if self.wildcard_host is None or self.is_loopback:
            return None
        domain = self.wildcard_host[1].removeprefix(".").removesuffix(".")
        return domain if domain and self.wildcard_host[1].startswith(".") and "*" not in domain else None

    @cached_property
    def is_loopback(self) -> bool:
        """Whether the host is this machine: `localhost`, a name below it, 127.0.0.0/8 or [::1]."""
        host = self.host.lower().strip(".")
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
        except ValueError:
            return False

    def repaired(self, ascii_host: str | None = None) -> str:
        """The serialized origin that the author most likely meant: without blanks, path, userinfo and default port.

        A missing scheme becomes `https`, for loopback hosts `http`. `ascii_host` stands in for a Unicode host.
        """
        scheme = (self.scheme or ("http" if self.is_loopback else "https")).lower()
        host = "".join((ascii_host or self.host).lower().split())
        port = "" if self.port in (None, "", DEFAULT_PORTS.get(scheme)) else f":{self.port}"
        return f"{scheme}://{host}{port}"

    def covers(self, other: "WrittenOrigin") -> bool:
        """Whether every text that the other entry matches is matched by this pattern too. Exact entries cover none."""
        if self.pattern is None or other.is_any:
            return False
        before, after = self.pattern
        if other.pattern is None:
            text = other.text.lower()
            return len(text) >= len(before) + len(after) and text.startswith(before) and text.endswith(after)
        return other.pattern[0].startswith(before) and other.pattern[1].endswith(after)
