"""Guards that nobody reads because of where they stand: beside `extra_config`, in a misspelt one, or taken apart.

Knows names and the shapes of values; does not report.
"""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any, Literal

from crossgate.config.keys import is_comment
from crossgate.config.namespaces.resemblance import is_guard
from crossgate.config.namespaces.table import NamespaceSpec

_TLS = ("tls", "ssl", "https", "tlsconfig", "servertls", "tlsserver")
_CLIENT_TLS = ("clienttls", "tlsclient", "clientssl")


def is_guard_astray(written: str, value: Any, names: Mapping[str, NamespaceSpec]) -> bool:
    """Whether an unknown key of the service, an endpoint or a backend is a guard, or has some in it."""
    is_settings = isinstance(value, dict | list) or "/" in written
    return (is_settings and is_guard(written, names.get(written))) or holds_guards(written, value, names)


def holds_guards(written: str, value: Any, names: Mapping[str, NamespaceSpec]) -> bool:
    """Whether an object that nobody reads has guards in it: `extra_confg`, or `auth` with a `validator` in it."""
    if not isinstance(value, dict):
        return False
    is_meant = is_like_extra_config(written)
    for inner in value:
        if is_comment(inner):
            continue
        whole = names.get(f"{written}/{inner}")
        if whole is not None and whole.guard:
            return True
        if (is_meant or "/" in inner) and is_guard(inner, names.get(inner)):
            return True
    return False


def is_like_extra_config(written: str) -> bool:
    """Whether a key was probably meant to be `extra_config`."""
    return SequenceMatcher(None, _letters(written), "extraconfig").ratio() >= 0.7


def tls_meant(written: str, value: Any) -> Literal["tls", "client_tls", ""]:
    """Which of the root's TLS settings a key is that is none of its keys; empty if neither."""
    if not isinstance(value, dict):
        return ""
    letters = _letters(written)
    if letters in _TLS or sorted(letters) == sorted("tls"):
        return "tls"
    is_client = letters in _CLIENT_TLS or SequenceMatcher(None, letters, "clienttls").ratio() >= 0.85
    return "client_tls" if is_client else ""


def _letters(written: str) -> str:
    return re.sub(r"[^a-z]", "", written.lower())
