"""Where keys are, as files say it for every component that uses keys: a URL with what is trusted there, or a file."""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable
from dataclasses import dataclass

from crossgate.config.fields import Fields
from crossgate.config.keys import Key as ConfigKey
from crossgate.config.keys import Kind
from crossgate.jose.algorithms import ALGORITHMS
from crossgate.jose.key_fetch import split_url
from crossgate.jose.keys import Key, KeySetError, parse_key_set

PLACE_KEYS = (
    ConfigKey("jwk_url", Kind.TEXT, "Where the key set is fetched.", old="jwk-url", also_old=True),
    ConfigKey("jwk_local_path", Kind.TEXT, "A file with the key set."),
    ConfigKey("disable_jwk_security", Kind.BOOLEAN, "Allow plain http, and files without an https URL.", False),
    ConfigKey("jwk_fingerprints", Kind.TEXTS, "SHA-256 of the public keys that the key server may have, in base64."),
    ConfigKey("jwk_local_ca", Kind.TEXT, "A file of certificates that the key server's may be signed by."),
    ConfigKey(
        "cipher_suites",
        Kind.ANY,
        "Numbers of TLS cipher suites; read and not used, TLS chooses.",
        shape="list of numbers",
    ),
    ConfigKey("secret_url", Kind.TEXT, "Where the file's key is (not run by crossgate)."),
    ConfigKey("cypher_key", Kind.TEXT, "The key of an encrypted file (not run by crossgate)."),
)


@dataclass(frozen=True, slots=True)
class KeyUrl:
    """A key set that is fetched. `ca_files` are trusted beside the system's, `pins` are SHA-256 of public keys."""

    url: str
    keep_seconds: float
    cooldown_seconds: float = 0.0
    ca_files: tuple[str, ...] = ()
    pins: tuple[bytes, ...] = ()


class KeyPlaceError(Exception):
    """A place that cannot be used. `key` is the one to blame; `is_fatal` where KrakenD's validator does not start."""

    def __init__(self, key: str, message: str, *, is_fatal: bool, hint: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.is_fatal = is_fatal
        self.hint = hint


def check_security(fields: Fields) -> None:
    """What KrakenD looks at first. Raises KeyPlaceError."""
    suites = fields.get("cipher_suites")
    are_numbers = isinstance(suites, list) and all(
        isinstance(item, int) and not isinstance(item, bool) for item in suites
    )
    if suites is not None and not are_numbers:
        raise KeyPlaceError("cipher_suites", '"cipher_suites" must be a list of numbers', is_fatal=False)
    try:
        b64decode(fields.text("cypher_key"), validate=True)
    except (Error, ValueError):
        raise KeyPlaceError("cypher_key", '"cypher_key" must be base64', is_fatal=False) from None
    if not fields.boolean("disable_jwk_security") and not fields.text("jwk_url").startswith("https://"):
        hint = "write an https URL, or set disable_jwk_security to true"
        message = 'without disable_jwk_security, "jwk_url" must begin with https://'
        raise KeyPlaceError("jwk_url", message, is_fatal=False, hint=hint)


def check_algorithm(name: str) -> None:
    """Raises KeyPlaceError for one that there is not."""
    if name not in ALGORITHMS:
        raise KeyPlaceError("alg", f'"alg" must be one of {", ".join(ALGORITHMS)}', is_fatal=True)


def read_keys(
    fields: Fields, read_file: Callable[[str], bytes], keep_seconds: float, cooldown_seconds: float = 0.0
) -> tuple[Key, ...] | KeyUrl:
    """The keys of the file, if there is one, else the URL. Raises KeyPlaceError."""
    if fields.text("secret_url"):
        message = 'crossgate does not run "secret_url": it reads keys that are not encrypted'
        hint = "decrypt the file where the gateway is deployed, and name it without secret_url"
        raise KeyPlaceError("secret_url", message, is_fatal=True, hint=hint)
    ca_path = fields.text("jwk_local_ca")
    if ca_path:
        _read(read_file, ca_path, "jwk_local_ca", "the file of certificates")
    path = fields.text("jwk_local_path")
    if path:
        try:
            return parse_key_set(_read(read_file, path, "jwk_local_path", "the key file"))
        except KeySetError as error:
            message = f"the key file is no key set: {error}"
            raise KeyPlaceError("jwk_local_path", message, is_fatal=True) from None
    url = fields.text("jwk_url")
    if not url:
        raise KeyPlaceError("jwk_url", "there is neither jwk_url nor jwk_local_path", is_fatal=False)
    try:
        split_url(url)
    except ValueError:
        raise KeyPlaceError("jwk_url", '"jwk_url" is not an http or https URL', is_fatal=False) from None
    try:
        pins = tuple([b64decode(text, validate=True) for text in fields.texts("jwk_fingerprints")])
    except (Error, ValueError):
        raise KeyPlaceError("jwk_fingerprints", "a fingerprint is no base64", is_fatal=True) from None
    return KeyUrl(url, keep_seconds, cooldown_seconds, (ca_path,) if ca_path else (), pins)


def _read(read_file: Callable[[str], bytes], path: str, key: str, what: str) -> bytes:
    try:
        return read_file(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise KeyPlaceError(key, f"{what} cannot be read: {reason}", is_fatal=True) from None
