"""`string`: the text under `content`, byte for byte."""

from typing import Any

_CONTENT_TYPE = b"text/plain; charset=utf-8"


def render_string(data: dict[str, Any] | None) -> tuple[bytes, bytes]:
    """The text; nothing where `content` is absent or no text."""
    content = data.get("content") if data else None
    return _CONTENT_TYPE, text_bytes(content) if isinstance(content, str) else b""


def text_bytes(text: str) -> bytes:
    """UTF-8, and the very bytes where a backend's text was none (see `golang.json_text` on surrogate escapes)."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
