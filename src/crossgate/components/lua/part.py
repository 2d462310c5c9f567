"""A worker's scripts: gates, what stands around calls, and the processes in which they run."""

from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.lua.around import Around
from crossgate.components.lua.config import EndpointScripts, Scripts
from crossgate.components.lua.gate import LuaGate
from crossgate.components.lua.helper_calls import HelperCalls
from crossgate.components.lua.running import Runner
from crossgate.http.gate import Gate
from crossgate.lua.hosts import Hosts
from crossgate.pipeline.go_client import GoClient
from crossgate.pipeline.proxy import Proxy
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.plan.stages import is_no_op

SERVICE_SECONDS = 2.0
"""What the service's script may take, waiting included: it belongs to no endpoint that says how long."""


class LuaPart(Part):
    """See above."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        self._hosts: Hosts = surroundings.keep("hosts", Hosts)
        self._around = surroundings
        self._calls = HelperCalls(GoClient(surroundings.send), plan.identity.user_agent)
        self._of_service: Scripts | None = plan.components.get("lua")

    def service_gates(self) -> tuple[Gate, ...]:
        """The service's script."""
        scripts = self._of_service
        if scripts is None:
            return ()
        runner = self._runner(scripts, "service")
        return (LuaGate(runner, self._around.timers, SERVICE_SECONDS, is_service=True),)

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        """An endpoint's script before it."""
        scripts: EndpointScripts = value
        if scripts.before is None:
            return ()
        runner = self._runner(scripts.before, endpoint.config.path)
        return (LuaGate(runner, self._around.timers, endpoint.timeout_seconds),)

    def around_endpoint(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """An endpoint's scripts around its backends."""
        scripts: EndpointScripts = value
        if scripts.around is None:
            return proxy
        runner = self._runner(scripts.around, endpoint.config.path)
        return Around(runner, scripts.around, proxy, is_no_op=is_no_op(endpoint.config.output_encoding))

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:
        """A backend's scripts."""
        scripts: Scripts = value
        runner = self._runner(scripts, f"{endpoint.config.path} backend {backend.config.index}")
        return Around(runner, scripts, proxy, is_no_op=backend.no_op)

    def _runner(self, scripts: Scripts, place: str) -> Runner:
        metrics, log = self._around.metrics, self._around.log
        return Runner(self._hosts, scripts.script, self._calls, place=place, log=log, metrics=metrics)
