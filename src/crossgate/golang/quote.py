"""How Go quotes a single byte in its error messages: `'x'`, `'\\''`, `'\\n'`, `'\\x00'`, `'é'`."""

_NAMED = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '"', 39: "\\'", 92: "\\\\"}


def quote_byte(byte: int) -> str:
    """The byte as encoding/json names it in `invalid character …`: read as a code point, in single quotes.

    Source: Go 1.22 `encoding/json/scanner.go`, quoteChar.
    """
    named = _NAMED.get(byte)
    if named is not None:
        return f"'{named}'"
    if byte < 0x20 or byte == 0x7F:
        return f"'\\x{byte:02x}'"
    if 0x80 <= byte <= 0xA0 or byte == 0xAD:
        return f"'\\u{byte:04x}'"
    return f"'{chr(byte)}'"
