"""Modifiers that put another body in the place of the one there is: one of the configuration, or a file.

Source: krakend-martian `body/`, google/martian v2.1 `static/`.
"""

import base64
import binascii
import mimetypes
import posixpath
from collections.abc import Mapping
from pathlib import Path

from crossgate.components.martian.exchange import Incoming, Outgoing, parse_integer
from crossgate.components.martian.kinds import Kind, Reading, Shape
from crossgate.components.martian.modifier import Modifier
from crossgate.golang.url import UrlError, path_unescape

MAX_FILE_BYTES = 64 * 1024 * 1024


def _body(reading: Reading) -> Modifier:
    """Responses obey the Range of their request."""
    try:
        body = base64.b64decode(reading.text("body"), validate=True)
    except (binascii.Error, ValueError):
        raise reading.fail("body", "this is not base64", "write it with + and /, and = at the end") from None
    content_type = reading.field_value("contentType")

    def on_request(outgoing: Outgoing) -> None:
        outgoing.replace_body(body)
        outgoing.set(b"content-type", content_type)

    def on_response(incoming: Incoming) -> None:
        wanted = _range(incoming.request.get(b"range"), len(body))
        if wanted is not None and not wanted:
            incoming.status = 416
            incoming.replace_body(b"")
            incoming.set(b"content-range", b"bytes */%d" % len(body))
            return
        incoming.replace_body(body)
        incoming.set(b"content-type", content_type)
        if wanted is not None:
            incoming.status = 206
            incoming.replace_body(body[wanted[0] : wanted[-1] + 1])
            incoming.set(b"content-range", b"bytes %d-%d/%d" % (wanted[0], wanted[-1], len(body)))

    return Modifier(on_request, on_response)


def _range(text: bytes, size: int) -> range | None:
    """What a Range asks for, empty where it cannot be had; None where all is wanted. Raises RefusedError.

    DEVIATION(DEV-MARTIAN-2): KrakenD panics beyond the end. Several ranges get all of it.
    """
    if not text or b"," in text:
        return None
    first, dash, last = text.lower().removeprefix(b"bytes=").partition(b"-")
    if not dash or b"-" in last:
        return range(0)
    begin = parse_integer(first.strip(), "Atoi")
    end = parse_integer(last.strip(), "Atoi") if last.strip() else size - 1
    return range(begin, min(end, size - 1) + 1) if 0 <= begin < size else range(0)


def _static(reading: Reading) -> Modifier:
    """Files below a folder, by the path of the URL; no backend is called."""
    root, explicit = Path(reading.text("rootPath")), reading.get("explicitPaths", {})

    def on_request(outgoing: Outgoing) -> None:
        outgoing.is_answered_by_file = True

    def on_response(incoming: Incoming) -> None:
        found = _file(root, explicit, incoming.request.path)
        if found is None:
            incoming.status = 404
            incoming.replace_body(b"")
            return
        content_type, body = found
        incoming.status = 200
        incoming.replace_body(body)
        incoming.set(b"content-type", content_type)

    return Modifier(on_request, on_response)


def _file(root: Path, explicit: Mapping[str, str], path: bytes) -> tuple[bytes, bytes] | None:
    """Content type and content; None where there is no file. Nothing outside of the folder is looked at."""
    try:
        asked = path_unescape(path).decode("utf-8")
        cleaned = posixpath.normpath("/" + asked).lstrip("/")
        place = root / explicit.get("/" + cleaned, cleaned).lstrip("/")
        if place.is_dir():
            return b"", b""
        if not place.resolve().is_relative_to(root.resolve()) or place.stat().st_size > MAX_FILE_BYTES:
            return None
        kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        return kind.encode(), place.read_bytes()
    except (OSError, ValueError, UrlError):
        return None


BODIES: Mapping[str, Shape] = {
    "body.Modifier": Shape({"body": Kind.TEXT, "contentType": Kind.TEXT}, _body),
    "static.Modifier": Shape({"rootPath": Kind.TEXT, "explicitPaths": Kind.TEXT_MAP}, _static),
}
