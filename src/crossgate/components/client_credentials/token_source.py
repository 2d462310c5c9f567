"""The token of one backend: got when it is first needed, kept until shortly before it expires.

One request for a token is under way at a time, whoever waits for it. An endpoint's timeout does not cut it: the next
request finds the token.

Source: golang.org/x/oauth2 `internal/token.go`, `clientcredentials.go`, `token.go`.
"""

from base64 import b64encode
from urllib.parse import urlsplit

from crossgate.components.client_credentials.config import ClientConfig
from crossgate.components.client_credentials.token_answer import ReceivedToken, TokenAnswerError, read_token
from crossgate.flow.fiber import Fiber, Signal
from crossgate.flow.timers import Timers
from crossgate.golang.url import UrlError, encode_query, query_escape, request_target
from crossgate.http.failure import FailureKind, UpstreamError, failed_call
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.pipeline.forward import ACCEPT_GZIP
from crossgate.pipeline.go_client import GoClient, Send

EARLY_SECONDS = 10.0
FETCH_SECONDS = 30.0
MAX_ANSWER_BYTES = 1024 * 1024


class TokenSource:
    """One backend's. `agent` is the User-Agent of requests for tokens."""

    def __init__(self, config: ClientConfig, send: Send, timers: Timers, agent: str) -> None:
        self._config = config
        self._timers = timers
        self._agent = agent.encode()
        self._token: ReceivedToken | None = None
        self._expires = float("inf")
        self._in_form: bool | None = None  # which of the two ways the issuer takes; None: not known yet
        self._waiting: list[Signal[None]] | None = None
        self._fiber: Fiber[None] | None = None
        self._reason = ""
        parts = urlsplit(config.token_url)
        self._scheme, self._authority = parts.scheme, parts.netloc.rpartition("@")[2]
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._client = GoClient(self._send_there(send), replays_body=True)

    def stop(self) -> None:
        """Who waits gets no token."""
        if self._fiber is not None:
            self._fiber.cancel()

    async def authorization(self, request: UpstreamRequest) -> bytes:
        """The value of Authorization for a call. Raises UpstreamError where there is no token."""
        if self._token is None or self._timers.now() > self._expires - EARLY_SECONDS:
            self._token = None
            if self._waiting is None:
                self._waiting = []
                self._fiber = Fiber(self._renew())
                self._fiber.start()
            if self._waiting is not None:
                signal: Signal[None] = Signal()
                self._waiting.append(signal)
                await signal
        token = self._token
        if token is None:
            url = f"{request.scheme}://{request.authority}{request.target.decode('ascii', 'replace')}"
            raise failed_call(FailureKind.MALFORMED, request.method, url, self._reason)
        return f"{token.type} {token.text}".encode()

    async def _renew(self) -> None:
        try:
            self._token = await self._timers.within(FETCH_SECONDS, self._fetch())
            seconds = self._token.expires_in
            self._expires = self._timers.now() + seconds if seconds else float("inf")
        except TokenAnswerError as error:
            self._reason = f"oauth2: {error}"
        except Exception as error:  # noqa: BLE001 # a deadline, a connection, or a fault of ours: there is no token
            self._reason = str(error) or "oauth2: cannot fetch token"
        finally:
            waiting, self._waiting = self._waiting or [], None
            self._fiber = None
            for signal in waiting:
                signal.succeed(None)

    async def _fetch(self) -> ReceivedToken:
        if self._in_form is not None:
            return await self._ask(in_form=self._in_form)
        try:
            token = await self._ask(in_form=False)
        except (TokenAnswerError, UpstreamError):
            token = await self._ask(in_form=True)
            self._in_form = True
        else:
            self._in_form = False
        return token

    async def _ask(self, *, in_form: bool) -> ReceivedToken:
        response = await self._client(self._request(in_form=in_form))
        body = response.body
        text = body if isinstance(body, bytes) else await body.read_all(MAX_ANSWER_BYTES)
        return read_token(response.status, response.first(b"content-type") or b"", text)

    def _request(self, *, in_form: bool) -> UpstreamRequest:
        config = self._config
        if not self._authority:
            raise UpstreamError(FailureKind.REQUEST, f'Post "{config.token_url}": unsupported protocol scheme ""')
        form = {b"grant_type": [b"client_credentials"], b"scope": [config.scope.encode()]}
        for name, values in config.params:
            if name == "scope":
                raise TokenAnswerError('cannot overwrite parameter "scope"')
            form[name.encode()] = [value.encode() for value in values]
        fields = [(b"User-Agent", self._agent), (b"Content-Type", b"application/x-www-form-urlencoded")]
        client_id, secret = config.client_id.encode(), config.client_secret.reveal().encode()
        if in_form:
            form[b"client_id"] = [client_id]
            if secret:
                form[b"client_secret"] = [secret]
        else:
            pair = query_escape(client_id) + b":" + query_escape(secret)
            fields.append((b"Authorization", b"Basic " + b64encode(pair)))
        body = encode_query(form)
        try:
            target = request_target(self._path.encode())
        except UrlError as error:
            raise UpstreamError(FailureKind.REQUEST, f"parse: {error}") from None
        fields.append(ACCEPT_GZIP)
        return UpstreamRequest(
            b"POST", self._scheme, self._authority, target, fields, body, len(body), undoes_gzip=True
        )

    def _send_there(self, send: Send) -> Send:
        """DEVIATION(DEV-OAUTH-2): KrakenD posts the secret to whatever host a redirect names."""

        async def checked(request: UpstreamRequest) -> UpstreamResponse:
            if (request.scheme, request.authority) != (self._scheme, self._authority):
                raise UpstreamError(FailureKind.MALFORMED, "oauth2: the token endpoint redirects to another host")
            return await send(request)

        return checked
