"""The namespaces that name plugins, and `crossgate/plugins`, which says what gives them.

DEVIATION(DEV-PLUGIN-1): KrakenD logs a line where nothing gives a plugin, and goes on without it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import Any

from crossgate.components.plugins.naming import OWN, SERVES_FOLDER, TARGET, Named, find, installed
from crossgate.components.plugins.own.check import fault_of
from crossgate.config.component import ComponentNamespace
from crossgate.config.document import Namespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner, is_comment
from crossgate.config.section import Section
from crossgate.diagnostics.path import child

SERVER, CLIENT, MODIFIER = "plugin/http-server", "plugin/http-client", "plugin/req-resp-modifier"
MODULES = "crossgate/plugins"
ELSEWHERE = frozenset(("basic-auth",))
"""Plugins of KrakenD whose work another component does."""

_NAME_DOC = "The plugin that calls this backend. What else stands here is the plugin's."
_NAMES_DOC = "The plugins, in order. What else stands here is theirs, mostly under their names."
_SERVER_DOC = f"{_NAMES_DOC} The last is outermost."
_MODIFIER_KEYS = KeyTable(MODIFIER, Manner.EXACT, (Key("name", Kind.TEXTS, _NAMES_DOC),), is_open=True)
MODULE_KEYS = KeyTable(
    MODULES,
    Manner.OWN,
    (
        Key("modules", Kind.TEXT_MAP, "What gives a plugin, by its name in the file: `package.module:factory`."),
        Key("path", Kind.TEXT, "A folder in which modules are looked for, too, after all others."),
        Key("slow", Kind.DURATION, "How long a plain function may hold the event loop before it is named.", "50ms"),
        Key("threads", Kind.INTEGER, "Threads of a worker for each plugin that blocks.", 8, minimum=1),
    ),
)
NAMESPACES = (
    ComponentNamespace(MODULES, "What gives plugins, and how they are run.", {"service": MODULE_KEYS}),
    ComponentNamespace(
        SERVER,
        "Plugins before the router.",
        {"service": KeyTable(SERVER, Manner.EXACT, (Key("name", Kind.TEXTS, _SERVER_DOC),), is_open=True)},
    ),
    ComponentNamespace(
        CLIENT,
        "A plugin that calls a backend.",
        {"backend": KeyTable(CLIENT, Manner.EXACT, (Key("name", Kind.TEXT, _NAME_DOC),), is_open=True)},
    ),
    ComponentNamespace(
        MODIFIER,
        "Plugins that change requests and responses.",
        {"endpoint": _MODIFIER_KEYS, "backend": _MODIFIER_KEYS},
    ),
)
_DROPS = "logs a line and goes on without it"
MAX_THREADS = 256


@dataclass(frozen=True, slots=True)
class ServicePlugins:
    """What the service says. `server` are the plugins before the router, the first innermost."""

    modules: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    slow_seconds: float = 0.05
    threads: int = 8
    server: tuple[Named, ...] = ()
    timeout_seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class PlacePlugins:
    """What an endpoint or a backend names."""

    modifiers: tuple[Named, ...] = ()
    client: Named | None = None


def decode_service(section: Section) -> ServicePlugins | None:
    """The service's; None where it says nothing of plugins."""
    if MODULES not in section.namespaces and SERVER not in section.namespaces:
        return None
    modules: dict[str, str] = {}
    folder, slow_seconds, threads = "", 0.05, 8
    namespace = section.namespaces.get(MODULES)
    if namespace is not None and not isinstance(namespace.value, dict):
        section.close(MODULES, namespace.path, f'"{MODULES}" must be an object')
    elif namespace is not None:
        fields = section.guard_fields(MODULES, MODULE_KEYS)
        folder = fields.text("path")
        for name, target in fields.text_map("modules").items():
            fault = _fault_of_target(target, folder, is_elsewhere=section.is_elsewhere)
            if fault:
                hint = 'install it, or say in "path" which folder it is in' if "no module" in fault else ""
                section.close(MODULES, child(fields.at("modules"), name), f'"{target}" {fault}', hint=hint)
            modules[name] = target
        slow_seconds = fields.nanoseconds("slow", 50_000_000) / 1e9
        threads = fields.integer("threads", 8)
        if not 1 <= threads <= MAX_THREADS:
            section.close(MODULES, fields.at("threads"), f'"threads" must be from 1 to {MAX_THREADS}')
    said = ServicePlugins(modules, folder, slow_seconds, threads)
    names = _names(section, SERVER, many=True)
    server = _named(section, SERVER, names, said)
    if section.closed:
        return None
    return ServicePlugins(modules, folder, slow_seconds, threads, server, section.timeout_seconds)


def decode_place(section: Section) -> PlacePlugins | None:
    """An endpoint's or a backend's; None where it names none."""
    said: ServicePlugins = section.service or ServicePlugins()
    modifiers = _named(section, MODIFIER, _names(section, MODIFIER, many=True), said)
    client: tuple[Named, ...] = ()
    if section.scope == "backend":
        client = _named(section, CLIENT, _names(section, CLIENT, many=False), said)
    if section.closed or not (modifiers or client):
        return None
    return PlacePlugins(modifiers, client[0] if client else None)


