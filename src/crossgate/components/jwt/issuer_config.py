"""One issuer as files have it: algorithm, keys and what is compared."""

from collections.abc import Sequence
from dataclasses import replace

from crossgate.components.jwt.model import Issuer
from crossgate.config.fields import Fields
from crossgate.config.section import Section
from crossgate.golang.duration import DurationError, parse_duration
from crossgate.jose.algorithms import HASH_BYTES
from crossgate.jose.key_place import KeyPlaceError, KeyUrl, check_algorithm, check_security, read_keys
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.keys import Key, Strategy

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
        for key in ("jwk_url", "jwk_local_path", "jwk_local_ca", "secret_url", "cypher_key"):
            fields.text(key)
        fields.texts("jwk_fingerprints")
        fields.boolean("disable_jwk_security")
        has_cache, keep_seconds = fields.boolean("cache"), fields.integer("cache_duration") or DEFAULT_CACHE_SECONDS
        issuer = Issuer(
            algorithm=fields.text("alg"),
            issuer=fields.text("issuer"),
            audience=fields.texts("audience"),
            strategy=self._strategy(),
            leeway_seconds=self._seconds("leeway") or 1.0,
        )
        cooldown_seconds = self._seconds("failed_jwk_key_cooldown")
        if keep_seconds < 0:
            return self._report(
                KeyPlaceError("cache_duration", '"cache_duration" must not be negative', is_fatal=False)
            )
        if wrong or fields.broken:
            return refuse_all("a value has the wrong type")
        if not has_cache:
            keep_seconds = KEPT_WITHOUT_CACHE_SECONDS
        try:
            check_security(fields)
            check_algorithm(issuer.algorithm)
            keys = read_keys(fields, self._section.read_file, float(keep_seconds), cooldown_seconds)
            if isinstance(keys, KeyUrl):
                return replace(issuer, url=keys)
            self._check_file(keys, issuer.algorithm, has_cache=has_cache)
        except KeyPlaceError as error:
            return self._report(error)
        return replace(issuer, fixed=FixedKeys(keys))

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

    def _check_file(self, keys: Sequence[Key], algorithm: str, *, has_cache: bool) -> None:
        """DEVIATION(DEV-JWT-8): KrakenD takes secrets of any length, empty ones included."""
        if has_cache:
            raise KeyPlaceError("cache", '"cache" is of no use with a file', is_fatal=True)
        needed = HASH_BYTES.get(algorithm)
        secrets = [key for key in keys if key.kty == "oct" and key.algorithm in ("", algorithm)]
        if needed is not None and secrets and all(len(key.material) < needed for key in secrets):
            message = f"{algorithm} needs a secret of at least {needed} bytes: these are shorter"
            raise KeyPlaceError("jwk_local_path", message, is_fatal=True)

    def _report(self, error: KeyPlaceError) -> Issuer:
        path, reason = self._fields.at(error.key), str(error)
        if error.is_fatal:
            self._section.close(self._name, path, reason, hint=error.hint, krakend="refuses to start")
        else:
            message = f"{reason}: as it is, the validator refuses everybody"
            self._section.refuses_everybody(path, message, hint=error.hint, krakend=_REFUSES)
        return refuse_all(reason)
