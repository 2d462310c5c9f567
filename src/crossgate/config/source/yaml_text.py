"""YAML text to a plain tree with the places of its values, read as KrakenD's YAML library (Go's yaml.v3) reads it.

Works on the parser's events, so that neither depth nor aliases can run away. Knows nothing of configurations.
"""

from typing import Any

import yaml

from crossgate.config.source.place import Duplicate, Place
from crossgate.config.source.problem import TextError
from crossgate.config.source.yaml_scalar import resolve_scalar
from crossgate.diagnostics.path import join

_MAX_DEPTH = 250  # a little more than what is refused later with a path
_MAX_NODES_BY_ALIAS = 200_000
_REFUSES = "refuses to start"


class ParsedYaml:
    """The first document of a text: its tree, places, keys that stand twice, and where a second document begins."""

    def __init__(self) -> None:
        self.tree: Any = None
        self.place: Place | None = None
        self.duplicates: list[Duplicate] = []
        self.second_document: TextError | None = None


class _Node:
    """A value with its place. `size` counts the values in it, aliases as often as they stand for something."""

    __slots__ = ("is_merge", "place", "size", "value")

    def __init__(self, value: Any, place: Place, size: int = 1, *, is_merge: bool = False) -> None:
        self.value = value
        self.place = place
        self.size = size
        self.is_merge = is_merge


class _Open:
    """A container whose end has not come yet."""

    __slots__ = ("anchor", "key", "merges", "node")

    def __init__(self, node: _Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: _Node | None = None  # of a mapping: the key whose value comes next
        self.merges: list[_Node] = []


def parse_yaml(text: str) -> ParsedYaml:
    """Parse the first document. Raises TextError."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=loader):
            if not builder.take(event):
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        start = min(mark.index, len(text)) if mark else 0
        words = error.problem or error.context or "this is not YAML"
        raise TextError("CFG102", start, start + 1, words, krakend=f"{_REFUSES}: yaml: {words}") from None
    except yaml.reader.ReaderError as error:
        start = error.position if isinstance(error.position, int) else 0
        raise TextError("CFG102", start, start + 1, "YAML does not allow this character", krakend=_REFUSES) from None
    return builder.result


class _Builder:
    def __init__(self) -> None:
        self.result = ParsedYaml()
        self.open: list[_Open] = []
        self.anchors: dict[str, _Node | None] = {}  # None while the anchored value is still open
        self.by_alias = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> bool:
        """Take one event; False when the rest of the text does not matter."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                start = _start(event)
                self.result.second_document = TextError(
                    "CFG110",
                    start,
                    start + 3,
                    "a second document begins here, and is not read",
                    krakend="reads only the first one",
                )
                return False
        elif isinstance(event, yaml.ScalarEvent):
            place = Place(_start(event), _end(event))
            value = resolve_scalar(event)
            is_merge = event.value == "<<" and not event.style and event.tag in (None, "tag:yaml.org,2002:merge")
            node = _Node(value, place, is_merge=is_merge)
            if event.anchor is not None:
                self.anchors[event.anchor] = node
            self.put(node)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self.begin(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.end(event)
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)
        return True

    def begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        start = _start(event)
        if len(self.open) >= _MAX_DEPTH:
            raise TextError(
                "CFG106",
                start,
                start + 1,
                "mappings and lists are nested too deeply",
                krakend="reads up to 10000 levels",
            )
        place = Place(start, start + 1)
        place.children = {}
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        if self.open and isinstance(self.open[-1].node.value, dict) and self.open[-1].key is None:
            raise TextError(
                "CFG102", start, start + 1, "a key must be a plain value", krakend=f"{_REFUSES}: invalid map key"
            )
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.open.append(_Open(_Node(value, place), event.anchor))

    def end(self, event: yaml.Event) -> None:
        done = self.open.pop()
        node = done.node
        node.place.end = _end(event)
        for merge in done.merges:
            self.merge(node, merge)
        if done.anchor is not None:
            self.anchors[done.anchor] = node
        self.put(node)

    def alias(self, event: yaml.AliasEvent) -> None:
        start, end = _start(event), _end(event)
        if event.anchor not in self.anchors:
            words = f"unknown anchor '{event.anchor}' referenced"
            raise TextError("CFG102", start, end, words, krakend=f"{_REFUSES}: yaml: {words}")
        node = self.anchors[event.anchor]
        if node is None:
            words = f"anchor '{event.anchor}' value contains itself"
            raise TextError("CFG107", start, end, words, krakend=f"{_REFUSES}: yaml: {words}")
        self.by_alias += node.size
        if self.by_alias > _MAX_NODES_BY_ALIAS:
            words = "document contains excessive aliasing"
            raise TextError("CFG107", start, end, words, krakend=f"{_REFUSES}: yaml: {words}")
        place = Place(start, end)
        place.children = node.place.children
        self.put(_Node(node.value, place, node.size))

    def put(self, node: _Node) -> None:
        """Hand a finished value to the container around it."""
        if not self.open:
            self.result.tree = node.value
            self.result.place = node.place
            return
        around = self.open[-1]
        children = around.node.place.children
        assert children is not None  # noqa: S101 - begin() made them
        around.node.size += node.size
        if isinstance(around.node.value, list):
            children[len(around.node.value)] = node.place
            around.node.value.append(node.value)
        elif around.key is None:
            if isinstance(node.value, (dict, list)):
                start = node.place.start
                raise TextError("CFG102", start, node.place.end, "a key must be a plain value", krakend=_REFUSES)
            around.key = node
        elif around.key.is_merge:
            around.key = None
            around.merges.append(node)
        else:
            key = _key_text(around.key.value)
            place = around.key.place
            known = children.get(key)
            if known is not None:
                self.result.duplicates.append(Duplicate(self.path(key), place.start, place.end, known.key_start))
            node.place.key_start, node.place.key_end = place.start, place.end
            children[key] = node.place
            around.node.value[key] = node.value
            around.key = None

    def merge(self, into: _Node, source: _Node) -> None:
        """`<<`: keys of other mappings that the mapping does not have itself; of several, the first has it."""
        sources = source.value if isinstance(source.value, list) else [source.value]
        for position, mapping in enumerate(sources):
            if not isinstance(mapping, dict):
                start, end = source.place.start, source.place.end
                words = "map merge requires map or sequence of maps as the value"
                raise TextError("CFG102", start, end, words, krakend=f"{_REFUSES}: yaml: {words}")
            where = source.place
            if isinstance(source.value, list) and where.children:
                where = where.children[position]
            for key, value in mapping.items():
                if key not in into.value:
                    into.value[key] = value
                    if into.place.children is not None and where.children and key in where.children:
                        into.place.children[key] = where.children[key]

    def path(self, key: str) -> str:
        """The path of a key in the innermost open mapping."""
        steps: list[str | int] = []
        for container in self.open[:-1]:
            if isinstance(container.node.value, list):
                steps.append(len(container.node.value))
            elif container.key is not None:
                steps.append(_key_text(container.key.value))
        return join(*steps, key)


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0


def _key_text(value: Any) -> str:
    """A key as Go prints it, since KrakenD turns all keys into text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)
