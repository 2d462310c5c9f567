"""Heads of answers that the parser refuses and Go's client reads, made such that the parser takes them.

Only what two readers cannot take for different things: continued lines (unfolded before anybody looks at them, RFC 9112
section 5.2), line feeds alone where no line ends otherwise, one Content-Length said several times, and a Content-Length
beside Transfer-Encoding, which overrides it (section 6.3). Does not know bodies or connections.

Source: Go 1.24 `net/textproto/reader.go` readContinuedLineSlice, `net/http/transfer.go` fixLength.
"""

import re

_START = b"HTTP/1."
_END = re.compile(rb"\n\r?\n")
_SEVERAL_BLANKS = re.compile(rb"\A(HTTP/1\.[01]) {2,}")
_DIGITS = re.compile(rb"[0-9]+")
_LENGTH = b"content-length"
_CODING = b"transfer-encoding"


class HeadError(ValueError):
    """The head is not to be read at all. `str()` is the cause in Go's manner."""


def rewrite_head(data: bytes, searched: int = 0) -> tuple[bytes, int] | None:
    """The first head in the data, rewritten, and where in the data it ends; None if it does not end there.

    It did not end within the first `searched` bytes. What the parser would refuse beyond what is named above stays as
    it is. Raises HeadError.
    """
    if not data.startswith(_START[: len(data)]):
        raise HeadError("malformed HTTP response")
    match = _END.search(data, max(0, searched - 2))
    if match is None:
        return None
    lines = data[: match.start()].split(b"\n")
    if b"\r" in data[: match.end()]:
        # DEVIATION(DEV-HTTP-5): a line feed alone among proper line ends may have come with a field's value.
        if match[0] != b"\n\r\n" or not all(line.endswith(b"\r") for line in lines):
            raise HeadError("malformed HTTP response (line ends of two kinds)")
        lines = [line.removesuffix(b"\r") for line in lines]
    start, *fields = lines
    fields = _one_framing(_unfolded(fields))
    start = _SEVERAL_BLANKS.sub(rb"\1 ", start)
    return b"".join([line + b"\r\n" for line in (start, *fields)]) + b"\r\n", match.end()


def _unfolded(lines: list[bytes]) -> list[bytes]:
    unfolded: list[bytes] = []
    for line in lines:
        if line[:1] not in (b" ", b"\t"):
            unfolded.append(line)
        elif not unfolded:
            raise HeadError("malformed MIME header initial line")
        else:
            unfolded[-1] = unfolded[-1].rstrip(b" \t") + b" " + line.strip(b" \t")
    return unfolded


def _one_framing(lines: list[bytes]) -> list[bytes]:
    """The lines with one Content-Length, and none beside Transfer-Encoding."""
    names = [line.partition(b":")[0].lower() for line in lines]
    lengths = {
        line.partition(b":")[2].strip(b" \t") for line, name in zip(lines, names, strict=True) if name == _LENGTH
    }
    if len(lengths) > 1:
        raise HeadError("http: message cannot contain multiple Content-Length headers")
    if not all(map(_DIGITS.fullmatch, lengths)):
        raise HeadError("bad Content-Length")
    kept = []
    is_said = _CODING in names
    for line, name in zip(lines, names, strict=True):
        if name != _LENGTH or not is_said:
            kept.append(line)
        is_said = is_said or name == _LENGTH
    return kept
