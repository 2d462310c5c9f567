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
    "Request a path that `crossgate plan` lists, or add an endpoint.",
)
METHOD_NOT_ALLOWED = Reason(
    "route.method",
    "the path has endpoints, but none for this method",
    "Use a method that the `Allow` header lists, or add an endpoint with this path and method.",
)
NOT_RUN = Reason(
    "route.not-run",
    "the endpoint is protected by a component that crossgate does not run",
    "See what `crossgate check` reports for it, and protect the endpoint with a supported component.",
)
LED_ELSEWHERE = Reason(
    "route.led-elsewhere",
    "a plugin sent the request to an endpoint that has a CORS policy of its own",
    "Change the path in the plugin's `rewrite()`, which runs before CORS.",
)
ONLY_SHADOWS = Reason(
    "route.only-shadows",
    "all backends of the endpoint are shadow backends, so there is nothing to return",
    'Remove `"shadow": true` from one of its backends.',
)
BAD_TARGET = Reason(
    "path.invalid",
    "the path is not valid: it has a bad percent-escape or unsafe dot segments",
    "Write a percent sign as `%25`, and leave out empty and dot segments.",
)
UNSAFE_VALUE = Reason(
    "path.unsafe-value",
    "a value from the request would change the path that the backend is asked for",
    "In values that `url_pattern` uses, do not send slashes, control characters, or only dots.",
)
INVALID_URL = Reason(
    "path.invalid-url",
    "the request's values make the backend's URL invalid",
    "Send values that are valid in a URL.",
)
MALFORMED = Reason(
    "request.malformed",
    "the request is not valid HTTP, or where it ends is ambiguous",
    "The response body says what is wrong. Fix the client.",
)
UNKNOWN_METHOD = Reason("request.method-unknown", "the method is not an HTTP method", "Use a standard HTTP method.")
UNKNOWN_CODING = Reason(
    "request.coding-unknown",
    "the body has a transfer coding other than chunked",
    "Send the body chunked, or with a `Content-Length`.",
)
UNKNOWN_VERSION = Reason("request.version-unknown", "the HTTP version is not 1.0 or 1.1", "Use HTTP/1.1.")
EXPECTATION = Reason(
    "request.expectation", "`Expect` has a value other than 100-continue", "Remove the `Expect` header."
)
REQUEST_TIMEOUT = Reason(
    "request.timeout",
    "the request did not arrive in time",
    "Check the client's connection, or raise `read_timeout` or `read_header_timeout` of the service.",
)
HEAD_TOO_LARGE = Reason(
    "request.head-too-large",
    "the request has too many headers, or they are too long",
    "Send fewer or shorter headers (large cookies are the usual cause), or raise `max_header_bytes` of "
    "the service, or `max_head_bytes` or `max_headers` of `crossgate/server`.",
)
TARGET_TOO_LONG = Reason(
    "request.target-too-long",
    "the URL is too long",
    "Send the data in the body, or raise `max_target_bytes` of `crossgate/server`.",
)
BODY_TOO_LARGE = Reason(
    "request.body-too-large",
    "the body is larger than the gateway accepts",
    "Send a smaller body, raise `max_body_bytes` of `crossgate/server`, or use a `no-op` endpoint: it "
    "streams the body, where others hold at most 64 MiB.",
)
BODY_BROKEN = Reason("request.body-broken", "the body ended early", "Send the request again.")
NOT_READ = Reason(
    "response.not-read",
    "the client did not read the response in time, so it was cut off",
    "Check the client and the network, or raise `write_timeout` of `crossgate/server`.",
)
TOO_MANY_CONNECTIONS = Reason(
    "gateway.connections",
    "the gateway, or this client, has too many connections open",
    "Try again later. Add a replica, or raise `max_connections` or `max_connections_per_client` of `crossgate/server`.",
)
NOT_READY = Reason(
    "gateway.not-ready", "the gateway is shutting down or not yet ready", "Send the request to another replica."
)
FAILED = Reason(
    "gateway.failed",
    "the gateway itself failed: this is a bug in crossgate",
    "Search the log for the id in the response, and report the bug.",
)
ENDPOINT_TIMEOUT = Reason(
    "endpoint.timeout",
    "the backends did not answer within the endpoint's timeout",
    "Check the backends' latency in the metrics, or raise the endpoint's `timeout`.",
)
NO_HOST = Reason(
    "upstream.no-host", "the backend has no host to call", "Give the backend a `host`, or check its service discovery."
)
NAME_NOT_FOUND = Reason(
    "upstream.name", "DNS has no address for a backend's host", "Correct the name in `host`, or check DNS."
)
CONNECT_FAILED = Reason(
    "upstream.connect",
    "a backend could not be reached",
    "Check that it runs, and that `host` has the right address and port. The log has the address.",
)
TLS_FAILED = Reason(
    "upstream.tls",
    "the TLS handshake with a backend failed",
    "Check that the certificate is valid for the name in `host` and has not expired. For a private CA, "
    "set `SSL_CERT_FILE` in the gateway's environment. The log has the error.",
)
CLOSED = Reason(
    "upstream.closed", "a backend closed the connection before its response was complete", "Check the backend's log."
)
UPSTREAM_MALFORMED = Reason(
    "upstream.malformed", "a backend's response is not valid HTTP", "Fix the backend. The log has the error."
)
UPSTREAM_TIMEOUT = Reason(
    "upstream.timeout",
    "a backend took too long to answer",
    "Check the backend's latency, or raise the endpoint's `timeout`.",
)
UPSTREAM_BUSY = Reason(
    "upstream.busy",
    "all connections allowed to the backend's host are in use",
    "Raise `hosts.max_connections` of `crossgate/overload`, or add a host.",
)
UPSTREAM_REQUEST = Reason(
    "upstream.request", "the request to a backend would not be valid HTTP", "The log says what is wrong with it."
)
UPSTREAM_STATUS = Reason(
    "upstream.status",
    "a backend answered with an error status",
    "Check the backend: the log has its status and address.",
)
UPSTREAM_UNDECODABLE = Reason(
    "upstream.undecodable",
    "a backend's response cannot be decoded with the backend's `encoding`",
    "Correct the backend's `encoding`, or fix the backend.",
)

CORE_REASONS = tuple(value for value in globals().copy().values() if isinstance(value, Reason))
"""All of this file."""
