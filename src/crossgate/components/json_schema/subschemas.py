"""How often one value can be looked at by a schema: its subschemas as a graph, and how they multiply with depth.

`allOf` of two schemas that both lead on to the same members looks at each member twice, at members of members four
times; a few lines can ask for more work than any machine does. So work is bounded before a body is validated: so many
checks of a value at a depth, times the values there are. Does not know what keywords check.

Source: JSON Schema drafts 4 to 2020-12, the sections on applicators.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

MAX_DEPTH = 250
"""Of schemas and of bodies."""

MAX_SUBSCHEMAS = 20_000
MAX_CHECKS = 1_000  # DEVIATION(DEV-SCHEMA-4): KrakenD looks at a value as often as a schema asks for
"""Of one value."""

Load = Callable[[str], Any]
"""Another document by its URI. Raises SchemaError."""

_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_REFERENCES = ("$ref", "$recursiveRef", "$dynamicRef")
_OTHER_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_ALL_CHILDREN = ("propertyNames", "items", "additionalItems", "unevaluatedItems", "contains")
_TABLES = ("$defs", "definitions")
_TELLING = frozenset(
    (
        *("$id", "id", "$anchor", "$dynamicAnchor", "format", "dependentSchemas", "dependencies", "properties"),
        *("prefixItems", "patternProperties"),
        *(*_REFERENCES, *_IN_PLACE, *_IN_PLACE_LISTS, *_OTHER_MEMBERS, *_ALL_CHILDREN, *_TABLES),
    )
)
"""Keywords without which a subschema is nothing but a node of its own."""


class SchemaError(ValueError):
    """A schema that cannot be used. `str()` says why, `at` where: steps from the root."""

    def __init__(self, message: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.at = at


@dataclass(slots=True)
class _Node:
    """A subschema: what it applies to the same value, to one member or item by name, to those it does not name, to all.

    `references` are those to be found when all ids are known.
    """

    base: str
    at: tuple[str | int, ...]
    same: list["_Node"] = field(default_factory=list)
    named: dict[str, "_Node"] = field(default_factory=dict)
    unnamed: list["_Node"] = field(default_factory=list)
    every: list["_Node"] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def children(self) -> Iterator[list["_Node"]]:
        """For each child that there can be, what looks at it; a child that is like another is left out."""
        for node in self.named.values():
            yield [node, *self.every]
        yield [*self.unnamed, *self.every]


class Subschemas:
    """Those of one schema. `formats` are the places of `format`."""

    def __init__(self, schema: Any, load: Load) -> None:
        """Raises SchemaError for schemas that are too large, too deep, or refer to themselves without going on."""
        self._load = load
        self._nodes: list[_Node] = []
        self._by_uri: dict[str, _Node] = {}
        self._documents: dict[str, Any] = {"": schema}
        self._places: dict[tuple[str, str], _Node] = {}
        self.formats: list[tuple[str | int, ...]] = []
        root = self._add(schema, "", (), "", 0)
        done = 0
        while done < len(self._nodes):  # references bring more of them
            node = self._nodes[done]
            node.same += [self._resolved(node, reference) for reference in node.references]
            done += 1
        self.checks = self._multiplied(root)

    def _add(self, schema: Any, base: str, at: tuple[str | int, ...], document: str, depth: int) -> _Node:
        if depth > MAX_DEPTH:
            raise SchemaError(f"the schema is nested deeper than {MAX_DEPTH}", at[:20])
        if len(self._nodes) >= MAX_SUBSCHEMAS:
            raise SchemaError(f"the schema has more than {MAX_SUBSCHEMAS} parts")
        node = _Node(base, at)
        self._nodes.append(node)
        self._places[document, _pointer(at)] = node
        if not isinstance(schema, Mapping) or _TELLING.isdisjoint(schema):
            return node
        identity = schema.get("$id", schema.get("id"))
        if isinstance(identity, str):
            node.base = base = urljoin(base, identity)
            self._by_uri.setdefault(base.removesuffix("#"), node)
        for name in ("$anchor", "$dynamicAnchor"):
            if isinstance(schema.get(name), str):
                self._by_uri.setdefault(f"{urldefrag(base)[0]}#{schema[name]}", node)
        node.references = [schema[name] for name in _REFERENCES if isinstance(schema.get(name), str)]
        if "format" in schema and not document:
            self.formats.append((*at, "format"))

        def inner(value: Any, *steps: str | int) -> _Node:
            return self._add(value, base, (*at, *steps), document, depth + 1)

        for name in _IN_PLACE:
            if _is_schema(schema.get(name)):
                node.same.append(inner(schema[name], name))
        for name in _IN_PLACE_LISTS:
            node.same += [inner(item, name, position) for position, item in enumerate(_items(schema.get(name)))]
        for name in ("dependentSchemas", "dependencies"):
            members = _members(schema.get(name))
            node.same += [inner(item, name, key) for key, item in members if _is_schema(item)]
        for key, item in _members(schema.get("properties")):
            node.named[str(key)] = inner(item, "properties", key)
        for name in ("prefixItems", "items"):
            for position, item in enumerate(_items(schema.get(name))):
                node.named[f"[{position}]"] = inner(item, name, position)
        for key, item in _members(schema.get("patternProperties")):
            node.every.append(inner(item, "patternProperties", key))
        for name in (*_OTHER_MEMBERS, *_ALL_CHILDREN):
            if _is_schema(schema.get(name)):
                (node.unnamed if name in _OTHER_MEMBERS else node.every).append(inner(schema[name], name))
        for name in _TABLES:
            for key, item in _members(schema.get(name)):
                inner(item, name, key)
        return node

    def _resolved(self, node: _Node, reference: str) -> _Node:
        target = urljoin(node.base, reference) if not reference.startswith("#") else node.base + reference
        if reference.startswith("#") and "#" in node.base:
            target = urldefrag(node.base)[0] + reference
        document, fragment = urldefrag(target)
        found = self._by_uri.get(target.removesuffix("#"))
        if found is not None:
            return found
        pointer = unquote(fragment)
        within = self._by_uri.get(document)
        if within is not None and (pointer.startswith("/") or not pointer):
            return self._at(within, pointer, node)
        if document not in self._documents:
            self._documents[document] = self._load(document)
        if (document, "") not in self._places:
            self._add(self._documents[document], document, (), document, 0)
            return self._resolved(node, reference)
        return self._at(self._places[document, ""], pointer, node, document)

    def _at(self, within: _Node, pointer: str, node: _Node, document: str = "") -> _Node:
        """The subschema at a pointer; one that stands where no keyword looks is added."""
        whole = _pointer(within.at) + pointer
        found = self._places.get((document, whole))
        if found is not None:
            return found
        value: Any = self._documents.get(document)
        at: tuple[str | int, ...] = ()
        for step in [part.replace("~1", "/").replace("~0", "~") for part in whole.split("/")[1:]]:
            key: str | int = int(step) if isinstance(value, list) and step.isdigit() else step
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                raise SchemaError("what this refers to is not there", (*node.at, "$ref")) from None
            at = (*at, key)
        return self._add(value, within.base, at, document, len(at))

    def _multiplied(self, root: _Node) -> list[int]:
        """How many checks one value at each depth can be subject to, the largest so far; the last holds for deeper."""
        if not any(node.same or node.every or len(node.unnamed) > 1 for node in self._nodes):
            return [1]  # nothing looks at a value twice
        order = _in_order(self._nodes)
        weights: dict[int, float] = {}
        found: list[float] = []
        for depth in range(MAX_DEPTH + 1):
            following: dict[int, float] = {}
            for node in order:
                if depth:
                    here = max(sum(weights[id(child)] for child in children) for children in node.children())
                else:
                    here = 1.0
                following[id(node)] = here + sum(following[id(same)] for same in node.same)
            found.append(min(max(following[id(root)], found[-1] if found else 0.0), 1e18))
            if depth and (following == weights or found[-1] >= 1e18):
                break
            weights = following
        if found[0] > MAX_CHECKS:
            raise SchemaError(f"a value would have to be checked {found[0]:.0f} times over")
        return [int(count) for count in found]


def _in_order(nodes: list[_Node]) -> list[_Node]:
    """Nodes behind those that they apply to the same value. Raises SchemaError where there is no such order."""
    order: list[_Node] = []
    state: dict[int, int] = {}
    for start in nodes:
        if id(start) in state:
            continue
        todo = [(start, iter(start.same))]
        state[id(start)] = 1
        while todo:
            node, others = todo[-1]
            for other in others:
                known = state.get(id(other))
                if known == 1:
                    raise SchemaError("the schema refers to itself without going into the value", node.at)
                if known is None:
                    state[id(other)] = 1
                    todo.append((other, iter(other.same)))
                    break
            else:
                todo.pop()
                state[id(node)] = 2
                order.append(node)
    return order


def _is_schema(value: Any) -> bool:
    return value is not None and isinstance(value, Mapping | bool)  # mostly it is not there at all


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _members(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _pointer(at: tuple[str | int, ...]) -> str:
    return "".join(["/" + str(step).replace("~", "~0").replace("/", "~1") for step in at])
