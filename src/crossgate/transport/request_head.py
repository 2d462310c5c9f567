"""The head of a request to a backend, as bytes.

Knows RFC 9112's request line and how the body is framed; does not know connections.
"""

import re
from typing import Final

from crossgate.http.failure import FailureKind, UpstreamError, failed_call
from crossgate.http.field_lines import FieldLines
from crossgate.http.hop_by_hop import HOP_BY_HOP
from crossgate.http.message import UpstreamRequest

# What the transport itself decides: framing, the connection, and the host that is asked.
OWN_FIELDS: Final = HOP_BY_HOP | {b"content-length", b"host", b"expect"}
_VISIBLE: Final = bytes(range(0x21, 0x7F)) + bytes(range(0x80, 0x100))
_TOKEN_BYTES: Final = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KNOWN_METHODS: Final = frozenset((b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT"))
_HOST_LINE: Final = re.compile(rb"(\r\nHost: )[^\r\n]*")
_WANTS_LENGTH: Final = frozenset((b"POST", b"PUT", b"PATCH"))  # Go says that an empty body is empty


def render_request_head(request: UpstreamRequest, after_target: bytes, lines: FieldLines) -> bytes:
    """Request line, fields and the empty line.

    `after_target` is ` HTTP/1.1`, the Host line and what else is the same for every request to this host, without a
    line break at its end. Raises UpstreamError if the request cannot be written as HTTP.
    """
    method, target = request.method, request.target
    if method not in _KNOWN_METHODS and (not method or method.translate(None, _TOKEN_BYTES)):
        raise UpstreamError(FailureKind.REQUEST, f'net/http: invalid method "{method.decode("latin-1")}"')
    if not target or target.translate(None, _VISIBLE):
        raise failed_call(FailureKind.REQUEST, method, url_of(request), "net/url: invalid control character in URL")
    if request.host:
        after_target = _HOST_LINE.sub(lambda line: line[1] + request.host, after_target, count=1)
    fields = request.lines
    if fields is None:
        fields = lines.render(request.fields)
    return b"".join((method, b" ", target, after_target, fields, framing(request), b"\r\n\r\n"))


def framing(request: UpstreamRequest) -> bytes:
    """The line that frames the body, with its CRLF in front; empty where there is no body to speak of.

    Raises UpstreamError if a body of known size does not have the length asked for.
    """
    body = request.body
    length = request.content_length
    if isinstance(body, bytes):
        if length is not None and length != len(body):
            cause = f"http: ContentLength={length} with Body length {len(body)}"
            raise failed_call(FailureKind.REQUEST, request.method, url_of(request), cause)
        if not body:
            return b"\r\nContent-Length: 0" if request.method in _WANTS_LENGTH else b""
    if length is None:
        return b"\r\nTransfer-Encoding: chunked"
    return b"\r\nContent-Length: %d" % length


def url_of(request: UpstreamRequest) -> str:
    """The URL as failures name it."""
    return f"{request.scheme}://{request.authority}{request.target.decode('latin-1')}"
