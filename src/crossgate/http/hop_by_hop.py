"""Fields that concern one connection only and are never forwarded, in either direction (RFC 9110 section 7.6.1).

Knows the names; does not know who forwards what.
"""

from collections.abc import Iterable

from crossgate.http.message import Fields

HOP_BY_HOP = frozenset(
    (
        b"close",  # no field may have that name: it would be named by most Connection fields
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        # ours: between one client and this gateway, so that no backend gets the token or says why we refuse
        b"x-crossgate-explain",
        b"x-crossgate-reason",
    )
)
"""Lower-case names that are dropped whether or not Connection names them."""


def connection_options(values: Iterable[bytes]) -> frozenset[bytes]:
    """The options of all Connection field values, lower-case: field names, and words such as `close`."""
    options = (option.strip(b" \t").lower() for value in values for option in value.split(b","))
    return frozenset(option for option in options if option)


def names_to_drop(fields: Fields) -> frozenset[bytes]:
    """The names that must not be forwarded with these fields (lower-case names): the fixed ones and those that
    Connection names. Cost is linear in the fields; the common case allocates nothing."""
    values = [value for name, value in fields if name == b"connection"]
    return HOP_BY_HOP | connection_options(values) if values else HOP_BY_HOP
