"""Go string literals: quoting as `%q` and `strconv.Quote` do, and reading what was quoted.

A `str` stands for a Go string: its bytes that are no UTF-8 are lone surrogates U+DC80 to U+DCFF (Python's
surrogateescape). Source: Go 1.25 `strconv/quote.go`.
"""

_NAMED = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 92: "\\\\"}
_NAMED_BACK = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "\\": 92}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
_MAX_RUNE = 0x10FFFF


class LiteralError(ValueError):
    """The text is no Go literal. Its message is Go's: `invalid syntax`."""

    def __init__(self) -> None:
        super().__init__("invalid syntax")


def to_bytes(text: str) -> bytes:
    """The bytes of a Go string."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(raw: bytes) -> str:
    """The Go string of some bytes; any bytes will do."""
    return raw.decode("utf-8", "surrogateescape")


def quote(text: str, *, ascii_only: bool = False) -> str:
    """The text in double quotes, as `%q` prints it; with ascii_only as `%+q` does."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join([_escaped(character, 34, ascii_only) for character in text])}"'


def quote_rune(code: int, *, ascii_only: bool = False) -> str:
    """A character in single quotes, as `%q` prints a number. What is no character becomes U+FFFD."""
    if code > _MAX_RUNE or code < 0 or 0xD800 <= code <= 0xDFFF:
        code = 0xFFFD
    return f"'{_escaped(chr(code), 39, ascii_only)}'"


def _escaped(character: str, quotation: int, ascii_only: bool) -> str:
    code = ord(character)
    if code == quotation:
        return "\\" + character
    named = _NAMED.get(code)
    if named is not None:
        return named
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable() and (code < 0x80 or not ascii_only):
        return character
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def can_backquote(text: str) -> bool:
    """Whether the text can stand between backquotes as it is, on one line."""
    return not any(
        character in "`\x7f\ufeff" or (character < " " and character != "\t") or "\ud800" <= character <= "\udfff"
        for character in text
    )


def unquote(literal: str) -> str:
    """The value of a Go literal in double quotes or backquotes. Raises LiteralError."""
    if len(literal) < 2 or literal[0] != literal[-1]:
        raise LiteralError
    inside = literal[1:-1]
    if literal[0] == "`":
        if "`" in inside:
            raise LiteralError
        return inside.replace("\r", "")
    if literal[0] != '"' or "\n" in inside:
        raise LiteralError
    if "\\" not in inside and '"' not in inside:
        return inside
    out = bytearray()
    rest = inside
    while rest:
        code, is_byte, rest = unquote_char(rest, '"')
        if is_byte:
            out.append(code)
        else:
            out += chr(code).encode("utf-8", "surrogateescape")
    return from_bytes(bytes(out))


def unquote_char(text: str, quotation: str) -> tuple[int, bool, str]:
    """The first character or byte of a literal's inside: its number, whether it is a byte, and the rest.

    Raises LiteralError.
    """
    if not text or (text[0] == quotation and quotation in "'\""):
        raise LiteralError
    if text[0] != "\\":
        return ord(text[0]), False, text[1:]
    if len(text) < 2:
        raise LiteralError
    kind = text[1]
    if kind in _NAMED_BACK:
        return _NAMED_BACK[kind], False, text[2:]
    if kind in "'\"":
        if kind != quotation:
            raise LiteralError
        return ord(kind), False, text[2:]
    if kind in _HEX_LENGTHS:
        return _numbered(text[2:], kind, _HEX_LENGTHS[kind], 16)
    if kind in "01234567":
        return _numbered(text[1:], "0", 3, 8)
    raise LiteralError


def _numbered(text: str, kind: str, length: int, base: int) -> tuple[int, bool, str]:
    digits = text[:length]
    allowed = "01234567" if base == 8 else "0123456789abcdefABCDEF"
    if len(digits) < length or any(digit not in allowed for digit in digits):
        raise LiteralError
    code = int(digits, base)
    if kind in "x0":
        if code > 255:
            raise LiteralError
        return code, True, text[length:]
    if code > _MAX_RUNE or 0xD800 <= code <= 0xDFFF:
        raise LiteralError
    return code, False, text[length:]
