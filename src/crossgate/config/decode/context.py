"""What all decoders of one run share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from crossgate.config.component import namespaces_by_any_name
from crossgate.config.decode.decoders import Decoders
from crossgate.config.decode.object_fields import ObjectFields
from crossgate.config.fields import Fields, report_choice
from crossgate.config.model import NOTHING, BackendConfig
from crossgate.config.namespaces.left_out import Scope, report_astray
from crossgate.config.namespaces.scope import ExtraConfig, sort_namespaces
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.read_file import NotedFiles, read_bytes
from crossgate.config.report import Report
from crossgate.config.section import Section
from crossgate.cors import ServiceCors
from crossgate.diagnostics.path import child
from crossgate.golang.header_name import canonical_header_name

header_name = lru_cache(maxsize=1024)(canonical_header_name)
"""The name as Go writes it. A file has the same few again and again; what clients send is not to be remembered."""


@dataclass(frozen=True, slots=True)
class Context:
    """The service's settings that endpoints and backends inherit, and where problems go.

    `of_service` is what components made of the service. `closed_by` names the service's guards that are not run or
    cannot be built, `https_closed_by` those that hold for https backends only. `preview`: a version 4
    file, read as version 3.
    """

    version: Literal[2, 3]
    report: Report
    allow_unsupported: bool = False
    disable_rest: bool = False
    timeout_ns: int = 2_000_000_000
    cache_ttl_ns: int = 0
    output_encoding: str = ""
    hosts: tuple[str, ...] = ()
    cors: ServiceCors | None = None
    decoders: Decoders = field(default_factory=lambda: Decoders((), NOTHING))
    names: Mapping[str, NamespaceSpec] = field(default_factory=lambda: namespaces_by_any_name(()))
    environ: Mapping[str, str] = field(default_factory=dict)
    read_file: NotedFiles = field(default_factory=lambda: NotedFiles(read_bytes))
    is_elsewhere: bool = False
    of_service: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    preview: bool = False
    closed_by: tuple[str, ...] = ()
    https_closed_by: tuple[str, ...] = ()

    def extra_config(self, fields: ObjectFields, scope: Scope) -> ExtraConfig:
        """The namespaces of an object that count there, and the guards that are not run."""
        found = self._sorted(fields, scope)
        astray = (*fields.astray, *fields.overridden)
        for written in astray:
            path = child(fields.path, written)
            report_astray(written, path, scope, self.report, allow_unsupported=self.allow_unsupported)
        found.unsupported += astray
        return found

    def _sorted(self, fields: ObjectFields, scope: Scope) -> ExtraConfig:
        extra = fields.object("extra_config")
        if not extra:
            return ExtraConfig()
        return sort_namespaces(
            extra,
            fields.at("extra_config"),
            scope,
            self.version,
            self.report,
            names=self.names,
            allow_unsupported=self.allow_unsupported,
            preview=self.preview,
        )

    def decode_components(
        self,
        scope: Scope,
        path: str,
        extra: ExtraConfig,
        *,
        backends: tuple[BackendConfig, ...] = (),
        params: tuple[str, ...] = (),
        url_path: str = "",
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What components make of an object, by their names, and the namespaces of guards that cannot be built."""
        values: dict[str, Any] = {}
        closed: list[str] = []
        asked = self.decoders.of(scope, extra.counting)
        if not asked:
            return values, ()
        section = Section(
            scope,
            path,
            self.version,
            self.report,
            extra.counting,
            self.environ,
            self.read_file,
            allow_unsupported=self.allow_unsupported,
            backends=backends,
            params=params,
            timeout_seconds=self.timeout_ns / 1e9,
            url_path=url_path,
            is_elsewhere=self.is_elsewhere,
        )
        of_service = self.of_service
        for component, decode in asked:
            section.service = of_service.get(component.name)
            value = decode(section)
            if value is not None:
                values[component.name] = value
                section.has_claims = section.has_claims or component.gives_claims
            if section.closed:
                closed += section.closed
                section.closed = []
        return values, tuple(closed)


def cut(text: Any) -> str:
    """A value of the file as a message shows it: not endless."""
    shown = str(text)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def check_choice(fields: Fields, name: str, value: str, choices: tuple[str, ...], krakend: str) -> None:
    """Warn of a value that falls back to a default."""
    if value and value not in choices and name in fields.keys:
        report_choice(fields, name, value, choices, krakend)
