"""Tokens to trees. Knows which functions exist, and no values.

Source: Go 1.25 `text/template/parse/parse.go`.
"""

from collections.abc import Collection

from crossgate.golang.literals import LiteralError, quote, unquote
from crossgate.gotemplate.errors import TemplateError
from crossgate.gotemplate.lexer import Lexer, Token
from crossgate.gotemplate.nodes import (
    Action,
    Bool,
    Branch,
    Call,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Leave,
    List,
    Mark,
    Nil,
    Node,
    Number,
    Pipe,
    Source,
    String,
    Text,
    Tree,
    Variable,
)
from crossgate.gotemplate.number_literal import NumberError, parse_number

_OPERANDS = frozenset({"bool", "char", "complex", "field", "identifier", "number", "raw", "string", "variable", "("})
_WORDS = frozenset({".", "nil"})
_NOT_EXECUTABLE = (Bool, Dot, Nil, Number, String)
_TOO_DEEP = "max expression depth exceeded"


def parse_template(name: str, text: str, functions: Collection[str], *, file: str = "") -> dict[str, Tree]:
    """The trees of a text by name: its own, and those it defines. Raises TemplateError. Cost is linear."""
    parser = _Parser(Source(name, text, file or name), functions)
    try:
        return parser.parse()
    except RecursionError:
        raise parser.error(_TOO_DEEP) from None


