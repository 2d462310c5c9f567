"""Redirects to the path a route has: with or without a trailing slash, cleaned, in the right case.

Source: gin 1.10 `gin.go` redirectTrailingSlash, redirectFixedPath; Go 1.22 `net/http` Redirect.
"""

import re

from crossgate.golang.url import escape_path
from crossgate.http.message import Request, Response
from crossgate.pipeline.router import clean_path

_UNSAFE_PREFIX = re.compile(rb"[^a-zA-Z0-9/-]+")
# As Go writes them, which differ from those of the standard library.
_HTML_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})
_HTML = b"text/html; charset=utf-8"


def redirect_other_slash(request: Request, path: bytes) -> Response:
    """To the path with its trailing slash added or taken away, behind X-Forwarded-Prefix."""
    prefix = request.first(b"x-forwarded-prefix")
    if prefix:
        clean = _UNSAFE_PREFIX.sub(b"", clean_path(prefix).rstrip(b"/"))
        path = clean + b"/" + path
    return redirect_to(request, path[:-1] if len(path) > 1 and path.endswith(b"/") else path + b"/")


def redirect_to(request: Request, path: bytes) -> Response:
    """301 for GET, 307 for other methods.

    DEVIATION(DEV-ROUTE-1): the path never begins with two slashes, which a browser would take for another host.
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
