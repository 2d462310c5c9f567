"""One compact token taken apart: its header, what was signed, the signature. Nothing in it is believed yet.

Source: RFC 7515 sections 3.1 and 5.2; RFC 7797 for `b64`.
"""

from dataclasses import dataclass
from typing import Any

from crossgate.jose.base64url import decode_base64url
from crossgate.jose.json_value import decode_token_json

MAX_TOKEN_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Header:
    """What of a token's header counts. Names of keys are empty where the header has none."""

    algorithm: str
    kid: str
    x5t: str
    x5t_s256: str


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the right form. `payload` is still JSON text."""

    header: Header
    signing_input: bytes
    payload: bytes
    signature: bytes


class HeaderReader:
    """Reads headers. The same few come again and again, so a bounded number is remembered."""

    MEMO_SIZE = 512

    def __init__(self) -> None:
        self._known: dict[bytes, Header | None] = {}

    def __call__(self, segment: bytes) -> Header | None:
        """The header; None where it is none that may be used."""
        if segment in self._known:
            return self._known[segment]
        header = _read_header(segment)
        if len(segment) <= 2048:
            if len(self._known) >= self.MEMO_SIZE:
                self._known.clear()
            self._known[segment] = header
        return header


def split_token(text: bytes, read_header: HeaderReader) -> Token | None:
    """The parts of a compact token; None where the text is none. Total: any bytes, linear time.

    DEVIATION(DEV-JWT-5): KrakenD also takes padding, blanks inside, several spellings of one signature, and the JSON
    serialization with what its unprotected header says.
    """
    if len(text) > MAX_TOKEN_BYTES:
        return None
    segments = text.split(b".", 3)
    if len(segments) != 3:
        return None
    header = read_header(segments[0])
    if header is None:
        return None
    try:
        payload = decode_base64url(segments[1])
        signature = decode_base64url(segments[2])
    except ValueError:
        return None
    return Token(header, text[: len(segments[0]) + 1 + len(segments[1])], payload, signature)


def _read_header(segment: bytes) -> Header | None:
    try:
        members = decode_token_json(decode_base64url(segment))
    except ValueError:
        return None
    if not isinstance(members, dict) or not isinstance(members.get("alg"), str):
        return None
    # No extension is understood but `b64`, whose default alone is (RFC 7515 section 4.1.11, RFC 7797).
    if (members.get("crit") or []) not in ([], ["b64"]) or members.get("b64", True) is not True:
        return None
    if not isinstance(members.get("kid"), str | None) or not _embedded_keys_are_sound(members):
        return None
    x5t, x5t_s256 = [name if isinstance(name := members.get(key), str) else "" for key in ("x5t", "x5t#S256")]
    return Header(members["alg"], members.get("kid") or "", x5t, x5t_s256)


def _embedded_keys_are_sound(members: dict[str, Any]) -> bool:
    """Keys that a token brings along are never used; what is no public key at all is refused."""
    jwk = members.get("jwk")
    if jwk is None and members.get("x5c") is None:
        return True
    if isinstance(jwk, dict) and any(name.lower() == "d" for name in jwk):
        return False  # private, and so never read: what a stranger makes up can keep the library busy for minutes
    from crossgate.jose.keys import KeySetError, parse_key, read_certificates

    try:
        read_certificates(members.get("x5c"))
        return jwk is None or not parse_key(jwk).is_private
    except KeySetError:
        return False
