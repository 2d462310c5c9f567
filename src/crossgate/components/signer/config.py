"""`auth/signer` as a file has it.

Source: krakend-jose v2 `jose.go` NewSigner, `gin/jose.go` TokenSigner. KrakenD starts whatever is wrong with the key,
and answers 401 to everything; so does crossgate, with a warning.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import GuardFields, Section
from crossgate.jose.algorithms import ALGORITHMS
from crossgate.jose.key_place import PLACE_KEYS, KeyPlaceError, KeyUrl, check_algorithm, check_security, read_keys
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.keys import Key as JsonWebKey

NAME = "auth/signer"
KEPT_SECONDS = 900.0
KEYS = KeyTable(
    "the signer",
    Manner.JSON,
    (
        Key("alg", Kind.TEXT, "The algorithm of the signatures.", choices=ALGORITHMS),
        Key("kid", Kind.TEXT, "The name of the key that signs."),
        Key(
            "keys_to_sign", Kind.TEXTS, "The fields to sign, where they are objects.", old="keys-to-sign", also_old=True
        ),
        Key("full", Kind.BOOLEAN, "The JSON form of signatures in the place of the compact one.", False),
        Key("typ", Kind.TEXT, "`typ` of the tokens' headers.", "JWT", since3=True),
        *PLACE_KEYS,
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Signs fields of an endpoint's answer.", {"endpoint": KEYS})


@dataclass(frozen=True, slots=True)
class SignerConfig:
    """What to sign, and with what. `refuses` is why nothing can be signed, as the file stands; empty where it can."""

    algorithm: str = ""
    kid: str = ""
    fields: tuple[str, ...] = ()
    is_full: bool = False
    typ: str = "JWT"
    fixed: FixedKeys | None = None
    url: KeyUrl | None = None
    refuses: str = ""


def decode_signer(section: Section) -> SignerConfig | None:
    """The signer of an endpoint; None where it has none."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        _warn(section, namespace.path, "the signer must be an object")
        return SignerConfig(refuses="it is no object")

    def refuse(path: str, message: str, hint: str) -> None:
        if not hint:
            _warn(section, path, message)
        else:
            section.report.warning("CFG205", path, message, hint=hint, krakend="ignores it in silence", on_key=True)

    fields = GuardFields(namespace.value, namespace.path, KEYS, section.version, section.report, refuse)
    values: dict[str, Any] = {
        "algorithm": fields.text("alg"),
        "kid": fields.text("kid"),
        "fields": fields.texts("keys_to_sign"),
        "is_full": fields.boolean("full"),
        "typ": fields.text("typ") or "JWT",
    }
    for key in ("jwk_url", "jwk_local_path", "jwk_local_ca", "secret_url", "cypher_key"):
        fields.text(key)
    fields.texts("jwk_fingerprints")
    fields.boolean("disable_jwk_security")
    if fields.broken:
        return SignerConfig(refuses="a value has the wrong type")
    try:
        check_security(fields)
        check_algorithm(values["algorithm"])
        keys = read_keys(fields, section.read_file, KEPT_SECONDS)
        if isinstance(keys, KeyUrl):
            return SignerConfig(**values, url=keys)
        return SignerConfig(**values, fixed=_fitting(keys, values["kid"], values["algorithm"]))
    except KeyPlaceError as error:
        _warn(section, fields.at(error.key), str(error), error.hint)
        return SignerConfig(refuses=str(error))


def _fitting(keys: Sequence[JsonWebKey], kid: str, algorithm: str) -> FixedKeys:
    """The keys, if the one that is to sign is among them. Raises KeyPlaceError."""
    fixed = FixedKeys(keys)
    key = fixed.known("kid", kid)
    if key is None or not key.may_sign(algorithm):
        raise KeyPlaceError("kid", "the file has no private key of that kid for the algorithm", is_fatal=False)
    return fixed


def _warn(section: Section, path: str, message: str, hint: str = "") -> None:
    message = f"{message}: as it is, the endpoint answers 401 to everything"
    krakend = "starts, and answers 401 to everything"
    section.refuses_everybody(path, message, hint=hint, krakend=krakend)
