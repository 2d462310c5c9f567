"""Bodies in the gzip content coding. Knows the container; not whose body it is or how large it may be."""

import zlib

from crossgate.pipeline.decode.errors import DecodeError

_MAGIC = b"\x1f\x8b\x08"
_HEADER_BYTES = 10
_GZIP_ONLY = 16 + zlib.MAX_WBITS
_FIRST_CHUNK_BYTES = 512


def gunzip(body: bytes, max_bytes: int) -> bytes:
    """The content of a gzip body, all its members one after the other, at most `max_bytes` of it.

    Raises DecodeError in Go's words: `EOF` for no bytes at all, `gzip: invalid header`, `unexpected EOF` where it is
    cut off, `gzip: invalid checksum`; and in our own where the content is larger. Never holds more than `max_bytes`
    and one byte of content.

    DEVIATION(DEV-DATA-8): the body is read to its end; KrakenD stops after the first JSON value and so does not see
    that the rest is cut off or its checksum wrong. Source: Go 1.22 `compress/gzip/gunzip.go`.
    """
    if not body:
        raise DecodeError("EOF")
    pieces: list[bytes] = []
    left = max_bytes
    position = 0
    while position < len(body):
        if not body.startswith(_MAGIC, position):
            left_bytes = len(body) - position
            cut_off = left_bytes < len(_MAGIC) and _MAGIC.startswith(body[position:])
            if position == 0 and left_bytes < _HEADER_BYTES:  # Go reads so many before it looks
                cut_off = True
            raise DecodeError("unexpected EOF" if cut_off else "gzip: invalid header")
        position, left = _read_member(body, position, left, pieces)
        if left < 0:
            raise DecodeError(f"the decompressed body is larger than {max_bytes} bytes")
    return b"".join(pieces)


def _read_member(body: bytes, position: int, left: int, pieces: list[bytes]) -> tuple[int, int]:
    """Append a member's content; where the next one begins, and what is left of the limit (negative: exceeded).

    A member is fed in growing chunks: what zlib returns unused is copied, and a body may be a million tiny members.
    """
    member = zlib.decompressobj(_GZIP_ONLY)
    chunk_bytes = _FIRST_CHUNK_BYTES
    while not member.eof:
        chunk = body[position : position + chunk_bytes]
        if not chunk:
            raise DecodeError("unexpected EOF")
        try:
            piece = member.decompress(chunk, left + 1)
        except zlib.error as error:
            raise DecodeError(_go_message(str(error))) from None
        position += len(chunk) - len(member.unconsumed_tail) - len(member.unused_data)
        left -= len(piece)
        if left < 0:
            break
        pieces.append(piece)
        chunk_bytes = min(chunk_bytes * 2, 1 << 20)
    return position, left


def _go_message(reason: str) -> str:
    if "check" in reason or "length" in reason:
        return "gzip: invalid checksum"
    if "header" in reason:
        return "gzip: invalid header"
    return "flate: corrupt input"
