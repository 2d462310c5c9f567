"""The requests that `explain` is asked about: from options, a curl command, a HAR file, or the gateway's access log.

Whole requests, with cookies, bodies and whatever browsers add, unlike those of `cors explain`. Knows how people
describe requests; not what becomes of them.
"""

import argparse
import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from crossgate.cli.cors_curl import CurlRequest, read_curl
from crossgate.cli.cors_har import MAX_REQUESTS, read_entries
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain_log import read_log
from crossgate.explain.asked import AskedRequest

ReadFile = Callable[[str], bytes]
MAX_BODY_BYTES = 64 * 1024 * 1024
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)", re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_SENT = frozenset(("content-length", "transfer-encoding", "connection", "keep-alive", "host", "proxy-connection"))
"""What is said anew, or of the connection alone."""
_CURL_AGENT = "curl/8.5.0"
_AS_SAFE = "".join(map(chr, range(0x21, 0x7F)))
_BOUNDARY = "------------------------crossgate-explain"


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
        found = [_of_curl(read_curl(namespace.from_curl), read_file)]
    elif not namespace.url:
        raise UsageError("no request was given: use --url, --from-curl, --har, or --request-id with --log")
    else:
        found = [AskedRequest("GET", "http", "localhost", "/")]
    return [_with_options(one, namespace, base_url, read_file) for one in found]


def _with_options(
    asked: AskedRequest, namespace: argparse.Namespace, base_url: str, read_file: ReadFile
) -> AskedRequest:
    if namespace.url and namespace.har is None:
        asked = _at_url(asked, namespace.url, base_url)
    added = [_header(text) for text in namespace.headers]
    fields = [*asked.fields, *((name, value) for name, value in added if name.lower() not in _NOT_SENT)]
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


def _at_url(asked: AskedRequest, text: str, base_url: str) -> AskedRequest:
    """The request, sent to a URL. What no URL can hold is percent-encoded, as clients do; nothing else is changed."""
    if text.startswith("/"):
        text = base_url + text
    found = _URL.match(text)
    if found is None or found[1].lower() not in ("http", "https") or not found[2]:
        raise UsageError(f"{text[:200]} is no URL: write https://host/path, or a path that begins with a slash")
    scheme, authority, target = found[1].lower(), found[2], found[3]
    fields = asked.fields
    if "@" in authority:
        user, _, authority = authority.rpartition("@")
        if not any(name.lower() == "authorization" for name, _ in fields):
            credentials = base64.b64encode(unquote(user if ":" in user else f"{user}:").encode()).decode("ascii")
            fields = (*fields, ("Authorization", f"Basic {credentials}"))
    if not target.startswith("/"):
        target = f"/{target}"
    return replace(asked, scheme=scheme, host=authority, target=quote(target, safe=_AS_SAFE), fields=fields)


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


# -- curl


def _of_curl(request: CurlRequest, read_file: ReadFile) -> AskedRequest:
    body, content_type = _curl_body(request.data, read_file)
    url = request.url
    if request.in_query and body:
        url += f"{'&' if '?' in url else '?'}{body.decode('utf-8', 'replace')}"
        body = None
    fields = [field for field in request.fields if field[0].lower() not in _NOT_SENT]
    if content_type:
        fields = [field for field in fields if field[0].lower() != "content-type"]
        fields.append(("Content-Type", content_type))
    names = {name.lower() for name, _ in fields} | request.left_out
    own = (("User-Agent", _CURL_AGENT), ("Accept", "*/*"))
    fields += [field for field in own if field[0].lower() not in names]
    asked = _at_url(AskedRequest(request.method, "http", "localhost", "/", tuple(fields), body or None), url, "")
    host = next((value for name, value in request.fields if name.lower() == "host"), asked.host)
    return replace(asked, host=host)


def _curl_body(data: tuple[tuple[str, str], ...], read_file: ReadFile) -> tuple[bytes | None, str]:
    """The body that curl makes of its options, and a media type of its own, empty where it has none."""
    forms = [(option, value) for option, value in data if option in ("-F", "--form", "--form-string")]
    if forms:
        parts = [_form_part(option, value, read_file) for option, value in forms]
        lines = [b"--%b\r\n%b" % (_BOUNDARY.encode(), part) for part in parts]
        return b"".join(lines) + b"--%b--\r\n" % _BOUNDARY.encode(), f"multipart/form-data; boundary={_BOUNDARY}"
    pieces = [_curl_piece(option, value, read_file) for option, value in data]
    if not pieces:
        return None, ""
    joint = b"" if all(option == "--json" for option, _ in data) else b"&"
    return joint.join(pieces), ""


def _curl_piece(option: str, value: str, read_file: ReadFile) -> bytes:
    if option == "--data-urlencode":
        name, mark, rest = re.fullmatch(r"([^=@]*)([=@]?)(.*)", value, re.DOTALL).groups()  # type: ignore[union-attr]
        if not mark:
            return quote_plus(value).encode()
        content = read_file(rest) if mark == "@" else rest.encode()
        return (f"{name}=" if name else "").encode() + quote_plus(content).encode()
    if option == "--data-raw" or not value.startswith("@"):
        return value.encode("utf-8", "surrogateescape")
    content = read_file(value[1:])
    return content if option in ("--data-binary", "--json") else content.translate(None, b"\r\n\0")


def _form_part(option: str, value: str, read_file: ReadFile) -> bytes:
    name, _, content = value.partition("=")
    head = f'Content-Disposition: form-data; name="{name}"'
    if option == "--form-string" or content[:1] not in ("@", "<"):
        return f"{head}\r\n\r\n{content}\r\n".encode("utf-8", "surrogateescape")
    path, _, options = content[1:].partition(";")
    if content[0] == "@":
        kind = re.search(r"type=([^;]+)", options)
        head += f'; filename="{Path(path).name}"\r\nContent-Type: {kind[1] if kind else "application/octet-stream"}'
    return f"{head}\r\n\r\n".encode() + read_file(path) + b"\r\n"


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
            asked = AskedRequest(method, "http", "localhost", "/", _har_fields(request), _har_body(request))
            found.append(replace(_at_url(asked, url, ""), at_seconds=_har_time(entry)))
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
        if not name.startswith(":") and name.lower() not in _NOT_SENT:
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
    if not isinstance(params, list):
        return None
    pairs = [(one.get("name"), one.get("value")) for one in params if isinstance(one, dict)]
    return "&".join(f"{quote_plus(str(name))}={quote_plus(str(value or ''))}" for name, value in pairs).encode()


def _har_time(entry: dict[str, Any]) -> float | None:
    text = entry.get("startedDateTime")
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
