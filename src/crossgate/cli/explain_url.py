"""A request sent to a URL, as clients do it. Knows URLs; not where they were read."""

import base64
import re
from dataclasses import replace
from urllib.parse import quote, unquote

from crossgate.cli.cors_recorded import UsageError
from crossgate.explain.asked import AskedRequest

URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)", re.DOTALL)
NOT_SENT = frozenset(("content-length", "transfer-encoding", "connection", "keep-alive", "host", "proxy-connection"))
"""Fields that are said anew, or are of the connection alone."""
AS_SAFE = "".join(map(chr, range(0x21, 0x7F)))


def at_url(asked: AskedRequest, text: str, base_url: str) -> AskedRequest:
    """The request, sent to a URL. What no URL can hold is percent-encoded, as clients do; nothing else is changed."""
    if text.startswith("/"):
        text = base_url + text
    found = URL.match(text)
    if found is None or found[1].lower() not in ("http", "https") or not found[2]:
        raise UsageError(f"{text[:200]} is no URL: write https://host/path, or a path that begins with a slash")
    scheme, authority, target = found[1].lower(), found[2], found[3]
    fields = asked.fields
    if "@" in authority:
        user, _, authority = authority.rpartition("@")
        if not any(name.lower() == "authorization" for name, _ in fields):
            credentials = base64.b64encode(unquote(user if ":" in user else f"{user}:").encode()).decode("ascii")
            fields = (*fields, ("Authorization", f"Basic {credentials}"))
    if not target.startswith("/"):
        target = f"/{target}"
    return replace(asked, scheme=scheme, host=authority, target=quote(target, safe=AS_SAFE), fields=fields)
