"""Revocations over HTTP: made and asked for by whoever has the token. An Application of the gateway's own server.

POST /revocations {"key": "jti", "value": "…", "ttl": "1h"}   204, 503 where it holds here but others were not told
GET  /revocations/{key}/{value}                               200 revoked, 404 not
"""

import hmac
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from crossgate.components.jwt.revocations import RevocationTable
from crossgate.components.jwt.revoker_config import RevokerConfig
from crossgate.cors import Decision
from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.flow.fiber import Flow
from crossgate.golang.duration import DurationError, parse_duration
from crossgate.http.message import Request, Response
from crossgate.redis.failure import RedisError

MAX_BODY_BYTES = 65_536
Tell = Callable[[str, str, float], Flow[None]]
_SECOND = 1_000_000_000


class RevokerService:
    """Answers every path. `now` is in seconds since the epoch."""

    upstream_mode: Literal["strip", "pass", "prefer"] = "strip"

    def __init__(
        self, config: RevokerConfig, table: RevocationTable, now: Callable[[], float], tell: Tell | None = None
    ) -> None:
        """`tell` tells other gateways."""
        self._config = config
        self._tell = tell
        self._table = table
        self._now = now

    def route(self, request: Request) -> "RevokerService":  # noqa: ARG002
        """There is one."""
        return self

    def decide(self, request: Request, route: "RevokerService") -> Decision | None:  # noqa: ARG002
        """No CORS: this is not for pages."""
        return None

    def finish(
        self,
        request: Request,
        route: "RevokerService | None",
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        """Nothing is logged."""

    async def respond(self, request: Request) -> Response:
        """See above. 401 without the token, in a time that tells nothing of it."""
        wanted = b"Bearer " + self._config.token.reveal().encode()
        if not hmac.compare_digest(request.first(b"authorization") or b"", wanted):
            return Response(401, [(b"www-authenticate", b"Bearer")])
        path = request.path.decode("latin-1")
        if path == "/revocations" and request.method == b"POST":
            return await self._revoke(request.body)
        parts = path.split("/")
        if len(parts) == 4 and parts[1] == "revocations" and request.method == b"GET":
            is_known = self._table.has(unquote(parts[2]), unquote(parts[3]), self._now())
            return Response(200 if is_known else 404)
        return Response(404)

    async def _revoke(self, body: bytes | Body) -> Response:
        try:
            text = body if isinstance(body, bytes) else await body.read_all(MAX_BODY_BYTES)
            members: Any = msgspec.json.decode(text)
            key, value, ttl = members["key"], members["value"], members.get("ttl")
            seconds = self._config.ttl_seconds if ttl is None else parse_duration(ttl) / _SECOND
            if not isinstance(key, str) or not isinstance(value, str) or seconds <= 0:
                return Response(400)
        except (
            BodyTooLargeError,
            msgspec.MsgspecError,
            DurationError,
            KeyError,
            TypeError,
            AttributeError,
            ValueError,
        ):
            return Response(400)
        now = self._now()
        self._table.add(key, value, now + seconds, now)
        if self._tell is not None:
            try:
                await self._tell(key, value, now + seconds)
            except RedisError:
                return Response(503)
        return Response(204)
