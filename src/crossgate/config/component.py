"""What the configuration has to know of a component: its namespaces, their keys, and who decodes them.

Components are handed down by whoever loads a file; no component is known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from crossgate.config.document import Document
from crossgate.config.keys import KeyTable
from crossgate.config.namespaces.left_out import Scope
from crossgate.config.namespaces.table import NAMESPACES, NamespaceSpec, by_any_name
from crossgate.config.section import Section
from crossgate.diagnostics.rule import Rule


@dataclass(frozen=True)
class ComponentNamespace:
    """One namespace of a component. `keys` are its key tables, by the scope in which it may stand.

    `old` are its names in version 2 files, where KrakenD's table does not have them already.
    """

    name: str
    doc: str
    keys: Mapping[Scope, KeyTable]
    old: tuple[str, ...] = ()


class ConfigComponent(Protocol):
    """A component as far as the configuration is concerned.

    Each `decode_` gives a frozen value, or None where the component has nothing to do there. That of the service is
    always asked; those of endpoints and backends where one of the component's namespaces stands, and of all where it
    has a value for the service.
    """

    @property
    def name(self) -> str:
        """Its own name, under which the model keeps its values."""

    @property
    def namespaces(self) -> tuple[ComponentNamespace, ...]:
        """The namespaces it runs."""

    @property
    def rules(self) -> tuple[Rule[Document], ...]:
        """Lint rules of its own."""

    @property
    def stands_alone(self) -> bool:
        """Whether what it makes of an endpoint or backend depends on nothing but how that is written, the service and
        files that are read for it, and does not say where it stands."""

    @property
    def answers(self) -> bool:
        """Whether it makes the response of endpoints that it has a value for."""

    @property
    def wraps_endpoints(self) -> bool:
        """Whether it stands around the backends of endpoints that it has a value for."""

    @property
    def modifies(self) -> bool:
        """Whether it stands around the merged backends of endpoints that it has a value for."""

    @property
    def gives_claims(self) -> bool:
        """Whether the requests that its gate lets pass, of endpoints that it has a value for, have claims."""

    @property
    def wraps_calls(self) -> bool:
        """Whether it stands around the calls of backends that it has a value for."""

    @property
    def guards_calls(self) -> bool:
        """Whether it does so without looking at what is called or answered."""

    def decode_service(self, section: Section) -> Any:
        """What it makes of the service."""

    def decode_endpoint(self, section: Section) -> Any:
        """What it makes of an endpoint."""

    def decode_backend(self, section: Section) -> Any:
        """What it makes of a backend."""


def namespaces_by_any_name(components: Sequence[ConfigComponent]) -> dict[str, NamespaceSpec]:
    """Every namespace by every name that either version uses. What a component runs is run."""
    specs = {spec.name: spec for spec in NAMESPACES}
    for component in components:
        for namespace in component.namespaces:
            known = specs.get(namespace.name)
            scopes = tuple(namespace.keys)
            known = known or NamespaceSpec(namespace.name, namespace.old, scopes, guard=True)
            old = namespace.old or known.old
            specs[namespace.name] = replace(known, old=old, scopes=scopes, run=True, doc=namespace.doc)
    return by_any_name(specs.values())


def component_keys(components: Sequence[ConfigComponent]) -> dict[tuple[str, str], KeyTable]:
    """The key tables of components, by scope and name."""
    return {
        (scope, namespace.name): table
        for component in components
        for namespace in component.namespaces
        for scope, table in namespace.keys.items()
    }
