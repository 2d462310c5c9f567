"""JSON text to the places of its values, or to the exact spot where it stops being JSON.

Strict RFC 8259, as Go's encoding/json reads it. Iterative and linear: neither depth nor length brings it down.
Builds no values; `json_text` does that, and asks here only when there is something to point at.
"""

import json
import re

from crossgate.config.source.encoding import without_lone_surrogates
from crossgate.config.source.place import Duplicate, Place
from crossgate.config.source.problem import TextError
from crossgate.diagnostics.path import join

MAX_DEPTH = 200
"""How deep objects and lists may be nested. DEVIATION(DEV-CONF-1): KrakenD takes 10,000 levels."""

_BLANKS = re.compile(r"[ \t\n\r]*+")
# No possessive groups: before 3.11.5 one that fails half-way through does not go back to where it began.
_STRING = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_NUMBER_LIKE = re.compile(r"[-+.0-9][-+.0-9A-Za-z_]*+")
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$\-]*+|-Infinity")
_LITERAL = re.compile(r"true|false|null")
_NUMBER_HINT = "numbers have no leading zeros, no leading `+` and a digit on both sides of the point"
_OTHER_LANGUAGES = {
    "True": "true",
    "False": "false",
    "None": "null",
    "undefined": "null",
    "nil": "null",
    "TRUE": "true",
    "FALSE": "false",
    "NULL": "null",
}


def scan_json(text: str) -> tuple[Place, list[Duplicate]]:
    """The places of every value, and the keys that stand twice. Raises TextError at the first offence."""
    return _Scanner(text).document()


def scan_value(text: str, position: int) -> Place:
    """The places of the value that begins there, of a text that is JSON."""
    scanner = _Scanner(text, position)
    place = scanner.begin_value()
    while scanner.open:
        scanner.next_member()
    return place


