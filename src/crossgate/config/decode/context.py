"""What all decoders of one run share."""

from dataclasses import dataclass
from typing import Any, Literal

from crossgate.config.fields import Fields
from crossgate.config.namespaces.scope import ExtraConfig, Scope, sort_namespaces
from crossgate.config.report import Report
from crossgate.cors import ServiceCors


@dataclass(frozen=True, slots=True)
class Context:
    """The service's settings that endpoints and backends inherit, and where problems go."""

    version: Literal[2, 3]
    report: Report
    allow_unsupported: bool = False
    disable_rest: bool = False
    timeout_ns: int = 2_000_000_000
    cache_ttl_ns: int = 0
    output_encoding: str = ""
    hosts: tuple[str, ...] = ()
    cors: ServiceCors | None = None

    def extra_config(self, fields: Fields, scope: Scope) -> ExtraConfig:
        """The namespaces of an object that count there."""
        extra = fields.object("extra_config")
        if not extra:
            return ExtraConfig()
        return sort_namespaces(
            extra,
            fields.at("extra_config"),
            scope,
            self.version,
            self.report,
            allow_unsupported=self.allow_unsupported,
        )


def cut(text: Any) -> str:
    """A value of the file as a message shows it: not endless."""
    shown = str(text)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def check_choice(fields: Fields, name: str, value: str, choices: tuple[str, ...], krakend: str) -> None:
    """Warn of a value that falls back to a default."""
    if value and value not in choices and name in fields.keys:
        known = ", ".join(choices)
        fields.report.warning("CFG216", fields.at(name), f'"{cut(value)}" is none of {known}', krakend=krakend)