class _Parser:
    def __init__(self, source: Source, functions: Collection[str]) -> None:
        self._source = source
        self._functions = functions
        self._lexer = Lexer(source.text)
        self._ahead: list[Token] = []  # tokens given back, the next one last
        self._latest = Token("eof", 0, "", 1)  # the last token cut, whose line error messages name
        self._trees: dict[str, Tree] = {}
        self._variables = ["$"]
        self._ranges = 0
        self._action_line = 0

    # -- errors

    def error(self, reason: str, line: int | None = None) -> TemplateError:
        line = self._latest.line if line is None else line
        position = self._latest.position
        column = self._source.line_and_column(position)[1] if line == self._latest.line else 1
        message = f"template: {self._source.name}:{line}: {reason}"
        return TemplateError(message, file=self._source.file, line=line, column=column, reason=reason)

    def _unexpected(self, token: Token, context: str) -> TemplateError:
        if token.kind != "error":
            return self.error(f"unexpected {token} in {context}")
        extra = ""
        if self._action_line not in (0, token.line):
            extra = f" in action started at {self._source.name}:{self._action_line}"
            if token.text.endswith(" action"):
                extra = extra.removeprefix(" in action")
        return self.error(f"{token}{extra}")

    # -- tokens

    def _next(self) -> Token:
        if self._ahead:
            return self._ahead.pop()
        self._latest = self._lexer.next_token()
        return self._latest

    def _peek(self) -> Token:
        token = self._next()
        self._ahead.append(token)
        return token

    def _next_non_space(self) -> Token:
        while (token := self._next()).kind == "space":
            pass
        return token

    def _peek_non_space(self) -> Token:
        token = self._next_non_space()
        self._ahead.append(token)
        return token

    def _expect(self, kinds: Collection[str], context: str) -> Token:
        token = self._next_non_space()
        if token.kind not in kinds:
            raise self._unexpected(token, context)
        return token

    # -- trees

    def parse(self) -> dict[str, Tree]:
        root = List(self._source, self._peek().position)
        while self._peek().kind != "eof":
            if self._peek().kind == "left":
                delimiter = self._next()
                token = self._next_non_space()
                if _is_word(token, "define"):
                    self._definition()
                    continue
                self._ahead += [token, delimiter]
            node = self._text_or_action()
            if isinstance(node, Mark):
                raise self.error(f"unexpected {node}")
            root.nodes.append(node)
        self._add(self._source.name, root)
        return self._trees

    def _add(self, name: str, root: List) -> None:
        tree, old = Tree(name, self._source, root), self._trees.get(name)
        if old is None or old.is_empty():
            self._trees[name] = tree
        elif not tree.is_empty():
            raise self.error(f"template: multiple definition of template {quote(name)}")

    def _definition(self) -> None:
        context = "define clause"
        name = self._unquoted(self._expect(("string", "raw"), context))
        self._expect(("right",), context)
        self._add(name, self._body_of_its_own(context))

    def _body_of_its_own(self, context: str, line: int | None = None) -> List:
        """The list up to `end` of a template that is defined here: no variables or ranges from outside reach in."""
        outside = self._variables, self._ranges, self._action_line
        self._variables, self._ranges, self._action_line = ["$"], 0, 0
        body, end = self._item_list()
        if end.keyword != "end":
            raise self.error(f"unexpected {end} in {context}", line)
        self._variables, self._ranges, self._action_line = outside
        return body

    def _item_list(self) -> tuple[List, Mark]:
        nodes = List(self._source, self._peek_non_space().position)
        while self._peek_non_space().kind != "eof":
            node = self._text_or_action()
            if isinstance(node, Mark):
                return nodes, node
            nodes.nodes.append(node)
        raise self.error("unexpected EOF")

    def _text_or_action(self) -> Node:
        token = self._next_non_space()
        if token.kind == "text":
            return Text(self._source, token.position, token.text)
        if token.kind != "left":
            raise self._unexpected(token, "input")
        self._action_line = token.line
        node = self._action()
        self._action_line = 0
        return node

    # -- actions

    def _action(self) -> Node:
        token = self._next_non_space()
        if token.kind == "keyword":
            match token.text:
                case "block":
                    return self._block()
                case "break" | "continue":
                    return self._leave(token)
                case "else":
                    return self._else()
                case "end":
                    return Mark(self._source, self._expect(("right",), "end").position, "end")
                case "if" | "range" | "with":
                    return self._branch(token.text)
                case "template":
                    return self._call()
        self._ahead.append(token)
        return Action(self._source, self._peek().position, self._pipeline("command", "right"))

    def _leave(self, keyword: Token) -> Node:
        token = self._next_non_space()
        if token.kind != "right":
            raise self._unexpected(token, f"{{{{{keyword.text}}}}}")
        if self._ranges == 0:
            raise self.error(f"{{{{{keyword.text}}}}} outside {{{{range}}}}")
        return Leave(self._source, keyword.position, keyword.text)

    def _else(self) -> Node:
        token = self._peek_non_space()
        if not (_is_word(token, "if") or _is_word(token, "with")):
            token = self._expect(("right",), "else")
        return Mark(self._source, token.position, "else")

    def _branch(self, keyword: str) -> Branch:
        variables = len(self._variables)
        pipe = self._pipeline(keyword, "right")
        is_range = keyword == "range"
        self._ranges += is_range
        body, mark = self._item_list()
        self._ranges -= is_range
        otherwise = None
        if mark.keyword == "else":
            if not is_range and _is_word(self._peek(), keyword):
                # {{else if b}} is {{else}}{{if b}} with one {{end}} for both.
                self._next()
                otherwise = List(self._source, mark.position, [self._branch(keyword)])
            else:
                otherwise, mark = self._item_list()
                if mark.keyword != "end":
                    raise self.error(f"expected end; found {mark}")
        del self._variables[variables:]
        return Branch(self._source, pipe.position, keyword, pipe, body, otherwise)

    def _block(self) -> Call:
        context = "block clause"
        token = self._next_non_space()
        name = self._template_name(token, context)
        pipe = self._pipeline(context, "right")
        self._add(name, self._body_of_its_own(context, self._latest.line))
        return Call(self._source, token.position, name, pipe)

    def _call(self) -> Call:
        context = "template clause"
        token = self._next_non_space()
        name = self._template_name(token, context)
        following = self._next_non_space()
        if following.kind == "right":
            return Call(self._source, token.position, name, None)
        self._ahead.append(following)
        return Call(self._source, token.position, name, self._pipeline(context, "right"))

    def _template_name(self, token: Token, context: str) -> str:
        if token.kind not in ("string", "raw"):
            raise self._unexpected(token, context)
        return self._unquoted(token)

    def _unquoted(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except LiteralError as error:
            raise self.error(str(error)) from None

    # -- expressions

    def _pipeline(self, context: str, end: str) -> Pipe:
        pipe = Pipe(self._source, self._peek_non_space().position)
        while self._declares(pipe, context):
            pass
        while True:
            token = self._next_non_space()
            if token.kind == end:
                break
            if token.kind not in _OPERANDS and not (token.kind == "keyword" and token.text in _WORDS):
                raise self._unexpected(token, context)
            self._ahead.append(token)
            pipe.commands.append(self._command())
        if not pipe.commands:
            raise self.error(f"missing value for {context}")
        for stage, command in enumerate(pipe.commands[1:], 2):
            if isinstance(command.args[0], _NOT_EXECUTABLE):
                raise self.error(f"non executable command in pipeline stage {stage}")
        return pipe

    def _declares(self, pipe: Pipe, context: str) -> bool:
        """Take a variable that is declared or assigned to; whether another one may follow."""
        variable = self._peek_non_space()
        if variable.kind != "variable":
            return False
        self._next()
        after = self._peek()
        following = self._peek_non_space()
        if following.kind in ("=", ":="):
            pipe.assigns = following.kind == "="
            self._next_non_space()
            self._declare(pipe, variable)
            return False
        if following.kind == "other" and following.text == ",":
            self._next_non_space()
            self._declare(pipe, variable)
            if context == "range" and len(pipe.declared) < 2:
                if self._peek_non_space().kind in ("variable", "right", ")"):
                    return True
                raise self.error("range can only initialize variables")
            raise self.error(f"too many declarations in {context}")
        if after.kind == "space":
            self._ahead.append(after)
        self._ahead.append(variable)
        return False

    def _declare(self, pipe: Pipe, variable: Token) -> None:
        pipe.declared.append(Variable(self._source, variable.position, variable.text.split(".")))
        self._variables.append(variable.text)

    def _command(self) -> Command:
        command = Command(self._source, self._peek_non_space().position)
        while True:
            self._peek_non_space()
            operand = self._operand()
            if operand is not None:
                command.args.append(operand)
            token = self._next()
            if token.kind == "space":
                continue
            if token.kind in ("right", ")"):
                self._ahead.append(token)
            elif token.kind != "|":
                raise self._unexpected(token, "operand")
            break
        if not command.args:
            raise self.error("empty command")
        return command

    def _operand(self) -> Node | None:
        node = self._term()
        if node is None or self._peek().kind != "field":
            return node
        position = self._peek().position
        names = []
        while self._peek().kind == "field":
            names.append(self._next().text[1:])
        if isinstance(node, Field):
            return Field(self._source, position, node.names + names)
        if isinstance(node, Variable):
            return Variable(self._source, position, node.names + names)
        if isinstance(node, _NOT_EXECUTABLE):
            raise self.error(f"unexpected . after term {quote(str(node))}")
        return Chain(self._source, position, node, names)

    def _term(self) -> Node | None:
        token = self._next_non_space()
        position = token.position
        match token.kind:
            case "identifier":
                if token.text not in self._functions:
                    raise self.error(f"function {quote(token.text)} not defined")
                return Identifier(self._source, position, token.text)
            case "keyword" if token.text == ".":
                return Dot(self._source, position)
            case "keyword" if token.text == "nil":
                return Nil(self._source, position)
            case "variable":
                if token.text not in self._variables:
                    raise self.error(f"undefined variable {quote(token.text)}")
                return Variable(self._source, position, [token.text])
            case "field":
                return Field(self._source, position, [token.text[1:]])
            case "bool":
                return Bool(self._source, position, token.text == "true")
            case "char" | "complex" | "number":
                try:
                    return parse_number(self._source, position, token.text, token.kind)
                except NumberError as error:
                    raise self.error(str(error)) from None
            case "(":
                return self._pipeline("parenthesized pipeline", ")")
            case "string" | "raw":
                return String(self._source, position, token.text, self._unquoted(token))
        self._ahead.append(token)
        return None


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "keyword" and token.text == word
