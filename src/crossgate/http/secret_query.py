"""URLs as a log may have them: values of parameters that are tokens, keys or passwords are not shown, nor who logs in.

DEVIATION(DEV-LOG-1): KrakenD logs queries whole.
"""

import re
from collections.abc import Set as AbstractSet
from urllib.parse import unquote_plus

HIDDEN = b"***"

# Whatever can be the name of a secret has one of these in it, or is written with escapes.
_HINTS = (b"token", b"secret", b"pass", b"pwd", b"key", b"sig", b"auth", b"jwt", b"cred", b"session", b"sid", b"bearer")
_SECRET = re.compile(
    r"key|sig|sid|auth|pass|pwd|bearer|session|(?:.*[-_.])?session[-_.]?id"
    r"|.*(?:token|secret|passw|passphrase|api[-_.]?key|access[-_.]?key|signature|credential|jwt|authorization).*",
    re.IGNORECASE | re.DOTALL,
)
_PAIRS = re.compile(rb"([&;])")
_IN_TEXT = re.compile(r"([?&;])([^=&;?\s\"']{1,80})=([^&;\s\"']+)")
_USER_INFO = re.compile(r"://[^/?#\s\"'\\]+@")
NO_NAMES: AbstractSet[str] = frozenset()


def may_hold_secrets(text: bytes, names: AbstractSet[str] = NO_NAMES) -> bool:
    """A quick look at any number of queries at a time: False only if none has anything to hide."""
    lower = text.lower()
    return (
        b"%" in lower or any(hint in lower for hint in _HINTS) or any(name.lower().encode() in lower for name in names)
    )


def without_secrets(query: bytes, names: AbstractSet[str] = NO_NAMES) -> bytes:
    """The query with `***` for each secret. `names` are parameters that are secrets here, whatever they sound like."""
    if not may_hold_secrets(query, names):
        return query
    parts = _PAIRS.split(query)
    for position in range(0, len(parts), 2):
        name, equals, value = parts[position].partition(b"=")
        if value and is_secret(unquote_plus(name.decode("latin-1")), names):
            parts[position] = name + equals + HIDDEN
    return b"".join(parts)


def is_secret(name: str, names: AbstractSet[str] = NO_NAMES) -> bool:
    """Whether a parameter of that name holds a secret."""
    return name in names or _SECRET.fullmatch(name) is not None


def hide_secrets(message: str, names: AbstractSet[str] = NO_NAMES) -> str:
    """A text that may show URLs, with `***` for values of query parameters that are secrets, and for users."""

    def hidden(match: re.Match[str]) -> str:
        return f"{match[1]}{match[2]}=***" if is_secret(unquote_plus(match[2]), names) else match[0]

    message = hide_users(message)
    return _IN_TEXT.sub(hidden, message) if "=" in message else message


def hide_users(text: str) -> str:
    """A text that may show URLs, with `***` for the names and passwords in front of their hosts."""
    return _USER_INFO.sub("://***@", text) if "@" in text and "://" in text else text