class _Scanner:
    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position
        self.duplicates: list[Duplicate] = []
        self.open: list[tuple[Place, bool]] = []  # containers around the position; True for an object
        self.steps: list[str | int] = []  # the path of the innermost container

    def document(self) -> tuple[Place, list[Duplicate]]:
        """One value with nothing but blanks around it."""
        self.blanks()
        if self.position == len(self.text):
            raise self.end_of_text("the file is empty", 'write at least {"version": 3}')
        root = self.begin_value()
        while self.open:
            self.next_member()
        self.blanks()
        if self.position < len(self.text):
            raise self.unexpected(
                "after top-level value",
                "there is more text after the end of the document",
                "remove it: a file is one object",
            )
        return root, self.duplicates

    def next_member(self) -> None:
        """One step inside the innermost open container: a member of it, or its end."""
        container, is_object = self.open[-1]
        children = container.children
        if children is None:  # a container just opened
            children = container.children = {}
            self.blanks()
            if self.closes(container, is_object):
                return
        else:
            self.blanks()
            if self.closes(container, is_object):
                return
            self.comma(is_object)
        if is_object:
            self.member(children)
        else:
            self.item(children)

    def member(self, children: dict[str | int, Place]) -> None:
        key, start, end = self.key()
        self.steps.append(key)
        known = children.get(key)
        if known is not None:
            self.duplicates.append(Duplicate(join(*self.steps), start, end, known.key_start))
        place = self.begin_value()
        place.key_start, place.key_end = start, end
        children[key] = place
        if not self.open or self.open[-1][0] is not place:
            self.steps.pop()

    def item(self, children: dict[str | int, Place]) -> None:
        index = len(children)
        self.steps.append(index)
        place = self.begin_value()
        children[index] = place
        if self.open[-1][0] is not place:
            self.steps.pop()

    def closes(self, container: Place, is_object: bool) -> bool:
        if self.peek() != ("}" if is_object else "]"):
            return False
        self.position += 1
        container.end = self.position
        self.open.pop()
        if self.steps:
            self.steps.pop()
        return True

    def comma(self, is_object: bool) -> None:
        where = "after object key:value pair" if is_object else "after array element"
        closing = "}" if is_object else "]"
        found = self.peek()
        if found != ",":
            if not found:
                raise self.end_of_text(f"the text ends before the `{closing}`", f"close it with `{closing}`")
            hint = "a comma is missing here" if found in '"{[' or found.isalnum() else ""
            raise self.unexpected(where, f"expected `,` or `{closing}`", hint or self.comment_hint())
        comma = self.position
        self.position += 1
        self.blanks()
        if self.peek() in ("}", "]"):
            where = "looking for beginning of object key string" if is_object else "looking for beginning of value"
            raise TextError(
                "CFG102",
                comma,
                comma + 1,
                "JSON has no comma after the last element",
                hint="remove this comma",
                fix="",
                krakend=f"refuses to start: invalid character '{self.peek()}' {where}",
            )

    def key(self) -> tuple[str, int, int]:
        start = self.position
        found = self.peek()
        if found != '"':
            if not found:
                raise self.end_of_text("the text ends inside an object", "close it with `}`")
            word = _WORD.match(self.text, start)
            hint = f'write "{word[0]}"' if word else self.comment_hint()
            raise self.unexpected("looking for beginning of object key string", "expected a key in double quotes", hint)
        end = self.string()
        literal = self.text[start:end]
        key = without_lone_surrogates(json.loads(literal)) if "\\" in literal else literal[1:-1]
        self.blanks()
        if self.peek() != ":":
            if not self.peek():
                raise self.end_of_text("the text ends after a key")
            raise self.unexpected("after object key", "expected `:` after the key")
        self.position += 1
        self.blanks()
        return key, start, end

    def begin_value(self) -> Place:
        """A scalar as a whole, or the opening bracket of a container, which is then pushed."""
        self.blanks()
        start = self.position
        found = self.peek()
        if found in ("{", "["):
            if len(self.open) >= MAX_DEPTH:
                raise TextError(
                    "CFG106",
                    start,
                    start + 1,
                    f"objects and lists are nested more than {MAX_DEPTH} levels deep",
                    krakend="reads up to 10000 levels",
                    path=join(*self.steps),
                )
            place = Place(start, start + 1)
            self.position += 1
            self.open.append((place, found == "{"))
            return place
        if found == '"':
            return Place(start, self.string())
        literal = _LITERAL.match(self.text, start) or _NUMBER.match(self.text, start)
        if literal is None or _continues(self.text, literal.end()):
            raise self.no_value()
        self.position = literal.end()
        return Place(start, self.position)

    def string(self) -> int:
        """Move behind a string and return the offset after its closing quote."""
        start = self.position
        match = _STRING.match(self.text, start)
        end = match.end() if match else start + 1
        if self.text[end : end + 1] == '"':
            self.position = end + 1
            return self.position
        if end >= len(self.text):
            self.position = end
            raise TextError(
                "CFG102",
                start,
                min(start + 1, len(self.text)),
                "this string never ends",
                hint='close it with `"`',
                krakend="refuses to start: unexpected end of JSON input",
            )
        bad = self.text[end]
        if bad == "\\":
            what, where = "unknown escape sequence", "in string escape code"
            hint = r"JSON knows \" \\ \/ \b \f \n \r \t \u0000; a backslash itself is \\"
            shown, stop = self.text[end + 1 : end + 2], end + 2
        else:
            what, where = "a control character or line break inside a string", "in string literal"
            hint = (
                "close the string before the end of the line, or write \\n"
                if bad in "\r\n"
                else f"write \\u{ord(bad):04x}"
            )
            shown, stop = bad, end + 1
        raise TextError(
            "CFG102",
            end,
            stop,
            what,
            hint=hint,
            krakend=f"refuses to start: invalid character {_go_char(shown)} {where}",
        )

    def no_value(self) -> TextError:
        start = self.position
        if start >= len(self.text):
            return self.end_of_text("the text ends where a value is expected")
        where = "looking for beginning of value"
        word = _WORD.match(self.text, start)
        if word and word[0] in ("NaN", "Infinity", "-Infinity"):
            return TextError(
                "CFG105",
                start,
                word.end(),
                f"JSON has no number {word[0]}",
                hint="write a number, or leave the key out",
                krakend=f"refuses to start: invalid character {_go_char(word[0][0])} {where}",
            )
        number = _NUMBER_LIKE.match(self.text, start)
        if number and number[0] not in ("-", "+", "."):
            return self.unexpected(
                "in numeric literal", f"`{number[0][:40]}` is not a JSON number", _NUMBER_HINT, stop=number.end()
            )
        if word:
            meant = _OTHER_LANGUAGES.get(word[0])
            hint = f"write {meant}" if meant else "put text in double quotes"
            return self.unexpected(where, f"`{word[0][:40]}` is not a JSON value", hint, word.end(), fix=meant)
        if self.text[start] == "'":
            return self.unexpected(where, "expected a value", "put text in double quotes")
        return self.unexpected(where, "expected a value", self.comment_hint())

    def comment_hint(self) -> str:
        """A word for people who try to comment JSON."""
        if self.text.startswith(("//", "/*", "#"), self.position):
            return "JSON has no comments; a key that begins with `@`, `$`, `_` or `#` serves as one"
        return ""

    def unexpected(
        self, where: str, message: str, hint: str = "", stop: int = -1, *, fix: str | None = None
    ) -> TextError:
        start = self.position
        return TextError(
            "CFG102",
            start,
            stop if stop > start else start + 1,
            message,
            hint=hint,
            krakend=f"refuses to start: invalid character {_go_char(self.text[start])} {where}",
            fix=fix,
        )

    def end_of_text(self, message: str, hint: str = "") -> TextError:
        end = len(self.text)
        return TextError(
            "CFG102", end, end, message, hint=hint, krakend="refuses to start: unexpected end of JSON input"
        )

    def blanks(self) -> None:
        match = _BLANKS.match(self.text, self.position)
        if match:
            self.position = match.end()

    def peek(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.position : self.position + 1]


def _continues(text: str, end: int) -> bool:
    following = text[end : end + 1]
    return following.isalnum() or following in ("_", ".", "+", "-", "$") if following else False


def _go_char(character: str) -> str:
    """A character as Go quotes it in messages."""
    if character == "'":
        return r"'\''"
    return f"'{character}'" if character.isprintable() else repr(character)
