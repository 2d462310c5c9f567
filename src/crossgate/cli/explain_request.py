"""The requests that `explain` is asked about: from options, a curl command, a HAR file, or the gateway's access log.

Whole requests, with cookies, bodies and whatever browsers add, unlike those of `cors explain`. Knows how people
describe requests; not what becomes of them.
"""

import argparse
import re
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from crossgate.cli.cors_curl import read_curl
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain_curl import ReadFile, of_curl
from crossgate.cli.explain_har import page_of_referer, read_requests_of_har
from crossgate.cli.explain_log import read_log
from crossgate.cli.explain_url import NOT_SENT, at_url
from crossgate.explain.asked import AskedRequest

MAX_BODY_BYTES = 64 * 1024 * 1024
_NO_ORIGIN = (
    "The command has no Origin, like a copied request that the browser did not send. If a script of the page sends it, "
    "add --origin {} to see what the browser makes of it."
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def add_request_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that describe requests."""
    parser.add_argument(
        "--url", default="", metavar="URL", help="the URL or its path; with --har, what URLs have to start with"
    )
    parser.add_argument("--method", default="", metavar="M", help="the method (GET)")
    parser.add_argument("--origin", default="", metavar="O", help="the origin of the page whose script asks")
    parser.add_argument(
        "-H", "--header", metavar="N:V", action="append", default=[], dest="headers", help="a header of the request"
    )
    parser.add_argument("-d", "--data", metavar="BODY", help="the request's body, @FILE for that of a file")
    parser.add_argument("--client", default="", metavar="IP", help="the client's address (127.0.0.1)")
    parser.add_argument("--credentials", action="store_true", help="the page's script asks with cookies")
    parser.add_argument("--from-curl", metavar="COMMAND", help="take the request from a curl command")
    parser.add_argument("--har", metavar="FILE", help="take the requests from a HAR file")
    parser.add_argument("--request-id", metavar="ID", help="take the request with that id from --log")
    parser.add_argument("--log", metavar="FILE", help="the gateway's access log, as JSON")


def read_requests(
    namespace: argparse.Namespace, *, base_url: str, read_file: ReadFile | None = None
) -> list[AskedRequest]:
    """What the arguments describe, at least one. Options lie over what a command or file says. Raises UsageError.

    `data` is a text, or the bytes of a body as they are. `read_file` reads what bodies are taken from, and raises
    UsageError.
    """
    read_file = read_file or _content
    sources = {"--from-curl": namespace.from_curl, "--har": namespace.har, "--request-id": namespace.request_id}
    given = [name for name, value in sources.items() if value is not None]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} exclude each other")
    if (namespace.log is None) != (namespace.request_id is None):
        raise UsageError("--request-id ID and --log FILE go together")
    if namespace.har is not None:
        found = read_requests_of_har(namespace.har, namespace.url)
    elif namespace.request_id is not None:
        found = read_log(namespace.log, namespace.request_id)
    elif namespace.from_curl is not None:
        found = [of_curl(read_curl(namespace.from_curl), read_file)]
    elif not namespace.url:
        raise UsageError("no request was given: use --url, --from-curl, --har, or --request-id with --log")
    else:
        found = [AskedRequest("GET", "http", "localhost", "/")]
    return [_with_options(one, namespace, base_url, read_file) for one in found]


def _with_options(
    asked: AskedRequest, namespace: argparse.Namespace, base_url: str, read_file: ReadFile
) -> AskedRequest:
    if namespace.url and namespace.har is None:
        asked = at_url(asked, namespace.url, base_url)
    added = [_header(text) for text in namespace.headers]
    fields = [*asked.fields, *((name, value) for name, value in added if name.lower() not in NOT_SENT)]
    host = next((value for name, value in reversed(added) if name.lower() == "host"), asked.host)
    body = asked.body if namespace.data is None else _data(namespace.data, read_file)
    method = namespace.method or asked.method
    if namespace.data is not None and not namespace.method and method == "GET":
        method = "POST"
    if _TOKEN.match(method) is None:
        raise UsageError(f"{method[:60]!r} is no method")
    if namespace.origin:
        fields = [field for field in fields if field[0].lower() != "origin"]
        fields.append(("Origin", namespace.origin))
    for name, value in fields:
        if _TOKEN.match(name) is None or _BAD_VALUE.search(value):
            raise UsageError(
                f"{name[:60]!r} is no header that can be sent: its name or value has a forbidden character"
            )
    if _BAD_VALUE.search(host) or not host or any(c in host for c in " /?#"):
        raise UsageError(f"{host[:60]!r} is no host")
    origin = next((value for name, value in fields if name.lower() == "origin"), "")
    client = _address(namespace.client) if namespace.client else asked.client_host
    notes = asked.notes
    if namespace.from_curl is not None and not origin and (page := page_of_referer(fields, asked.url)):
        notes = (*notes, _NO_ORIGIN.format(page))
    return replace(
        asked,
        method=method,
        host=host,
        fields=tuple(fields),
        body=body,
        origin=origin.strip(),
        client_host=client,
        notes=notes,
    )


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError(f"--header {text[:200]!r} is not of the form NAME:VALUE")
    return name.strip(), value.strip()


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        raise UsageError(f"--client {text[:60]} is no address: write 192.0.2.1, or 2001:db8::1") from None


def _data(data: str | bytes, read_file: ReadFile) -> bytes:
    if isinstance(data, bytes):
        return data
    return read_file(data[1:]) if data.startswith("@") else data.encode("utf-8", "surrogateescape")


def _content(path: str) -> bytes:
    """A file's. Raises UsageError."""
    file = Path(path)
    try:
        if file.stat().st_size > MAX_BODY_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BODY_BYTES >> 20} MiB")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {(getattr(error, 'strerror', None) or str(error)).lower()}") from None
