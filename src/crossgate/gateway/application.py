"""The gateway as its server sees it: decides CORS, answers requests, takes note of what was answered.

Knows the pipe and the policies; does not know sockets, and writes no header text.
"""

import logging

from crossgate.cors import CorsPolicy, Counters, Decision
from crossgate.cors.refusal import describe
from crossgate.gateway.access_log import AccessLog
from crossgate.http.message import Request
from crossgate.pipeline.build import GatewayPipe
from crossgate.pipeline.gateway_pipe import Route


class GatewayApplication:
    """One worker's application.

    `access_log` is None where the configuration turns it off. `cors_log` gets a line for each decision of a policy with
    `debug`, with `debug` here for each decision, if it takes debug lines; and one for each request that a policy in
    report-only mode would have refused. `counters` go on counting where a former application left off.
    """

    __slots__ = ("_access_log", "_cors_log", "_debug", "_may_debug", "_pipe", "counters")

    def __init__(
        self,
        pipe: GatewayPipe,
        access_log: AccessLog | None,
        cors_log: logging.Logger,
        *,
        debug: bool = False,
        counters: Counters | None = None,
    ) -> None:
        self._pipe = pipe
        self._access_log = access_log
        self._cors_log = cors_log
        self._may_debug = cors_log.isEnabledFor(logging.DEBUG)
        self._debug = debug
        self.counters = Counters() if counters is None else counters

    def route(self, request: Request) -> Route:
        """Where the request leads to."""
        return self._pipe.route(request)

    def decide(self, request: Request, route: Route) -> Decision | None:
        """The CORS decision; None where CORS is off."""
        is_options = request.method == b"OPTIONS"
        policy = self._pipe.policy_for(request, route) if is_options else route.policy
        if policy is None:
            return None
        known = request.by_name
        if known is None:
            decision = policy.decide(request.method, request.fields)
        elif is_options:
            decision = policy.decide_options_by_name(known)
        else:
            decision = policy.decide_actual(request.method, known.get(b"origin"))
        self.counters.count(decision)
        if self._may_debug and (self._debug or policy.config.debug):
            self._cors_log.debug("%s", _line(policy, request, decision))
        if not decision.allowed and policy.config.report_only:
            self._cors_log.warning("%s (report-only: not enforced)", _line(policy, request, decision))
        return decision

    def finish(
        self,
        request: Request,
        decision: Decision | None,  # noqa: ARG002 # counted when it was made
        status: int,
        body_bytes: int,  # noqa: ARG002 # gin's line does not show it
        seconds: float,
    ) -> None:
        """One response was written, `seconds` after its request began."""
        if self._access_log is not None:
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
