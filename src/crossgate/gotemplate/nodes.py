"""A parsed template as a tree. `str()` of a node is the text that Go's error messages show for it."""

from dataclasses import dataclass, field
from typing import Any

from crossgate.golang.literals import quote, to_bytes


@dataclass(slots=True, eq=False)
class Source:
    """A text that was parsed, under the name it was parsed with, and the file it stands in."""

    name: str
    text: str
    file: str

    def line_and_column(self, position: int) -> tuple[int, int]:
        """Line and column of a position, both from 1, in characters."""
        return self.text.count("\n", 0, position) + 1, position - self.text.rfind("\n", 0, position)

    def go_location(self, position: int) -> str:
        """`name:line:column` as Go writes it: the column in bytes, from 0 in the first line as in all others."""
        line_start = self.text.rfind("\n", 0, position) + 1
        line = self.text.count("\n", 0, position) + 1
        return f"{self.name}:{line}:{len(to_bytes(self.text[line_start:position]))}"


@dataclass(slots=True, eq=False)
class Node:
    """Anything of a template; `position` is the index that error messages point at."""

    source: Source
    position: int


@dataclass(slots=True, eq=False)
class Text(Node):
    """Text between actions."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True, eq=False)
class Bool(Node):
    """`true` or `false`."""

    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(slots=True, eq=False)
class Number(Node):
    """A number under every type that can hold it; None where a type cannot."""

    text: str
    as_int: int | None = None
    as_uint: int | None = None
    as_float: float | None = None
    as_complex: complex | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True, eq=False)
class String(Node):
    """A string, as written and its value."""

    quoted: str
    text: str

    def __str__(self) -> str:
        return self.quoted


@dataclass(slots=True, eq=False)
class Nil(Node):
    """`nil`."""

    def __str__(self) -> str:
        return "nil"


@dataclass(slots=True, eq=False)
class Dot(Node):
    """`.`."""

    def __str__(self) -> str:
        return "."


@dataclass(slots=True, eq=False)
class Field(Node):
    """`.a.b`."""

    names: list[str]

    def __str__(self) -> str:
        return "".join([f".{name}" for name in self.names])


@dataclass(slots=True, eq=False)
class Variable(Node):
    """`$x.a.b`: the variable's name, `$` included, then fields."""

    names: list[str]

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(slots=True, eq=False)
class Identifier(Node):
    """A function's name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(slots=True, eq=False)
class Chain(Node):
    """Fields of something in parentheses."""

    node: Node
    names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        inner = f"({self.node})" if isinstance(self.node, Pipe) else str(self.node)
        return inner + "".join([f".{name}" for name in self.names])


@dataclass(slots=True, eq=False)
class Command(Node):
    """Words between pipe symbols."""

    args: list[Node] = field(default_factory=list)

    def __str__(self) -> str:
        return " ".join([f"({arg})" if isinstance(arg, Pipe) else str(arg) for arg in self.args])


@dataclass(slots=True, eq=False)
class Pipe(Node):
    """A pipeline, with the variables it declares or assigns to."""

    declared: list[Variable] = field(default_factory=list)
    assigns: bool = False
    commands: list[Command] = field(default_factory=list)

    def __str__(self) -> str:
        head = ", ".join([str(variable) for variable in self.declared])
        if head:
            head += " = " if self.assigns else " := "
        return head + " | ".join([str(command) for command in self.commands])


@dataclass(slots=True, eq=False)
class Action(Node):
    """An action that prints or declares."""

    pipe: Pipe

    def __str__(self) -> str:
        return f"{{{{{self.pipe}}}}}"


@dataclass(slots=True, eq=False)
class List(Node):
    """Nodes one after the other."""

    nodes: list[Node] = field(default_factory=list)

    def __str__(self) -> str:
        return "".join([str(node) for node in self.nodes])


@dataclass(slots=True, eq=False)
class Branch(Node):
    """`if`, `range` or `with`."""

    keyword: str
    pipe: Pipe
    body: List
    otherwise: List | None

    def __str__(self) -> str:
        tail = "" if self.otherwise is None else f"{{{{else}}}}{self.otherwise}"
        return f"{{{{{self.keyword} {self.pipe}}}}}{self.body}{tail}{{{{end}}}}"


@dataclass(slots=True, eq=False)
class Leave(Node):
    """`break` or `continue`."""

    keyword: str

    def __str__(self) -> str:
        return f"{{{{{self.keyword}}}}}"


@dataclass(slots=True, eq=False)
class Call(Node):
    """`template "name" pipeline`."""

    name: str
    pipe: Pipe | None

    def __str__(self) -> str:
        return f"{{{{template {quote(self.name)}{'' if self.pipe is None else f' {self.pipe}'}}}}}"


@dataclass(slots=True, eq=False)
class Mark(Node):
    """`else` or `end`, seen by the parser only."""

    keyword: str

    def __str__(self) -> str:
        return f"{{{{{self.keyword}}}}}"


@dataclass(slots=True, eq=False)
class Tree:
    """A named template: its name, and its nodes."""

    name: str
    source: Source
    root: List

    def is_empty(self) -> bool:
        """Whether there is nothing but white space in it."""
        return _is_empty(self.root)


def _is_empty(node: Any) -> bool:
    if isinstance(node, List):
        return all(_is_empty(item) for item in node.nodes)
    return isinstance(node, Text) and not node.text.strip(" \t\n\v\f\r\x85\xa0")
