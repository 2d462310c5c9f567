"""The first JSON value of a body, read exactly as Go's `json.Decoder` reads it, with Go's words for what is wrong.

The slow and exact way: it takes what Go takes and msgspec does not (bytes after the value, lone surrogates, bytes that
are no UTF-8, `-0`, 10,000 levels of nesting) and names every fault. Cost is linear in the body, and the Python stack
stays flat. Source: Go 1.22 `encoding/json/scanner.go`, `stream.go` and `decode.go`.
"""

import re
from typing import Any

from crossgate.golang.number import Number
from crossgate.golang.quote import quote_byte

MAX_DEPTH = 10_000

_BLANKS = re.compile(rb"[ \t\r\n]*+")
# Bounded, since it remembers each turn; not possessive, since before Python 3.11.5 a possessive group that fails
# half-way through does not go back to where it began.
_STRING_PART = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){0,1000}')
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*+)")
_FRACTION = re.compile(rb"\.[0-9]++")
_EXPONENT = re.compile(rb"[eE][+-]?[0-9]++")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NAMED_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[int, tuple[bytes, Any]] = {
    ord("t"): (b"true", True),
    ord("f"): (b"false", False),
    ord("n"): (b"null", None),
}
_HEX = frozenset(b"0123456789abcdefABCDEF")
_DIGITS = frozenset(b"0123456789")
_MAX_INT_DIGITS = 640  # longer ones stay text: turning them into numbers and back is quadratic


class JsonError(ValueError):
    """The body does not begin with a JSON value. `str()` is Go's message: `EOF`, `invalid character 'x' after …`."""


def parse_first_value(body: bytes) -> Any:
    """The first value of the body; what follows it is not looked at. Raises JsonError."""
    return _Parser(body).parse()


def parse_document(body: bytes) -> Any:
    """The one value that the body is, as `json.Unmarshal` reads it. Raises JsonError in that function's words."""
    parser = _Parser(body)
    try:
        value = parser.parse()
        parser.expect_end()
    except JsonError as error:
        if str(error) in ("EOF", "unexpected EOF"):
            raise JsonError("unexpected end of JSON input") from None
        raise
    return value


