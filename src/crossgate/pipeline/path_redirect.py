"""Redirects to the path a route has: with or without a trailing slash, cleaned, in the right case.

Source: gin 1.12 `gin.go` redirectTrailingSlash, redirectFixedPath; Go 1.22 `net/http` Redirect.
"""

import re

from crossgate.golang.url import escape_path
from crossgate.http.message import Request, Response
from crossgate.pipeline.router import clean_path
from crossgate.pipeline.verdict import Redirect

_UNSAFE_PREFIX = re.compile(rb"[^a-zA-Z0-9/-]+")
# As Go writes them, which differ from those of the standard library.
_HTML_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})
_HTML = b"text/html; charset=utf-8"


def redirect(request: Request, verdict: Redirect) -> Response:
    """To where the verdict says, behind X-Forwarded-Prefix where gin puts it there."""
    prefix = request.first(b"x-forwarded-prefix") if verdict.turns_slash else None
    if not prefix:
        return _redirect_to(request, verdict.path)
    clean = _UNSAFE_PREFIX.sub(b"", clean_path(prefix).rstrip(b"/"))
    return _redirect_to(request, clean + b"/" + verdict.path)


def _redirect_to(request: Request, path: bytes) -> Response:
    """301 for GET, 307 for other methods.

    DEVIATION(DEV-ROUTE-1): it begins with one slash, whatever the path asked for and X-Forwarded-Prefix begin with.
    """
    location = escape_path(clean_path(path))
    if request.query is not None:
        location += b"?" + re.sub(rb"[^\x21-\x7e]", lambda match: b"%%%02X" % match[0][0], request.query)
    if request.method == b"GET":
        body = f'<a href="{location.decode("ascii").translate(_HTML_ESCAPES)}">Moved Permanently</a>.\n\n'.encode()
        return Response(301, [(b"content-type", _HTML), (b"location", location)], body)
    fields = [(b"location", location)]
    if request.method == b"HEAD":
        fields.insert(0, (b"content-type", _HTML))
    return Response(307, fields)
