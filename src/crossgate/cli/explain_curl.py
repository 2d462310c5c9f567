"""The request of a curl command as curl sends it: its URL, its body from files too, the fields that it adds by itself.

Source: curl 7.88, whose requests these are compared with.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus

from crossgate.cli.cors_curl import CurlRequest
from crossgate.cli.explain_url import AS_SAFE, NOT_SENT, URL, at_url
from crossgate.explain.asked import AskedRequest

ReadFile = Callable[[str], bytes]
_AGENT = "curl/8.5.0"
_FORM_OPTION = re.compile(r";\s*(type|filename)=(\"[^\"]*\"|[^;]*)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(?=;|$)', re.DOTALL)
_KINDS = {
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".htm": "text/html",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".xml": "application/xml",
}
"""Those that curl knows of files' names."""
_BOUNDARY = "------------------------crossgate-explain"


def of_curl(request: CurlRequest, read_file: ReadFile) -> AskedRequest:
    """`read_file` reads what bodies and fields are taken from. Raises UsageError."""
    body, content_type = _curl_body(request.data, read_file)
    queries = [_curl_query(text, read_file) for text in request.url_queries]
    if request.in_query and body:
        queries.append(body)
        body = None
    if request.upload:
        body = read_file(request.upload)
    url = _curl_url(request, b"&".join(queries).decode("utf-8", "replace"))
    for path in request.field_files:
        request = replace(request, fields=(*request.fields, *_fields_of_file(read_file(path))))
    fields = [field for field in request.fields if field[0].lower() not in NOT_SENT]
    if content_type:
        fields = [field for field in fields if field[0].lower() != "content-type"]
        fields.append(("Content-Type", content_type))
    names = {name.lower() for name, _ in fields} | request.left_out
    own = (("User-Agent", _AGENT), ("Accept", "*/*"))
    fields += [field for field in own if field[0].lower() not in names]
    asked = at_url(AskedRequest(request.method, "http", "localhost", "/", tuple(fields), body or None), url, "")
    host = next((value for name, value in request.fields if name.lower() == "host"), asked.host)
    target = quote(request.target, safe=AS_SAFE) or asked.target
    return replace(asked, host=host, target=target, notes=request.notes)


def _curl_url(request: CurlRequest, query: str) -> str:
    """The URL with what goes into its query, without a fragment, its dot segments resolved."""
    url = request.url.partition("#")[0]
    begin, mark, had = url.partition("?")
    found = URL.match(begin)
    if found is not None and not request.is_path_as_is:
        begin = f"{found[1]}://{found[2]}{_without_dots(found[3] or '/')}"
        if request.upload and begin.endswith("/"):
            begin += quote(Path(request.upload).name)
    if not query:
        return begin + mark + had
    return f"{begin}?{had}&{query}" if had else f"{begin}?{query}"


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        is_last = position == len(segments) - 1
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
            continue
        if is_last:
            kept.append("")
    return "/".join(kept)


def _fields_of_file(content: bytes) -> list[tuple[str, str]]:
    lines = [line.partition(":") for line in content.decode("latin-1").splitlines() if not line.startswith("#")]
    return [(name.strip(), value.strip()) for name, _, value in lines if name.strip() and value.strip()]


def _curl_query(text: str, read_file: ReadFile) -> bytes:
    """A plus in front: it is encoded already."""
    return text[1:].encode() if text.startswith("+") else _curl_piece("--data-urlencode", text, read_file)


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
    """Of `name=content`, `name=@file` and `name=<file`, with `;type=` and `;filename=` behind."""
    name, _, content = value.partition("=")
    head = f'Content-Disposition: form-data; name="{name}"'
    if option == "--form-string":
        return f"{head}\r\n\r\n{content}\r\n".encode("utf-8", "surrogateescape")
    quoted = _QUOTED.match(content)
    rest = content if quoted is None else content[quoted.end() :]
    options = dict(_FORM_OPTION.findall(rest))
    content = _FORM_OPTION.sub("", rest) if quoted is None else re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
    mark, path = "" if quoted is not None else content[:1], content[1:]
    is_file = mark == "@"
    file_name = options.get("filename", Path(path).name if is_file else "").strip('"')
    kind = options.get("type") or (_kind_of_file(path) if is_file else "")
    head += f'; filename="{file_name}"' if file_name else ""
    head += f"\r\nContent-Type: {kind}" if kind else ""
    data = read_file(path) if mark and mark in "@<" else content.encode("utf-8", "surrogateescape")
    return f"{head}\r\n\r\n".encode() + data + b"\r\n"


def _kind_of_file(path: str) -> str:
    return _KINDS.get(Path(path).suffix.lower(), "application/octet-stream")
