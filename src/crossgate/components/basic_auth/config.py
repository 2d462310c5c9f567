"""`auth/basic` as files of KrakenD Enterprise have it.

Source: the public documentation of KrakenD Enterprise 2.13. An endpoint is guarded where the namespace stands there;
what the service says counts for all of those.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import GuardFields, Section
from crossgate.diagnostics.path import child

NAME = "auth/basic"
KEYS = KeyTable(
    NAME,
    Manner.EXACT,
    (
        Key("htpasswd_path", Kind.TEXT, "A file of users with bcrypt hashes, as htpasswd -B writes it."),
        Key("users", Kind.TEXT_MAP, "More users: the bcrypt hash of their password by name."),
    ),
)
PLUGINS, PLUGIN = "plugin/http-server", "basic-auth"
PLUGIN_KEYS = KeyTable(
    PLUGIN,
    Manner.EXACT,
    (*KEYS.keys, Key("endpoints", Kind.TEXTS, "The endpoints to guard, as the file has them; `*`: all.", ["*"])),
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


@dataclass(frozen=True, slots=True)
class ServiceUsers:
    """What the service says: users for endpoints that ask for them, and who may use which endpoints whatever those say.

    `everywhere` are KrakenD's plugin `basic-auth`: the paths of the endpoints that it guards (`*`: all), and its users.
    """

    users: Users | None = None
    everywhere: tuple[frozenset[str], Users] | None = None


def decode_service_users(section: Section) -> ServiceUsers | None:
    """The service's; None where it has neither."""
    users = _decode_users(section, {})
    everywhere = _decode_plugin(section)
    return ServiceUsers(users, everywhere) if users is not None or everywhere is not None else None


def decode_endpoint_users(section: Section) -> tuple[Users, ...] | None:
    """Whoever is to be asked for by an endpoint, each with users of its own; None where nobody is."""
    service: ServiceUsers = section.service or ServiceUsers()
    users = _decode_users(section, service.users.hashes if service.users is not None else {})
    found = [] if users is None else [users]
    if service.everywhere is not None:
        paths, plugin_users = service.everywhere
        if "*" in paths or section.url_path in paths:
            found.insert(0, plugin_users)
    return tuple(found) or None


def _decode_plugin(section: Section) -> tuple[frozenset[str], Users] | None:
    """KrakenD's plugin `basic-auth`, deprecated since it has the component. None where the file does not name it, or
    gives one of that name itself."""
    namespace = section.namespaces.get(PLUGINS)
    block = namespace.value if namespace is not None else None
    if namespace is None or not isinstance(block, dict) or PLUGIN not in _names(block):
        return None
    given = section.namespaces.get("crossgate/plugins")
    modules = given.value.get("modules") if given is not None and isinstance(given.value, dict) else None
    if isinstance(modules, dict) and PLUGIN in modules:
        return None
    config, path = block.get(PLUGIN), child(namespace.path, PLUGIN)
    if not isinstance(config, dict):
        section.close(PLUGINS, namespace.path, f'"{PLUGIN}" must be an object', krakend=_EE)
        return None
    fields = GuardFields(
        config,
        path,
        PLUGIN_KEYS,
        section.version,
        section.report,
        lambda at, message, hint: section.close(PLUGINS, at, message, hint=hint, krakend=_EE),
    )
    paths = frozenset(fields.texts("endpoints")) or frozenset("*")
    found = _read_users(section, fields, {})
    if not found:
        section.report.warning("CFG407", path, "there are no users: the endpoints refuse everybody")
    return paths, Users(found)


def _names(block: Mapping[str, object]) -> list[object]:
    written = block.get("name")
    return written if isinstance(written, list) else [written]


def _decode_users(section: Section, known: Mapping[str, bytes]) -> Users | None:
    """The users of an object, and those known already. None where there is no such namespace."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, f'"{NAME}" must be an object', krakend=_EE)
        return None
    fields = section.guard_fields(NAME, KEYS, krakend=_EE)
    found = _read_users(section, fields, known)
    if not found and section.scope == "endpoint":
        section.report.warning("CFG407", namespace.path, "there are no users: the endpoint refuses everybody")
    return Users(found)


def _read_users(section: Section, fields: Fields, known: Mapping[str, bytes]) -> dict[str, bytes]:
    """The users in a file and in the configuration itself, which wins."""
    found = dict(known)
    if find_spec("bcrypt") is None:
        message = "this needs the bcrypt library, which is not installed"
        section.close(NAME, fields.path, message, hint="pip install crossgate[basic]")
        return found
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
    return found


def _take(section: Section, path: str, found: dict[str, bytes], name: str, value: str) -> None:
    match = _BCRYPT.fullmatch(value)
    if match is None or not name:
        section.close(NAME, path, "passwords must be hashed by bcrypt, as htpasswd -B does it", krakend=_EE)
    elif int(match[1]) > MAX_COST:
        section.close(NAME, path, f"a bcrypt cost above {MAX_COST} would keep requests waiting for seconds")
    else:
        found[name] = value.encode()
