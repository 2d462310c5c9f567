"""The answer to who is refused: 503, and when to come again. Bare, or with a body in honest style (RFC 9457)."""

from collections.abc import Callable

from crossgate.components.overload.reasons import FULL
from crossgate.http.message import Fields, Response

_BODY = (
    b'{"detail":"the gateway has more to do than it can",'
    b'"status":503,"title":"Service Unavailable","type":"about:blank"}'
)


def refusal(retry_after_seconds: int, *, is_honest: bool) -> Callable[[], Response]:
    """What makes such answers."""
    fields: Fields = [(b"retry-after", b"%d" % retry_after_seconds)]
    if is_honest:
        fields.append((b"content-type", b"application/problem+json"))
    body = _BODY if is_honest else b""
    return lambda: Response(503, list(fields), body, reason=FULL)
