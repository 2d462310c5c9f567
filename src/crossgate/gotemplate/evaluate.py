"""Expressions of a template to values: pipelines, commands, fields, calls with their arguments' types checked.

Source: Go 1.25 `text/template/exec.go`.
"""

from collections.abc import Mapping
from typing import Any

from crossgate.golang.literals import quote
from crossgate.gotemplate.errors import GoError, TemplateError
from crossgate.gotemplate.functions import NILLABLE, Function
from crossgate.gotemplate.nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Node,
    Number,
    Pipe,
    String,
    Tree,
    Variable,
)
from crossgate.gotemplate.values import (
    INTEGERS,
    INVALID,
    SIGNED,
    Int64,
    Interface,
    NamedInt,
    NilList,
    NilMap,
    Object,
    SettingNumber,
    SettingText,
    item_box,
    kind_of,
    plain,
    truth,
    type_of,
    unboxed,
)

_MISSING = object()  # no value comes from the left of the pipe symbol
_LITERALS = (Bool, Number, String)


class Evaluator:
    """The state of one execution: the node that errors point at, the template, the variables."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions
        self.node: Node | None = None
        self.tree: Tree | None = None
        self.variables: list[list[Any]] = []  # [name, value], the innermost last
        self.looked_at: SettingText | SettingNumber | None = None  # the last value of a settings file met

    def enter(self, tree: Tree, data: Any) -> None:
        """Begin a template: it sees no variables of its caller."""
        self.tree = tree
        self.variables = [["$", data]]

    def failure(self, reason: str) -> TemplateError:
        """The error of the current node with Go's text."""
        node, tree = self.node, self.tree
        assert node is not None  # noqa: S101 - both are set before anything can fail
        assert tree is not None  # noqa: S101
        line, column = node.source.line_and_column(node.position)
        where = f"{node.source.go_location(node.position)}: executing {quote(tree.name)} at <{node}>"
        message = f"template: {where}: {reason}"
        return TemplateError(message, file=node.source.file, line=line, column=column, reason=reason)

    # -- variables

    def _variable(self, name: str) -> list[Any]:
        for variable in reversed(self.variables):
            if variable[0] == name:
                found: list[Any] = variable
                return found
        raise GoError(f"undefined variable: {name}")

    def set_turn(self, pipe: Pipe, index: Any, element: Any) -> None:
        """Give a range's variables the values of a turn."""
        declared = pipe.declared
        if not declared:
            return
        if pipe.assigns:
            if len(declared) > 1:
                self._variable(declared[0].names[0])[1] = index
            self._variable(declared[-1].names[0])[1] = element
            return
        self.variables[-1][1] = element
        if len(declared) > 1:
            self.variables[-2][1] = index

    # -- pipelines

    def pipeline(self, dot: Any, pipe: Pipe) -> Any:
        """The value of a pipeline; declares and assigns its variables."""
        self.node = pipe
        value: Any = _MISSING
        for command in pipe.commands:
            value = unboxed(self._command(dot, command, value))
        for variable in pipe.declared:
            if pipe.assigns:
                self._variable(variable.names[0])[1] = value
            else:
                self.variables.append([variable.names[0], value])
        return value

    def _command(self, dot: Any, command: Command, final: Any) -> Any:
        args = command.args
        first = args[0]
        if isinstance(first, Field):
            return self._field_node(dot, first, args, final)
        if isinstance(first, Identifier):
            return self._function(dot, first, command, args, final)
        if isinstance(first, Variable):
            return self._variable_node(dot, first, args, final)
        if isinstance(first, Chain):
            return self._chain(dot, first, args, final)
        if isinstance(first, Pipe):
            self._no_arguments(args, final)
            return self.pipeline(dot, first)
        self.node = first
        self._no_arguments(args, final)
        if isinstance(first, Dot):
            return self._met(dot)
        if isinstance(first, _LITERALS):
            return self._literal(first)
        raise GoError("nil is not a command")

    def _no_arguments(self, args: list[Node], final: Any) -> None:
        if len(args) > 1 or final is not _MISSING:
            raise GoError(f"can't give argument to non-function {args[0]}")

    def _met(self, value: Any) -> Any:
        inner = value.value if isinstance(value, Interface) else value
        if isinstance(inner, SettingText | SettingNumber):
            self.looked_at = inner
        return value

    def _literal(self, node: Node) -> Any:
        self.node = node
        if isinstance(node, String):
            return node.text
        if isinstance(node, Bool):
            return node.value
        assert isinstance(node, Number)  # noqa: S101 - nothing else is a literal
        text = node.text
        if node.as_complex is not None:
            return node.as_complex
        is_hexadecimal = text[:2] in ("0x", "0X") and not any(mark in text for mark in "pP")
        if node.as_float is not None and not is_hexadecimal and text[0] != "'" and any(c in text for c in ".eEpP"):
            return node.as_float
        if node.as_int is None:
            raise GoError(f"{text} overflows int")
        return node.as_int

    # -- fields

    def _field_node(self, dot: Any, node: Field, args: list[Node], final: Any) -> Any:
        self.node = node
        return self._field_chain(dot, dot, node, node.names, args, final)

    def _variable_node(self, dot: Any, node: Variable, args: list[Node], final: Any) -> Any:
        self.node = node
        value = self._variable(node.names[0])[1]
        if len(node.names) == 1:
            self._no_arguments(args or [node], final)
            return self._met(value)
        return self._field_chain(dot, value, node, node.names[1:], args, final)

    def _chain(self, dot: Any, node: Chain, args: list[Node], final: Any) -> Any:
        self.node = node
        if isinstance(node.node, Nil):
            raise GoError(f"indirection through explicit nil in {node}")
        return self._field_chain(dot, self._argument(dot, None, node.node), node, node.names, args, final)

    def _field_chain(self, dot: Any, receiver: Any, node: Node, names: list[str], args: list[Node], final: Any) -> Any:
        for name in names[:-1]:
            receiver = self._field(dot, name, node, [], _MISSING, receiver)
        return self._met(self._field(dot, names[-1], node, args, final, receiver))

    def _field(self, dot: Any, name: str, node: Node, args: list[Node], final: Any, receiver: Any) -> Any:
        if receiver is INVALID:
            return INVALID
        static_type = type_of(receiver)
        if isinstance(receiver, Interface):
            receiver = receiver.value
            if receiver is None:
                raise GoError(f"nil pointer evaluating {static_type}.{name}")
        has_args = len(args) > 1 or final is not _MISSING
        if isinstance(receiver, dict):
            if has_args:
                raise GoError(f"{name} is not a method but has arguments")
            if name not in receiver:
                return INVALID
            return item_box(receiver)(receiver[name])
        if isinstance(receiver, Object | NamedInt):
            method = receiver.methods.get(name)
            if method is not None:
                return self._call(dot, _bound(method, receiver), node, name, args, final)
            if isinstance(receiver, Object) and name in receiver.fields:
                if not name[:1].isupper():
                    raise GoError(f"{name} is an unexported field of struct type {static_type}")
                if has_args:
                    raise GoError(f"{name} has arguments but cannot be invoked as function")
                return getattr(receiver, name)
        raise GoError(f"can't evaluate field {name} in type {static_type}")

    # -- calls

    def _function(self, dot: Any, node: Identifier, command: Node, args: list[Node], final: Any) -> Any:
        self.node = node
        return self._call(dot, self._functions[node.name], command, node.name, args, final)

    def _call(self, dot: Any, function: Function, node: Node, name: str, args: list[Node], final: Any) -> Any:
        args = args[1:]
        parameters, fixed = function.parameters, function.fixed
        given = len(args) + (final is not _MISSING)
        if function.variadic:
            if given < fixed:
                raise GoError(f"wrong number of args for {name}: want at least {fixed} got {len(args)}")
        elif given != fixed:
            raise GoError(f"wrong number of args for {name}: want {fixed} got {given}")
        if name in ("and", "or"):
            return self._short_circuit(dot, args, final, wanted=name == "or")
        values = [self._argument(dot, parameters[min(i, len(parameters) - 1)], arg) for i, arg in enumerate(args)]
        if final is not _MISSING:
            values.append(_validated(final, parameters[min(len(args), len(parameters) - 1)]))
        try:
            if name == "call":
                return _refuse_call(str(args[0]) if args else final, values[0])
            result = function.call(*values)
        except GoError as error:
            self.node = node
            raise GoError(f"error calling {name}: {error}") from None
        return Interface(None) if result is None else result

    def _short_circuit(self, dot: Any, args: list[Node], final: Any, *, wanted: bool) -> Any:
        value: Any = INVALID
        for arg in args:
            value = self._argument(dot, "reflect.Value", arg)
            if truth(value) is wanted:
                return value
        return value if final is _MISSING else final

    def _argument(self, dot: Any, parameter: str | None, node: Node) -> Any:
        """An argument's value for a parameter of a type; None asks for the value as it is."""
        self.node = node
        if isinstance(node, Field):
            value = self._field_node(dot, node, [], _MISSING)
        elif isinstance(node, Variable):
            value = self._variable_node(dot, node, [], _MISSING)
        elif isinstance(node, Dot):
            value = self._met(dot)
        elif isinstance(node, Pipe):
            value = self.pipeline(dot, node)
        elif isinstance(node, Identifier):
            value = self._function(dot, node, node, [], _MISSING)
        elif isinstance(node, Chain):
            value = self._chain(dot, node, [], _MISSING)
        elif isinstance(node, Nil):
            if parameter not in NILLABLE:
                raise GoError(f"cannot assign nil to {parameter}")
            return _validated(INVALID, parameter)
        else:
            return self._constant(parameter, node)
        return value if parameter is None else _validated(value, parameter)

    def _constant(self, parameter: str | None, node: Node) -> Any:
        number = node if isinstance(node, Number) else None
        if parameter is None or parameter in ("interface {}", "reflect.Value"):
            return self._literal(node)
        if parameter == "string":
            if isinstance(node, String):
                return node.text
            raise GoError(f"expected string; found {node}")
        if parameter == "bool":
            if isinstance(node, Bool):
                return node.value
            raise GoError(f"expected bool; found {node}")
        if parameter == "float64":
            if number is not None and number.as_float is not None:
                return number.as_float
            raise GoError(f"expected float; found {node}")
        if parameter in SIGNED:
            if number is not None and number.as_int is not None:
                return number.as_int if parameter == "int" else Int64(number.as_int)
            raise GoError(f"expected integer; found {node}")
        if parameter in INTEGERS:
            if number is not None and number.as_uint is not None:
                return number.as_uint
            raise GoError(f"expected unsigned integer; found {node}")
        raise GoError(f"can't handle {node} for arg of type {parameter}")


def _validated(value: Any, parameter: str) -> Any:
    """The value, if a parameter of the type takes it."""
    if parameter == "reflect.Value":
        return value
    if parameter == "interface {}":
        return plain(value)
    if value is INVALID:
        if parameter == "map[string]interface {}":
            return NilMap()
        if parameter == "[]interface {}":
            return NilList()
        raise GoError(f"invalid value; expected {parameter}")
    if isinstance(value, Interface) and value.value is not None:
        value = value.value
    if type_of(value) == parameter or (kind_of(value) == "ptr" and type_of(value) == f"*{parameter}"):
        return value
    raise GoError(f"wrong type for value; expected {parameter}; got {type_of(value)}")


def _bound(method: Function, receiver: Any) -> Function:
    return Function(method.parameters, method.variadic, lambda *args: method.call(receiver, *args))


def _refuse_call(name: Any, value: Any) -> Any:
    """`call`: no value of a template is a function."""
    value = unboxed(value)
    if value is INVALID:
        raise GoError("call of nil")
    shown = name if isinstance(name, str) else f"<{type_of(name)} Value>"
    raise GoError(f"non-function {shown} of type {type_of(value)}")
