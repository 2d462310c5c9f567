"""The keys of the service, of an endpoint or of a backend. Guards among the unknown ones are put aside.

Knows which unknown keys are guards; what becomes of them is decided where namespaces are sorted.
"""

from collections.abc import Mapping
from typing import Any, Literal

from crossgate.config.fields import Fields
from crossgate.config.keys import KeyTable
from crossgate.config.namespaces.astray import holds_guards, is_guard_astray
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.report import Report
from crossgate.diagnostics.path import child

_NAME = "extra_config"
_LENGTH = len(_NAME)


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
        elif written in self._names:
            message, hint = f'"{written}" has no effect here: it is a namespace', 'move it into "extra_config"'
            path = child(self.path, written)
            self.report.warning("CFG205", path, message, hint=hint, krakend="ignores it silently", on_key=True)
        else:
            super()._unknown(written, name)

    @property
    def overridden(self) -> list[str]:
        """Spellings of `extra_config` that another one beside them overrides although they hold guards."""
        counts = self.keys.get(_NAME)
        spellings = [key for key in self.raw if len(key) == _LENGTH and key.lower() == _NAME and key != counts]
        return [key for key in spellings if holds_guards(key, self.raw[key], self._names)]
