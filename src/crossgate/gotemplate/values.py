"""Go values as templates meet them, and what reflection says of them: kind, type, length, truth, equality.

| Go | here |
|---|---|
| bool, int, float64, complex128 | bool, int, float, complex |
| string | str, its bytes that are no UTF-8 by surrogateescape |
| int64 and the other integers | Int64, Uint8 …, int's subclasses |
| map[string]interface {}, []interface {} | dict, list |
| map[string]string, []string, []int … | StringMap, StringList, IntList … |
| a nil map or slice | the same with `is_nil`: NilMap, NilList |
| nil in an interface | None |
| the reflect.Value of nothing | INVALID |
| a reflect.Value of type interface {} | Interface(value) |
| structs and pointers with methods | Object's subclasses |
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from crossgate.golang.literals import to_bytes


class Invalid:
    """The reflect.Value of nothing: a key that is not there, a nil without a type."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "INVALID"


INVALID = Invalid()


class Interface:
    """A value whose static type is interface {}, as a map or a slice holds it; `value` is None for nil."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Int64(int):
    """An int64."""


class Int32(int):
    """An int32, which a rune is."""


class Uint8(int):
    """A byte."""


class Uint32(int):
    """A uint32."""


class Uint64(int):
    """A uint64."""


class StringMap(dict[str, str]):
    """A map[string]string."""


class NilMap(dict[str, Any]):
    """A map[string]interface {} that is nil: reads as an empty one, takes no keys."""


class StringList(list[str]):
    """A []string."""


class IntList(list[int]):
    """A []int."""


class ListOfLists(list[list[Any]]):
    """A [][]interface {}."""


class Bytes(list[int]):
    """A []byte, its items Uint8."""


class NilList(list[Any]):
    """A []interface {} that is nil."""


class NilStringList(StringList):
    """A []string that is nil."""


class SettingText(str):
    """A string of a settings file; `place` is the file's name and the path inside it."""

    __slots__ = ("place",)
    place: tuple[str, str]


class SettingNumber(float):
    """A number of a settings file, likewise."""

    __slots__ = ("place",)
    place: tuple[str, str]


class PartialText(str):
    """The whole text of an included file; `file` names it."""

    __slots__ = ("file",)
    file: str


class Object:
    """A Go value with methods. Subclasses say their type, kind, and which methods a template may call."""

    go_type: ClassVar[str]
    go_kind: ClassVar[str] = "struct"
    # name → Method-like callables of (self, *args), declared with `functions.Function`
    methods: ClassVar[Mapping[str, Any]] = {}
    fields: ClassVar[tuple[str, ...]] = ()

    def text(self) -> str | None:
        """What `String()` or `Error()` gives; None where the type has neither."""
        return None

    def go_syntax(self) -> str | None:
        """What `GoString()` gives; None where the type has none."""
        return None

    def json(self) -> Any:
        """The value that encoding/json writes for it."""
        return {name: getattr(self, name) for name in self.fields}


class NamedInt(int):
    """An integer type of its own that has a String method, such as time.Month."""

    go_type: ClassVar[str]
    go_kind: ClassVar[str] = "int"
    methods: ClassVar[Mapping[str, Any]] = {}

    def text(self) -> str:
        """What `String()` gives."""
        raise NotImplementedError


_TYPES: dict[type, tuple[str, str]] = {
    bool: ("bool", "bool"),
    int: ("int", "int"),
    Int64: ("int64", "int64"),
    Int32: ("int32", "int32"),
    Uint8: ("uint8", "uint8"),
    Uint32: ("uint32", "uint32"),
    Uint64: ("uint64", "uint64"),
    float: ("float64", "float64"),
    SettingNumber: ("float64", "float64"),
    complex: ("complex128", "complex128"),
    str: ("string", "string"),
    SettingText: ("string", "string"),
    PartialText: ("string", "string"),
    dict: ("map", "map[string]interface {}"),
    NilMap: ("map", "map[string]interface {}"),
    StringMap: ("map", "map[string]string"),
    list: ("slice", "[]interface {}"),
    NilList: ("slice", "[]interface {}"),
    StringList: ("slice", "[]string"),
    NilStringList: ("slice", "[]string"),
    IntList: ("slice", "[]int"),
    ListOfLists: ("slice", "[][]interface {}"),
    Bytes: ("slice", "[]uint8"),
    Interface: ("interface", "interface {}"),
    Invalid: ("invalid", "<nil>"),
    type(None): ("invalid", "<nil>"),
}
_NILS = (NilMap, NilList, NilStringList)
SIGNED = frozenset({"int", "int8", "int16", "int32", "int64"})
UNSIGNED = frozenset({"uint", "uint8", "uint16", "uint32", "uint64", "uintptr"})
INTEGERS = SIGNED | UNSIGNED


def kind_of(value: Any) -> str:
    """The reflect.Kind: `int`, `map`, `slice`, `invalid` …"""
    known = _TYPES.get(type(value))
    return known[0] if known is not None else str(value.go_kind)


def type_of(value: Any) -> str:
    """The type's name as `%T` prints it; `<nil>` for nothing."""
    known = _TYPES.get(type(value))
    return known[1] if known is not None else str(value.go_type)


def is_nil(value: Any) -> bool:
    """Whether it is nil, of whatever type, or nothing."""
    if value is None or value is INVALID or isinstance(value, _NILS):
        return True
    return isinstance(value, Interface) and value.value is None


def boxed(value: Any) -> Any:
    """An item of a slice or map of interfaces as reflection hands it out."""
    return Interface(value)


def item_box(container: Any) -> Callable[[Any], Any]:
    """How reflection hands out the items of a container: in an interface, or bare where their type is known."""
    kind = type_of(container)
    return boxed if kind.endswith("]interface {}") and kind != "[][]interface {}" else _bare


def _bare(value: Any) -> Any:
    return value


def unboxed(value: Any) -> Any:
    """What is inside an interface: INVALID for nil."""
    if isinstance(value, Interface):
        return INVALID if value.value is None else value.value
    return value


def plain(value: Any) -> Any:
    """The value as a function's parameter of type interface {} gets it: None for nil and for nothing."""
    if isinstance(value, Interface):
        return value.value
    return None if value is INVALID else value


def length_of(value: Any) -> int:
    """Go's len: bytes of a string, items of the others."""
    if isinstance(value, str):
        return len(value) if value.isascii() else len(to_bytes(value))
    return len(value)


def truth(value: Any) -> bool:
    """Whether `if` takes the value for true."""
    value = unboxed(value)
    if value is INVALID or value is None:
        return False
    if isinstance(value, Object):
        return True
    return bool(value)


def deep_equal(one: Any, other: Any) -> bool:
    """reflect.DeepEqual: same types all the way down."""
    if type_of(one) != type_of(other) or is_nil(one) != is_nil(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(deep_equal(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(deep_equal(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other)


def sorted_keys(mapping: Mapping[str, Any]) -> list[str]:
    """The keys in Go's order: bytewise."""
    try:
        return sorted(mapping, key=str.encode)
    except UnicodeEncodeError:
        return sorted(mapping, key=to_bytes)
