"""sprig's functions on strings. Where Go counts bytes, so do these. Source: sprig 3.2.3 `strings.go`, goutils 1.1.1."""

import base64
import binascii
import hashlib
import zlib
from typing import Any

from crossgate.golang.literals import from_bytes, quote, to_bytes
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.printing import MAX_TEXT, bounded, sprintf, verb_v
from crossgate.gotemplate.sprig import letters, words
from crossgate.gotemplate.values import StringList, StringMap

_B64 = {ord(c): i for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_B32 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def strval(value: Any) -> str:
    """A value as text: itself if it is one, else as `%v` prints it."""
    return value if isinstance(value, str) else verb_v(value)


def strslice(value: Any) -> StringList:
    """A list's items as texts, nil left out; anything else as a list of itself."""
    if value is None:
        return StringList()
    if isinstance(value, list):
        return StringList([strval(item) for item in value if item is not None])
    return StringList([strval(value)])


# -- parts of strings, in bytes


def _substr(start: int, end: int, text: str) -> str:
    raw = to_bytes(text)
    if start < 0:
        return _cut(raw, 0, end)
    return _cut(raw, start, len(raw) if end < 0 or end > len(raw) else end)


def _cut(raw: bytes, start: int, end: int) -> str:
    length = len(raw)
    if end < 0 or end > length:
        raise GoError(
            f"runtime error: slice bounds out of range [:{end}]" + (f" with length {length}" * (end > length))
        )
    if start > end:
        if end == length:
            raise GoError(f"runtime error: slice bounds out of range [{start}:{length}]")
        raise GoError(f"runtime error: slice bounds out of range [{start}:{end}]")
    return from_bytes(raw[start:end])


def _trunc(count: int, text: str) -> str:
    raw = to_bytes(text)
    if count < 0 and len(raw) + count > 0:
        return from_bytes(raw[len(raw) + count :])
    return from_bytes(raw[:count]) if 0 <= count < len(raw) else text


def _abbreviated(raw: bytes, offset: int, width: int) -> bytes:
    """goutils.AbbreviateFull; empty where that gives an error."""
    length = len(raw)
    if not raw or width < 4:
        return b""
    if length <= width:
        return raw
    offset = min(offset, length)
    if length - offset < width - 3:
        offset = length - (width - 3)
    if offset <= 4:
        return raw[: width - 3] + b"..."
    if width < 7:
        return b""
    if offset + width - 3 < length:
        return b"..." + _abbreviated(raw[offset:], 0, width - 3)
    return b"..." + raw[length - (width - 3) :]


def _abbrev(width: int, text: str) -> str:
    return text if width < 4 else from_bytes(_abbreviated(to_bytes(text), 0, width))


def _abbrevboth(left: int, right: int, text: str) -> str:
    if right < 4 or (left > 0 and right < 7):
        return text
    return from_bytes(_abbreviated(to_bytes(text), left, right))


def _nospace(text: str) -> str:
    raw = to_bytes(text)
    kept = [chr(byte) for byte in raw if chr(byte) not in letters.SPACES]
    return text if len(kept) == len(raw) else "".join(kept)


def _initials(text: str) -> str:
    out, after_gap = [], True
    for byte in to_bytes(text):
        if chr(byte) in letters.SPACES:
            after_gap = True
        elif after_gap:
            out.append(chr(byte))
            after_gap = False
    return "".join(out)


def _wrapped(text: str, length: int, line_end: str, *, long_words: bool) -> str:
    raw, end_of_line = to_bytes(text), to_bytes(line_end or "\n")
    length = max(length, 1)
    offset = 0
    out = []
    while len(raw) - offset > length:
        if raw[offset : offset + 1] == b" ":
            offset += 1
            continue
        space = raw.rfind(b" ", offset, offset + length + 1)
        if space < offset and long_words:
            out += [raw[offset : offset + length], end_of_line]
            offset += length
            continue
        if space < offset:
            space = raw.find(b" ", offset + length)
            if space < 0:
                out.append(raw[offset:])
                offset = len(raw)
                continue
        out += [raw[offset:space], end_of_line]
        offset = space + 1
    return from_bytes(b"".join([*out, raw[offset:]]))


# -- whole strings


def repeated(count: int, text: str) -> str:
    """strings.Repeat."""
    if count < 0:
        raise GoError("strings: negative Repeat count")
    if count * len(text) > MAX_TEXT:
        raise GoError("the text is larger than 64 MiB")
    return text * count


def _indent(spaces: int, text: str) -> str:
    pad = repeated(spaces, " ")
    if len(pad) * (text.count("\n") + 1) > MAX_TEXT:
        raise GoError("the text is larger than 64 MiB")
    return pad + text.replace("\n", "\n" + pad)


def _replace(old: str, new: str, text: str) -> str:
    if len(new) * text.count(old) > MAX_TEXT:
        raise GoError("the text is larger than 64 MiB")
    return text.replace(old, new)


def _cat(*values: Any) -> str:
    present = [value for value in values if value is not None]
    return sprintf(("%v " * len(present)).strip(), present)


def _quote(*values: Any) -> str:
    return " ".join([quote(strval(value)) for value in values if value is not None])


def _squote(*values: Any) -> str:
    return " ".join([f"'{verb_v(value)}'" for value in values if value is not None])


# -- lists of strings


def split_text(separator: str, text: str, limit: int = -1) -> list[str]:
    """strings.SplitN; an empty separator parts characters."""
    if limit == 0:
        return []
    if separator:
        return text.split(separator, limit - 1 if limit > 0 else -1)
    if 0 < limit < len(text):
        return [*text[: limit - 1], text[limit - 1 :]]
    return list(text)


def _split(separator: str, text: str) -> StringMap:
    return StringMap({f"_{index}": part for index, part in enumerate(split_text(separator, text))})


def _splitn(separator: str, limit: int, text: str) -> StringMap:
    return StringMap({f"_{index}": part for index, part in enumerate(split_text(separator, text, limit))})


def _join(separator: str, value: Any) -> str:
    return bounded(separator.join(strslice(value)))


# -- encodings


def _b64dec(text: str) -> str:
    try:
        return from_bytes(decode_base64(to_bytes(text)))
    except GoError as error:
        return str(error)


def decode_base64(raw: bytes) -> bytes:
    """base64.StdEncoding, line breaks ignored. Raises GoError with the place of the first wrong byte."""
    bad = _bad_base64(raw)
    if bad is not None:
        raise GoError(f"illegal base64 data at input byte {bad}")
    try:
        return base64.b64decode(raw.replace(b"\n", b"").replace(b"\r", b""))
    except binascii.Error:
        raise GoError(f"illegal base64 data at input byte {len(raw)}") from None


def _bad_base64(raw: bytes) -> int | None:
    quantum = 0
    index = 0
    while index < len(raw):
        byte = raw[index]
        index += 1
        if byte in _B64:
            quantum = (quantum + 1) % 4
            continue
        if byte in b"\r\n":
            continue
        if byte != 0x3D or quantum < 2:
            return index - 1
        if quantum == 2:
            while raw[index : index + 1] in (b"\r", b"\n"):
                index += 1
            if index == len(raw):
                return len(raw)
            if raw[index] != 0x3D:
                return index - 1
            index += 1
        while raw[index : index + 1] in (b"\r", b"\n"):
            index += 1
        return index if index < len(raw) else None
    return index - quantum if quantum else None


def _b32dec(text: str) -> str:
    raw = to_bytes(text).replace(b"\n", b"").replace(b"\r", b"")
    bad = _bad_base32(raw)
    if bad is not None:
        return f"illegal base32 data at input byte {bad}"
    return from_bytes(base64.b32decode(raw))


def _bad_base32(raw: bytes) -> int | None:
    length = len(raw)
    start = 0
    while start < length:
        for offset in range(8):
            index = start + offset
            if index >= length:
                return length - offset
            left = length - index - 1
            if raw[index] == 0x3D and offset >= 2 and left < 8:
                if left + offset < 7:
                    return length
                for padding in range(7 - offset):
                    if raw[index + 1 + padding : index + 2 + padding] not in (b"=", b""):
                        return length - left + padding - 1
                return index if offset in (1, 3, 6) else None
            if raw[index] not in _B32:
                return index
        start += 8
    return None


TEXTS: dict[str, Function] = {
    "abbrev": go_function("int, string", _abbrev),
    "abbrevboth": go_function("int, int, string", _abbrevboth),
    "adler32sum": go_function("string", lambda text: str(zlib.adler32(to_bytes(text)))),
    "b32dec": go_function("string", _b32dec),
    "b32enc": go_function("string", lambda text: base64.b32encode(to_bytes(text)).decode()),
    "b64dec": go_function("string", _b64dec),
    "b64enc": go_function("string", lambda text: base64.b64encode(to_bytes(text)).decode()),
    "camelcase": go_function("string", words.camelcase),
    "cat": go_function("...any", _cat),
    "contains": go_function("string, string", lambda part, text: part in text),
    "hasPrefix": go_function("string, string", lambda prefix, text: text.startswith(prefix)),
    "hasSuffix": go_function("string, string", lambda suffix, text: text.endswith(suffix)),
    "hello": go_function("", lambda: "Hello!"),
    "indent": go_function("int, string", _indent),
    "initials": go_function("string", _initials),
    "join": go_function("string, any", _join),
    "kebabcase": go_function("string", words.kebabcase),
    "lower": go_function("string", letters.to_lower),
    "nindent": go_function("int, string", lambda spaces, text: "\n" + _indent(spaces, text)),
    "nospace": go_function("string", _nospace),
    "plural": go_function("string, string, int", lambda one, many, count: one if count == 1 else many),
    "quote": go_function("...any", _quote),
    "repeat": go_function("int, string", repeated),
    "replace": go_function("string, string, string", _replace),
    "sha1sum": go_function("string", lambda text: hashlib.sha1(to_bytes(text), usedforsecurity=False).hexdigest()),
    "sha256sum": go_function("string", lambda text: hashlib.sha256(to_bytes(text)).hexdigest()),
    "snakecase": go_function("string", words.snakecase),
    "split": go_function("string, string", _split),
    "splitList": go_function("string, string", lambda separator, text: StringList(split_text(separator, text))),
    "splitn": go_function("string, int, string", _splitn),
    "squote": go_function("...any", _squote),
    "substr": go_function("int, int, string", _substr),
    "swapcase": go_function("string", letters.swapcase),
    "title": go_function("string", letters.title),
    "toString": go_function("any", strval),
    "toStrings": go_function("any", strslice),
    "trim": go_function("string", lambda text: text.strip(letters.SPACES)),
    "trimAll": go_function("string, string", lambda letters_, text: text.strip(letters_) if letters_ else text),
    "trimPrefix": go_function("string, string", lambda prefix, text: text.removeprefix(prefix)),
    "trimSuffix": go_function("string, string", lambda suffix, text: text.removesuffix(suffix)),
    "trimall": go_function("string, string", lambda letters_, text: text.strip(letters_) if letters_ else text),
    "trunc": go_function("int, string", _trunc),
    "untitle": go_function("string", letters.untitle),
    "upper": go_function("string", letters.to_upper),
    "wrap": go_function("int, string", lambda length, text: _wrapped(text, length, "", long_words=False)),
    "wrapWith": go_function(
        "int, string, string", lambda length, line_end, text: _wrapped(text, length, line_end, long_words=True)
    ),
}
