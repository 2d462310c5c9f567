"""Where the values of a TOML text stand, from tree-sitter's syntax tree. Only asked when there is something to show.

Knows TOML's ways to say where a value belongs: dotted keys, tables, lists of tables, inline tables.
"""

from bisect import bisect_left
from itertools import accumulate

import tree_sitter
import tree_sitter_toml

from crossgate.config.source.place import Place

_MAX_DEPTH = 250
_KEYS = ("bare_key", "quoted_key", "dotted_key")


def place_toml(text: str) -> Place:
    """The places of a text that parses. What several tables add to one object is shown at the first of them."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    return _Placer(text).document(parser.parse(text.encode()).root_node)


class _Placer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        # Offsets of characters in bytes, to be searched for a byte's character; none needed where they are the same.
        self.starts = None if text.isascii() else [0, *accumulate(len(character.encode()) for character in text)]

    def document(self, node: tree_sitter.Node) -> Place:
        root = Place(0, len(self.text))
        root.children = {}
        for child in node.children:
            if child.type == "pair":
                self.pair(child, root, 0)
            elif child.type in ("table", "table_array_element"):
                self.table(child, root)
        return root

    def table(self, node: tree_sitter.Node, root: Place) -> None:
        key = next((child for child in node.children if child.type in _KEYS), None)
        if key is None:
            return
        names = self.names(key)
        around = self.descend(root, names[:-1])
        name, start, end = names[-1]
        place = self.place(node)
        place.children = {}
        place.key_start, place.key_end = start, end
        children = _children(around)
        if node.type == "table_array_element":
            table_list = children.get(name)
            if table_list is None:
                table_list = children[name] = Place(place.start, place.end, start, end)
            items = _children(table_list)
            items[len(items)] = place
        elif name in children:  # opened before by a table below it
            place = children[name]
        else:
            children[name] = place
        for child in node.children:
            if child.type == "pair":
                self.pair(child, place, 0)

    def pair(self, node: tree_sitter.Node, into: Place, depth: int) -> None:
        named = [child for child in node.children if child.is_named and child.type != "comment"]
        if len(named) < 2 or named[0].type not in _KEYS:
            return
        names = self.names(named[0])
        around = self.descend(into, names[:-1])
        name, _, _ = names[-1]
        place = self.value(named[1], depth)
        place.key_start, place.key_end = names[0][1], names[-1][2]
        _children(around)[name] = place

    def value(self, node: tree_sitter.Node, depth: int) -> Place:
        place = self.place(node)
        if depth >= _MAX_DEPTH:
            return place
        if node.type == "array":
            items = [child for child in node.children if child.is_named and child.type != "comment"]
            place.children = {position: self.value(item, depth + 1) for position, item in enumerate(items)}
        elif node.type == "inline_table":
            place.children = {}
            for child in node.children:
                if child.type == "pair":
                    self.pair(child, place, depth + 1)
        return place

    def descend(self, place: Place, names: list[tuple[str, int, int]]) -> Place:
        """The object that names lead to, made where it has not been named before; of a list its last item."""
        for name, start, end in names:
            children = _children(place)
            if name not in children:
                children[name] = Place(start, end, start, end)
            place = children[name]
            if place.children and (len(place.children) - 1) in place.children:
                place = place.children[len(place.children) - 1]
        return place

    def names(self, key: tree_sitter.Node) -> list[tuple[str, int, int]]:
        """The names of a key with their offsets."""
        if key.type == "dotted_key":
            return [name for child in key.children if child.type in _KEYS for name in self.names(child)]
        start, end = self.offset(key.start_byte), self.offset(key.end_byte)
        written = self.text[start:end]
        return [(_unquoted(written), start, end)]

    def place(self, node: tree_sitter.Node) -> Place:
        return Place(self.offset(node.start_byte), self.offset(node.end_byte))

    def offset(self, byte: int) -> int:
        return byte if self.starts is None else bisect_left(self.starts, byte)


def _children(place: Place) -> dict[str | int, Place]:
    if place.children is None:
        place.children = {}
    return place.children


def _unquoted(written: str) -> str:
    if written[:1] == "'":
        return written[1:-1]
    if written[:1] != '"':
        return written
    if "\\" not in written:
        return written[1:-1]
    import tomllib

    return str(tomllib.loads(f"key = {written}")["key"])
