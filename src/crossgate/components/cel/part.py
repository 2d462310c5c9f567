"""A worker's expressions where they stand."""

from collections.abc import Mapping
from typing import Any

from crossgate.components.cel.checks import Stage, build_checked, build_rejecter
from crossgate.components.cel.config import Checks
from crossgate.components.component import Part, Surroundings
from crossgate.golang.number import with_float64_numbers
from crossgate.http.gate import RejectsClaims
from crossgate.pipeline.proxy import Proxy
from crossgate.plan import BackendPlan, EndpointPlan


class CelPart(Part):
    """See above."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._now = surroundings.wall_clock
        self._log = surroundings.log

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        """Expressions were compiled when the file was read."""
        return True

    def around_endpoint(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """All backends between the checks of an endpoint."""
        static = endpoint.config.static
        data = {} if static is None else with_float64_numbers(static.data)
        return self._checked(value, f"ENDPOINT: {endpoint.config.path}", proxy, data)

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """A call between the checks of its backend."""
        return self._checked(value, f"BACKEND: {backend.config.url_pattern}", proxy, {})

    def rejects_claims(self, value: Any, endpoint: EndpointPlan) -> RejectsClaims | None:
        """The expressions about claims."""
        stage = self._stage(value.claims, f"ENDPOINT: {endpoint.config.path}")
        return None if stage is None else build_rejecter(stage)

    def _checked(self, checks: Checks, place: str, proxy: Proxy, static: Mapping[str, Any]) -> Proxy:
        before, after = self._stage(checks.before, place), self._stage(checks.after, place)
        if before is None and after is None:
            return proxy
        return build_checked(proxy, before, after, static)

    def _stage(self, texts: tuple[str, ...], place: str) -> Stage | None:
        return Stage(texts, place, self._now, self._log) if texts else None
