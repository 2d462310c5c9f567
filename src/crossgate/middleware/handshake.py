"""A refused WebSocket handshake as a line of a log, with what to do where the page is the application's own.

A proxy that ends TLS or rewrites Host makes an application take its own pages for foreign ones: its HTTP calls work and
its sockets do not. Knows the request as the server saw it; decides nothing.
"""

from collections.abc import Iterable

from crossgate.cors import CorsPolicy, Decision, Reason
from crossgate.cors.origin import origin_of_target
from crossgate.cors.refusal import why_refused
from crossgate.http.printable import printable

_MAX_SHOWN_BYTES = 256
_MAX_HOST_BYTES = 512


def describe_refused_handshake(
    policy: CorsPolicy, path: str, fields: Iterable[tuple[bytes, bytes]], scheme: str, decision: Decision
) -> str:
    """One line: whose handshake it was, what the application takes for its own origin, why not, and the remedy."""
    lines = list(fields)
    origin, host = _first(lines, b"origin"), _first(lines, b"host")
    own = origin_of_target(scheme, host) if len(host) <= _MAX_HOST_BYTES else None
    why = why_refused(policy.config, b"GET", lines, decision)
    remedy = _remedy(origin, host, lines) if decision.reason is Reason.ORIGIN_NOT_LISTED else ""
    return (
        f'[CORS] websocket: {printable(path.encode("utf-8", "replace")[:1024])} origin="{_shown(origin)}" '
        f'host="{_shown(host)}" own origin="{_shown(own or b"unknown")}" refused at {decision.step.value}: '
        f"{decision.reason.value}: {why}{remedy}"
    )


def _remedy(origin: bytes, host: bytes, fields: list[tuple[bytes, bytes]]) -> str:
    listed = f"or list {_shown(origin)} in allow_origins"
    if _is_origin_of(origin, host, ("wss",)):
        return (
            ". The page is on https and this server saw plain ws: if a proxy ends TLS, have the server trust its "
            f"X-Forwarded-Proto (uvicorn: --forwarded-allow-ips with the proxy's address), {listed}"
        )
    if _is_origin_of(origin, host, ("ws",)):
        return (
            ". The page is on http and this server saw wss: if a proxy speaks TLS to this server only, have it send "
            f"X-Forwarded-Proto: http and the server trust it, {listed}"
        )
    forwarded = _first(fields, b"x-forwarded-host").split(b",")[0].strip()
    if forwarded and _is_origin_of(origin, forwarded, ("ws", "wss")):
        return (
            f". A proxy received it for {_shown(forwarded)} and sent another Host: have the proxy pass Host on (nginx: "
            f"proxy_set_header Host $http_host), {listed}"
        )
    return (
        ". If this is the application's own page, a proxy changes Host on the way: have the proxy pass Host on and "
        f"X-Forwarded-Proto with it, {listed}"
    )


def _is_origin_of(origin: bytes, host: bytes, schemes: tuple[str, ...]) -> bool:
    return len(host) <= _MAX_HOST_BYTES and any(origin_of_target(scheme, host) == origin for scheme in schemes)


def _first(fields: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for known, value in fields if known == name), b"")


def _shown(value: bytes) -> str:
    return printable(value[:_MAX_SHOWN_BYTES])
