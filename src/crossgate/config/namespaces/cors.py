"""KrakenD's CORS namespace and `crossgate/cors`, handed to the CORS engine with their paths.

Knows where the two may stand; what they mean is the engine's business.
"""

from collections.abc import Mapping
from typing import Literal

from crossgate.config.document import Namespace
from crossgate.config.host_names import name_lookups
from crossgate.config.report import Report
from crossgate.cors import ABSENT, ConfigError, CorsPolicy, ServiceCors, decode_service_cors

KRAKEND = "security/cors"
OWN = "crossgate/cors"


def decode_cors(namespaces: Mapping[str, Namespace], version: Literal[2, 3], report: Report) -> ServiceCors:
    """The CORS policies of the service."""
    krakend, own = namespaces.get(KRAKEND), namespaces.get(OWN)
    cors = decode_service_cors(
        krakend.value if krakend else ABSENT,
        own.value if own else ABSENT,
        config_version=version,
        krakend_path=krakend.path if krakend else "$",
        crossgate_path=own.path if own else "$",
        lookups=name_lookups(),
    )
    report.extend(cors.diagnostics)
    return cors


def decode_endpoint_cors(cors: ServiceCors, namespace: Namespace | None, report: Report) -> CorsPolicy | None:
    """The policy of an endpoint that has one of its own; None where the service's holds."""
    if namespace is None:
        return None
    try:
        policy = cors.for_endpoint(namespace.value, path=namespace.path)
    except ConfigError as error:
        report.extend(error.diagnostics)
        return None
    report.extend(policy.diagnostics)
    return policy
