"""`http_response.new`: calls that scripts make of anybody they like, as Go's default client makes them.

Source: krakend-lua 2.13 `decorator/http.go`.
"""

from urllib.parse import urlsplit

from crossgate.golang.url import UrlError, go_quote, request_target
from crossgate.http.failure import UpstreamError
from crossgate.http.message import Fields, UpstreamRequest
from crossgate.lua.wire import Answer, Ask
from crossgate.pipeline.backend import read_answer
from crossgate.pipeline.decode import DecodeError
from crossgate.pipeline.forward import ACCEPT_GZIP, CanonicalNames
from crossgate.pipeline.go_client import Client


class HelperCalls:
    """See above."""

    def __init__(self, client: Client, user_agent: str) -> None:
        self._client = client
        self._user_agent = (b"User-Agent", user_agent.encode())
        self._canonical = CanonicalNames()

    async def __call__(self, ask: Ask) -> Answer:
        """The answer; a call that fails is an error in Lua."""
        try:
            request = self._request(ask)
            response = await self._client(request)
            body = await read_answer(response.body)
        except (UpstreamError, DecodeError, UrlError) as error:
            return Answer(b"", fault=str(error))
        return Answer(body, response.status, [(self._canonical(name), value) for name, value in response.fields])

    def _request(self, ask: Ask) -> UpstreamRequest:
        url = ask.url.decode("utf-8", "replace")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise UrlError(f"parse {go_quote(url)}: {error}") from error
        if ":" in url.partition("/")[0] and not parts.netloc:
            raise UrlError(f"parse {go_quote(url)}: first path segment in URL cannot contain colon")
        if parts.scheme not in ("http", "https") or not host:
            verb = ask.method[:1].decode("latin-1") + ask.method[1:].lower().decode("latin-1")
            raise UrlError(f'{verb} {go_quote(url)}: unsupported protocol scheme "{parts.scheme}"')
        authority = parts.netloc.rpartition("@")[2]
        written = parts.path + ("?" + parts.query if parts.query else "")
        target = request_target(written.encode("utf-8", "surrogateescape"))
        fields: Fields = list(ask.headers)
        names = {name for name, _ in fields}
        if b"User-Agent" not in names:
            fields.append(self._user_agent)
        asks_gzip = b"Accept-Encoding" not in names and b"Range" not in names and ask.method != b"HEAD"
        if asks_gzip:
            fields.append(ACCEPT_GZIP)
        length = len(ask.body) if ask.body else None
        return UpstreamRequest(
            ask.method or b"GET", parts.scheme, authority, target, fields, ask.body, length, undoes_gzip=asks_gzip
        )
