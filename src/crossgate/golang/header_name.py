"""Header names in Go's canonical form (`textproto.CanonicalMIMEHeaderKey`): `x-request-id` → `X-Request-Id`."""

import re

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def canonical_header_name(name: str) -> str:
    """The name with its first letter and every letter after a hyphen in upper case, the others in lower case.

    A name that is no token (a blank, a colon, non-ASCII) and `*` come back unchanged. Source: Go 1.22
    `net/textproto/reader.go`.
    """
    if _TOKEN.fullmatch(name) is None:
        return name
    return "-".join([part[:1].upper() + part[1:].lower() for part in name.split("-")])
