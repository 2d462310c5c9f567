"""A configuration whose author nobody knows, made fit to be explained: nothing it names is read, imported or run.

Files it names are not opened. Keys for tokens are stood in for; what else needs a file is left out at its endpoint, as
are scripts, plugins that are not crossgate's own, and folders that are served. What was left out is said. That is the
first line of defence; the second is the process that this runs in, which is somebody else's business.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crossgate.components.component import Component
from crossgate.components.jwt.model import Issuer, ServiceAuth, Validator
from crossgate.components.plugins.config import PlacePlugins, ServicePlugins
from crossgate.components.plugins.naming import SERVES_FOLDER, Named
from crossgate.components.signer.config import SignerConfig
from crossgate.config import Loaded, load_text
from crossgate.config.document import Document, Node
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.config.source import Format, parse
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.explain.keys import own_keys
from crossgate.explain.places import node_of

_UNREAD = "files are not read here"
_KEY_FILE, _SIGNS = "jwk_local_path", "keys_to_sign"
_ONLY_LOOKED_FOR = frozenset(
    ("ca_file", "certificate_file", "key_file", "jwk_local_ca", "ca_certs", "certificate", "private_key")
)
"""Keys of files that are opened when the gateway connects; to check a file it is enough that they are there."""
_TOKEN_FILE = "token_file"  # noqa: S105 # a key's name
_PASSWORD = "password_env"  # noqa: S105 # likewise
_GATEWAYS_OWN = re.compile("(?:KRAKEND|CROSSGATE|FC|USAGE)_")
_ENDPOINT = re.compile(r"\$\.\w+\[\d+\]")
_MARTIAN_FOLDER = "static.Modifier"
_NO_SCRIPTS = "Lua scripts are not run here: what they would do was left out."
_NO_PLUGINS = "Plugins are not loaded here, and no folder is looked into: what {} would do was left out."
_NO_FOLDERS = "Folders are not looked into here: modifiers of Martian were left out."
_NO_FILE = "{} needs a file, and files are not read here: it was left out."


@dataclass(frozen=True, slots=True)
class Untrusted:
    """What can be explained of it. `config` is None where it has errors that are its own.

    `left_out` says by owner (the path of the service, an endpoint, a backend) and component what was left out and why.
    """

    loaded: Loaded
    config: ServiceConfig | None
    left_out: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def left_out_at(self, endpoint: EndpointConfig | None) -> dict[str, str]:
        """What a request to an endpoint meets of it, by component; None: what any request meets."""
        found = dict(self.left_out.get("$", {}))
        document = self.loaded.document
        node = None if document is None else node_of(endpoint, document)
        for owner in () if node is None else (node, *node.backends):
            found |= self.left_out.get(owner.path, {})
        return found


def load_untrusted(text: bytes, format: Format, components: Sequence[Component]) -> Untrusted:  # noqa: A002 # as in load_text
    """Load it. Never raises for what is in it. Costs about two loads where it names files, else one."""
    files = _Files(text, format)
    loaded = load_text(
        text,
        name=f"krakend.{format}",
        format=format,
        environ=files.environment() if _PASSWORD.encode() in text else {},
        allow_unsupported=True,
        serving=False,
        components=components,
        read_file=files.read,
        is_elsewhere=True,
    )
    document = loaded.document
    if document is None:
        return Untrusted(loaded, None)
    fitting = _Fitting(document, components)
    loaded = replace(loaded, diagnostics=tuple(map(fitting.as_note, loaded.diagnostics)))
    if any(found.severity is Severity.ERROR for found in loaded.diagnostics):
        return Untrusted(loaded, None)
    return Untrusted(loaded, fitting.config(), fitting.left_out)


class _Files:
    """What stands in for files and variables, by the keys of the text that name them."""

    def __init__(self, text: bytes, format: Format) -> None:  # noqa: A002
        self._text = text
        self._format = format
        self._naming: dict[str, list[tuple[str, Mapping[str, Any]]]] | None = None

    def read(self, path: str) -> bytes:
        """What a file is taken to hold. Raises OSError where nobody can say."""
        named = self._named(path)
        for key, around in named:
            if key == _KEY_FILE and _SIGNS not in around:
                return own_keys([str(around.get("alg"))])
        keys = {key for key, _ in named}
        if _TOKEN_FILE in keys:
            return b"0" * 64
        if keys & _ONLY_LOOKED_FOR:
            return b""
        raise OSError(1, _UNREAD)

    def environment(self) -> dict[str, str]:
        """Passwords' variables; others are not there."""
        self._named("")
        names = (path for path, places in (self._naming or {}).items() if any(key == _PASSWORD for key, _ in places))
        return {name: "not the password" for name in names if not _GATEWAYS_OWN.match(name)}

    def _named(self, path: str) -> list[tuple[str, Mapping[str, Any]]]:
        if self._naming is None:
            self._naming = {}
            for text, key, around in _texts(parse(self._text, name="", format=self._format).tree):
                self._naming.setdefault(text, []).append((key, around))
        return self._naming.get(path, [])


