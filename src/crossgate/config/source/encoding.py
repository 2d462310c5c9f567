"""Bytes of a file to text. Knows UTF-8 and how files that are no UTF-8 give themselves away."""

from crossgate.config.source.problem import TextError

_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode_text(data: bytes, *, marks_allowed: bool) -> tuple[str, TextError | None]:
    """The text, and what is wrong with it. Invalid bytes have become U+FFFD each, as Go reads them.

    `marks_allowed`: the format takes a byte order mark, which is then dropped. A problem whose path is empty has been
    repaired in the text and may be a warning where the format's reader does the same.
    """
    if data.startswith(_UTF16_MARKS) or data[:4].count(0) >= 2:
        text = data.decode("latin-1")
        return text, TextError(
            "CFG103", 0, 1, "the file is UTF-16 or UTF-32", hint="save it as UTF-8", krakend="refuses to start"
        )
    problem = None
    if data.startswith(_UTF8_MARK):
        data = data[len(_UTF8_MARK) :]
        if not marks_allowed:
            problem = TextError(
                "CFG108",
                0,
                0,
                "the file begins with a byte order mark",
                hint="save it as UTF-8 without BOM",
                fix="",
                krakend="refuses to start: invalid character 'ï' looking for beginning of value",
            )
    try:
        return data.decode("utf-8"), problem
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8"))
        text = data.decode("utf-8", errors="surrogateescape")
        text = "".join(["\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text])
        return text, problem or TextError(
            "CFG103",
            start,
            start + 1,
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            hint="save the file as UTF-8",
            krakend="reads U+FFFD in its place within a JSON string, refuses to start elsewhere",
            path="",
        )


def without_lone_surrogates(text: str) -> str:
    """The text with every half of a surrogate pair replaced by U+FFFD, as Go's encoding/json does."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
