"""The requests that `explain` is asked about: from options, a curl command, a HAR file, or the gateway's access log.

Whole requests, with cookies, bodies and whatever browsers add, unlike those of `cors explain`. Knows how people
describe requests; not what becomes of them.
"""

import argparse
import base64
import re
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from crossgate.cli.cors_curl import read_curl
from crossgate.cli.cors_har import MAX_REQUESTS, read_entries
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain_curl import ReadFile, of_curl
from crossgate.cli.explain_log import read_log
from crossgate.cli.explain_url import NOT_SENT, at_url
from crossgate.explain.asked import AskedRequest

MAX_BODY_BYTES = 64 * 1024 * 1024
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NO_FORM = "The HAR file has no body for this form: it was explained without one."


def add_request_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that describe requests."""
    parser.add_argument(
        "--url", default="", metavar="URL", help="the URL or its path; with --har, only URLs that start so"
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
        found = _of_har(namespace.har, namespace.url)
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
    return replace(
        asked, method=method, host=host, fields=tuple(fields), body=body, origin=origin.strip(), client_host=client
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


# -- HAR


def _of_har(path: str, begins_with: str) -> list[AskedRequest]:
    """Its requests of http and https, as they were sent and when."""
    found = []
    for number, entry in enumerate(read_entries(path), 1):
        request = entry.get("request") if isinstance(entry, dict) else None
        url = request.get("url") if isinstance(request, dict) else None
        method = request.get("method") if isinstance(request, dict) else None
        if not isinstance(request, dict) or not isinstance(url, str) or not isinstance(method, str):
            raise UsageError(f"{path}: entry {number} has no request with a method and a URL")
        if not url.lower().startswith(("http://", "https://")) or not url.startswith(begins_with):
            continue
        try:
            body = _har_body(request)
            notes = (_NO_FORM,) if body is None and _has_form(request) else ()
            asked = AskedRequest(method, "http", "localhost", "/", _har_fields(request), body, notes=notes)
            found.append(replace(at_url(asked, url, ""), at_seconds=_har_time(entry)))
        except (UsageError, ValueError) as error:
            raise UsageError(f"{path}: entry {number}: {error}") from None
    if not found:
        about = f" whose URL begins with {begins_with}" if begins_with else " of http or https"
        raise UsageError(f"{path} has no request{about}")
    if len(found) > MAX_REQUESTS:
        note = f"Explained are the first {MAX_REQUESTS} of {len(found)} requests; --url says which."
        found[MAX_REQUESTS - 1] = replace(found[MAX_REQUESTS - 1], notes=(note,))
    return found[:MAX_REQUESTS]


def _har_fields(request: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    headers = request.get("headers")
    if not isinstance(headers, list):
        return ()
    fields = []
    for header in headers:
        name, value = (header.get("name"), header.get("value")) if isinstance(header, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError("a header has no name or no value")
        if not name.startswith(":") and name.lower() not in NOT_SENT:
            fields.append((name, value.strip()))
    return tuple(fields)


def _har_body(request: dict[str, Any]) -> bytes | None:
    data = request.get("postData")
    if not isinstance(data, dict):
        return None
    text = data.get("text")
    if isinstance(text, str):
        return (
            base64.b64decode(text, validate=True)
            if data.get("encoding") == "base64"
            else text.encode("utf-8", "surrogatepass")
        )
    params = data.get("params")
    if not isinstance(params, list) or not params or _has_form(request):
        return None
    pairs = [(one.get("name"), one.get("value")) for one in params if isinstance(one, dict)]
    return "&".join(f"{quote_plus(str(name))}={quote_plus(str(value or ''))}" for name, value in pairs).encode()


def _has_form(request: dict[str, Any]) -> bool:
    """Whether its body is a form of several parts, which a HAR may have without the parts' contents."""
    data = request.get("postData")
    return isinstance(data, dict) and str(data.get("mimeType", "")).lower().startswith("multipart/")


def _har_time(entry: dict[str, Any]) -> float | None:
    text = entry.get("startedDateTime")
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
