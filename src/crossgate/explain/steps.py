"""The steps of a request through a configuration, each with its place: until the one that refused.

Knows what was answered, documents and components.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from crossgate.components.component import Component
from crossgate.config.document import Document, EndpointNode
from crossgate.diagnostics import Span
from crossgate.explain.explanation import Step
from crossgate.explain.places import Refused, namespace_of, owner_of_code, place_of
from crossgate.explain.way import Way

CorsPlace = Callable[[str, EndpointNode | None, Document], str]
"""By the reason of a decision, the path of what decides."""
CORS = "cors."
_FRONT, _BEFORE_ROUTER = "plugins", "plugin/http-server"
_BEHIND_ROUTER = ("route.not-run", "route.only-shadows")


class Steps:
    """Those of one configuration. `locate` finds a path in the file."""

    def __init__(
        self,
        document: Document,
        components: Sequence[Component],
        cors_place: CorsPlace,
        locate: Callable[[str], Span | None],
    ) -> None:
        self._document = document
        self._components = components
        self._cors_place = cors_place
        self._locate = locate

    def of(self, way: Way, node: EndpointNode | None, refused: Refused | None) -> tuple[Step, ...]:
        """The router, CORS, the gates, then what stands around the calls."""
        steps: list[Step] = []
        beside = dict(way.left_out)
        if _FRONT in beside and _BEFORE_ROUTER in self._document.service.namespaces:
            steps.append(self._left_out(_FRONT, None, beside.pop(_FRONT)))
        code = "" if refused is None else refused.code
        endpoint_path = "" if node is None else node.at("endpoint")
        route_refused = code.startswith("route.") and code not in _BEHIND_ROUTER
        if refused is not None and code.startswith("request.") and not way.answered.passed_gates:
            return (self._refused("server", None, refused),)
        steps.append(self._step("router", "", endpoint_path, code if route_refused else ""))
        if route_refused:
            return tuple(steps)
        if refused is not None and code.startswith(CORS):
            return (*steps, self._refused("cors", None, refused))
        if way.answered.decision is not None:
            steps.append(self._step("cors", "", "", ""))
        owner = None if refused is None else owner_of_code(code, self._components)
        gates = list(dict.fromkeys(way.answered.passed_gates))
        refusing = owner.name if owner is not None else ""
        by_name = {component.name: component for component in self._components}
        passed = [name for name in gates if name != refusing]
        steps += [replace(self._passed(by_name[name], node), note=beside.pop(name, "")) for name in passed]
        noted = beside.pop(refusing, "")
        steps += [self._left_out(name, node, note) for name, note in beside.items()]
        if refused is not None:
            last = self._refused("gateway" if owner is None else owner.name, owner, refused)
            return (*steps, replace(last, note=noted))
        if node is None:
            return tuple(steps)
        around = {*node.config.components, *(name for one in node.backends for name in one.config.components)}
        for component in self._components:
            is_shown = component.name in gates or component.name in way.left_out
            if component.name in around and not is_shown and component.reasons:
                steps.append(self._passed(component, node))
        return tuple(steps)

    def place(self, component: Component | None, refused: Refused) -> str:
        """The path of what refused; empty where nothing in the file does."""
        if refused.code.startswith(CORS):
            return self._cors_place(refused.code.removeprefix(CORS), refused.node, self._document)
        return place_of(component, refused, self._document)

    def _refused(self, name: str, component: Component | None, refused: Refused) -> Step:
        space = None if component is None else namespace_of(component, refused.node, self._document, refused)
        written = "" if space is None else space.written
        return self._step(name, written, self.place(component, refused), refused.code)

    def _passed(self, component: Component, node: EndpointNode | None) -> Step:
        space = namespace_of(component, node, self._document)
        return self._step(component.name, *("", "") if space is None else (space.written, space.path), "")

    def _left_out(self, name: str, node: EndpointNode | None, note: str) -> Step:
        component = next((one for one in self._components if one.name == name), None)
        step = self._step(name, "", "", "") if component is None else self._passed(component, node)
        return replace(step, outcome="not-asked", note=note)

    def _step(self, name: str, namespace: str, path: str, code: str) -> Step:
        return Step(name, namespace, "refused" if code else "passed", code, path, self._locate(path))
