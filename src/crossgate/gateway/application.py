"""The gateway as its server sees it: decides CORS, answers requests, takes note of what was answered.

Knows the pipe and the policies; does not know sockets, and writes no header text.
"""

import logging
from collections.abc import Callable, Sequence

from crossgate.cors import CorsPolicy, Counters, Decision
from crossgate.cors.refusal import describe
from crossgate.http.message import Request
from crossgate.http.track import Track
from crossgate.pipeline.build import GatewayPipe
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.observed import Record
from crossgate.server.cors_reasons import CORS_REASONS
from crossgate.server.shedding import Load


class GatewayApplication:
    """One worker's application.

    `records` hear of each response; `track` begins the notes of a request, where somebody wants any. `cors_log` gets
    a line for each decision of a policy with `debug`, with `debug` here for each decision, if it takes debug lines;
    and one for each request that a policy in report-only mode would have refused. `counters` go on counting where a
    former application left off. `load` is how much there is to do, where somebody looks. Where endpoints have CORS
    policies of their own, or somebody may be told why, no request is refused before it is read. `may_see_reasons`: see
    ServerContext.
    """

    explains_refusals = True  # see ServerContext

    __slots__ = (
        "_cors_log",
        "_debug",
        "_may_debug",
        "_pipe",
        "_records",
        "_track",
        "counters",
        "exempt",
        "identify",
        "load",
        "may_see_reasons",
        "noted",
        "refuses_unread",
        "tells",
    )

    def __init__(
        self,
        pipe: GatewayPipe,
        records: Sequence[Record],
        cors_log: logging.Logger,
        *,
        track: Callable[[Request], Track | None] | None = None,
        debug: bool = False,
        counters: Counters | None = None,
        load: Load | None = None,
        noted: frozenset[bytes] = frozenset(),
        identify: Callable[[Request], Track] | None = None,
        may_see_reasons: Callable[[Request], bool] | None = None,
    ) -> None:
        self._pipe = pipe
        self._records = tuple(records)
        self.tells = bool(self._records)
        self._track = track
        self.noted = noted
        self.identify = identify
        self.may_see_reasons = may_see_reasons
        self.load = load
        self.refuses_unread = not pipe.has_own_policies and may_see_reasons is None
        self.exempt = pipe.exempt
        self._cors_log = cors_log
        self._may_debug = cors_log.isEnabledFor(logging.DEBUG)
        self._debug = debug
        self.counters = Counters() if counters is None else counters

    def route(self, request: Request) -> Route:
        """Where the request leads to."""
        if self._track is not None:
            request.track = self._track(request)
        return self._pipe.route(request)

    def decide(self, request: Request, route: Route) -> Decision | None:
        """The CORS decision; None where CORS is off."""
        is_options = request.method == b"OPTIONS"
        policy = self._pipe.policy_for(request, route) if is_options else route.policy
        if policy is None:
            return None
        if request.names is None:
            decision = policy.decide(request.method, request.fields)
        elif is_options:
            decision = policy.decide_options_by_name(request.first)
        else:
            decision = policy.decide_actual(request.method, request.first(b"origin"))
        self.counters.count(decision)
        if self._may_debug and (self._debug or policy.config.debug):
            self._cors_log.debug("%s", _line(policy, request, decision))
        if not decision.allowed:
            if policy.config.report_only:
                self._cors_log.warning("%s (report-only: not enforced)", _line(policy, request, decision))
            else:
                request.reason = CORS_REASONS.get(decision.reason)
        return decision

    def decide_unread(self, origin: bytes | None) -> Decision | None:
        """What CORS says of a GET of which no more is known than the page's origin."""
        policy = self._pipe.policy
        return None if policy is None else policy.decide_actual(b"GET", origin)

    def count_unread(self, decision: Decision) -> None:
        """One of those was answered with that."""
        self.counters.count(decision)

    def finish(
        self,
        request: Request,
        route: Route | None,
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        """One response was written, `seconds` after its request began."""
        for record in self._records:
            record(request, route, decision, status, body_bytes, seconds)


def _line(policy: CorsPolicy, request: Request, decision: Decision) -> str:
    return describe(policy, request.method, request.path, request.fields, decision)
