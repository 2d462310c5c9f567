"""sprig's functions that make keys and certificates. Source: sprig 3.2.3 `crypto.go`.

All of cryptography's randomness is its own: keys never come from an injected source.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from crossgate.golang.literals import to_bytes
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.printing import verb_v
from crossgate.gotemplate.sprig.secrets import NEEDS_EXTRA
from crossgate.gotemplate.sprig.texts import decode_base64
from crossgate.gotemplate.sprig.world import World
from crossgate.gotemplate.values import Object


@dataclass(frozen=True, eq=False)
class Certificate(Object):
    """sprig's pair of a certificate and its key, both in PEM."""

    go_type: ClassVar[str] = "sprig.certificate"
    fields: ClassVar[tuple[str, ...]] = ("Cert", "Key")

    Cert: str
    Key: str


def _library() -> Any:
    try:
        import cryptography.x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
    except ImportError:
        raise GoError(f"making keys {NEEDS_EXTRA}") from None

    class Library:
        x509 = cryptography.x509

    for module in (hashes, serialization, dsa, ec, ed25519, rsa):
        setattr(Library, module.__name__.rpartition(".")[2], module)
    return Library


def _private_key(kind: str) -> str:
    lib = _library()
    if kind in ("", "rsa"):
        return _pem(lib, lib.rsa.generate_private_key(65537, 4096))
    if kind == "dsa":
        return _pem(lib, lib.dsa.generate_private_key(2048))
    if kind == "ecdsa":
        return _pem(lib, lib.ec.generate_private_key(lib.ec.SECP256R1()))
    if kind == "ed25519":
        return _pem(lib, lib.ed25519.Ed25519PrivateKey.generate())
    return f"Unknown type {kind}"


def _pem(lib: Any, key: Any) -> str:
    """A key as Go writes it: RSA, EC and DSA in their own forms, others as PKCS #8."""
    form = lib.serialization.PrivateFormat
    is_edwards = isinstance(key, lib.ed25519.Ed25519PrivateKey)
    text = key.private_bytes(
        lib.serialization.Encoding.PEM,
        form.PKCS8 if is_edwards else form.TraditionalOpenSSL,
        lib.serialization.NoEncryption(),
    )
    return str(text.decode())


def _read_key(lib: Any, pem: str, doing: str) -> Any:
    try:
        return lib.serialization.load_pem_private_key(to_bytes(pem), None)
    except (ValueError, TypeError):
        if "-----BEGIN" not in pem:
            raise GoError(f"{doing}: no PEM data in input") from None
        raise GoError(f"{doing}: it cannot be read") from None


class _Authority:
    def __init__(self, world: World) -> None:
        self._world = world

    def authority(self, name: str, days: int, key: str | None = None) -> Certificate:
        return self._certificate(name, [], [], days, None, key, is_ca=True)

    def self_signed(
        self, name: str, addresses: list[Any], names: list[Any], days: int, key: str | None = None
    ) -> Certificate:
        return self._certificate(name, addresses, names, days, None, key)

    def signed(
        self, name: str, addresses: list[Any], names: list[Any], days: int, signer: Certificate, key: str | None = None
    ) -> Certificate:
        return self._certificate(name, addresses, names, days, signer, key)

    def _certificate(
        self,
        name: str,
        addresses: list[Any],
        names: list[Any],
        days: int,
        signer: Certificate | None,
        key_pem: str | None,
        *,
        is_ca: bool = False,
    ) -> Certificate:
        lib = _library()
        x509 = lib.x509
        if key_pem is None:
            key = lib.rsa.generate_private_key(65537, 2048)
        else:
            key = _read_key(lib, key_pem, "parsing private key")
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)] if name else [])
        issuer, signing_key, signer_id = subject, key, None
        if signer is not None:
            parent = _read_certificate(lib, to_bytes(signer.Cert), "decodedSignerCert.Bytes")
            issuer, signing_key = parent.subject, _read_key(lib, signer.Key, "error parsing private key")
            signer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(parent.public_key())
        now = datetime.fromtimestamp(self._world.now() // 1_000_000_000, UTC)
        try:
            builder = (
                x509.CertificateBuilder()
                .subject_name(subject)
                .issuer_name(issuer)
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now)
                .not_valid_after(now + timedelta(days=days))
            )
        except (ValueError, OverflowError) as error:
            raise GoError(f"error creating certificate: {error}") from None
        for extension, critical in _extensions(lib, key, addresses, names, is_ca=is_ca):
            builder = builder.add_extension(extension, critical)
        if signer_id is not None:
            builder = builder.add_extension(signer_id, critical=False)
        algorithm = None if isinstance(signing_key, lib.ed25519.Ed25519PrivateKey) else lib.hashes.SHA256()
        certificate = builder.sign(signing_key, algorithm)
        pem = certificate.public_bytes(lib.serialization.Encoding.PEM).decode()
        return Certificate(pem, _pem(lib, key))


def _extensions(lib: Any, key: Any, addresses: list[Any], names: list[Any], *, is_ca: bool) -> list[tuple[Any, bool]]:
    x509 = lib.x509
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    oids = x509.ExtendedKeyUsageOID
    found = [
        (usage, True),
        (x509.ExtendedKeyUsage([oids.SERVER_AUTH, oids.CLIENT_AUTH]), False),
        (x509.BasicConstraints(ca=is_ca, path_length=None), True),
    ]
    if is_ca:
        found.append((x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    alternatives = [x509.DNSName(_text(name, "processing alternate dns name")) for name in names]
    alternatives += [x509.IPAddress(_address(_text(address, "parsing ip"))) for address in addresses]
    if alternatives:
        found.append((x509.SubjectAlternativeName(alternatives), False))
    return found


def _text(value: Any, doing: str) -> str:
    if not isinstance(value, str):
        raise GoError(f"error {doing}: {verb_v(value)} is not a string")
    return value


def _address(text: str) -> Any:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise GoError(f"error parsing ip: {text}") from None


def _read_certificate(lib: Any, pem: bytes, name: str) -> Any:
    if b"-----BEGIN" not in pem:
        raise GoError("unable to decode certificate")
    try:
        return lib.x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise GoError(f"error parsing certificate: {name}: {error}") from None


def _custom(certificate: str, key: str) -> Certificate:
    lib = _library()
    texts = []
    for encoded, what in ((certificate, "certificate"), (key, "private key")):
        try:
            texts.append(decode_base64(to_bytes(encoded)))
        except GoError:
            raise GoError(f"unable to decode base64 {what}") from None
    _read_certificate(lib, texts[0], "decodedCert.Bytes")
    key_text = texts[1].decode("utf-8", "surrogateescape")
    _read_key(lib, key_text, "error parsing private key")
    return Certificate(texts[0].decode("utf-8", "surrogateescape"), key_text)


def certificates(world: World) -> dict[str, Function]:
    """The functions that make keys and certificates, valid from a world's now."""
    own = _Authority(world)
    declared: list[tuple[str, str, Callable[..., Any]]] = [
        ("buildCustomCert", "string, string", _custom),
        ("genCA", "string, int", own.authority),
        ("genCAWithKey", "string, int, string", own.authority),
        ("genPrivateKey", "string", _private_key),
        ("genSelfSignedCert", "string, list, list, int", own.self_signed),
        ("genSelfSignedCertWithKey", "string, list, list, int, string", own.self_signed),
        ("genSignedCert", "string, list, list, int, sprig.certificate", own.signed),
        ("genSignedCertWithKey", "string, list, list, int, sprig.certificate, string", own.signed),
    ]
    return {name: go_function(parameters, call) for name, parameters, call in declared}
