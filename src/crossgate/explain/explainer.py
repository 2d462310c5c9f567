"""Explains requests to one configuration: asks the stand, finds the lines, says the change.

Knows loaded files and the stand; does not know pages, the command line, or how explanations are shown.
"""

from collections.abc import Mapping, Sequence
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
from crossgate.explain.explanation import Answer, Change, Explanation
from crossgate.explain.items import item_of
from crossgate.explain.keys import parts_of, token_of, validator_of
from crossgate.explain.onward import Found, Onward, is_up_to_backends, same_path, sentence
from crossgate.explain.places import Refused, namespace_of, node_of, owner_of_code
from crossgate.explain.raised import raised_for
from crossgate.explain.sizes import has_long_head
from crossgate.explain.steps import CORS, CorsPlace, Steps
from crossgate.explain.untrusted import Untrusted
from crossgate.explain.way import Way, Ways
from crossgate.http.reason import CORE_REASONS, NOT_RUN, Reason
from crossgate.plan.stages import is_no_op
from crossgate.server.cors_reasons import CORS_REASONS
from crossgate.testing.answered import Answered

_ANSWERED_OTHERWISE = (
    "When it was recorded, the answer was {}: from the backend, or from the gateway for a reason that one "
    "request cannot show, such as a rate limit."
)


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
        self._steps = Steps(document, self._components, cors_place, self._locate)
        self._untrusted = untrusted
        self._ways = Ways(config, components, environ, now_seconds, given_keys, are_files_unread=untrusted is not None)
        self._onward = Onward(self._ways, document, self._found, self._locate)
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
        if reason is not None and is_up_to_backends(reason, endpoint) and asked.logged is None:
            notes.append(f"Whether it succeeds is up to the backend's answer ({reason.code} otherwise).")
            reason = None
            way = replace(way, answered=replace(way.answered, status=0))
        node = node_of(endpoint, self._document)
        if reason is None:
            return self._passing(asked, way, node, notes)
        return self._refused(asked, way, endpoint, node, reason, notes)

    def takes(self, asked: AskedRequest) -> bool:
        """Whether an endpoint has the path of a request, by whichever method."""
        own = self._ways.endpoint_at(asked.method, asked.target)
        return own is not None or bool(same_path(self._ways, asked))

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
        elif asked.answered >= 400:
            notes.append(_ANSWERED_OTHERWISE.format(asked.answered))
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
            steps=self._steps.of(way, node, None),
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
        found = self._found(self._ways, asked, way, endpoint, node, reason)
        if reason.code == NOT_RUN.code:
            about = [one.message for one in self._loaded.diagnostics if found.path and one.path.startswith(found.path)]
            found = replace(found, detail=sentence(about[0]) if about else found.detail)
        span = self._locate(found.path)
        steps = self._steps.of(way, node, found.refused)
        if found.item and steps:
            steps = (*steps[:-1], replace(steps[-1], path=found.path, span=span))
        then, passes_then = (
            self._onward.then(asked, way, endpoint, found) if found.change and asked.logged is None else ((), False)
        )
        return Explanation(
            asked,
            "refused",
            _status_of(asked, way, node),
            way.answered.route,
            "" if node is None else node.config.method,
            "" if node is None else node.path,
            self._locate("" if node is None else node.at("endpoint")),
            reason.code,
            sentence(reason.says),
            found.detail,
            found.path,
            span,
            Change(found.change, found.path, span, found.setting) if found.change else None,
            then,
            passes_then,
            steps,
            way.received,
            tuple(notes),
            way.not_judged,
            self._ends(node),
        )

    def _found(
        self,
        ways: Ways,
        asked: AskedRequest,
        way: Way,
        endpoint: EndpointConfig | None,
        node: EndpointNode | None,
        reason: Reason,
    ) -> Found:
        """Where a refusal is from, and what would change it."""
        others = same_path(ways, asked) if reason.code == "route.method" else ()
        shown = node or (node_of(others[0], self._document) if others else None)
        component = owner_of_code(reason.code, self._components)
        refused = self._refusal(reason.code, shown, endpoint, asked, way.answered)
        space = None if component is None else namespace_of(component, shown, self._document, refused)
        item = item_of(reason.code, space, shown, asked, way.answered)
        path = item or self._steps.place(component, refused)
        raised = raised_for(reason.code, asked, space, node, self._document, path)
        if raised is not None:
            return Found(refused, component, item, path, raised.detail, raised.change, raised.setting, others)
        refusal = Refusal(reason, asked, way.answered, endpoint, node, self._document, others, item)
        detail, change = change_for(refusal)
        return Found(refused, component, item, path, detail, change, setting_for(refusal), others)

    def _ends(self, node: EndpointNode | None) -> tuple[tuple[End, Span | None], ...]:
        return tuple((end, self._locate(end.path)) for end in possible_ends(node, self._document))

    def _locate(self, path: str) -> Span | None:
        return self._loaded.locate(path, on_key=True) if path else None

    def _refusal(
        self,
        code: str,
        node: EndpointNode | None,
        endpoint: EndpointConfig | None,
        asked: AskedRequest,
        answered: Answered,
    ) -> Refused:
        """What is known of it, for who looks for its place. A log's may be another than what the file answers now."""
        stood = answered.stood if answered.reason is not None and answered.reason.code == code else None
        validator = None if endpoint is None else validator_of(endpoint)
        claims = {} if validator is None else parts_of(token_of(asked, validator))[1]
        return Refused(code, node, stood, claims, has_long_head(asked, self._ways.config.limits))


def _with_left_out(way: Way, left_out: Mapping[str, str]) -> Way:
    notes = (*way.notes, *dict.fromkeys(left_out.values()))
    names = tuple(name for name in left_out if name not in way.left_out)
    return replace(way, notes=notes, not_judged=(*way.not_judged, *names), left_out={**way.left_out, **left_out})


def _status_of(asked: AskedRequest, way: Way, node: EndpointNode | None) -> int:
    """The answer's; 0 where it is a backend's, which is passed on."""
    if asked.logged is not None:
        return asked.logged.status
    reason = way.answered.reason
    is_refused = reason is not None and not reason.code.startswith(CORS)
    is_passed_on = way.received and not is_refused and node is not None and is_no_op(node.config.output_encoding)
    return 0 if is_passed_on else way.answered.status
