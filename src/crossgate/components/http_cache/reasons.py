"""Why a cache answers itself."""

from crossgate.http.reason import Reason

ONLY_IF_CACHED = Reason(
    "cache.only-if-cached",
    "nothing is kept that answers this, and the client asks for nothing else",
    "Leave `only-if-cached` out of `Cache-Control`.",
)

REASONS = (ONLY_IF_CACHED,)
