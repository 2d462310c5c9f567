"""Which response headers the script may read. Fetch, section 3.3.5 and main fetch's step on exposed header names.

Knows a response and the request's credentials mode.
"""

from crossgate.cors.fetch.cors_check import show
from crossgate.cors.fetch.message import Outcome, Step, Trace, WireResponse
from crossgate.cors.fetch.preflight import parse_token_list

SAFELISTED_RESPONSE_NAMES = frozenset(
    {b"cache-control", b"content-language", b"content-length", b"content-type", b"expires", b"last-modified", b"pragma"}
)
FORBIDDEN_RESPONSE_NAMES = frozenset({b"set-cookie", b"set-cookie2"})

_SOURCE = "Fetch, CORS-safelisted response-header name"


def readable_names(response: WireResponse, *, is_cors: bool, with_credentials: bool) -> tuple[str, ...]:
    """The names that the script sees, lower-case, each once, in order."""
    present = dict.fromkeys(name for name, _ in response.fields if name not in FORBIDDEN_RESPONSE_NAMES)
    if is_cors:
        exposed = {name.lower() for name in parse_token_list(_values(response)) or []}
        if b"*" not in exposed or with_credentials:
            present = {name: None for name in present if name in exposed or name in SAFELISTED_RESPONSE_NAMES}
    return tuple(name.decode("latin-1") for name in present)


def note_exposed(trace: Trace, response: WireResponse) -> None:
    """Append what is said about exposed headers to the trace; nothing here can block."""
    values = _values(response)
    with_credentials = trace.request.credentials == "include"
    listed = parse_token_list(values)
    if listed is None:
        reason = (
            f"Access-Control-Expose-Headers is {show(b', '.join(values))}, which does not parse: nothing is exposed."
        )
    elif b"*" in listed and with_credentials:
        reason = "Access-Control-Expose-Headers holds *, which does not count when credentials are included."
    elif not listed:
        reason = "Nothing is exposed beyond the seven names that every script may read."
    else:
        reason = f"Access-Control-Expose-Headers exposes {b', '.join(listed).decode('latin-1')}."
    trace.note(Step.EXPOSE_HEADERS, Outcome.NOTE, reason, _SOURCE)


def _values(response: WireResponse) -> list[bytes]:
    return response.values(b"access-control-expose-headers")
