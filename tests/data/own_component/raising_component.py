"""A component as another distribution would bring it, with a bug: its gate raises, for every request."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import KeyTable, Manner
from crossgate.config.section import Section
from crossgate.http.gate import Gate, GateView
from crossgate.plan import EndpointPlan, Plan

NAME = "example/raises"


class Raising(Component):
    name = "raising"
    namespaces = (ComponentNamespace(NAME, "Raises.", {"endpoint": KeyTable(NAME, Manner.OWN, ())}),)

    def decode_endpoint(self, section: Section) -> Any:
        return True if NAME in section.namespaces else None

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        return RaisingPart()


class RaisingPart(Part):
    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        return (RaisingGate(),)


class RaisingGate:
    reads: frozenset[bytes] = frozenset()
    params: tuple[str, ...] = ()

    def __call__(self, view: GateView) -> None:
        raise LookupError("a bug")
