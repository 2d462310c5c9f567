"""The character encoding of an XML document: what its declaration or byte order mark says, made text for the parser.

Knows labels and codecs; not elements.
"""

import codecs
import re

from crossgate.pipeline.decode.errors import DecodeError

_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']""")
_DECLARATION = re.compile(r"\A<\?xml\s[^>]*>")

# Codecs whose decoding is linear and is about characters: the multi-byte and single-byte ones of the WHATWG's list.
_CODECS = frozenset({
    "utf-16", "utf-16-le", "utf-16-be", "big5", "big5hkscs", "cp866", "cp874", "cp932", "cp949", "cp950",
    "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "iso2022_jp", "koi8-r", "koi8-u", "mac-roman",
    "mac-cyrillic", "shift_jis", "tis-620", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "cp1258", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7",
    "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16",
})  # fmt: skip
_WINDOWS_1252 = frozenset({"ascii", "iso8859-1"})  # the web's reading of both
_UTF_8 = frozenset({"utf-8", "utf-8-sig"})


def xml_text(body: bytes) -> bytes | str:
    """The document from its first `<` on: bytes where they are UTF-8, else decoded text, its declaration removed.

    Raises DecodeError: `EOF` where there is no `<`, and for labels that name no known encoding.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _from_first_tag(body.decode("utf-16", "replace"))
    start = body.find(b"<")
    if start < 0:
        raise DecodeError("EOF")
    body = body[start:]
    declared = _DECLARED.match(body)
    if declared is None:
        return body
    codec = _codec(declared[1].decode("ascii"))
    return body if codec in _UTF_8 else _from_first_tag(body.decode(codec, "replace"))


def _from_first_tag(text: str) -> str:
    start = text.find("<")
    if start < 0:
        raise DecodeError("EOF")
    return _DECLARATION.sub("", text[start:]).replace("\x00", "\ufffd")


def _codec(label: str) -> str:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        name = ""
    if name in _WINDOWS_1252:
        return "cp1252"
    if name in _UTF_8 or name in _CODECS:
        return name
    raise DecodeError(f'xml: opening charset "{label}": unsupported charset: "{label}"')
