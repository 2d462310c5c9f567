"""What calls a backend, between its modifiers: the HTTP request before it goes out, the answer before it is read.

Source: krakend-martian v2 `martian.go`, HTTPRequestExecutor: what Go's transport adds by itself (its agent, gzip of its
own asking) is not there yet when modifiers look.
"""

import re
from typing import Final

from crossgate.components.martian.exchange import Incoming, Outgoing, failed
from crossgate.components.martian.modifier import Modifier
from crossgate.components.martian.reasons import REFUSED
from crossgate.http.failure import FailureKind, failed_call
from crossgate.http.message import UpstreamRequest, UpstreamResponse, changed_names
from crossgate.pipeline.forward import ACCEPT_GZIP
from crossgate.pipeline.go_client import Client

_HOST: Final = re.compile(rb"[A-Za-z0-9._~%\-\[\]:]+")
_OF_ONE_REQUEST: Final = frozenset((b"x-krakend-id",))  # says nothing of who asks
_TARGET: Final = re.compile(rb"/[\x21-\x7e]*")


def build_modified(client: Client, modifier: Modifier, *, agent: bytes, asks_gzip: bool) -> Client:
    """The client between a request's and a response's modifiers.

    `agent` is what is sent where nobody says which; `asks_gzip`: gzip is asked for where nobody asks for anything.
    """

    async def modified(request: UpstreamRequest) -> UpstreamResponse:
        outgoing = _outgoing(request, agent)
        if modifier.on_request is not None:
            before = outgoing.fields.copy()
            modifier.on_request(outgoing)
            request.told |= changed_names(before, outgoing.fields) - _OF_ONE_REQUEST
            _write(request, outgoing, agent, asks_gzip)
        if outgoing.is_answered_by_file:
            response = UpstreamResponse(200, [], b"")
        else:
            response = await client(request)
        if modifier.on_response is not None:
            _modify(modifier, response, outgoing)
        elif outgoing.is_answered_by_file:
            raise failed("EOF")
        return response

    return modified


def _outgoing(request: UpstreamRequest, agent: bytes) -> Outgoing:
    own = ACCEPT_GZIP if request.undoes_gzip else None
    fields = [
        (name.lower(), value)
        for name, value in request.fields
        if (name, value) != own and not (name == b"User-Agent" and value == agent)
    ]
    return Outgoing(
        request.method,
        request.scheme,
        request.authority,
        request.target,
        fields,
        request.body,
        request.content_length,
    )


def _write(request: UpstreamRequest, outgoing: Outgoing, agent: bytes, asks_gzip: bool) -> None:
    if not _TARGET.fullmatch(outgoing.target) or (outgoing.host and not _HOST.fullmatch(outgoing.host)):
        url = outgoing.url.decode("latin-1")
        raise failed_call(FailureKind.REQUEST, request.method, url, "net/url: invalid control character in URL")
    authority = outgoing.authority.encode()
    request.host = b"" if outgoing.host in (b"", authority) else outgoing.host
    request.scheme, request.authority, request.target = outgoing.scheme, outgoing.authority, outgoing.target
    fields = [(_written(name), value) for name, value in outgoing.fields]
    names = {name for name, _ in outgoing.fields}
    if b"user-agent" not in names:
        fields.append((b"User-Agent", agent))
    request.undoes_gzip = asks_gzip and names.isdisjoint((b"accept-encoding", b"range"))
    if request.undoes_gzip:
        fields.append(ACCEPT_GZIP)
    request.fields = fields
    request.body, request.content_length = outgoing.body, outgoing.length


def _written(name: bytes) -> bytes:
    return b"-".join([word.capitalize() for word in name.split(b"-")])


def _modify(modifier: Modifier, response: UpstreamResponse, outgoing: Outgoing) -> None:
    """DEVIATION(DEV-MARTIAN-2): KrakenD leaves the Content-Length of a body that is replaced."""
    length = response.first(b"content-length")
    known = int(length) if length is not None and length.isdigit() else None
    incoming = Incoming(response.status, response.fields, response.body, known, outgoing)
    assert modifier.on_response is not None  # noqa: S101 # see above
    modifier.on_response(incoming)
    if incoming.status != response.status:
        response.reason = REFUSED if incoming.status >= 400 else None
    response.status, response.body = incoming.status, incoming.body
    response.fields = [field for field in incoming.fields if field[0] != b"content-length"]
    response.length_bytes = None
    response.url = response.url or outgoing.url.decode("latin-1")
    response.is_encoded = True
