"""The gateway as its server sees it: decides CORS, answers requests, takes note of what was answered.

Knows the pipe and the policies; does not know sockets, and writes no header text.
"""

import logging
from typing import Literal

from crossgate.config.model import LimitsConfig
from crossgate.cors import CorsPolicy, Counters, Decision
from crossgate.cors.refusal import describe
from crossgate.flow.fiber import Flow
from crossgate.gateway.access_log import AccessLog
from crossgate.http.message import Request, Response
from crossgate.pipeline.build import GatewayPipe
from crossgate.server.lane import PLAIN_STATUSES, Lane
from crossgate.server.plain_request import PlainRequests
from crossgate.transport.client import Client
from crossgate.transport.plain_response import PlainResponses


class GatewayApplication:
    """One worker's application.

    `access_log` is None where the configuration turns it off. `cors_log` gets a line for each decision of a policy with
    `debug`, with `debug` here for each decision, if it takes debug lines; and one for each request that a policy in
    report-only mode would have refused.
    """

    __slots__ = ("_access_log", "_cors_log", "_debug", "_may_debug", "_pipe", "counters")

    def __init__(
        self, pipe: GatewayPipe, access_log: AccessLog | None, cors_log: logging.Logger, *, debug: bool = False
    ) -> None:
        self._pipe = pipe
        self._access_log = access_log
        self._cors_log = cors_log
        self._may_debug = cors_log.isEnabledFor(logging.DEBUG)
        self._debug = debug
        self.counters = Counters()

    def decide(self, request: Request) -> Decision | None:
        """The CORS decision; None where CORS is off."""
        policy = self._pipe.policy_for(request)
        if policy is None:
            return None
        decision = policy.decide(request.method, request.fields)
        self.counters.count(decision)
        if self._may_debug and (self._debug or policy.config.debug):
            self._cors_log.debug("%s", _line(policy, request, decision))
        if not decision.allowed and policy.config.report_only:
            self._cors_log.warning("%s (report-only: not enforced)", _line(policy, request, decision))
        return decision

    def lane(self, client: Client, limits: LimitsConfig) -> Lane | None:
        """The express lane beside this application; None where each decision takes a closer look."""
        pipe = self._pipe
        for policy in (pipe.policy, *pipe.own_policies):
            if policy is not None and (
                policy.config.report_only
                or policy.config.upstream.value == "pass"
                or (self._may_debug and (self._debug or policy.config.debug))
            ):
                return None
        requests = PlainRequests(limits, pipe.express_fields)
        responses = PlainResponses(PLAIN_STATUSES)
        is_logged = self._access_log is not None
        return Lane(pipe, client, pipe.policy, self.counters.count, is_logged, requests, responses)

    def upstream_mode(self, request: Request) -> Literal["strip", "pass", "prefer"]:
        """What becomes of a backend's own CORS fields in the answer to this request."""
        policy = self._pipe.policy_for(request)
        return "pass" if policy is None else policy.config.upstream.value

    def respond(self, request: Request) -> Flow[Response]:
        """The answer of the endpoint, or of the router where there is none."""
        return self._pipe.respond(request)

    def finish(
        self,
        request: Request | None,
        decision: Decision | None,  # noqa: ARG002 # counted when it was made
        status: int,
        body_bytes: int,  # noqa: ARG002 # gin's line does not show it
        seconds: float,
    ) -> None:
        """One response was written, `seconds` after its request began."""
        if self._access_log is not None and request is not None:
            self._access_log.record(
                method=request.method,
                path=request.path,
                query=request.query,
                client=self._pipe.client_ip(request),
                status=status,
                seconds=seconds,
            )


def _line(policy: CorsPolicy, request: Request, decision: Decision) -> str:
    return describe(policy, request.method, request.path, request.fields, decision)
