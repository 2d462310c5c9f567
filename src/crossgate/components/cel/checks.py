"""Expressions at work: around endpoints and calls, and before roles are looked at. Fails closed whatever happens.

Source: krakend-cel v2 `proxy.go`, `jose.go`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossgate.cel.engine import Expression, compile_expression
from crossgate.components.cel.reasons import REQUEST, RESPONSE
from crossgate.components.cel.variables import VARIABLES, TooDeepError, Variables
from crossgate.http.reason import Reason
from crossgate.pipeline.failure import RefusedError
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

Now = Callable[[], float]


class Stage:
    """The expressions that are asked at one time, in order. `now` is in seconds since the epoch."""

    __slots__ = ("_expressions", "_log", "_max_size", "_now", "_place", "_reads", "_reads_now")

    def __init__(self, texts: Sequence[str], place: str, now: Now, log: logging.Logger) -> None:
        """Raises ExpressionError. `place` is what the log calls it."""
        self._expressions = [compile_expression(text, VARIABLES) for text in texts]
        self._place = place
        self._now = now
        self._log = log
        self._reads = _together(self._expressions)
        self._reads_now = "now" in self._reads
        self._max_size = min(expression.max_size for expression in self._expressions)

    def failing_request(self, call: ProxyRequest) -> int | None:
        """The position of the first expression that does not hold for a request; None where all do."""
        variables = Variables()
        variables.request(call, self._reads)
        return self._failing(variables)

    def failing_response(self, response: ProxyResponse, static: Mapping[str, Any]) -> int | None:
        """The same for a response. `static`: see `Variables.response`."""
        variables = Variables()
        try:
            variables.response(response, self._reads, static)
        except TooDeepError as error:
            return self._tell(0, str(error))
        return self._failing(variables)

    def failing_claims(self, claims: Mapping[str, Any]) -> int | None:
        """The same for claims."""
        variables = Variables()
        try:
            if "JWT" in self._reads:
                variables.claims(claims, self._reads["JWT"])
        except TooDeepError as error:
            return self._tell(0, str(error))
        return self._failing(variables)

    def _failing(self, variables: Variables) -> int | None:
        if self._reads_now:
            variables.now(self._now())
        is_small = variables.size <= self._max_size
        for position, expression in enumerate(self._expressions):
            if not is_small and variables.size > expression.max_size:
                return self._tell(position, f"of data of size {variables.size:.0f} it bears {expression.max_size}")
            fault = expression.fault(variables.values)
            if fault:
                return self._tell(position, fault)
        return None

    def _tell(self, position: int, fault: str) -> int:
        self._log.debug("[%s][CEL] evaluator #%d: %.200s", self._place, position, fault.replace("\n", " "))
        return position


def build_checked(proxy: Proxy, before: Stage | None, after: Stage | None, static: Mapping[str, Any]) -> Proxy:
    """A proxy between its checks.

    DEVIATION(DEV-CEL-3): KrakenD does not ask those after it about an answer that lacks parts.
    """

    async def checked(call: ProxyRequest) -> ProxyResponse:
        if before is not None:
            position = before.failing_request(call)
            if position is not None:
                raise refusal(position, REQUEST, 403)
        response = await proxy(call)
        if after is not None:
            position = after.failing_response(response, static)
            if position is not None:
                response.discard()
                raise refusal(position, RESPONSE, 502)
        return response

    return checked


def refusal(position: int, reason: Reason, honest_status: int) -> RefusedError:
    """What becomes of a request that fails a check: KrakenD's text and its 500."""
    return RefusedError(f"request aborted by evaluator #{position}", reason=reason, honest_status=honest_status)


def build_rejecter(stage: Stage) -> Callable[[Mapping[str, Any]], bool]:
    """Whether claims are refused."""
    return lambda claims: stage.failing_claims(claims) is not None


def _together(expressions: Sequence[Expression]) -> dict[str, frozenset[str] | None]:
    reads: dict[str, frozenset[str] | None] = {}
    for expression in expressions:
        for name, members in expression.reads.items():
            known = reads.get(name, frozenset())
            reads[name] = None if members is None or known is None else known | members
    return reads
