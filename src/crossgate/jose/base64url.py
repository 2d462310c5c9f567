"""Base64url as RFC 7515 has it: one spelling for each sequence of bytes."""

from binascii import Error, a2b_base64, b2a_base64

_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/\x00\x00\x00")
_TO_URL = bytes.maketrans(b"+/", b"-_")


def decode_base64url(text: bytes) -> bytes:
    """The bytes. Raises ValueError for padding, blanks, other alphabets, and bits behind the last byte that are set."""
    standard = text.translate(_TO_STANDARD) + b"=" * (-len(text) % 4)
    try:
        decoded = a2b_base64(standard, strict_mode=True)
    except Error:
        raise ValueError("not base64url") from None
    if len(text) % 4 and b2a_base64(decoded, newline=False) != standard:
        raise ValueError("not canonical base64url")
    return decoded


def encode_base64url(data: bytes) -> bytes:
    """The text, without padding."""
    return b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=")
