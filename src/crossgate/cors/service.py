"""The CORS policies of a whole configuration file: KrakenD's block with `crossgate/cors` laid over it."""

from typing import Any, Literal

from crossgate.cors.policy import CorsPolicy
from crossgate.cors.rules.written import NameLookups
from crossgate.diagnostics import Diagnostic

ABSENT: Any = object()


class ServiceCors:
    """What a file says about CORS. `default` is None where CORS is off, and where `diagnostics` has errors."""

    default: CorsPolicy | None
    policies: dict[str, CorsPolicy]
    diagnostics: tuple[Diagnostic, ...]

    def for_endpoint(self, obj: Any, *, path: str = "$") -> CorsPolicy:
        """The policy of an endpoint with this `crossgate/cors` object. Raises ConfigError."""
        raise NotImplementedError


def decode_service_cors(
    krakend: Any = ABSENT,
    crossgate: Any = ABSENT,
    *,
    config_version: Literal[2, 3],
    krakend_path: str = "$",
    crossgate_path: str = "$",
    lookups: NameLookups | None = None,
) -> ServiceCors:
    """Decodes the objects of both namespaces; ABSENT where a file does not have one. Never raises."""
    raise NotImplementedError
