"""Explains requests to one configuration: asks the stand, finds the lines, says the change.

Knows loaded files and the stand; does not know pages, the command line, or how explanations are shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType

from crossgate.components.component import Component
from crossgate.config import Loaded
from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.diagnostics import Span
from crossgate.explain.asked import AskedRequest
from crossgate.explain.changes import Refusal, change_for, setting_for
from crossgate.explain.ends import End, possible_ends
from crossgate.explain.explanation import Answer, Change, Explanation, Step
from crossgate.explain.items import item_of
from crossgate.explain.places import namespace_of, node_of, owner_of_code, place_of
from crossgate.explain.untrusted import Untrusted
from crossgate.explain.way import Way, Ways
from crossgate.http.reason import CORE_REASONS, NO_HOST, NOT_RUN, Reason
from crossgate.plan.stages import is_no_op
from crossgate.server.cors_reasons import CORS_REASONS

_BY_BACKENDS = (
    "upstream.undecodable",
    "upstream.status",
    "upstream.malformed",
    "upstream.closed",
    "upstream.timeout",
    "upstream.connect",
    "upstream.tls",
    "upstream.name",
    "cel.response",
    "signer.failed",
)
"""Reasons that come of what a backend answers, which nobody knows here."""
_CORS = "cors."
_FRONT, _BEFORE_ROUTER = "plugins", "plugin/http-server"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


CorsPlace = Callable[[str, EndpointNode | None, Document], str]
"""By the reason of a decision, the path of what decides."""


def _nowhere(_reason: str, _node: EndpointNode | None, _document: Document) -> str:
    return ""


class Explainer:
    """Use as a context manager. `given_keys` is a key set for all that the file would fetch."""

    def __init__(
        self,
        loaded: Loaded,
        config: ServiceConfig,
        document: Document,
        components: Sequence[Component],
        environ: Mapping[str, str],
        now_seconds: float,
        given_keys: bytes | None = None,
        cors_place: CorsPlace = _nowhere,
        untrusted: Untrusted | None = None,
    ) -> None:
        """`loaded` is what `config` and `document` are of. Raises what a component finds wrong with it.

        `untrusted` says what of them is left out; None: nothing.
        """
        self._loaded = loaded
        self._document = document
        self._components = tuple(components)
        self._cors_place = cors_place
        self._untrusted = untrusted
        self._ways = Ways(config, components, environ, now_seconds, given_keys, are_files_unread=untrusted is not None)
        self._reasons = {reason.code: reason for reason in (*CORE_REASONS, *CORS_REASONS.values())}
        self._reasons |= {reason.code: reason for component in components for reason in component.reasons}

    def __enter__(self) -> "Explainer":
        self._ways.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ways.__exit__(kind, error, trace)

    def explain(self, asked: AskedRequest) -> Explanation:
        """What becomes of a request. Raises TimeoutError where the gateway would wait for something for ever."""
        way = self._ways.go(asked)
        endpoint = self._ways.endpoint_of(way.answered)
        if self._untrusted is not None:
            way = _with_left_out(way, self._untrusted.left_out_at(endpoint))
        reason = way.answered.reason
        notes = [*asked.notes, *way.notes]
        if asked.logged is not None:
            reason = self._logged_reason(asked, reason, endpoint, notes)
        if reason is not None and _is_up_to_backends(reason, endpoint) and asked.logged is None:
            notes.append(f"Whether it succeeds is up to the backend's answer ({reason.code} otherwise).")
            reason = None
            way = replace(way, answered=replace(way.answered, status=0))
        node = node_of(endpoint, self._document)
        if reason is None:
            return self._passing(asked, way, node, notes)
        return self._refused(asked, way, endpoint, node, reason, notes)

    # -- what a log says

    def _logged_reason(
        self, asked: AskedRequest, found: Reason | None, endpoint: EndpointConfig | None, notes: list[str]
    ) -> Reason | None:
        """The reason of the log, where it says so: it saw the whole request."""
        logged = asked.logged
        assert logged is not None  # noqa: S101 # asked by who knows
        path = "" if endpoint is None else endpoint.path
        if logged.route != path:
            was = logged.route or "no endpoint"
            notes.append(f"The log has it at {was}; the file as it is now leads it to {path or 'no endpoint'}.")
        if not logged.has_reason:
            notes.append("The log does not say why requests are refused: what the file answers now is shown.")
            return found
        if not logged.reason:
            if logged.status >= 400:
                notes.append(f"The gateway did not refuse it: the status {logged.status} is its backend's.")
            return None
        known = self._reasons.get(logged.reason)
        return known or Reason(logged.reason, "the log names a reason that this version does not know", "")

    # -- a request that passes

    def _passing(self, asked: AskedRequest, way: Way, node: EndpointNode | None, notes: list[str]) -> Explanation:
        answered = way.answered
        location = answered.values("location")
        answer: Answer = "passes" if node is not None and (asked.logged or not answered.refused_by) else "answered"
        if 300 <= answered.status < 400 and location and not way.received:
            answer = "redirected"
            notes.append(f"The gateway answers {answered.status} itself and leads to {location[0]}.")
        elif answer == "answered":
            notes.append("The gateway answers it itself; no backend is asked.")
        path = "" if node is None else node.at("endpoint")
        span = self._locate(path)
        return Explanation(
            asked,
            answer,
            _status_of(asked, way, node),
            answered.route,
            "" if node is None else node.config.method,
            "" if node is None else node.path,
            span,
            path=path,
            span=span,
            steps=self._steps(way, node, None),
            received=way.received,
            notes=tuple(notes),
            not_judged=way.not_judged,
            unless=self._ends(node),
        )

    # -- one that is refused

    def _refused(
        self,
        asked: AskedRequest,
        way: Way,
        endpoint: EndpointConfig | None,
        node: EndpointNode | None,
        reason: Reason,
        notes: list[str],
    ) -> Explanation:
        same_path = self._same_path(asked) if reason.code == "route.method" else ()
        shown = node or (node_of(same_path[0], self._document) if same_path else None)
        component = owner_of_code(reason.code, self._components)
        path = self._place(reason.code, component, shown)
        space = None if component is None else namespace_of(component, shown, self._document)
        item = item_of(reason.code, space, asked, way.answered)
        path = item or path
        refusal = Refusal(reason, asked, way.answered, endpoint, node, self._document, same_path)
        detail, change = change_for(refusal)
        if reason.code == NOT_RUN.code:
            about = [found.message for found in self._loaded.diagnostics if path and found.path.startswith(path)]
            detail = _sentence(about[0]) if about else detail
        span = self._locate(path)
        steps = self._steps(way, node, reason)
        if item and steps:
            steps = (*steps[:-1], replace(steps[-1], path=path, span=span))
        return Explanation(
            asked,
            "refused",
            _status_of(asked, way, node),
            way.answered.route,
            "" if node is None else node.config.method,
            "" if node is None else node.path,
            self._locate("" if node is None else node.at("endpoint")),
            reason.code,
            _sentence(reason.says),
            detail,
            path,
            span,
            Change(change, path, span, setting_for(refusal)) if change else None,
            steps,
            way.received,
            tuple(notes),
            way.not_judged,
            self._ends(node),
        )

    def _ends(self, node: EndpointNode | None) -> tuple[tuple[End, Span | None], ...]:
        return tuple((end, self._locate(end.path)) for end in possible_ends(node, self._document))

    def _same_path(self, asked: AskedRequest) -> tuple[EndpointConfig, ...]:
        found = [self._ways.endpoint_at(method, asked.target) for method in _METHODS if method != asked.method]
        return tuple(one for one in found if one is not None)

    # -- the way

    def _steps(self, way: Way, node: EndpointNode | None, reason: Reason | None) -> tuple[Step, ...]:
        """The router, CORS, the gates, then what stands around the calls; until the one that refused."""
        steps: list[Step] = []
        beside = dict(way.left_out)
        if _FRONT in beside and _BEFORE_ROUTER in self._document.service.namespaces:
            steps.append(self._left_out(_FRONT, None, beside.pop(_FRONT)))
        code = "" if reason is None else reason.code
        endpoint_path = "" if node is None else node.at("endpoint")
        route_refused = code.startswith("route.") and code != "route.not-run" and code != "route.only-shadows"
        if code.startswith("request.") and not way.answered.passed_gates:
            return (self._step("server", "", place_of(code, None, node, self._document), code),)
        steps.append(self._step("router", "", endpoint_path, code if route_refused else ""))
        if route_refused:
            return tuple(steps)
        if way.answered.decision is not None or code.startswith(_CORS):
            cors = code if code.startswith("cors.") else ""
            steps.append(self._step("cors", "", self._place(cors, None, node) if cors else "", cors))
            if cors:
                return tuple(steps)
        owner = None if reason is None else owner_of_code(code, self._components)
        gates = list(dict.fromkeys(way.answered.passed_gates))
        refused = owner.name if owner is not None else ""
        by_name = {component.name: component for component in self._components}
        for name in gates:
            if name != refused:
                step = self._of(by_name[name], node, "")
                steps.append(replace(step, note=beside.pop(name, "")))
        noted = beside.pop(refused, "")
        steps += [self._left_out(name, node, note) for name, note in beside.items()]
        if owner is not None:
            steps.append(replace(self._of(owner, node, code), note=noted))
            return tuple(steps)
        if code:
            steps.append(self._step("gateway", "", place_of(code, None, node, self._document), code))
            return tuple(steps)
        if node is None:
            return tuple(steps)
        around = {*node.config.components, *(name for one in node.backends for name in one.config.components)}
        for component in self._components:
            is_shown = component.name in gates or component.name in way.left_out
            if component.name in around and not is_shown and component.reasons:
                steps.append(self._of(component, node, ""))
        return tuple(steps)

    def _of(self, component: Component, node: EndpointNode | None, code: str) -> Step:
        space = namespace_of(component, node, self._document)
        path = place_of(code, component, node, self._document) if code else "" if space is None else space.path
        return self._step(component.name, "" if space is None else space.written, path, code)

    def _left_out(self, name: str, node: EndpointNode | None, note: str) -> Step:
        component = next((one for one in self._components if one.name == name), None)
        step = self._step(name, "", "", "") if component is None else self._of(component, node, "")
        return replace(step, outcome="not-asked", note=note)

    def _step(self, name: str, namespace: str, path: str, code: str) -> Step:
        return Step(name, namespace, "refused" if code else "passed", code, path, self._locate(path))

    def _place(self, code: str, component: Component | None, node: EndpointNode | None) -> str:
        if code.startswith(_CORS):
            return self._cors_place(code.removeprefix(_CORS), node, self._document)
        return place_of(code, component, node, self._document)

    def _locate(self, path: str) -> Span | None:
        return self._loaded.locate(path, on_key=True) if path else None


def _with_left_out(way: Way, left_out: Mapping[str, str]) -> Way:
    notes = (*way.notes, *dict.fromkeys(left_out.values()))
    names = tuple(name for name in left_out if name not in way.left_out)
    return replace(way, notes=notes, not_judged=(*way.not_judged, *names), left_out={**way.left_out, **left_out})


def _is_up_to_backends(reason: Reason, endpoint: EndpointConfig | None) -> bool:
    if reason.code == NO_HOST.code:  # hosts that are looked up by name
        return endpoint is not None and any(one.sd == "dns" for one in endpoint.backends)
    return reason.code in _BY_BACKENDS


def _status_of(asked: AskedRequest, way: Way, node: EndpointNode | None) -> int:
    """The answer's; 0 where it is a backend's, which is passed on."""
    if asked.logged is not None:
        return asked.logged.status
    reason = way.answered.reason
    is_refused = reason is not None and not reason.code.startswith(_CORS)
    is_passed_on = way.received and not is_refused and node is not None and is_no_op(node.config.output_encoding)
    return 0 if is_passed_on else way.answered.status


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:] + "." if clause else ""