def _names(section: Section, space: str, *, many: bool) -> list[tuple[str, str]]:
    """The names in a block, each with its path. What KrakenD would pass over closes what it was to guard."""
    namespace = section.namespaces.get(space)
    if namespace is None or namespace.value is None:
        return []
    if not isinstance(namespace.value, dict):
        section.close(space, namespace.path, f'"{namespace.written}" must be an object', krakend=_DROPS)
        return []
    value, path = _as_named(namespace)
    written = value.get("name")
    if written in (None, [], ""):
        _report_nothing(section, namespace)
        return []
    if isinstance(written, str) and (not many or space == SERVER):
        return [(written, path)]
    if many and isinstance(written, list) and all(isinstance(item, str) and item for item in written):
        return [(item, child(path, position)) for position, item in enumerate(written)]
    wanted = "a list of strings" if many else "a string"
    section.close(space, path, f'"name" must be {wanted}', krakend="goes on without the plugin")
    return []


def _as_named(namespace: Namespace) -> tuple[dict[str, Any], str]:
    """A block as KrakenD 2 has it, and the path of its names. KrakenD 3.0's has a list of names with configurations."""
    value: dict[str, Any] = namespace.value
    items = value.get("plugins")
    if value.get("name") or not isinstance(items, list):
        return value, child(namespace.path, "name")
    named = {item.get("name"): item.get("config") for item in items if isinstance(item, dict)}
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    configs = {name: config for name, config in named.items() if isinstance(name, str) and config is not None}
    return {**configs, "name": names}, child(namespace.path, "plugins")


def _report_nothing(section: Section, namespace: Namespace) -> None:
    """A block that names no plugin; it may be that "name" is misspelt."""
    keys = [key for key in namespace.value if key != "name" and not is_comment(key)]
    near = get_close_matches("name", [key.lower() for key in keys], n=1, cutoff=0.7)
    message = f'"{namespace.written}" has no "name" and loads nothing'
    if near:
        hint = f'did you mean "name" where "{near[0]}" stands?'
        section.close(namespace.name, namespace.path, message, hint=hint, krakend="skips it")
    else:
        section.report.warning("CFG217", namespace.path, message, hint="remove it", krakend="skips it", on_key=True)


def _named(section: Section, space: str, names: list[tuple[str, str]], said: ServicePlugins) -> tuple[Named, ...]:
    if not names:
        return ()
    namespace = section.namespaces[space]
    value, _ = _as_named(namespace)
    block = json.dumps(value, sort_keys=True)
    found = []
    for name, path in names:
        if name in ELSEWHERE and space == SERVER and name not in said.modules:
            continue
        try:
            given = find(name, said.modules)
        except ValueError as error:
            section.close(space, path, f'"{name}": {error}', hint="say in crossgate/plugins which of them")
            continue
        if given is None:
            _refuse_unknown(section, space, name, path, said)
            continue
        named = Named(name, *given, section.scope, section.url_path, path, block, said.folder)
        is_unlooked = section.is_elsewhere and name == SERVES_FOLDER
        if given[1] == "own" and not is_unlooked and (fault := fault_of(named, space)):
            at = child(namespace.path, name) if name in namespace.value else path.removesuffix(".name")
            section.close(space, at, f'"{name}": {fault}', krakend=_DROPS)
            continue
        found.append(named)
    return tuple(found)


def _refuse_unknown(section: Section, space: str, name: str, path: str, said: ServicePlugins) -> None:
    known = {*said.modules, *OWN, *installed()}
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    meant = f'did you mean "{close[0]}"? Else ' if close else ""
    shown = json.dumps({"modules": {name: "package.module:factory"}})
    hint = (
        f'{meant}write "{MODULES}": {shown} in the extra_config of the service, or install a distribution that gives it'
    )
    section.close(space, path, f'nothing gives the plugin "{name}"', hint=hint, krakend=_DROPS)


def _fault_of_target(target: str, folder: str, *, is_elsewhere: bool) -> str:
    """Why nothing can be loaded from there, as far as that shows without importing it; empty where it may be."""
    if TARGET.match(target) is None:
        return 'does not say what to load: write "package.module:factory"'
    if is_elsewhere:
        return ""
    top = target.partition(":")[0].partition(".")[0]
    if not _is_there(top) and (not folder or PathFinder.find_spec(top, [folder]) is None):
        return f'cannot be loaded: there is no module "{top}"'
    return ""


def _is_there(module: str) -> bool:
    """Whether a module of that name, without a dot in it, can be imported. Imports nothing."""
    try:
        return find_spec(module) is not None
    except ValueError:  # one that is loaded, but not from anywhere
        return True


def all_of(config: Any) -> list[tuple[str, Named]]:
    """All plugins of a service's configuration, with the namespaces that name them."""
    found: list[tuple[str, Named]] = []
    service: ServicePlugins | None = config.components.get("plugins")
    if service is not None:
        found += [(SERVER, named) for named in service.server]
    for endpoint in config.endpoints:
        for owner in (endpoint, *endpoint.backends):
            place: PlacePlugins | None = owner.components.get("plugins")
            if place is not None:
                found += [(MODIFIER, named) for named in place.modifiers]
                found += [(CLIENT, place.client)] if place.client is not None else []
    return found
