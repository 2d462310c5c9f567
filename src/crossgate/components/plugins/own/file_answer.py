"""A file as the answer to a request: type, validators, ranges (RFC 9110 sections 13 and 14).

Blocks while it reads. Does not know which files may be served, beyond the folder that they must be in.
"""

import os
import re
import stat
from email.utils import formatdate, parsedate_to_datetime
from mimetypes import MimeTypes
from pathlib import Path
from urllib.parse import quote

from crossgate.plugins import Request, Response

MAX_BYTES = 64 * 1024 * 1024
"""Of a file that is answered as a whole; of a larger one a range can be had."""

_TYPES = MimeTypes(filenames=())
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
_TEXTS = ("application/javascript", "application/json", "image/svg+xml")


def answer_with_file(request: Request, root: Path, path: Path) -> Response:
    """The file, the index of a directory, or 404."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root):
            return Response(404)
        if real.is_dir():
            if not request.path.endswith("/"):
                return _to_directory(request) if (real / "index.html").is_file() else Response(404)
            real = (real / "index.html").resolve(strict=True)
            if not real.is_relative_to(root):
                return Response(404)
        elif request.path.endswith("/"):
            return Response(404)
        # Not waiting for pipes; a link that came in between is not followed.
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle
        return Response(404)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            return Response(404)
        headers = {
            "Content-Type": _content_type(real.name),
            "ETag": f'"{about.st_mtime_ns:x}-{about.st_size:x}"',
            "Last-Modified": formatdate(about.st_mtime, usegmt=True),
            "Accept-Ranges": "bytes",
            "X-Content-Type-Options": "nosniff",
        }
        if _is_known(request, headers["ETag"], int(about.st_mtime)):
            return Response(304, {name: headers[name] for name in ("ETag", "Last-Modified")})
        chosen = _range(request, headers, about.st_size)
        if chosen is None:
            return Response(416, {"Content-Range": f"bytes */{about.st_size}"})
        first, count, status = chosen
        if count > MAX_BYTES:
            return Response(413 if status == 206 else 500, {}, "the file is too large to be answered as a whole")
        if status == 206:
            headers["Content-Range"] = f"bytes {first}-{first + count - 1}/{about.st_size}"
        file.seek(first)
        return Response(status, headers, file.read(count))


def _to_directory(request: Request) -> Response:
    """To the same with a slash. Relative, so that no path can lead to another host."""
    query = f"?{request.query_string}" if request.query_string else ""
    segment = quote(request.path.rpartition("/")[2], safe="%!$&'()*+,;=:@~")
    return Response(301, {"Location": f"./{segment}/{query}"})


def _content_type(name: str) -> str:
    found, coding = _TYPES.guess_type(name, strict=False)
    if coding is not None:
        return "application/gzip" if coding == "gzip" else "application/octet-stream"
    if found is None:
        return "application/octet-stream"
    is_text = found.startswith("text/") or found in _TEXTS
    return f"{found}; charset=utf-8" if is_text else found


def _is_known(request: Request, etag: str, modified_seconds: int) -> bool:
    """Whether the client has it already (RFC 9110 section 13.2.2)."""
    tags = ",".join(request.headers.all("If-None-Match"))
    if tags:
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in tags.split(","))
    since = request.headers.get("If-Modified-Since")
    return since is not None and modified_seconds <= _seconds(since)


def _seconds(date: str) -> float:
    """Of an HTTP date; before all files where it is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return -1.0


def _range(request: Request, headers: dict[str, str], size: int) -> tuple[int, int, int] | None:
    """First byte, number of bytes and status; None where no part of the file was asked for.

    Several ranges at once, and what is no range, are answered with the whole.
    """
    asked = request.headers.get("Range")
    match = _RANGE.match(asked) if asked is not None and request.method == "GET" else None
    condition = request.headers.get("If-Range")
    if match is None or (condition is not None and condition not in (headers["ETag"], headers["Last-Modified"])):
        return 0, size, 200
    first, last = match[1], match[2]
    if not first and not last:
        return 0, size, 200
    if not first:
        count = min(int(last), size)
        return (size - count, count, 206) if count else None
    begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    if last and int(last) < begin:
        return 0, size, 200
    return (begin, end - begin + 1, 206) if begin < size else None
