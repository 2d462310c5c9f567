"""`modifier/martian` as a component: around what calls a backend."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.martian.config import NAMESPACE, MartianConfig, decode_martian
from crossgate.components.martian.reasons import REASONS
from crossgate.config.section import Section
from crossgate.pipeline.go_client import Client
from crossgate.plan import BackendPlan, EndpointPlan, Plan


class Martian(Component):
    """The component."""

    name = "martian"
    namespaces = (NAMESPACE,)
    stands_alone = True
    reasons = REASONS
    deviations = ("DEV-MARTIAN-1", "DEV-MARTIAN-2")

    def decode_backend(self, section: Section) -> MartianConfig | None:
        """A MartianConfig, or None."""
        return decode_martian(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's modifiers."""
        return _MartianPart(plan, surroundings)


class _MartianPart(Part):
    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        self._agent = plan.identity.http_client.encode()
        self._asks_gzip = not plan.upstream.disable_compression
        self._random = surroundings.random

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        return True

    def around_client(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:  # noqa: ARG002
        from crossgate.components.martian.client import build_modified
        from crossgate.components.martian.parse import parse_modifier

        modifier = parse_modifier(value.modifier, self._random)
        asks_gzip = self._asks_gzip and backend.method != "HEAD"
        return build_modified(client, modifier, agent=self._agent, asks_gzip=asks_gzip)
