"""A throw-away certificate for the loopback names, and how each browser is told to trust it and no other."""

import base64
import hashlib
import ssl
from collections.abc import Iterable

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.browser.launch import Trust


class LoopbackCertificate:
    """A key pair of this run. Nothing is written to disk but what the ssl module needs for a moment."""

    def __init__(self) -> None:
        leaf = trustme.CA().issue_cert("127.0.0.1", "localhost")
        self._leaf = leaf
        self._parsed = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())

    def server_context(self) -> ssl.SSLContext:
        """What a server needs to show it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._leaf.configure_cert(context)
        return context

    def trust(self, authorities: Iterable[str]) -> Trust:
        """What a browser needs to take it, at those authorities (`127.0.0.1:4433`)."""
        public_key = self._parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = hashlib.sha256(self._parsed.public_bytes(Encoding.DER)).hexdigest().upper()
        return Trust(
            base64.b64encode(hashlib.sha256(public_key).digest()).decode(),
            ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)),
            tuple(authorities),
        )
