"""A call of a backend as Go's HTTP client makes it: redirects followed, gzip of its own asking undone.

Everything below (connections, framing, retries) is `send`. Does not know endpoints.

Source: Go 1.22 `net/http/client.go` (redirectBehavior, makeHeadersCopier, refererForURL), `transport.go` (gzip).
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from crossgate.flow.body import Body
from crossgate.flow.fiber import Flow
from crossgate.golang.url import UrlError, request_target
from crossgate.http.failure import FailureKind, failed_call
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse
from crossgate.pipeline.gunzip_body import GunzipBody, gunzip_small
from crossgate.pipeline.request_body import read_request_body

Send = Callable[[UpstreamRequest], Awaitable[UpstreamResponse]]
"""Awaits flow signals only. Raises UpstreamError, at once or when it is awaited."""

Client = Callable[[UpstreamRequest], Flow[UpstreamResponse]]
"""A whole call of a backend. Raises UpstreamError."""

Prepare = Callable[[UpstreamRequest], Flow[None]]
"""Looks at a call of a backend before it is made, and may add to it. Raises UpstreamError in the place of the call."""

MAX_REQUESTS = 10
"""Of one call, redirected ones included."""

_CHANGE_TO_GET: Final = frozenset((301, 302, 303))
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_SENSITIVE: Final = frozenset((b"authorization", b"www-authenticate", b"cookie", b"cookie2"))
_OF_THE_CODING: Final = re.compile(rb"\r\n(?:content-encoding|content-length):[^\r\n]*", re.IGNORECASE)
_OF_THE_BODY: Final = frozenset((b"content-type", b"content-encoding", b"content-language", b"content-location"))


class GoClient:
    """Sends, follows redirects, decodes.

    Credentials that `prepare` adds to a request stay behind where a redirect leaves the host.
    """

    __slots__ = ("_follows_redirects", "_prepare", "_replays_body", "_send", "_settles")

    def __init__(
        self,
        send: Send,
        *,
        replays_body: bool = False,
        prepare: Sequence[Prepare] = (),
        settles: bool = True,
        follows_redirects: bool = True,
    ) -> None:
        """`settles` is false where `send` follows and decodes itself."""
        self._send = send
        self._settles = settles
        self._follows_redirects = follows_redirects
        self._replays_body = replays_body
        self._prepare = prepare

    async def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        """The last response. Raises UpstreamError."""
        response = await self.begin(request)
        return await self.settle(request, response) if self.is_unsettled(request, response) else response

    def begin(self, request: UpstreamRequest) -> Awaitable[UpstreamResponse]:
        """The first response; if it `is_unsettled`, `settle` makes the last one of it. Raises UpstreamError, at once or
        when it is awaited."""
        return self._begin_slowly(request) if self._replays_body or self._prepare else self._send(request)

    async def _begin_slowly(self, request: UpstreamRequest) -> UpstreamResponse:
        for prepare in self._prepare:
            await prepare(request)
        if self._replays_body:
            request.body = await read_request_body(request.body)
        return await self._send(request)

    def is_unsettled(self, request: UpstreamRequest, response: UpstreamResponse) -> bool:
        """Whether there is more to do about it; nearly always not."""
        return self._settles and (
            response.status != 200 or (request.undoes_gzip and response.is_encoded) or request.method == b"HEAD"
        )

    async def settle(self, request: UpstreamRequest, response: UpstreamResponse) -> UpstreamResponse:
        """The last response: redirects followed, gzip undone. Raises UpstreamError."""
        if response.status in _REDIRECTS and self._follows_redirects:
            response = await self._follow(request, response)
        elif response.status != 200:  # only errors show it
            response.url = _url(request)
        if request.method == b"HEAD":
            # DEVIATION(DEV-FWD-6): a client that did not send HEAD is not told the length of a body it does not get.
            _drop(response)
            response.body = b""
        if request.undoes_gzip and response.is_encoded:
            encoding = response.first(b"content-encoding")
            if encoding is not None and encoding.lower() == b"gzip" and response.body != b"":
                _decode(response)
        return response

    async def _follow(self, first: UpstreamRequest, response: UpstreamResponse) -> UpstreamResponse:
        request = first
        response.url = _url(request)
        for _ in range(MAX_REQUESTS - 1):
            following = self._redirected(first, request, response)
            if following is None:
                return response
            _drop(response)
            request = following
            response = await self._send(request)
            response.url = _url(request)
            if response.status not in _REDIRECTS:
                return response
        if self._redirected(first, request, response) is None:
            return response
        _drop(response)
        raise failed_call(FailureKind.MALFORMED, request.method, _url(request), "stopped after 10 redirects")

    def _redirected(
        self, first: UpstreamRequest, last: UpstreamRequest, response: UpstreamResponse
    ) -> UpstreamRequest | None:
        """The request a redirect asks for, None where it is not followed."""
        location = response.first(b"location")
        if not location:
            return None
        method, body, content_length = last.method, last.body, last.content_length
        if response.status in _CHANGE_TO_GET:
            method = method if method in (b"GET", b"HEAD") else b"GET"
            body, content_length = b"", None
        elif body != b"" and not (self._replays_body and isinstance(body, bytes)):
            return None
        url = urljoin(_url(last), location.decode("utf-8", "replace"))
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            cause = f'unsupported protocol scheme "{parts.scheme}"'
            raise failed_call(FailureKind.MALFORMED, method, url, cause)
        authority = parts.netloc.rpartition("@")[2]
        try:
            written = parts.path + ("?" + parts.query if parts.query else "")
            target = request_target(written.encode())
            host = parts.hostname
        except (UrlError, ValueError) as error:
            raise failed_call(FailureKind.MALFORMED, method, url, str(error)) from error
        if not host:
            raise failed_call(FailureKind.MALFORMED, method, url, "http: no Host in request URL")
        fields = _redirected_fields(first, last, parts.scheme, host, drops_body=body == b"")
        made = UpstreamRequest(method, parts.scheme, authority, target, fields, body, content_length, track=last.track)
        made.told = last.told
        return made


def _redirected_fields(
    first: UpstreamRequest, last: UpstreamRequest, scheme: str, host: str, *, drops_body: bool
) -> Fields:
    """The first request's fields. What identifies the client stays behind once a redirect leaves the host."""
    origin_host = urlsplit(f"//{first.authority}").hostname or ""
    leaves = not (host == origin_host or host.endswith("." + origin_host))
    left_before = not any(name.lower() in _SENSITIVE for name, _ in last.fields)
    drop = frozenset[bytes]()
    if leaves or left_before:
        drop |= _SENSITIVE
    if drops_body:
        drop |= _OF_THE_BODY
    fields = [field for field in first.fields if field[0].lower() not in drop]
    has_referer = any(name == b"Referer" for name, _ in fields)
    if not has_referer and not (last.scheme == "https" and scheme == "http"):
        fields.insert(0, (b"Referer", _url(last).encode()))
    return fields


def _decode(response: UpstreamResponse) -> None:
    if response.lines is not None:
        response.lines = _OF_THE_CODING.sub(b"", response.lines)
        response.length_bytes = None
    else:
        response.fields = [
            field for field in response.fields if field[0] not in (b"content-encoding", b"content-length")
        ]
    body = response.body
    content = gunzip_small(body) if isinstance(body, bytes) else None
    response.body = GunzipBody(body).decoded if content is None else content


def _drop(response: UpstreamResponse) -> None:
    if isinstance(response.body, Body):
        response.body.abandon()


def _url(request: UpstreamRequest) -> str:
    return f"{request.scheme}://{request.authority}{request.target.decode('ascii', 'replace')}"
