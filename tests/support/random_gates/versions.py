"""Configurations of what stands before backends in older words: names of components, and keys in them.

Beside tests/support/older_configurations.py, which renames no keys in components.
"""

import copy
import random
from typing import Any

from crossgate.config.namespaces.table import NAMESPACES
from tests.support.older_configurations import OLD_KEYS
from tests.support.random_gates.words import Tree

_BY_NAME = {spec.name: spec for spec in NAMESPACES}
_KEYS = dict(OLD_KEYS)
_OLD_IN = {
    "auth/validator": {"jwk_url": "jwk-url", "propagate_claims": "propagate-claims"},
    "auth/signer": {"jwk_url": "jwk-url", "keys_to_sign": "keys-to-sign"},
    "qos/ratelimit/router": {"max_rate": "maxRate", "client_max_rate": "clientMaxRate"},
    "qos/ratelimit/proxy": {"max_rate": "maxRate"},
    "qos/circuit-breaker": {"max_errors": "maxErrors"},
    "security/bot-detector": {"cache_size": "cacheSize", "allow": "allowlist", "deny": "denylist"},
    "auth/revoker": {"token_keys": "TokenKeys"},
}


def old_name(name: str) -> str:
    spec = _BY_NAME.get(name)
    return name if spec is None else spec.name_in(2) or name


def spellings(name: str) -> tuple[str, ...]:
    spec = _BY_NAME.get(name)
    return (name,) if spec is None else (name, *spec.old)


def old_keys(name: str, value: Any) -> Any:
    names = _OLD_IN.get(name, {})
    return {names.get(key, key): member for key, member in value.items()} if isinstance(value, dict) else value


def as_version_2_part(part: Tree) -> Tree:
    made = {_KEYS.get(key, key): value for key, value in part.items()}
    if "extra_config" in made:
        made["extra_config"] = {old_name(name): old_keys(name, value) for name, value in made["extra_config"].items()}
    if "backend" in made:
        made["backend"] = [as_version_2_part(one) for one in made["backend"]]
    return made


def as_version_2(tree: Tree) -> Tree:
    """The same in the words of version 2, as far as it has them."""
    made = as_version_2_part(copy.deepcopy(tree))
    return {**made, "version": 2, "endpoints": [as_version_2_part(one) for one in made["endpoints"]]}


def in_old_names(tree: Tree, r: random.Random) -> Tree:
    """A file of version 3 in which namespaces have the names of version 2, as KrakenD 2 takes them."""
    copied = copy.deepcopy(tree)
    for place in (copied, *copied["endpoints"], *(one for each in copied["endpoints"] for one in each["backend"])):
        extra = place.get("extra_config")
        if extra:
            place["extra_config"] = {
                spec.old[-1]
                if (spec := _BY_NAME.get(name)) and spec.old and spec.renamed and r.random() < 0.7
                else name: value
                for name, value in extra.items()
            }
    return copied
