"""Why the gateway answers a request itself, in a closed vocabulary: what a reason is, and those of the gateway's core.

Components bring theirs (`Component.reasons`); those of CORS are `crossgate.cors`'s, under `cors.`. Knows no requests.
"""

from typing import NamedTuple


class Reason(NamedTuple):
    """One reason. `code` is stable and goes into logs, metrics and `X-Crossgate-Reason`; two words with a dot between.

    `says` is what happened, a clause about the request; `remedy` is a sentence on what to do. Neither holds anything
    that a client sent.
    """

    code: str
    says: str
    remedy: str


NO_ROUTE = Reason(
    "route.none",
    "no endpoint has this path",
    "Ask for one of the paths that `crossgate plan` lists, or add an endpoint.",
)
METHOD_NOT_ALLOWED = Reason(
    "route.method",
    "the path has endpoints, but none for this method",
    "Use a method of the `Allow` field, or add an endpoint with this path and method.",
)
NOT_RUN = Reason(
    "route.not-run",
    "the endpoint needs a guard that crossgate does not run",
    "See what `crossgate check` says of it, and give the endpoint a guard that is run.",
)
LED_ELSEWHERE = Reason(
    "route.led-elsewhere",
    "a plugin led the request to an endpoint that has a CORS policy of its own",
    "Have the plugin lead it there by `rewrite()`, which is asked before CORS.",
)
ONLY_SHADOWS = Reason(
    "route.only-shadows",
    "all backends of the endpoint are shadows, so that nothing answers",
    'Take `"shadow": true` from one of its backends.',
)
BAD_TARGET = Reason(
    "path.invalid",
    "the path is no path: it has a wrong escape, or leads out of itself",
    "Send `%25` for a percent sign, and no empty or dot segments.",
)
UNSAFE_VALUE = Reason(
    "path.unsafe-value",
    "a value of the request would lead a backend's path somewhere else",
    "Send a value without slashes, dots alone, or control characters where `url_pattern` has a parameter.",
)
INVALID_URL = Reason(
    "path.invalid-url",
    "with the request's values in it, a backend's URL is none",
    "Send values that a URL can hold.",
)
MALFORMED = Reason(
    "request.malformed",
    "the request is no HTTP, or framed in a way that could be read in two ways",
    "See the response's body for what is wrong, and mend the client.",
)
UNKNOWN_METHOD = Reason("request.method-unknown", "the method is none that HTTP has", "Use a method that HTTP has.")
UNKNOWN_CODING = Reason(
    "request.coding-unknown",
    "the body comes in a transfer coding other than chunked",
    "Send the body chunked or with a Content-Length.",
)
UNKNOWN_VERSION = Reason("request.version-unknown", "the version is not HTTP/1.0 or 1.1", "Send HTTP/1.1.")
EXPECTATION = Reason("request.expectation", "`Expect` asks for something else than 100-continue", "Leave `Expect` out.")
REQUEST_TIMEOUT = Reason(
    "request.timeout",
    "the request did not arrive in time",
    "Send it faster, or raise `read_timeout` or `read_header_timeout`.",
)
HEAD_TOO_LARGE = Reason(
    "request.head-too-large",
    "the fields of the request are too many or too long",
    "Send fewer (cookies are mostly why), or raise `max_header_bytes`.",
)
TARGET_TOO_LONG = Reason("request.target-too-long", "path and query are too long", "Send the query as a body.")
BODY_TOO_LARGE = Reason(
    "request.body-too-large",
    "the body is larger than may be kept",
    "Send less at once, or have a `no-op` endpoint pass it on in pieces.",
)
BODY_BROKEN = Reason("request.body-broken", "the body broke off", "Send the request again.")
TOO_MANY_CONNECTIONS = Reason(
    "gateway.connections",
    "the gateway has as many connections as it may",
    "Come again later; add a replica, or raise the bound.",
)
NOT_READY = Reason("gateway.not-ready", "the gateway is draining or not yet ready", "Ask another replica.")
FAILED = Reason(
    "gateway.failed",
    "the gateway has failed, which is a fault of its own",
    "Search the log for the id in the answer, and report it.",
)
ENDPOINT_TIMEOUT = Reason(
    "endpoint.timeout",
    "the endpoint's time was over before its backends had answered",
    "Look at the backend's latency in the metrics, or raise the endpoint's `timeout`.",
)
NO_HOST = Reason("upstream.no-host", "there is no host to ask", "Give the backend a `host`, or look at its discovery.")
NAME_NOT_FOUND = Reason(
    "upstream.name", "the name of a backend's host was not found", "Mend the name in `host`, or the name server."
)
CONNECT_FAILED = Reason(
    "upstream.connect",
    "a backend could not be reached",
    "Start it, or mend host and port in the file; the log has the address.",
)
TLS_FAILED = Reason(
    "upstream.tls",
    "a backend's certificate or its TLS was not accepted",
    "Renew the certificate, or name its authority in `client_tls.ca_certs`.",
)
CLOSED = Reason(
    "upstream.closed", "a backend closed the connection before it had answered", "Look into the backend's log."
)
UPSTREAM_MALFORMED = Reason(
    "upstream.malformed", "what a backend answered is no HTTP that may be passed on", "Mend the backend."
)
UPSTREAM_TIMEOUT = Reason(
    "upstream.timeout", "a backend took too long", "Look into the backend, or raise the backend's `timeout`."
)
UPSTREAM_BUSY = Reason(
    "upstream.busy",
    "all connections that the backend's host may have are taken",
    "Raise `max_connections` of the host, or add one.",
)
UPSTREAM_REQUEST = Reason(
    "upstream.request", "what a backend was to be sent cannot be sent", "See the log for what is wrong with it."
)
UPSTREAM_STATUS = Reason(
    "upstream.status", "a backend answered with a status that is no success", "See the log for status and address."
)
UPSTREAM_UNDECODABLE = Reason(
    "upstream.undecodable",
    "what a backend answered is not in the encoding that the file names",
    "Mend `encoding` of the backend, or the backend.",
)

CORE_REASONS = tuple(value for value in globals().copy().values() if isinstance(value, Reason))
"""All of this file."""
