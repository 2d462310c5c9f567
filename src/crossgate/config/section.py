"""One object of a file (the service, an endpoint, a backend) as a component decodes its share of it.

Knows how namespaces are opened and how a guard that cannot be built closes what it guards; does not know any component.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields
from crossgate.config.keys import KeyTable
from crossgate.config.model import BackendConfig
from crossgate.config.namespaces.left_out import Scope
from crossgate.config.report import Report
from crossgate.diagnostics.path import child


@dataclass(slots=True)
class Section:
    """The object and what may be needed beside it.

    `namespaces` are those that count, by KrakenD 2's names. `service` and `endpoint` are what the same component made
    of the service and of the endpoint around a backend. `backends` are an endpoint's; `has_claims`: one of
    the components before finds claims in its requests. `closed` collects the names of guards that cannot be built;
    `read_file` raises OSError. `timeout_seconds` is the service's; `url_path` is an endpoint's path, a backend's
    url_pattern. `is_elsewhere`: the file is of another machine, so that only what it says itself can be wrong with it.
    """

    scope: Scope
    path: str
    version: Literal[2, 3]
    report: Report
    namespaces: Mapping[str, Namespace]
    environ: Mapping[str, str]
    read_file: Callable[[str], bytes]
    allow_unsupported: bool = False
    service: Any = None
    backends: tuple[BackendConfig, ...] = ()
    params: tuple[str, ...] = ()
    has_claims: bool = False
    timeout_seconds: float = 2.0
    url_path: str = ""
    is_elsewhere: bool = False
    closed: list[str] = field(default_factory=list)

    def fields(self, name: str, table: KeyTable) -> Fields | None:
        """The keys of a namespace; None where it is absent or no object, which is for the caller to judge."""
        namespace = self.namespaces.get(name)
        if namespace is None or not isinstance(namespace.value, dict):
            return None
        return Fields(namespace.value, namespace.path, table, self.version, self.report)

    def guard_fields(self, name: str, table: KeyTable, *, krakend: str = "") -> "GuardFields":
        """The same of a guard, where a value of the wrong type or a misspelt key could let everybody in: it is closed.

        The namespace has to be there, and an object.
        """
        namespace = self.namespaces[name]
        return self.sub_fields(name, namespace.value, namespace.path, table, krakend=krakend)

    def sub_fields(
        self, name: str, raw: Mapping[str, Any], path: str, table: KeyTable, *, krakend: str = ""
    ) -> "GuardFields":
        """The same of an object within the namespace."""

        def refuse(path: str, message: str, hint: str) -> None:
            self.close(name, path, message, hint=hint, krakend=krakend)

        return GuardFields(raw, path, table, self.version, self.report, refuse)

    def close(self, name: str, path: str, message: str, *, hint: str = "", krakend: str = "") -> None:
        """A guard cannot be built. That prevents the start, or closes what it guards where that was asked for."""
        self.closed.append(name)
        if self.allow_unsupported:
            closes = "every endpoint answers 501" if self.scope == "service" else "the endpoint answers 501"
            self.report.warning("CFG406", path, f"{message}: {closes}", hint=hint, krakend=krakend)
        else:
            self.report.error("CFG406", path, message, hint=hint, krakend=krakend)

    def refuses_everybody(self, path: str, message: str, *, hint: str = "", krakend: str) -> None:
        """A guard that lets nobody in, as in KrakenD: that starts, and everything it guards fails."""
        failing = () if self.scope == "service" else (self.path,)
        self.report.warning("CFG407", path, message, hint=hint, krakend=krakend, failing=failing)


class GuardFields(Fields):
    """Fields that tell `refuse` (path, message, hint) what cannot be read, and of keys that resemble one of theirs."""

    def __init__(
        self,
        raw: Mapping[str, Any],
        path: str,
        table: KeyTable,
        version: Literal[2, 3],
        report: Report,
        refuse: Callable[[str, str, str], None],
    ) -> None:
        self._refuse = refuse
        super().__init__(raw, path, table, version, report)

    def _wrong(self, name: str, reason: str, position: int | str | None = None) -> None:  # noqa: ARG002
        self.broken.add(name)
        path = self.at(name) if position is None else child(self.at(name), position)
        self._refuse(path, f'"{name}" must be {self.words(name)}', "")

    def _unknown(self, written: str, name: str) -> None:
        known = self.table.names[self.version]
        close = get_close_matches(name.lower(), list(known), n=1, cutoff=0.8)
        if close and name not in self.table.names[2 if self.version == 3 else 3]:
            message = f'"{written}" is not a key of {self.table.title}, but looks like a misspelt one'
            key = known[close[0]]
            spelling = key.name if close[0] == key.name.lower() else key.old or key.name
            self._refuse(child(self.path, written), message, f'did you mean "{spelling}"?')
        else:
            super()._unknown(written, name)
