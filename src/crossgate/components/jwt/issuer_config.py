"""One issuer as files have it: algorithm, keys and what is compared. Reads key files and certificates."""

from base64 import b64decode
from binascii import Error
from collections.abc import Sequence
from dataclasses import replace

from crossgate.components.jwt.model import Issuer, KeyUrl
from crossgate.config.fields import Fields
from crossgate.config.section import Section
from crossgate.golang.duration import DurationError, parse_duration
from crossgate.jose.algorithms import ALGORITHMS, HASH_BYTES
from crossgate.jose.key_fetch import split_url
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.keys import Key, KeySetError, Strategy, parse_key_set

KEPT_WITHOUT_CACHE_SECONDS = 60.0
"""DEVIATION(DEV-JWT-3): KrakenD fetches the key set twice for each request without `cache`."""

DEFAULT_CACHE_SECONDS = 900.0
_SECOND = 1_000_000_000
_REFUSES = "starts, and answers 401 to everything"


def refuse_all(reason: str) -> Issuer:
    """An issuer that is never believed."""
    return Issuer("", refuses=reason)


class IssuerReader:
    """Reads one. `name` is the namespace that a fault closes."""

    def __init__(self, section: Section, name: str, fields: Fields) -> None:
        self._section = section
        self._name = name
        self._fields = fields

    def read(self, wrong: Sequence[str] = ()) -> Issuer:
        """The issuer. `wrong` are values of its object that could not be read at all: it then refuses everybody."""
        fields = self._fields
        fields.boolean("cache")
        issuer = Issuer(
            algorithm=fields.text("alg"),
            issuer=fields.text("issuer"),
            audience=fields.texts("audience"),
            strategy=self._strategy(),
            leeway_seconds=self._seconds("leeway") or 1.0,
        )
        cooldown = self._seconds("failed_jwk_key_cooldown")
        pins, cipher_suites = fields.texts("jwk_fingerprints"), fields.get("cipher_suites")
        keep_seconds = fields.integer("cache_duration") or DEFAULT_CACHE_SECONDS
        texts = {key: fields.text(key) for key in ("jwk_url", "jwk_local_path", "jwk_local_ca", "secret_url")}
        is_insecure = fields.boolean("disable_jwk_security")
        if cipher_suites is not None and not _are_numbers(cipher_suites):
            return self._warn("cipher_suites", '"cipher_suites" must be a list of numbers')
        if not _is_base64(fields.text("cypher_key")):
            return self._warn("cypher_key", '"cypher_key" must be base64')
        if wrong or fields.broken:
            return refuse_all("a value has the wrong type")
        if not is_insecure and not texts["jwk_url"].startswith("https://"):
            return self._warn(
                "jwk_url", '"jwk_url" must begin with https://', hint="use https, or set disable_jwk_security to true"
            )
        if issuer.algorithm not in ALGORITHMS:
            self._close("alg", f'"alg" must be one of {", ".join(ALGORITHMS)}', "refuses to start")
        if texts["secret_url"]:
            self._close("secret_url", 'crossgate does not run "secret_url"', "reads an encrypted file")
        ca_files = self._ca_files(texts["jwk_local_ca"])
        if texts["jwk_local_path"]:
            return replace(issuer, fixed=self._file(texts["jwk_local_path"], issuer.algorithm))
        if not texts["jwk_url"]:
            return self._warn("jwk_url", "there is neither jwk_url nor jwk_local_path")
        try:
            split_url(texts["jwk_url"])
        except ValueError:
            return self._warn("jwk_url", '"jwk_url" is not an http or https URL')
        has_cache = fields.boolean("cache")
        url = KeyUrl(
            texts["jwk_url"],
            float(keep_seconds) if has_cache and keep_seconds > 0 else KEPT_WITHOUT_CACHE_SECONDS,
            cooldown,
            ca_files,
            self._pins(pins),
        )
        return replace(issuer, url=url)

    def _strategy(self) -> Strategy:
        match self._fields.text("key_identify_strategy"):
            case "x5t" | "x5t#S256" | "kid_x5t" as strategy:
                return strategy
            case _:
                return "kid"

    def _seconds(self, name: str) -> float:
        """A duration of at least a second; 0 where it is less, or none."""
        try:
            nanoseconds = parse_duration(self._fields.text(name))
        except DurationError:
            return 0.0
        return nanoseconds / _SECOND if nanoseconds >= _SECOND else 0.0

    def _file(self, path: str, algorithm: str) -> FixedKeys:
        if self._fields.boolean("cache"):
            self._close("cache", '"cache" is of no use with a file', "refuses to start")
        try:
            keys = parse_key_set(self._section.read_file(path))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._close("jwk_local_path", f"the key file cannot be read: {reason}", "refuses to start")
            return FixedKeys(())
        except KeySetError as error:
            self._close("jwk_local_path", f"the key file is not a key set: {error}", "refuses to start")
            return FixedKeys(())
        self._check_secrets(keys, algorithm)
        return FixedKeys(keys)

    def _check_secrets(self, keys: Sequence[Key], algorithm: str) -> None:
        """DEVIATION(DEV-JWT-8): KrakenD takes secrets of any length, empty ones included."""
        needed = HASH_BYTES.get(algorithm)
        secrets = [key for key in keys if key.kty == "oct" and key.algorithm in ("", algorithm)]
        if needed is None or not secrets or any(len(key.material) >= needed for key in secrets):
            return
        message = f"{algorithm} needs a secret of at least {needed} bytes: these are shorter"
        self._close("jwk_local_path", message, "takes secrets of any length")

    def _ca_files(self, path: str) -> tuple[str, ...]:
        if not path:
            return ()
        try:
            self._section.read_file(path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._close("jwk_local_ca", f"the file cannot be read: {reason}", "refuses to start")
            return ()
        return (path,)

    def _pins(self, texts: Sequence[str]) -> tuple[bytes, ...]:
        try:
            return tuple([b64decode(text, validate=True) for text in texts])
        except (Error, ValueError):
            self._close("jwk_fingerprints", "a fingerprint is not base64", "refuses to start")
            return ()

    def _close(self, key: str, message: str, krakend: str) -> None:
        self._section.close(self._name, self._fields.at(key), message, krakend=krakend)

    def _warn(self, key: str, reason: str, hint: str = "") -> Issuer:
        message = f"{reason}: as it is, the validator refuses everybody"
        self._section.refuses_everybody(self._fields.at(key), message, hint=hint, krakend=_REFUSES)
        return refuse_all(reason)


def _are_numbers(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value)


def _is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except (Error, ValueError):
        return False
    return True
