"""Go's fmt over template values: Sprint, Sprintln, Sprintf.

Source: Go 1.25 `fmt/print.go`. Texts above a bound raise GoError: a template must not fill the memory.
"""

from typing import Any

from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.fields import (
    Spec,
    format_bool,
    format_complex,
    format_hexadecimal,
    format_integer,
    format_number,
    format_pointer_like,
    format_text,
)
from crossgate.gotemplate.values import (
    INVALID,
    SIGNED,
    UNSIGNED,
    Bytes,
    Interface,
    NamedInt,
    Object,
    is_nil,
    kind_of,
    sorted_keys,
    type_of,
)

MAX_TEXT = 64 * 1024 * 1024
_MAX_WIDTH = 1_000_000
MAX_PARTS = 5_000_000
_FLAGS = {"#": "sharp", "0": "zero", "+": "plus", "-": "minus", " ": "space"}
_NO_SPEC = Spec()
_TOO_LARGE = "the text is larger than 64 MiB"


def sprint(values: list[Any]) -> str:
    """`fmt.Sprint`: a blank between two values of which neither is a string."""
    parts: list[str] = []
    was_string = False
    for index, value in enumerate(values):
        is_string = isinstance(value, str)
        if index and not is_string and not was_string:
            parts.append(" ")
        parts.append(value if is_string else verb_v(value))
        was_string = is_string
    return bounded("".join(parts))


def sprintln(values: list[Any]) -> str:
    """`fmt.Sprintln`."""
    return bounded(" ".join([verb_v(value) for value in values]) + "\n")


def verb_v(value: Any) -> str:
    """A value as `%v` prints it."""
    if isinstance(value, str):
        return value
    printer = Printer()
    printer.argument(value, "v", _NO_SPEC)
    return "".join(printer.parts)


def bounded(text: str) -> str:
    """The text, unless it is larger than a configuration may be: GoError."""
    if len(text) > MAX_TEXT:
        raise GoError(_TOO_LARGE)
    return text


