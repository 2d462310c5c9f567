"""The keys of the service, of an endpoint or of a backend. Guards among the unknown ones are put aside.

Knows which unknown keys are guards; what becomes of them is decided where namespaces are sorted.
"""

from collections.abc import Mapping
from typing import Any, Literal

from crossgate.config.fields import Fields
from crossgate.config.keys import KeyTable
from crossgate.config.namespaces.astray import is_guard_astray
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.report import Report


class ObjectFields(Fields):
    """`astray` are the keys as written that are guards, or hold some, and that nobody reads."""

    def __init__(
        self,
        raw: Mapping[str, Any],
        path: str,
        table: KeyTable,
        version: Literal[2, 3],
        report: Report,
        names: Mapping[str, NamespaceSpec],
        overlaid: Mapping[str, str] | None = None,
    ) -> None:
        self.astray: list[str] = []
        self._names = names
        super().__init__(raw, path, table, version, report, overlaid)

    def _unknown(self, written: str, name: str) -> None:
        other: Literal[2, 3] = 2 if self.version == 3 else 3
        if name not in self.table.names[other] and is_guard_astray(written, self.raw[written], self._names):
            self.astray.append(written)
        else:
            super()._unknown(written, name)
