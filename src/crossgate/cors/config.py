"""What a CORS policy is asked for, whoever asks: a KrakenD file of either version, `crossgate/cors`, or Python code.

A value of these types is valid. Knows no requests and no header text; defaults were filled in by the decoders.
"""

from dataclasses import dataclass
from enum import StrEnum

from crossgate.diagnostics import Diagnostic, Severity


class ConfigError(ValueError):
    """A policy that must not exist. `diagnostics` has all problems found, warnings and notes included, errors first."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: d.severity is not Severity.ERROR))
        super().__init__("\n".join(_line(diagnostic) for diagnostic in self.diagnostics))


def _line(diagnostic: Diagnostic) -> str:
    hint = f" (hint: {diagnostic.hint})" if diagnostic.hint else ""
    return f"{diagnostic.severity}[{diagnostic.code}] at {diagnostic.path}: {diagnostic.message}{hint}"


class Dialect(StrEnum):
    """Whose request semantics hold: how methods and requested headers compare, what a plain OPTIONS gets."""

    KRAKEND_1_4 = "krakend-1.4"
    KRAKEND_2_13 = "krakend-2.13"
    FETCH = "fetch"


class OriginGrammar(StrEnum):
    """How the entries of `allow_origins` are read."""

    KRAKEND = "krakend"  # the first `*` of an entry stands for any text
    SAFE = "safe"  # exact serialized origins, `https://*.example.com`, `…:*`, `*`


class Upstream(StrEnum):
    """What becomes of CORS fields that a backend or a wrapped application set itself, on actual responses."""

    STRIP = "strip"
    PASS = "pass"  # noqa: S105 - the configuration's word, no password
    PREFER = "prefer"


@dataclass(frozen=True, slots=True)
class CorsConfig:
    """What a policy is asked for.

    `allow_origins` are the entries as written, in order: the item at `allow_origins[i]` of the document is entry i.
    `any_origin` says that any origin is allowed (`*`, or KrakenD's default where the key is missing or empty); no entry
    and no `any_origin` allows none. `allow_methods` and `allow_headers` are effective: defaults filled in, in the
    letters written. `max_age_seconds` is the number for the field, None for no field. `rules` are tried in order before
    the policy's own keys; they have no rules themselves. `enabled` is False only for a block that KrakenD 1.4 takes for
    absent.
    """

    allow_origins: tuple[str, ...]
    any_origin: bool
    allow_methods: tuple[str, ...]
    allow_headers: tuple[str, ...]
    any_header: bool
    any_method: bool = False
    expose_headers: tuple[str, ...] = ()
    max_age_seconds: int | None = None
    allow_credentials: bool = False
    allow_private_network: bool = False
    options_passthrough: bool = False
    preflight_status: int = 204
    debug: bool = False
    dialect: Dialect = Dialect.FETCH
    origin_grammar: OriginGrammar = OriginGrammar.SAFE
    upstream: Upstream = Upstream.STRIP
    report_only: bool = False
    rules: "tuple[CorsConfig, ...]" = ()
    enabled: bool = True
