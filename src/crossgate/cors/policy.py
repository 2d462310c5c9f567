"""CORS policies, compiled: what is asked of them per request costs the same however many origins they allow."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from crossgate.cors.config import CorsConfig
from crossgate.cors.decision import Decision
from crossgate.cors.rules.written import NameLookups
from crossgate.diagnostics import Diagnostic


class CorsPolicy:
    """A compiled, immutable CORS policy."""

    __slots__ = ("config", "diagnostics")
    config: CorsConfig
    diagnostics: tuple[Diagnostic, ...]

    def __init__(
        self,
        *,
        allow_origins: Sequence[str],
        allow_methods: Sequence[str] = (),
        allow_headers: Sequence[str] = (),
        expose_headers: Sequence[str] = (),
        max_age: int | None = None,
        allow_credentials: bool = False,
        allow_private_network: bool = False,
        preflight_status: int = 204,
        options_passthrough: bool = False,
        upstream: Literal["strip", "pass", "prefer"] = "strip",
        report_only: bool = False,
    ) -> None:
        raise NotImplementedError

    @classmethod
    def from_krakend(
        cls, obj: Any, *, config_version: Literal[2, 3], path: str = "$", lookups: NameLookups | None = None
    ) -> "CorsPolicy":
        """The policy of a KrakenD CORS block."""
        raise NotImplementedError

    def decide(self, method: bytes, fields: Iterable[tuple[bytes, bytes]]) -> Decision:
        """The decision about one request."""
        raise NotImplementedError
