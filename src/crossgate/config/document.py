"""What the rules across fields look at: the file as written beside what was made of it, each with its path.

Knows how a key as written is found again from its meaning; does not know how text is parsed or values are decoded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crossgate.config.model import BackendConfig, EndpointConfig, ServiceConfig
from crossgate.cors import ServiceCors
from crossgate.diagnostics.path import child


@dataclass(frozen=True, slots=True)
class Namespace:
    """One object under `extra_config` that counts. `path` is its own path, `written` the name the file uses."""

    name: str  # KrakenD 2's name, whichever the file uses
    written: str
    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Node:
    """One object of the file whose keys are fixed: the service, an endpoint, a backend.

    `keys` leads from a field's name (KrakenD 2's, lower-case) to the key as the file writes it and holds only keys that
    count: not the other version's, not comments. `namespaces` is keyed by KrakenD 2's names. `broken` has the
    names of fields whose value could not be decoded: the model then has their default, and a rule had better be silent.
    """

    path: str
    raw: Mapping[str, Any]
    keys: Mapping[str, str] = field(default_factory=dict)
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Whether the file gives that field a value here (null counts as none)."""
        return name in self.keys and self.raw.get(self.keys[name]) is not None

    def at(self, name: str, *steps: str | int) -> str:
        """The path of a field's value, with further steps below it; of the object itself where the key is absent."""
        if name not in self.keys:
            return self.path
        path = child(self.path, self.keys[name])
        for step in steps:
            path = child(path, step)
        return path


@dataclass(frozen=True, slots=True)
class BackendNode(Node):
    """A backend of the file. `config` is complete; fields in `broken` have their default."""

    config: BackendConfig = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class EndpointNode(Node):
    """An endpoint of the file. `config` is complete; fields in `broken` have their default.

    `placeholders` are the names that KrakenD takes from the path and lets a url_pattern use; they differ from
    `config.params`, what the router calls them, where something follows the brace (`/{x}.json`).
    `served` is False where KrakenD leaves the endpoint out (a method it does not serve). `reads_files`: files were read
    for it.
    """

    config: EndpointConfig = field(kw_only=True)
    backends: tuple[BackendNode, ...] = field(kw_only=True, default=())
    placeholders: tuple[str, ...] = ()
    served: bool = True
    reads_files: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file, as far as it could be decoded: objects that are none are missing, broken values have defaults.

    `cors` is None where the file's CORS objects are ill-typed. `inherited` is what endpoints got of the service: a
    decoder's context, which means something to decoders alone.
    """

    version: Literal[2, 3]
    tree: Mapping[str, Any]
    service: Node
    config: ServiceConfig
    endpoints: tuple[EndpointNode, ...]
    cors: ServiceCors | None = None
    disable_rest: bool = False
    inherited: Any = field(default=None, compare=False, repr=False)
    worked_out: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # by one rule, for others