class Printer:
    """Collects what is printed in `parts`."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._length = 0
        self._erroring = False

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self._length += len(text)
        if self._length > MAX_TEXT or len(self.parts) > MAX_PARTS:
            raise GoError(_TOO_LARGE)

    def argument(self, value: Any, verb: str, spec: Spec) -> None:
        """An operand of Printf under a verb."""
        if isinstance(value, Interface):
            value = value.value
        if value is None or value is INVALID:
            if verb in "Tv":
                self._write(spec.pad("<nil>"))
            else:
                self._bad_verb(None, verb)
        elif verb == "T":
            self._write(format_text(spec, type_of(value), "s") or "")
        elif verb == "p":
            self._pointer(value, verb, spec)
        else:
            self.value(value, verb, spec, 0)

    def value(self, value: Any, verb: str, spec: Spec, depth: int) -> None:
        """A value at a depth of the operand."""
        if isinstance(value, Interface):
            value = value.value
        if value is None or value is INVALID:
            if spec.sharp_v and depth:
                self._write("interface {}(nil)")
            else:
                self._write("<nil>")
            return
        kind = kind_of(value)
        if isinstance(value, Object | NamedInt) and self._by_method(value, verb, spec):
            return
        text: str | None
        if kind == "bool":
            text = format_bool(spec, value) if verb in "tv" else None
        elif kind == "string":
            text = format_text(spec, value, verb)
        elif kind in SIGNED:
            text = format_integer(spec, value, verb)
        elif kind in UNSIGNED:
            is_go_syntax = verb == "v" and spec.sharp_v
            text = format_pointer_like(spec, value) if is_go_syntax else format_integer(spec, value, verb)
        elif kind == "float64":
            text = format_number(spec, value, verb)
        elif kind == "complex128":
            text = format_complex(spec, value, verb)
        else:
            self._compound(value, kind, verb, spec, depth)
            return
        if text is None:
            self._bad_verb(value, verb)
        else:
            self._write(text)

    def _by_method(self, value: Any, verb: str, spec: Spec) -> bool:
        """Print it by its String method where it has one and the verb takes strings."""
        if self._erroring or (spec.sharp_v and not isinstance(value, Object)) or verb not in "vsxXq":
            return False
        if spec.sharp_v:
            shown = value.go_syntax()
            self._write(shown or "")
            return shown is not None
        text = value.text()
        if text is None:
            return False
        self._write(format_text(spec, text, verb) or "")
        return True

    def _compound(self, value: Any, kind: str, verb: str, spec: Spec, depth: int) -> None:
        go_syntax = spec.sharp_v
        if kind == "slice" and isinstance(value, Bytes) and verb in "sqxX":
            raw = bytes(value)
            text = raw.decode("utf-8", "surrogateescape")
            shown = format_hexadecimal(spec, raw, verb) if verb in "xX" else format_text(spec, text, verb)
            self._write(shown or "")
            return
        if kind == "ptr" and depth:
            self._pointer(value, verb, spec)
            return
        if go_syntax:
            self._write(("&" if kind == "ptr" else "") + type_of(value).removeprefix("*"))
            if kind in ("map", "slice") and is_nil(value):
                self._write("(nil)")
                return
        elif kind == "ptr":
            self._write("&")
        opening, closing, between = ("{", "}", ", ") if go_syntax else ("[", "]", " ")
        if kind == "map":
            self._write(opening if go_syntax else "map[")
            for index, key in enumerate(sorted_keys(value)):
                if index:
                    self._write(between)
                self.value(key, verb, spec, depth + 1)
                self._write(":")
                self.value(value[key], verb, spec, depth + 1)
        elif kind == "slice":
            self._write(opening)
            for index, item in enumerate(value):
                if index:
                    self._write(between)
                self.value(item, verb, spec, depth + 1)
        else:
            closing = "}"
            self._write("{")
            for index, name in enumerate(value.fields):
                if index:
                    self._write(between)
                if spec.plus_v or go_syntax:
                    self._write(f"{name}:")
                self.value(getattr(value, name), verb, spec, depth + 1)
        self._write(closing)

    def _pointer(self, value: Any, verb: str, spec: Spec) -> None:
        if kind_of(value) not in ("map", "slice", "ptr"):
            self._bad_verb(value, verb)
            return
        # An address differs from run to run in Go as well; one that is always the same serves.
        self._write(spec.pad("0xc000000000"))

    def _bad_verb(self, value: Any, verb: str) -> None:
        self._erroring = True
        self._write(f"%!{verb}(")
        if value is None:
            self._write("<nil>")
        else:
            self._write(f"{type_of(value)}=")
            self.value(value, "v", _NO_SPEC, 0)
        self._write(")")
        self._erroring = False

    # -- formats

    def formatted(self, form: str, values: list[Any]) -> str:
        """`fmt.Sprintf`."""
        end = len(form)
        index = used = 0
        self._reordered = False
        while index < end:
            percent = form.find("%", index)
            if percent < 0:
                self._write(form[index:])
                break
            if percent > index:
                self._write(form[index:percent])
            self._good_index = True
            spec = Spec()
            index = percent + 1
            while index < end and form[index] in _FLAGS:
                setattr(spec, _FLAGS[form[index]], True)
                index += 1
            used, index, after_index = self._argument_index(used, form, index, len(values))
            used, index, after_index = self._width(spec, form, index, used, values, after_index=after_index)
            used, index, after_index = self._precision(spec, form, index, used, values, after_index=after_index)
            if not after_index:
                used, index, after_index = self._argument_index(used, form, index, len(values))
            if index >= end:
                self._write("%!(NOVERB)")
                break
            verb = form[index] if not "\ud800" <= form[index] <= "\udfff" else "\ufffd"
            index += 1
            used = self._verb(verb, spec, used, values)
        if not self._reordered and used < len(values):
            self._extra(values[used:])
        return "".join(self.parts)

    def _verb(self, verb: str, spec: Spec, used: int, values: list[Any]) -> int:
        if verb == "%":
            self._write("%")
            return used
        if not self._good_index:
            self._write(f"%!{verb}(BADINDEX)")
            return used
        if used >= len(values):
            self._write(f"%!{verb}(MISSING)")
            return used
        if verb in "vw":
            spec.sharp_v, spec.sharp = spec.sharp, False
            spec.plus_v, spec.plus = spec.plus, False
        if verb == "w" and values[used] is not None:
            self._bad_verb(values[used], verb)
        else:
            self.argument(values[used], verb, spec)
        return used + 1

    def _extra(self, values: list[Any]) -> None:
        self._write("%!(EXTRA ")
        for index, value in enumerate(values):
            if index:
                self._write(", ")
            if value is None:
                self._write("<nil>")
            else:
                self._write(f"{type_of(value)}=")
                self.argument(value, "v", _NO_SPEC)
        self._write(")")

    def _width(
        self, spec: Spec, form: str, index: int, used: int, values: list[Any], *, after_index: bool
    ) -> tuple[int, int, bool]:
        if form[index : index + 1] == "*":
            width, used = _integer_argument(values, used)
            if width is None:
                self._write("%!(BADWIDTH)")
            elif width < 0:
                width, spec.minus, spec.zero = -width, True, False
            spec.width = width
            return used, index + 1, False
        spec.width, index = _number_in(form, index, len(form))
        if after_index and spec.width is not None:
            self._good_index = False
        return used, index, after_index

    def _precision(
        self, spec: Spec, form: str, index: int, used: int, values: list[Any], *, after_index: bool
    ) -> tuple[int, int, bool]:
        if form[index : index + 1] != "." or index + 1 >= len(form):
            return used, index, after_index
        if after_index:
            self._good_index = False
        used, index, after_index = self._argument_index(used, form, index + 1, len(values))
        if form[index : index + 1] == "*":
            precision, used = _integer_argument(values, used)
            if precision is None or precision < 0:
                precision = None
                self._write("%!(BADPREC)")
            spec.precision = precision
            return used, index + 1, False
        precision, index = _number_in(form, index, len(form))
        spec.precision = precision or 0
        return used, index, after_index

    def _argument_index(self, used: int, form: str, index: int, count: int) -> tuple[int, int, bool]:
        """Read `[n]`: which operand is next, and whether one was named."""
        if form[index : index + 1] != "[":
            return used, index, False
        self._reordered = True
        closing = form.find("]", index + 1)
        if len(form) - index < 3 or closing < 0:
            self._good_index = False
            return used, index + 1, False
        number, stopped = _number_in(form, index + 1, closing)
        if number is None or stopped != closing:
            self._good_index = False
            return used, closing + 1, False
        if 1 <= number <= count:
            return number - 1, closing + 1, True
        self._good_index = False
        return used, closing + 1, True


def _number_in(form: str, start: int, end: int) -> tuple[int | None, int]:
    """The number that begins there, None where there is none, and the index behind it."""
    index, number = start, 0
    while index < end and "0" <= form[index] <= "9":
        if number > _MAX_WIDTH:
            return None, end
        number = number * 10 + int(form[index])
        index += 1
    return (number if index > start else None), index


def _integer_argument(values: list[Any], used: int) -> tuple[int | None, int]:
    if used >= len(values):
        return None, used
    value = values[used]
    is_integer = kind_of(value) in SIGNED | UNSIGNED
    return (int(value) if is_integer and abs(value) <= _MAX_WIDTH else None), used + 1


def sprintf(form: str, values: list[Any]) -> str:
    """`fmt.Sprintf`."""
    return Printer().formatted(form, values)
