"""What endpoint stages hand to each other: a request being proxied, and what became of it.

KrakenD's proxies return a response, an error, or both; here an error without a response is raised, and one beside a
response is kept in `errors`.
"""

from collections.abc import Callable

from crossgate.flow.body import Body
from crossgate.flow.fiber import Flow
from crossgate.http.message import Fields, Request, UpstreamResponse
from crossgate.pipeline.decode import Data

Query = dict[bytes, list[bytes]]


class ProxyRequest:
    """A request on its way through an endpoint.

    `params` are decoded values under KrakenD's internal names (`Id`). `fields` and `query` are what the endpoint lets
    through; they and `body` are shared by all backends and must not be changed. `content_length` is set where the
    client's Content-Length is let through. `upstream` is the answer of an only backend that was called already, and
    `left_seconds` what is left of the endpoint's time, where the request comes from the express lane.
    """

    __slots__ = ("body", "content_length", "fields", "incoming", "left_seconds", "params", "query", "upstream")

    def __init__(
        self,
        incoming: Request,
        params: dict[str, bytes],
        fields: Fields,
        query: Query,
        content_length: int | None,
        upstream: UpstreamResponse | None = None,
        left_seconds: float | None = None,
    ) -> None:
        self.incoming = incoming
        self.params = params
        self.fields = fields
        self.query = query
        self.body: bytes | Body = incoming.body
        self.content_length = content_length
        self.upstream = upstream
        self.left_seconds = left_seconds


class ProxyResponse:
    """What backends made of it.

    `data` belongs to whoever holds the response and may be changed; None is a JSON `null` and has no keys. `body`,
    `fields` and `status` are only set by no-op backends; whoever drops such a response abandons the body (`discard`).
    `errors` are the failures beside it.
    """

    __slots__ = ("body", "data", "errors", "fields", "from_backend", "is_complete", "status")

    def __init__(self, data: Data, *, is_complete: bool, errors: tuple[Exception, ...] = ()) -> None:
        self.data = data
        self.is_complete = is_complete
        self.errors = errors
        self.status = 0
        self.fields: Fields = []
        self.body: bytes | Body | None = None
        self.from_backend = ""

    def discard(self) -> None:
        """Nobody wants the body."""
        if isinstance(self.body, Body):
            self.body.abandon()
        self.body = None


Proxy = Callable[[ProxyRequest], Flow[ProxyResponse]]
