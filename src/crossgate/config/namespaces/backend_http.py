"""The `backend/http` and `backend/http/client` namespaces of a backend.

KrakenD looks the keys up by their exact names and drops what has another type. Source: lura v2
`transport/http/client/status.go`.
"""

from typing import Literal, NamedTuple

from crossgate.config.document import Namespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.namespaces.opened import open_namespace
from crossgate.config.report import Report

HTTP_KEYS = KeyTable(
    "backend/http",
    Manner.EXACT,
    (
        Key("return_error_details", Kind.TEXT, "Show the backend's error under `error_` and this name."),
        Key("return_error_code", Kind.BOOLEAN, "Hand the backend's status on to the client.", False),
    ),
)
CLIENT_KEYS = KeyTable(
    "backend/http/client",
    Manner.EXACT,
    (
        Key("send_body_on_redirect", Kind.BOOLEAN, "Repeat the body when a 307 or 308 is followed.", False),
        Key("no_redirect", Kind.BOOLEAN, "Enterprise: do not follow redirects (not run by crossgate).", False),
        Key("proxy_address", Kind.TEXT, "Enterprise: an HTTP proxy (not run by crossgate)."),
        Key("client_tls", Kind.OBJECT, "Enterprise: TLS of this backend (not run by crossgate)."),
    ),
)
_ENTERPRISE = ("no_redirect", "proxy_address", "client_tls")


class BackendHttp(NamedTuple):
    """What both namespaces say."""

    return_error_details: str = ""
    return_error_code: bool = False
    send_body_on_redirect: bool = False


def decode_backend_http(
    http: Namespace | None, client: Namespace | None, version: Literal[2, 3], report: Report
) -> BackendHttp:
    """The two namespaces, or the defaults where they are absent."""
    details, code, resend = "", False, False
    fields = open_namespace(http, HTTP_KEYS, version, report)
    if fields is not None:
        details = fields.text("return_error_details")
        code = fields.boolean("return_error_code")
    fields = open_namespace(client, CLIENT_KEYS, version, report)
    if fields is not None:
        resend = fields.boolean("send_body_on_redirect")
        for name in _ENTERPRISE:
            if fields.get(name):
                message = f'"{name}" belongs to KrakenD Enterprise and is ignored'
                report.warning("CFG217", fields.at(name), message, krakend="the community edition ignores it")
    return BackendHttp(details, code, resend)
