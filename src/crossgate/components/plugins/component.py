"""Plugins as a component: before the router, around endpoints and backends, and in the place of backends' clients."""

from collections.abc import Sequence
from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.plugins.config import (
    CLIENT,
    MODIFIER,
    NAMESPACES,
    SERVER,
    PlacePlugins,
    ServicePlugins,
    all_of,
    decode_place,
    decode_service,
)
from crossgate.components.plugins.naming import Named
from crossgate.components.plugins.reasons import REASONS
from crossgate.config.model import ServiceConfig
from crossgate.config.section import Section
from crossgate.pipeline.front import Front
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.proxy import Proxy
from crossgate.plan import BackendPlan, EndpointPlan, Plan


class Plugins(Component):
    """The component. Its heavier half is imported where a file names plugins."""

    name = "plugins"
    namespaces = NAMESPACES
    reasons = REASONS
    deviations = tuple(f"DEV-PLUGIN-{number}" for number in range(1, 6))
    wraps_calls = True
    modifies = True

    def decode_service(self, section: Section) -> Any:
        """A ServicePlugins, or None."""
        return decode_service(section)

    def decode_endpoint(self, section: Section) -> Any:
        """A PlacePlugins, or None."""
        return decode_place(section)

    def decode_backend(self, section: Section) -> Any:
        """A PlacePlugins, or None."""
        return decode_place(section)

    def remembers(self, value: Any) -> bool:
        """Other people's may: what they keep is theirs."""
        named: Sequence[Named] = ()
        if isinstance(value, ServicePlugins):
            named = value.server
        elif isinstance(value, PlacePlugins):
            named = (*value.modifiers, *([] if value.client is None else [value.client]))
        return any(one.origin != "own" for one in named)

    def verify(self, config: ServiceConfig) -> None:
        """Import what the file names: a module that is not there is found once, before workers begin."""
        named = all_of(config)
        if named:
            from crossgate.components.plugins.instance import load

            for _, plugin in named:
                load(plugin)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's plugins."""
        return PluginPart(plan, surroundings)


class PluginPart(Part):
    """A worker's plugins. One is made for each place that names it."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        from crossgate.components.plugins.calling import Calling
        from crossgate.pipeline.answers import Answers
        from crossgate.pipeline.client_ip import build_client_ip

        self._around = surroundings
        self._said: ServicePlugins = plan.components.get("plugins") or ServicePlugins()
        self._calling = Calling(surroundings.log, surroundings.metrics, self._said.slow_seconds, self._said.threads)
        self._answers = Answers(plan, surroundings.log, surroundings.random)
        self._client_ip = build_client_ip(plan.router)
        self._watches = False

    def _instance(self, space: str, named: Any, *place: Any) -> Any:
        from crossgate.components.plugins.instance import Instance

        instance = self._around.keep((space, named, *place), lambda: Instance(named, space, self._around.log))
        self._watches = self._watches or instance.has_plain_functions
        return instance

    def front(self) -> Front | None:
        """The plugins before the router."""
        if not self._said.server:
            return None
        from crossgate.components.plugins.front import PluginFront, Step

        steps = []
        for position, named in enumerate(self._said.server):
            instance = self._instance(SERVER, named, position)
            kinds = {kind: instance.function(kind, self._calling) for kind in ("gate", "around", "rewrite")}
            needs_body = any(function is not None and function.needs_body for function in kinds.values())
            steps.append(Step(**kinds, needs_body=needs_body))
        steps.reverse()
        seconds = self._said.timeout_seconds
        return PluginFront(steps, self._calling, self._answers, self._around.timers, self._client_ip, seconds)

    def around_merged(self, value: Any, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """An endpoint's modifiers."""
        place: PlacePlugins = value
        key = endpoint.config.method, endpoint.config.path
        return self._modified(place, proxy, key, is_no_op=endpoint.config.output_encoding == "no-op")

    def around_call(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:
        """A backend's modifiers."""
        place: PlacePlugins = value
        key = endpoint.config.method, endpoint.config.path, backend.config.index
        return self._modified(place, proxy, key, is_no_op=backend.no_op)

    def _modified(self, place: PlacePlugins, proxy: Proxy, key: tuple[Any, ...], *, is_no_op: bool) -> Proxy:
        if not place.modifiers:
            return proxy
        from crossgate.components.plugins.modifiers import build_modified

        instances = [self._instance(MODIFIER, named, *key, position) for position, named in enumerate(place.modifiers)]
        functions = {
            kind: [function for one in instances if (function := one.function(kind, self._calling)) is not None]
            for kind in ("modify_request", "modify_response")
        }
        return build_modified(
            proxy, functions["modify_request"], functions["modify_response"], self._client_ip, is_no_op=is_no_op
        )

    def around_send(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        """A backend's executor.

        DEVIATION(DEV-PLUGIN-4): what else stands at the backend (credentials, a cache) holds for what it sends through
        the gateway; KrakenD drops it in silence.
        """
        place: PlacePlugins = value
        if place.client is None:
            return send
        from crossgate.components.plugins.executor import build_executor

        key = endpoint.config.method, endpoint.config.path, backend.config.index
        function = self._instance(CLIENT, place.client, *key).function("execute", self._calling)
        return build_executor(function, send)

    def follows_redirects(self, value: Any) -> bool:
        """A plugin that makes calls follows what it wants to."""
        place: PlacePlugins = value
        return place.client is None

    async def start(self) -> None:
        """Begin to look at plain functions, where there may be some."""
        if self._watches:
            self._calling.watch.start()

    async def stop(self) -> None:
        """Look no more; threads end."""
        self._calling.stop()
