"""Requests and responses as values.

Field names are lower-case bytes, values are bytes without outer blanks, both in the order of the wire. Knows nothing of
connections: framing fields (`connection`, `transfer-encoding`, `content-length`) are the business of who reads and
writes them.
"""

from dataclasses import dataclass, field

from crossgate.flow.body import Body

Fields = list[tuple[bytes, bytes]]
"""Field lines: (lower-case name, value)."""


@dataclass(slots=True)
class Request:
    """A request as the gateway's server received it.

    `path` and `query` are the target's raw bytes, still percent-encoded, the query without its `?` (None where there is
    no `?`). `body` is bytes once it is whole, else a Body; empty bytes where the request has none. `has_body` is the
    framing's word: a Content-Length above 0 or a Transfer-Encoding.
    """

    method: bytes
    path: bytes
    query: bytes | None
    fields: Fields
    body: "bytes | Body" = b""
    has_body: bool = False
    host: bytes = b""
    peer_host: str = ""
    version: bytes = b"1.1"

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name."""
        for known, value in self.fields:
            if known == name:
                return value
        return None

    def values(self, name: bytes) -> list[bytes]:
        """The values of all field lines of that lower-case name."""
        return [value for known, value in self.fields if known == name]


@dataclass(slots=True)
class Response:
    """A response to be written. `fields` are complete but for framing, Date and what CORS adds or removes.

    `from_backend` names the backend whose fields these are, where a no-op endpoint passes them on; their CORS fields
    are then subject to the policy's `upstream`.
    """

    status: int
    fields: Fields = field(default_factory=list)
    body: "bytes | Body" = b""
    from_backend: str = ""


@dataclass(slots=True)
class UpstreamRequest:
    """A request to one backend host, complete but for framing fields.

    `authority` is host or host:port as it stands in the URL and goes into Host; `target` is the origin-form.
    `content_length` asks for a fixed length; without it a streamed or non-empty body goes out chunked, as KrakenD does.
    """

    method: bytes
    scheme: str
    authority: str
    target: bytes
    fields: Fields
    body: "bytes | Body" = b""
    content_length: int | None = None


@dataclass(slots=True)
class UpstreamResponse:
    """What a backend answered. `body` is bytes if it was whole when the head was read to its end, else a Body."""

    status: int
    fields: Fields
    body: "bytes | Body" = b""
    url: str = ""  # of the last request, after redirects

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name."""
        for known, value in self.fields:
            if known == name:
                return value
        return None
