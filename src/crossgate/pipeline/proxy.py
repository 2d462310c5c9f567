"""What endpoint stages hand to each other: a request being proxied, and what became of it.

KrakenD's proxies return a response, an error, or both; here an error without a response is raised, and one beside a
response is kept in `errors`.
"""

from collections.abc import Callable
from typing import Protocol

from crossgate.flow.body import Body
from crossgate.flow.fiber import Flow
from crossgate.http.message import Fields, Request
from crossgate.http.reason import Reason
from crossgate.pipeline.decode import Data

Query = dict[bytes, list[bytes]]


class Forwarding(Protocol):
    """What an endpoint lets through of a request (forward.EndpointForwarding)."""

    def fields(self, request: Request) -> Fields:
        """The fields."""

    def query(self, query: bytes | None) -> Query:
        """The values of the query."""

    def content_length(self, request: Request) -> int | None:
        """Content-Length."""


class ProxyRequest:
    """A request on its way through an endpoint.

    `params` are decoded values under KrakenD's internal names (`Id`). `fields` and `query` are what the endpoint lets
    through; they and `body` are shared by all backends. Whoever wants others assigns new ones (`changed`, and for the
    query `query_changed`); until then calls are made from the client's request directly. Who changes fields adds their
    lower-case names to `told` (see http.message.Request).
    """

    __slots__ = ("_fields", "_forwarding", "_query", "body", "changed", "incoming", "params", "query_changed", "told")

    def __init__(self, incoming: Request, params: dict[str, bytes], forwarding: "Forwarding") -> None:
        self.incoming = incoming
        self.params = params
        self.body: bytes | Body = incoming.body
        self._forwarding = forwarding
        self._fields: Fields | None = None
        self._query: Query | None = None
        self.changed = False
        self.query_changed = False
        self.told = incoming.told

    @property
    def fields(self) -> Fields:
        """Field lines, names canonical."""
        if self._fields is None:
            self._fields = self._forwarding.fields(self.incoming)
        return self._fields

    @fields.setter
    def fields(self, fields: Fields) -> None:
        self._fields = fields
        self.changed = True

    @property
    def query(self) -> Query:
        """Decoded query values by name."""
        if self._query is None:
            self._query = self._forwarding.query(self.incoming.query)
        return self._query

    @query.setter
    def query(self, query: Query) -> None:
        self._query = query
        self.changed = True
        self.query_changed = True

    @property
    def content_length(self) -> int | None:
        """The client's Content-Length where it is let through, so that the call has a fixed length, too: that of the
        body as it is now, where it is known."""
        if not self.incoming.has_body:
            return None
        length = self._forwarding.content_length(self.incoming)
        return len(self.body) if length is not None and isinstance(self.body, bytes) else length

    def copy(self) -> "ProxyRequest":
        """The same request, to go its own way."""
        copied = ProxyRequest(self.incoming, dict(self.params), self._forwarding)
        copied.body = self.body
        copied._fields = self._fields
        copied._query = self._query
        copied.changed = self.changed
        copied.query_changed = self.query_changed
        copied.told = self.told
        return copied


class BackendCall(ProxyRequest):
    """The same as one backend is about to get it: `fields` and `query` are what that backend lets through.

    `method`, `scheme`, `authority` and `target` (the origin-form) say what will be asked of whom; `path` is its
    url_pattern with the values in it, for who looks at it. The target has the query in it already. `is_sized`:
    a body that is whole goes out with its length, whether the client's Content-Length is let through or not.
    """

    __slots__ = ("authority", "is_sized", "method", "path", "scheme", "target")

    def __init__(
        self, call: ProxyRequest, fields: Fields, query: Query, method: bytes, origin: tuple[str, str], target: bytes
    ) -> None:
        """`origin` is scheme and authority."""
        super().__init__(call.incoming, call.params, call._forwarding)  # noqa: SLF001 # of the same family
        self.body = call.body
        self._fields = fields
        self._query = query
        self.changed = True
        self.told = call.told
        self.method = method
        self.scheme, self.authority = origin
        self.target = target
        self.path = b""
        self.is_sized = False


class ProxyResponse:
    """What backends made of it.

    `data` belongs to whoever holds the response and may be changed; None is a JSON `null` and has no keys. `body`,
    `fields` and `status` are only set by no-op backends; whoever drops such a response abandons the body (`discard`).
    `added` are fields that components add to the client's response where there are data. `errors` are the failures
    beside it. `reason`: see UpstreamResponse.
    """

    __slots__ = ("added", "body", "data", "errors", "fields", "from_backend", "is_complete", "reason", "status")

    def __init__(self, data: Data, *, is_complete: bool, errors: tuple[Exception, ...] = ()) -> None:
        self.data = data
        self.is_complete = is_complete
        self.errors = errors
        self.status = 0
        self.fields: Fields = []
        self.added: Fields | None = None
        self.body: bytes | Body | None = None
        self.from_backend = ""
        self.reason: Reason | None = None

    def discard(self) -> None:
        """Nobody wants the body."""
        if isinstance(self.body, Body):
            self.body.abandon()
        self.body = None


Proxy = Callable[[ProxyRequest], Flow[ProxyResponse]]
