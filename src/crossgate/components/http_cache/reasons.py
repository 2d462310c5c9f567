"""Why a cache answers itself."""

from crossgate.http.reason import Reason

ONLY_IF_CACHED = Reason(
    "cache.only-if-cached",
    "the client asks for a cached response only, and there is none",
    "Remove `only-if-cached` from the request's `Cache-Control`.",
)

REASONS = (ONLY_IF_CACHED,)
