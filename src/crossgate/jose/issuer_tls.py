"""TLS towards key servers: certificates are always checked, and public keys may be pinned."""

import hashlib
import hmac
import ssl
from collections.abc import Sequence


def issuer_tls(ca_files: Sequence[str], pins: Sequence[bytes]) -> ssl.SSLContext:
    """The context. `ca_files` are trusted beside the system's; one without certificates adds none.

    With `pins` (SHA-256 of a SubjectPublicKeyInfo) the server's own public key has to be one of them besides.
    """
    context = ssl.create_default_context()
    for path in ca_files:
        try:
            context.load_verify_locations(path)
        except ssl.SSLError:
            continue
    if pins:
        context.sslobject_class = _pinned(tuple(pins))
    return context


def _pinned(pins: tuple[bytes, ...]) -> type[ssl.SSLObject]:
    class Pinned(ssl.SSLObject):
        """A connection whose other end has to have one of the keys."""

        def do_handshake(self) -> None:
            super().do_handshake()
            certificate = self.getpeercert(binary_form=True) or b""
            digest = hashlib.sha256(_public_key(certificate)).digest()
            if not any(hmac.compare_digest(digest, pin) for pin in pins):
                raise ssl.SSLCertVerificationError("the server's public key is none of jwk_fingerprints")

    return Pinned


def _public_key(certificate: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_der_x509_certificate

    public = load_der_x509_certificate(certificate).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
