"""Which answers may be kept (RFC 9111 section 3). Knows what an answer and its request say; keeps nothing."""

from http import HTTPStatus

from crossgate.components.http_cache.control import Directives, directives, has_lifetime
from crossgate.http.message import Fields, UpstreamResponse

_PARTS = frozenset((206, 304))
_OF_ONE_REQUEST = frozenset((400, 407, 408, 412, 416, 417, 421, 425, 428, 429, 431, 511))
"""These blame a request for what is not in the key: its form, its length, its conditions, how many there were.

DEVIATION(DEV-CACHE-7): KrakenD gives them to everybody for as long as the backend says.
"""
_WITHOUT_LIFETIME = frozenset((200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501))
_KNOWN = frozenset(map(int, HTTPStatus))


def may_keep(response: UpstreamResponse, telling: Fields, asked: Directives, *, keeps_errors: bool) -> bool:
    """Whether an answer may be kept, given those of its fields that say something of that, and what its request said.

    Without `keeps_errors` those with 200 and 201 alone are answers.

    DEVIATION(DEV-CACHE-1): KrakenD keeps whatever is not no-store.
    """
    status = response.status
    if status in _PARTS or status in _OF_ONE_REQUEST or not (keeps_errors or status in (200, 201)):
        return False
    if "no-store" in asked:
        return False
    said = directives(telling)
    if "no-store" in said or "private" in said or ("must-understand" in said and status not in _KNOWN):
        return False
    if "public" in said:
        return True
    if any(name.lower() == b"set-cookie" for name, _ in telling):
        return False
    return status in _WITHOUT_LIFETIME or has_lifetime(said) or response.first(b"expires") is not None
