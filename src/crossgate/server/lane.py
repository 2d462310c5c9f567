"""What the express lane needs of the gateway. Does not know what becomes of a request on it."""

from collections.abc import Callable
from dataclasses import dataclass

from crossgate.cors import CorsPolicy, Decision
from crossgate.http.message import UpstreamRequest
from crossgate.pipeline.express import Asked, ExpressCall
from crossgate.pipeline.gateway_pipe import GatewayPipe
from crossgate.server.plain_request import PlainRequests
from crossgate.server.response_head import BODILESS, STATUS_LINES
from crossgate.transport.client import Client
from crossgate.transport.connection import StaleConnectionError, UpstreamConnection
from crossgate.transport.plain_response import PlainResponses

_REDIRECTS = (301, 302, 303, 307, 308)
# What a plain answer may have: a body is allowed, and it does not lead elsewhere.
PLAIN_STATUSES = frozenset(STATUS_LINES) - set(range(200)) - {*BODILESS, *_REDIRECTS}


@dataclass(frozen=True, slots=True)
class Lane:
    """What the lane needs of the gateway. `policy` is that of routes without one of their own, None where CORS is off.

    `count` takes note of a decision, `is_logged` says that the application's `finish` does something. `requests` and
    `responses` read what is plain.
    """

    pipe: GatewayPipe
    client: Client
    policy: CorsPolicy | None
    count: Callable[[Decision], None]
    is_logged: bool
    requests: PlainRequests
    responses: PlainResponses

    def calls_again(self, call: ExpressCall, error: Exception) -> bool:
        """Whether a call that failed so is to be made once more, and on a new connection."""
        if not isinstance(error, StaleConnectionError) or not call.is_replayable:
            return False
        self.client.close_idle(call.key)
        return True

    def prepare(
        self, call: ExpressCall, asked: Asked, values: list[bytes]
    ) -> tuple[UpstreamConnection, bytes, UpstreamRequest] | None:
        """An idle connection, and what to call on it; None where it takes the ordinary way."""
        pool = self.client.pool(call.key)
        if pool is None:
            return None
        made = call.make(asked, values, pool.after_target)
        if made is None:
            return None
        upstream = pool.take()
        return None if upstream is None else (upstream, *made)
