"""`documentation/openapi` as a component: read, kept for `crossgate openapi export`, and no part of any request."""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.components.openapi.config import NAMESPACE, decode_documentation
from crossgate.config.section import Section
from crossgate.plan import Plan


class OpenApi(Component):
    """The component."""

    name = "openapi"
    namespaces = (NAMESPACE,)
    stands_alone = True

    def decode_service(self, section: Section) -> Any:
        """A Documentation, or None."""
        return decode_documentation(section)

    def decode_endpoint(self, section: Section) -> Any:
        """A Documentation, or None."""
        return decode_documentation(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:  # noqa: ARG002
        """Nothing: it is for people."""
        return _Nothing()


class _Nothing(Part):
    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        return True
