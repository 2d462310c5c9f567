"""`auth/basic` as files of KrakenD Enterprise have it.

Source: the public documentation of KrakenD Enterprise 2.13. An endpoint is guarded where the namespace stands there;
what the service says counts for all of those.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section

NAME = "auth/basic"
KEYS = KeyTable(
    NAME,
    Manner.EXACT,
    (
        Key("htpasswd_path", Kind.TEXT, "A file of users with bcrypt hashes, as htpasswd -B writes it."),
        Key("users", Kind.TEXT_MAP, "More users: the bcrypt hash of their password by name."),
    ),
)
NAMESPACE = ComponentNamespace(
    NAME, "Lets users in that bring their name and password.", {"service": KEYS, "endpoint": KEYS}
)
_BCRYPT = re.compile(r"\$2[abxy]?\$(\d\d)\$[./A-Za-z0-9]{53}")
MAX_COST = 14
_EE = "the community edition ignores it"


@dataclass(frozen=True, slots=True)
class Users:
    """bcrypt hashes by name."""

    hashes: Mapping[str, bytes] = field(repr=False)


def decode_users(section: Section) -> Users | None:
    """The users of an object; at an endpoint with those of the service. None where there is no such namespace."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, f'"{NAME}" must be an object', krakend=_EE)
        return None
    if find_spec("bcrypt") is None:
        message = "this needs the bcrypt library, which is not installed"
        section.close(NAME, namespace.path, message, hint="pip install crossgate[basic]")
        return None
    fields = section.guard_fields(NAME, KEYS, krakend=_EE)
    found: dict[str, bytes] = dict(section.service.hashes) if section.service is not None else {}
    path = fields.text("htpasswd_path")
    if path:
        try:
            lines = section.read_file(path).decode("utf-8", "replace").splitlines()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            section.close(NAME, fields.at("htpasswd_path"), f"the file cannot be read: {reason}", krakend=_EE)
            lines = []
        for line in lines:
            if line.strip() and not line.startswith("#"):
                name, _, value = line.strip().partition(":")
                _take(section, fields.at("htpasswd_path"), found, name, value)
    for name, value in fields.text_map("users").items():
        _take(section, fields.at("users"), found, name, value)
    if not found and section.scope == "endpoint":
        section.report.warning("CFG407", namespace.path, "there are no users: the endpoint refuses everybody")
    return Users(found)


def _take(section: Section, path: str, found: dict[str, bytes], name: str, value: str) -> None:
    match = _BCRYPT.fullmatch(value)
    if match is None or not name:
        section.close(NAME, path, "passwords must be hashed by bcrypt, as htpasswd -B does it", krakend=_EE)
    elif int(match[1]) > MAX_COST:
        section.close(NAME, path, f"a bcrypt cost above {MAX_COST} would keep requests waiting for seconds")
    else:
        found[name] = value.encode()