def _texts(tree: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each text with the key it stands under, alone or in a list, and the object around."""
    pending: list[tuple[Any, str, Mapping[str, Any]]] = [(tree, "", {})]
    while pending:
        value, key, around = pending.pop()
        if isinstance(value, str):
            yield value, key, around
        elif isinstance(value, Mapping):
            pending += [(item, str(name), value) for name, item in value.items()]
        elif isinstance(value, list):
            pending += [(item, key, around) for item in value]


class _Fitting:
    """Leaves out of a document's configuration what must not be, and notes it."""

    def __init__(self, document: Document, components: Sequence[Component]) -> None:
        self._document = document
        self._by_namespace = {space.name: component for component in components for space in component.namespaces}
        self._endpoints = {node.path: node for node in document.endpoints}
        self.left_out: dict[str, dict[str, str]] = {}
        self._opened: dict[str, set[str]] = {}
        """By owner, the namespaces that are closed only because their files were not read."""

    def as_note(self, found: Diagnostic) -> Diagnostic:
        """A problem that is only that a file was not read is none of the text's; whatever needs it is left out."""
        if _UNREAD not in found.message or found.code not in ("CFG220", "CFG406", "CFG407"):
            return found
        owner, name = self._owner(found.path)
        if owner is None:
            return found
        space = owner.namespaces[name]
        self._leave_out(owner, self._by_namespace[name].name, _NO_FILE.format(space.written))
        self._opened.setdefault(owner.path, set()).update((name, space.written))
        return replace(
            found,
            severity=Severity.NOTE,
            message="this names a file, and files are not read here: it was left out",
            hint="",
            krakend="",
            failing=(),
        )

    def _owner(self, path: str) -> tuple[Node | None, str]:
        """The nearest object of the file around a path that has a namespace of a component there."""
        found = _ENDPOINT.match(path)
        endpoint = None if found is None else self._endpoints.get(found[0])
        nodes: list[Node] = [self._document.service]
        if endpoint is not None:
            nodes = [*(one for one in endpoint.backends if _is_within(path, one.path)), endpoint]
        for node in nodes:
            for name, space in node.namespaces.items():
                if _is_within(path, space.path) and name in self._by_namespace:
                    return node, name
        return None, ""

    def _leave_out(self, owner: Node, component: str, note: str) -> None:
        self.left_out.setdefault(owner.path, {})[component] = note

    def config(self) -> ServiceConfig:
        """What may be asked."""
        config = self._document.config
        service = self._document.service
        nodes = {node.config.index: node for node in self._document.endpoints}
        closed = self._opened.get(service.path, set())
        endpoints = []
        for endpoint in config.endpoints:
            node = nodes[endpoint.index]
            backends = []
            for one, backend in zip(node.backends, endpoint.backends, strict=True):
                kept, names = self._kept(one, backend.components)
                backends.append(
                    replace(
                        backend,
                        components=kept,
                        unsupported=_but(backend.unsupported, self._opened.get(one.path, set())),
                        wrapped_by=_but(backend.wrapped_by, names),
                        guarded_by=_but(backend.guarded_by, names),
                    )
                )
            kept, names = self._kept(node, endpoint.components)
            endpoints.append(
                replace(
                    endpoint,
                    backends=tuple(backends),
                    components=kept,
                    unsupported=_but(endpoint.unsupported, closed | self._opened.get(node.path, set())),
                    answered_by="" if endpoint.answered_by in names else endpoint.answered_by,
                    wrapped_by=_but(endpoint.wrapped_by, names),
                    modified_by=_but(endpoint.modified_by, names),
                )
            )
        kept, _ = self._kept(service, config.components)
        return replace(
            config, components=kept, endpoints=tuple(endpoints), unsupported=_but(config.unsupported, closed)
        )

    def _kept(self, owner: Node, components: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """The components that may be, and the names of those that may not."""
        kept = {}
        for name, value in components.items():
            if name == "lua":
                self._leave_out(owner, name, _NO_SCRIPTS)
            elif name == "plugins":
                safe, unsafe = _without_unsafe(value)
                if unsafe:
                    self._leave_out(owner, name, _NO_PLUGINS.format(" and ".join(unsafe)))
                if safe is not None:
                    kept[name] = safe
            elif name == "martian" and _mentions(owner, _MARTIAN_FOLDER):
                self._leave_out(owner, name, _NO_FOLDERS)
        left = self.left_out.get(owner.path, {})
        for name, value in components.items():
            if name not in left and name != "plugins":
                kept[name] = _within_reach(value)
        return kept, set(components) - set(kept)


def _is_within(path: str, around: str) -> bool:
    return path.startswith(around) and path[len(around) : len(around) + 1] in ("", ".", "[")


def _but(names: Sequence[str], without: set[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in without)


def _mentions(owner: Node, name: str) -> bool:
    """Whether a key of that name stands anywhere in an object of the file."""
    return any(name in item for item in _objects(owner.raw))


def _objects(tree: Any) -> Iterator[Mapping[str, Any]]:
    pending = [tree]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            yield value
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _within_reach(value: Any) -> Any:
    """A component's value without certificates in files, and without those who are told of revocations."""

    def issuer(one: Issuer) -> Issuer:
        return one if one.url is None else replace(one, url=replace(one.url, ca_files=()))

    match value:
        case Validator():
            return replace(value, issuers=tuple(map(issuer, value.issuers)))
        case ServiceAuth():
            validator = None if value.validator is None else _within_reach(value.validator)
            providers = {name: issuer(one) for name, one in value.providers.items()}
            return ServiceAuth(validator, providers)
        case SignerConfig() if value.url is not None:
            return replace(value, url=replace(value.url, ca_files=()))
    return value


def _without_unsafe(value: Any) -> tuple[Any, list[str]]:
    """A value of the plugins with those alone that crossgate has itself and that look into no folder."""

    def is_safe(named: Named) -> bool:
        return named.origin == "own" and named.name != SERVES_FOLDER

    def only_safe(named: tuple[Named, ...]) -> tuple[Named, ...]:
        return tuple(filter(is_safe, named))

    if isinstance(value, ServicePlugins):
        unsafe = [one.name for one in value.server if not is_safe(one)]
        return ServicePlugins(server=only_safe(value.server), timeout_seconds=value.timeout_seconds), unsafe
    if not isinstance(value, PlacePlugins):
        return None, ["a plugin"]
    named = (*value.modifiers, *([value.client] if value.client is not None else ()))
    unsafe = [one.name for one in named if not is_safe(one)]
    client = value.client if value.client is not None and is_safe(value.client) else None
    modifiers = only_safe(value.modifiers)
    return (PlacePlugins(modifiers, client) if modifiers or client is not None else None), unsafe
