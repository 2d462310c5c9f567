"""The request that a page's script makes, from command-line arguments, a curl command or a HAR file.

Shared by the two verbs of `cors`. Knows how people describe requests; not what becomes of them.
"""

import argparse
from dataclasses import dataclass

from crossgate.cli.cors_curl import parse_curl
from crossgate.cli.cors_har import read_har
from crossgate.cli.cors_recorded import RecordedRequest, UsageError
from crossgate.cors.fetch import FetchRequest, UrlError
from crossgate.probe.url_standard import parse_standard_origin, parse_standard_url


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to be judged, with what was noticed while reading it. `cookie` is what the browser would add."""

    request: FetchRequest
    notes: tuple[str, ...] = ()
    cookie: str = ""


def add_request_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that describe the request, `--format` included; the URL is the verb's own."""
    parser.add_argument("--origin", metavar="O", help="the page's origin, https://app.example or null")
    parser.add_argument("--method", metavar="M", help="the method that the script asks for (GET)")
    parser.add_argument(
        "-H",
        "--header",
        metavar="N:V",
        action="append",
        default=[],
        dest="headers",
        help="a header that the script sets",
    )
    parser.add_argument("--credentials", action="store_true", help="with cookies: credentials mode include")
    parser.add_argument("--mode", choices=("cors", "no-cors", "same-origin"), default="cors", help="the request's mode")
    parser.add_argument("--from-curl", metavar="COMMAND", help="take the request from a curl command")
    parser.add_argument("--har", metavar="FILE", help="take the requests from a HAR file: those that have an Origin")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show each check of the browser and all that travels"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for programs")


def read_requests(namespace: argparse.Namespace, *, base_url: str = "") -> list[Asked]:
    """The requests that the arguments describe, at least one. Raises UsageError.

    A `--url` that is only a path is taken relative to `base_url`. Options override what a curl command or HAR file
    says.
    """
    if namespace.from_curl and namespace.har:
        raise UsageError("--from-curl and --har exclude each other")
    if namespace.har:
        recorded = read_har(namespace.har)
    else:
        recorded = [parse_curl(namespace.from_curl) if namespace.from_curl else RecordedRequest()]
    return [_asked(namespace, one, base_url) for one in recorded]


def _asked(namespace: argparse.Namespace, recorded: RecordedRequest, base_url: str) -> Asked:
    url = namespace.url or recorded.url
    if not url:
        raise UsageError("no URL was given")
    url, url_notes = _url(url, base_url)
    origin, notes = _origin(namespace.origin or recorded.origin)
    added = [_header(text) for text in namespace.headers]
    request = FetchRequest(
        origin=origin,
        url=url,
        method=namespace.method or recorded.method or "GET",
        headers=(*recorded.headers, *added),
        credentials="include" if namespace.credentials or recorded.cookie else "same-origin",
        mode=namespace.mode,
        has_body=recorded.has_body,
    )
    cookies = [recorded.cookie, *(value for name, value in added if name.lower() == "cookie")]
    return Asked(request, (*recorded.notes, *url_notes, *notes), "; ".join(filter(None, cookies)))


def _url(text: str, base_url: str) -> tuple[str, tuple[str, ...]]:
    """The URL as the browser asks for it; with a user name or password as it was given, since it is then refused."""
    if text.startswith("/") and not text.startswith("//") and base_url:
        text = base_url + text
    try:
        url = parse_standard_url(text)
    except UrlError as wrong:
        raise UsageError(f"the URL {text} {wrong}") from None
    if url.includes_credentials:
        return text, ()
    if text.partition("#")[0] in (str(url), url.origin):
        return str(url), ()
    return str(url), (f"The browser asks for {url}: that is how the URL standard reads {text}.",)


def _origin(text: str) -> tuple[str, tuple[str, ...]]:
    if not text:
        raise UsageError("--origin is missing: the origin of the page, https://app.example say")
    try:
        origin = parse_standard_origin(text)
    except UrlError as wrong:
        raise UsageError(f"the origin {text} {wrong}") from None
    if origin == text:
        return origin, ()
    return origin, (f"The browser sends this page's origin as {origin}, not as {text}.",)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"--header {text!r} is not of the form NAME:VALUE")
    return name.strip(), value.strip()


def usage_error(error: Exception) -> int:
    """Say what is wrong with the command line; the exit code for it."""
    import sys

    print(f"crossgate: {error}", file=sys.stderr)
    return 2
