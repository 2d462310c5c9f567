"""The browser's side of the Fetch standard: what a browser asks, and what it does with the answers. Pure."""

from crossgate.cors.fetch.browsers import CHROMIUM, FIREFOX, STANDARD, Browser
from crossgate.cors.fetch.message import (
    Check,
    Exchange,
    FetchRequest,
    NetworkFailure,
    Outcome,
    Responder,
    Step,
    Trace,
    WireRequest,
    WireResponse,
)
from crossgate.cors.fetch.names import CHROMIUM_ERRORS, FIREFOX_ERRORS
from crossgate.cors.fetch.preflight_cache import PreflightCache
from crossgate.cors.fetch.run import run_fetch
from crossgate.cors.fetch.url import OPAQUE_ORIGIN, ParseUrl, UrlError, parse_origin, parse_url

__all__ = [
    "CHROMIUM",
    "CHROMIUM_ERRORS",
    "FIREFOX",
    "FIREFOX_ERRORS",
    "OPAQUE_ORIGIN",
    "STANDARD",
    "Browser",
    "Check",
    "Exchange",
    "FetchRequest",
    "NetworkFailure",
    "Outcome",
    "ParseUrl",
    "PreflightCache",
    "Responder",
    "Step",
    "Trace",
    "UrlError",
    "WireRequest",
    "WireResponse",
    "parse_origin",
    "parse_url",
    "run_fetch",
]
