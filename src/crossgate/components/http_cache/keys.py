"""By what a request's answer is kept: two requests with one key may have one answer.

Knows which fields tell requests apart; what an answer says of that itself, in Vary, is `control.py`'s.
"""

from collections.abc import Hashable, Iterable

from crossgate.components.http_cache.control import NOTHING, Directives, directives_in
from crossgate.components.http_cache.picked import picking
from crossgate.http.message import UpstreamRequest

_CREDENTIALS = (b"authorization", b"cookie")
METHODS = (b"GET", b"HEAD")
"""Whose answers are kept."""
_PLACES = (
    b"forwarded",
    b"front-end-https",
    b"x-forwarded-host",
    b"x-forwarded-method",
    b"x-forwarded-path",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-forwarded-protocol",
    b"x-forwarded-scheme",
    b"x-forwarded-server",
    b"x-forwarded-ssl",
    b"x-forwarded-uri",
    b"x-host",
    b"x-http-host-override",
    b"x-http-method",
    b"x-http-method-override",
    b"x-method-override",
    b"x-original-host",
    b"x-original-method",
    b"x-original-uri",
    b"x-original-url",
    b"x-rewrite-url",
    b"x-script-name",
    b"x-url-scheme",
)
"""Fields by which backends make URLs, or find what was meant: what one client says there must not reach others, and
backends hardly ever name them in Vary."""
_KEYED = frozenset(_CREDENTIALS + _PLACES)
_ASKING = frozenset((b"cache-control", b"range"))
_MOST_LEARNED = 64


Key = tuple[bytes, str, str, bytes, bytes, tuple[tuple[bytes, bytes], ...], bytes]
"""Of an answer: method, scheme, authority, Host where it is another, target; then those fields of the request that tell
requests apart, and the names of more of them."""


def place_of(key: Key) -> Hashable:
    """What was asked for, by whomever and by whichever method."""
    return key[1:5]


def place_asked(request: UpstreamRequest) -> Hashable:
    """The same, given a request."""
    return request.scheme, request.authority, request.host, request.target


def keys_of_client(key: Key) -> list[Key]:
    """Those by which the client of a request with that key finds what is at its place, and those who bring nothing."""
    plain = tuple([field for field in key[5] if field[0].lower() in _PLACES])
    return [(method, *key[1:5], fields, key[6]) for method in METHODS for fields in {key[5], plain}]


class Keys:
    """Makes them. By `user_fields`, lower-case names, backends tell users apart, beside Authorization and Cookie."""

    def __init__(self, user_fields: Iterable[str]) -> None:
        self._names = _KEYED
        self._add(frozenset([name.encode("latin-1", "replace") for name in user_fields]))

    def learn(self, names: frozenset[bytes]) -> bool:
        """Tell requests apart by these lower-case names, too. Whether that can be done: not of too many."""
        if not names <= self._names:
            if len(self._names) + len(names) > _MOST_LEARNED:
                return False
            self._add(names)
        return True

    def _add(self, names: frozenset[bytes]) -> None:
        self._names |= names
        # Names are part of the key: who told requests apart by fewer of them kept answers for others than they say.
        self._more = b",".join(sorted(self._names - _KEYED))
        self._read_names = self._names | _ASKING
        self._pick = picking(self._read_names)

    def read(self, request: UpstreamRequest) -> tuple[Key, Directives, bool]:
        """A request's key, its directives, and whether it asks for a part."""
        lines = request.lines
        if lines is not None:
            picked = self._pick(lines)
        else:
            names = self._read_names
            picked = [field for field in request.fields if field[0].lower() in names]
        keyed, controls = [], []
        part: bytes | None = None
        for field in picked:
            name = field[0].lower()
            if name == b"cache-control":
                controls.append(field[1])
            elif name == b"range" and part is None:
                part = field[1]
            if name in self._names:
                keyed.append(field)
        key = (
            request.method,
            request.scheme,
            request.authority,
            request.host,
            request.target,
            tuple(keyed),
            self._more,
        )
        return key, directives_in(controls) if controls else NOTHING, bool(part)
