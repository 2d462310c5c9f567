"""What a request meets once it is past what refused it: one check after the other, until it passes or nobody can say.

Asks configurations without those checks. Does not know how explanations are shown.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from crossgate.components.component import Component
from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import EndpointConfig
from crossgate.config.setting import Setting
from crossgate.diagnostics import Span
from crossgate.explain.asked import AskedRequest
from crossgate.explain.changes import suggested_path
from crossgate.explain.explanation import Change, Following
from crossgate.explain.items import expression_number
from crossgate.explain.past import Situation, of_endpoint, past_component, past_core
from crossgate.explain.places import Refused, node_of
from crossgate.explain.steps import CORS
from crossgate.explain.way import Way, Ways
from crossgate.http.reason import NO_HOST, Reason

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
_MOST_FOLLOWING = 8
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Found:
    """What a refusal is about; empty texts where that is not known."""

    refused: Refused
    component: Component | None
    item: str
    path: str
    detail: str
    change: str
    setting: Setting | None
    same_path: tuple[EndpointConfig, ...]


Find = Callable[[Ways, AskedRequest, Way, EndpointConfig | None, EndpointNode | None, Reason], Found]
Locate = Callable[[str], Span | None]


@dataclass(frozen=True, slots=True)
class Onward:
    """Of one configuration. `find` says where a refusal is from."""

    ways: Ways
    document: Document
    find: Find
    locate: Locate

    def then(
        self, asked: AskedRequest, way: Way, endpoint: EndpointConfig | None, found: Found
    ) -> tuple[tuple[Following, ...], bool]:
        """The checks that refuse once the ones before are passed, and whether the request passes after them."""
        then: list[Following] = []
        situation: Situation | None = Situation(of_endpoint(self.ways.config, endpoint), asked)
        seen: set[tuple[str, str]] = set()
        while situation is not None and (found.refused.code, found.path) not in seen and len(then) < _MOST_FOLLOWING:
            seen.add((found.refused.code, found.path))
            situation = self._past(situation, way, found)
            if situation is None:
                break
            with replace(self.ways, config=situation.config) as ways:
                way = ways.go(situation.asked)
                endpoint, reason = ways.endpoint_of(way.answered), way.answered.reason
                if reason is None or is_up_to_backends(reason, endpoint):
                    return tuple(then), True
                node = node_of(endpoint, self.document)
                found = self.find(ways, situation.asked, way, endpoint, node, reason)
            situation = replace(situation, config=of_endpoint(situation.config, endpoint))
            meaning = " ".join(filter(None, (sentence(reason.says), found.detail)))
            change = Change(found.change or reason.remedy, found.path, self.locate(found.path), found.setting)
            then.append(Following(reason.code, meaning, change))
        return tuple(then), False

    def _past(self, situation: Situation, way: Way, found: Found) -> Situation | None:
        """Past one check; None where nobody can say what the request would be like."""
        code, asked = found.refused.code, situation.asked
        if code == "route.method" and found.same_path:
            return replace(situation, asked=replace(asked, method=found.same_path[0].method))
        if code == "route.none":
            suggested = suggested_path(asked, self.document)
            if suggested is None:
                return None
            path, method = suggested
            target = path + "".join(asked.target.partition("?")[1:])
            return replace(situation, asked=replace(asked, method=method, target=target))
        if code.startswith(CORS):  # last of all: whoever gets the response has it
            fields = tuple(field for field in asked.fields if field[0].lower() != "origin")
            return replace(situation, asked=replace(asked, fields=fields))
        if found.component is None:
            return past_core(situation, code)
        number = expression_number(way.answered) if code == "cel.request" else None
        return past_component(situation, code, found.component.name, way.answered.stood, found.refused.claims, number)


def same_path(ways: Ways, asked: AskedRequest) -> tuple[EndpointConfig, ...]:
    """The endpoints of the same path and another method."""
    found = [ways.endpoint_at(method, asked.target) for method in _METHODS if method != asked.method]
    return tuple(one for one in found if one is not None)


def is_up_to_backends(reason: Reason, endpoint: EndpointConfig | None) -> bool:
    """Whether a refusal follows from what a backend answers."""
    if reason.code == NO_HOST.code:  # hosts that are looked up by name
        return endpoint is not None and any(one.sd == "dns" for one in endpoint.backends)
    return reason.code in _BY_BACKENDS


def sentence(clause: str) -> str:
    """What a reason says, as a sentence."""
    return clause[:1].upper() + clause[1:] + "." if clause else ""
