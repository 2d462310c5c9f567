"""Field lines as bytes of the wire: names written the way Go writes them, framing fields left out, nothing injected.

Knows how a line looks; does not know which fields a message should have.
"""

import re

from crossgate.http.message import Fields

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
# Names come from peers: what is remembered about them is bounded, in number and in length.
_MEMO_SIZE = 4096
LONGEST_KEPT_NAME = 64
_NO_BREAK = bytes.maketrans(b"\r\n\0", b"   ")


class FieldLines:
    """Renders field lines for one kind of message.

    Each line comes with its CRLF in front, so that lines follow a start line directly. A name that is no token is left
    out with its value, as are the `omitted` names (lower-case).
    """

    __slots__ = ("_prefixes",)

    def __init__(self, omitted: frozenset[bytes]) -> None:
        self._prefixes = _Prefixes(omitted)

    def render(self, fields: Fields) -> bytes:
        """The lines, in order. A CR, LF or NUL within a value becomes a space (Go's `headerNewlineToSpace`)."""
        prefixes = self._prefixes
        lines = [prefix + value for name, value in fields if (prefix := prefixes[name])]
        block = b"".join(lines)
        # One look at the whole instead of one at each value: every line has exactly one break, in front.
        if block.count(b"\n") != len(lines) or block.count(b"\r") != len(lines) or b"\0" in block:
            lines = [prefix + value.translate(_NO_BREAK) for name, value in fields if (prefix := prefixes[name])]
            block = b"".join(lines)
        return block


class _Prefixes(dict[bytes, bytes]):
    """Name as given -> what stands in front of its value; empty where the field is not written."""

    def __init__(self, omitted: frozenset[bytes]) -> None:
        super().__init__()
        self._omitted = omitted

    def __missing__(self, name: bytes) -> bytes:
        if _TOKEN.match(name) is None or name.lower() in self._omitted:
            prefix = b""
        else:
            prefix = b"\r\n" + b"-".join(word.capitalize() for word in name.split(b"-")) + b": "
        if len(self) < _MEMO_SIZE and len(name) <= LONGEST_KEPT_NAME:
            self[name] = prefix
        return prefix
