"""Bytes that a client or backend chose, as text that is safe in a log line."""

# Whatever could break a line or act on a terminal is shown, not sent.
_UNSAFE = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x22, 0x5C, *range(0x7F, 0xA0))}
_UNSAFE |= {0xDC00 + byte: f"\\x{byte:02x}" for byte in range(0x80, 0x100)}  # bytes that are no UTF-8
# Line ends to some who read logs, and what turns the direction in which a line is read.
_UNSAFE |= {code: f"\\u{code:04x}" for code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A))}
_SAFE_BYTES = bytes(code for code in range(0x20, 0x7F) if code not in _UNSAFE)


def printable(raw: bytes) -> str:
    """The text, with escapes for control characters, quotes, backslashes and what is no UTF-8. Linear."""
    if not raw.translate(None, _SAFE_BYTES):
        return raw.decode("ascii")
    return raw.decode("utf-8", "surrogateescape").translate(_UNSAFE)
