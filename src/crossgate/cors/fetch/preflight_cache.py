"""The CORS-preflight cache: which answers make a further preflight unnecessary. Fetch, section 4.10.

Keyed by origin, URL and whether credentials were included. The clock is passed in with each call. Not bounded: it
lives as long as one experiment.
"""

from dataclasses import dataclass, field

from crossgate.cors.fetch.browsers import Browser
from crossgate.cors.fetch.message import FetchRequest
from crossgate.cors.fetch.preflight import Permission
from crossgate.cors.fetch.safelist import SAFELISTED_METHODS, Headers, unsafe_names


@dataclass(slots=True)
class PreflightCache:
    """What one browser remembers. `now_seconds` is advanced by its owner."""

    browser: Browser
    now_seconds: float = 0.0
    _entries: dict[tuple[str, str, bool], tuple[float, Permission]] = field(default_factory=dict)

    def store(self, request: FetchRequest, origin: str, url: str, permission: Permission) -> None:
        """Remember an answer, unless its lifetime is 0."""
        if permission.lifetime_seconds > 0:
            key = (origin, url, request.credentials == "include")
            self._entries[key] = (self.now_seconds + permission.lifetime_seconds, permission)

    def permits(self, request: FetchRequest, origin: str, url: str, method: str, headers: Headers) -> bool:
        """Whether a remembered answer covers that method and these headers."""
        includes = request.credentials == "include"
        keys = [(origin, url, includes)]
        if not includes and not self.browser.cache_split_by_credentials:
            keys.append((origin, url, True))
        return any(self._covers(key, includes, method, headers) for key in keys)

    def _covers(self, key: tuple[str, str, bool], includes: bool, method: str, headers: Headers) -> bool:
        expires, permission = self._entries.get(key, (0.0, None))
        if permission is None or self.now_seconds >= expires:
            return False
        wildcard = not includes and not key[2]  # an entry made with credentials holds a literal `*`
        if (
            method not in SAFELISTED_METHODS
            and method.encode("latin-1") not in permission.methods
            and not (wildcard and b"*" in permission.methods)
        ):
            return False
        for name in unsafe_names(headers, self.browser):
            listed = name.encode("latin-1") in permission.header_names
            covered = wildcard and b"*" in permission.header_names
            if covered and name == "authorization" and not self.browser.wildcard_covers_authorization:
                covered = False
            if not listed and not covered:
                return False
        return True
