"""HTTP's tokens, as the rules about methods and header names need them. Source: RFC 9110 section 5.6.2."""

import json
import re

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SEPARATORS = re.compile(r"[\s,;:]+")


def is_token(text: str) -> bool:
    """Whether the text is a method or a header name by its letters."""
    return _TOKEN.fullmatch(text) is not None


def shown(text: str) -> str:
    """A text as messages show it."""
    return f"`{text}`" if text else "the empty text"


def pieces_hint(text: str) -> str:
    """What to write instead of a text that is no token: the tokens in it, one entry each."""
    pieces = [piece for piece in _SEPARATORS.split(text) if is_token(piece)]
    if not pieces:
        return "remove it"
    return ("write " if len(pieces) == 1 else "write one entry each: ") + json.dumps(pieces)[1:-1]
