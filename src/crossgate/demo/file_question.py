"""What the page asks about a pasted gateway file, checked.

The text is anybody's, so nothing of it is looked at here: that is done in a process of its own. Knows how a question
looks; not what answers it.
"""

from collections.abc import Mapping
from typing import Any

from crossgate.demo.explanation import CallError

MAX_TEXT_CHARACTERS = 2_000_000
MAX_REQUEST_CHARACTERS = 200_000
_FORMATS = ("", "json", "yaml", "toml")
_REQUEST = ("curl", "method", "url", "origin", "headers", "credentials", "client", "body")
FAILING = "This file takes too {} to explain here: try it with `crossgate explain`."
"""Where there is no answer."""


def decode_file_question(data: Any) -> dict[str, Any]:
    """The question that an object describes. Raises CallError where it is none."""
    if not isinstance(data, Mapping) or not isinstance(data.get("request"), Mapping):
        raise CallError("A question about a file is an object.")
    text, kind, request = data.get("text"), data.get("format", ""), data["request"]
    if not isinstance(text, str) or len(text) > MAX_TEXT_CHARACTERS:
        raise CallError("The file is no text, or too long to explain here.")
    if kind not in _FORMATS:
        raise CallError("There is no such format.")
    parts = {key: request.get(key, "") for key in _REQUEST}
    if not all(isinstance(part, str) for part in parts.values()):
        raise CallError("A part of the request is no text.")
    if sum(map(len, parts.values())) > MAX_REQUEST_CHARACTERS:
        raise CallError("The request is too long to explain here.")
    return {"text": text, "format": kind, "request": parts}