class _Parser:
    __slots__ = ("_body", "_end", "_position")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._end = len(body)
        self._position = 0

    def parse(self) -> Any:
        """Drive one container at a time; `stack` holds those around the current one, keys[i] the key it goes under."""
        if self._skip_blanks() == self._end:
            raise JsonError("EOF")
        stack: list[tuple[Any, str]] = []
        container: Any = None
        key = ""
        while True:
            value, opened = self._value()
            if opened:
                if len(stack) >= MAX_DEPTH:
                    self._position -= 1
                    raise self._invalid("exceeded max depth")
                stack.append((container, key))
                container = value
                if not self._closes_at_once(container):
                    key = self._key() if type(container) is dict else ""
                    continue
                value = container
                container, key = stack.pop()
            while True:
                if container is None:
                    return value
                if type(container) is dict:
                    container[key] = value
                    closed = self._after(b"}", "after object key:value pair")
                else:
                    container.append(value)
                    closed = self._after(b"]", "after array element")
                if not closed:
                    key = self._key() if type(container) is dict else ""
                    break
                value = container
                container, key = stack.pop()

    def expect_end(self) -> None:
        """Raise unless nothing but blanks follows."""
        if self._skip_blanks() < self._end:
            raise self._invalid("after top-level value")

    # -- tokens

    def _skip_blanks(self) -> int:
        match = _BLANKS.match(self._body, self._position)
        self._position = match.end() if match else self._position
        return self._position

    def _peek(self) -> int:
        if self._position >= self._end:
            raise JsonError("unexpected EOF")
        return self._body[self._position]

    def _invalid(self, context: str) -> JsonError:
        """The byte at the position does not belong there, or there is none."""
        if self._position >= self._end:
            return JsonError("unexpected EOF")
        return JsonError(f"invalid character {quote_byte(self._body[self._position])} {context}")

    def _value(self) -> tuple[Any, bool]:
        """A scalar, or a container that was opened and not yet filled."""
        self._skip_blanks()
        byte = self._peek()
        if byte == 0x22:
            return self._string(), False
        if byte == 0x7B:
            self._position += 1
            return {}, True
        if byte == 0x5B:
            self._position += 1
            return [], True
        if byte == 0x2D or byte in _DIGITS:
            return self._number(), False
        literal = _LITERALS.get(byte)
        if literal is None:
            raise self._invalid("looking for beginning of value")
        return self._literal(*literal), False

    def _closes_at_once(self, container: Any) -> bool:
        self._skip_blanks()
        if self._peek() != (0x7D if type(container) is dict else 0x5D):
            return False
        self._position += 1
        return True

    def _after(self, closing: bytes, context: str) -> bool:
        """Whether the container ends here; otherwise a comma was taken."""
        self._skip_blanks()
        byte = self._peek()
        if byte != 0x2C and byte != closing[0]:
            raise self._invalid(context)
        self._position += 1
        return byte != 0x2C

    def _key(self) -> str:
        self._skip_blanks()
        if self._peek() != 0x22:
            raise self._invalid("looking for beginning of object key string")
        key = self._string()
        self._skip_blanks()
        if self._peek() != 0x3A:
            raise self._invalid("after object key")
        self._position += 1
        return key

    def _literal(self, text: bytes, value: Any) -> Any:
        for offset in range(1, len(text)):
            self._position += 1
            if self._peek() != text[offset]:
                raise self._invalid(f"in literal {text.decode()} (expecting {quote_byte(text[offset])})")
        self._position += 1
        return value

    def _number(self) -> Any:
        start = self._position
        match = _NUMBER.match(self._body, start)
        if match is None:
            self._position += 1
            raise self._invalid("in numeric literal")
        end = match.end()
        plain = True
        if self._body[end : end + 1] == b".":
            plain = False
            end = self._number_part(_FRACTION, end, end + 1, "after decimal point in numeric literal")
        if self._body[end : end + 1] in (b"e", b"E"):
            plain = False
            signed = self._body[end + 1 : end + 2] in (b"+", b"-")
            end = self._number_part(_EXPONENT, end, end + 1 + signed, "in exponent of numeric literal")
        self._position = end
        text = self._body[start:end]
        if plain and text != b"-0" and len(text) <= _MAX_INT_DIGITS:
            return int(text)
        return Number(text)

    def _number_part(self, pattern: re.Pattern[bytes], start: int, digits: int, context: str) -> int:
        match = pattern.match(self._body, start)
        if match is None:
            self._position = digits
            raise self._invalid(context)
        return match.end()

    def _string(self) -> str:
        start = self._position
        self._position += 1  # the caller saw the quotation mark
        while (match := _STRING_PART.match(self._body, self._position)) and match.end() > self._position:
            self._position = match.end()
        if self._peek() != 0x22:
            raise self._bad_string()
        self._position += 1
        return _unescaped(self._body[start + 1 : self._position - 1])

    def _bad_string(self) -> JsonError:
        if self._body[self._position] != 0x5C:
            return self._invalid("in string literal")
        self._position += 1
        if self._peek() != 0x75:
            return self._invalid("in string escape code")
        for _ in range(4):
            self._position += 1
            if self._peek() not in _HEX:
                break
        return self._invalid("in \\u hexadecimal character escape")


def _unescaped(raw: bytes) -> str:
    """The text of a string's inside. Bytes that are no UTF-8 and lone surrogates become U+FFFD, one for each."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = _SURROGATE.sub("\ufffd", raw.decode("utf-8", "surrogateescape"))
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    if _SURROGATE.search(text) is None:
        return text
    text = _SURROGATE_PAIR.sub(_joined, text)
    return _SURROGATE.sub("\ufffd", text)


def _character(match: re.Match[str]) -> str:
    if match[1] is not None:
        return chr(int(match[1], 16))
    return _NAMED_ESCAPES.get(match[2], match[2])


def _joined(match: re.Match[str]) -> str:
    pair = match[0]
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + (ord(pair[1]) - 0xDC00))
