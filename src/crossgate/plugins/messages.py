"""What plugins get and give: requests, responses, and the data of an answer that is being made.

Plain values that a plugin's own tests can make as well. Changing one changes what goes on from the plugin; nobody else
holds the same object. Does not know where they come from.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from crossgate.plugins.headers import Headers

HeaderFields = Headers | Mapping[str, str] | Iterable[tuple[str, str]]


class BodyNotReadError(RuntimeError):
    """A body was asked for by a plugin that does not say `needs_body = True`: it may still be on its way."""

    def __init__(self) -> None:
        super().__init__("the body was not read: say needs_body = True in the plugin to have it whole")


class _Message:
    """Headers, and a body that is whole, on its way, or replaced."""

    __slots__ = ("_body", "body_changed", "headers")

    def __init__(self, headers: HeaderFields, body: bytes | str | None) -> None:
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self._body = body.encode() if isinstance(body, str) else body
        self.body_changed = False

    @property
    def body(self) -> bytes:
        """The whole body. Raises BodyNotReadError where it has not been read."""
        if self._body is None:
            raise BodyNotReadError
        return self._body

    @body.setter
    def body(self, body: bytes | str) -> None:
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            raise TypeError("a body is bytes or text")
        self._body = body
        self.body_changed = True

    @property
    def has_body(self) -> bool:
        """Whether the body is here, whole."""
        return self._body is not None

    def arrived(self, body: bytes) -> None:
        """The gateway's: the body has been read."""
        self._body = body


class Request(_Message):
    """A request.

    `path` is as it was sent, percent-encoded, `query_string` what stands behind its `?`. `params` are the values of
    the endpoint's `{placeholders}` under KrakenD's names (`{id}` is `Id`), empty before there is an endpoint. `host`
    is the Host field, or for calls of a backend its host and port. `peer_ip` is the address of whoever is connected,
    which may be a proxy; empty where that has none.
    """

    __slots__ = ("_client_ip", "_query", "host", "method", "params", "path", "peer_ip", "query_string", "scheme")

    def __init__(
        self,
        method: str = "GET",
        target: str = "/",
        headers: HeaderFields = (),
        body: bytes | str | None = b"",
        *,
        host: str = "",
        scheme: str = "http",
        client_ip: str | Callable[[], str] = "",
        peer_ip: str = "",
        params: dict[str, str] | None = None,
    ) -> None:
        super().__init__(headers, body)
        self.method = method
        self.path, _, self.query_string = target.partition("?")
        self.host = host
        self.scheme = scheme
        self.params = {} if params is None else params
        self.peer_ip = peer_ip
        self._client_ip = client_ip
        self._query: dict[str, list[str]] | None = None

    @property
    def client_ip(self) -> str:
        """Whom the gateway takes for the client (`router.trusted_proxies`); empty where that has no address."""
        if not isinstance(self._client_ip, str):
            self._client_ip = self._client_ip()
        return self._client_ip

    @property
    def query(self) -> dict[str, list[str]]:
        """The query, decoded. Changes count."""
        if self._query is None:
            self._query = parse_qs(self.query_string, keep_blank_values=True, errors="surrogateescape")
        return self._query

    @property
    def target(self) -> str:
        """Path and query."""
        query = self.written_query()
        return f"{self.path}?{query}" if query else self.path

    @property
    def url(self) -> str:
        """The whole URL. May be assigned where a backend is called."""
        return f"{self.scheme}://{self.host}{self.target}"

    @url.setter
    def url(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
            raise ValueError("a URL begins with http:// or https:// and a host")
        self.scheme, self.host, self.path, self.query_string = (
            parts.scheme,
            parts.netloc,
            parts.path or "/",
            parts.query,
        )
        self._query = None

    def written_query(self) -> str:
        """The query as it goes on: as it came, unless `query` was changed."""
        if self._query is None or self._query == parse_qs(
            self.query_string, keep_blank_values=True, errors="surrogateescape"
        ):
            return self.query_string
        return urlencode(self._query, doseq=True, errors="surrogateescape")


class Response(_Message):
    """A response, or what a backend answers."""

    __slots__ = ("status",)

    def __init__(self, status: int = 200, headers: HeaderFields = (), body: bytes | str | None = b"") -> None:
        super().__init__(headers, body)
        self.status = status


class Answer(_Message):
    """What an endpoint, or one of its backends, is about to answer.

    `data` is the decoded object; with no-op encoding it is empty, and `status`, `headers` and `body` are the backend's.
    With any other encoding the status is the gateway's to say, and headers are added to the client's response.
    """

    __slots__ = ("data", "is_complete", "status")

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        *,
        is_complete: bool = True,
        status: int = 0,
        headers: HeaderFields = (),
        body: bytes | str | None = b"",
    ) -> None:
        super().__init__(headers, body)
        self.data = {} if data is None else data
        self.is_complete = is_complete
        self.status = status
