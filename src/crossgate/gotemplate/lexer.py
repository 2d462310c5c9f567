"""Template text to tokens, as Go's text/template/parse cuts it. Knows the letters; not what they mean together.

Positions are indices into the text, a `str` whose bytes that are no UTF-8 are lone surrogates.
Source: Go 1.25 `text/template/parse/lex.go`.
"""

from dataclasses import dataclass

from crossgate.golang.literals import quote

KEYWORDS = frozenset(
    {".", "block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"}
)
_SPACES = " \t\r\n"
_ENDS_A_WORD = _SPACES + ".,|:)("


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: text, left, right, space, word kinds (`identifier`, `field`, `variable`, `keyword`, `bool`), `number`,
    `complex`, `char`, `string`, `raw`, `(`, `)`, `|`, `=`, `:=`, `other`, `error`, `eof`."""

    kind: str
    position: int
    text: str
    line: int

    def __str__(self) -> str:
        if self.kind == "eof":
            return "EOF"
        if self.kind == "error":
            return self.text
        if self.kind == "keyword":
            return f"<{self.text}>"
        if len(self.text.encode("utf-8", "surrogateescape")) > 10:
            return f"{quote(self.text[:10])}..."
        return quote(self.text)


class Lexer:
    """Gives one token after the other. After an error there is nothing but that error."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1
        self._counted = 0  # the position that `_line` belongs to
        self._inside = False
        self._parentheses = 0
        self._failed: Token | None = None

    def next_token(self) -> Token:
        """The next token; `eof` or the error again at the end."""
        if self._failed is not None:
            return self._failed
        while True:
            token = self._inside_action() if self._inside else self._text_or_delimiter()
            if token is not None:
                return token

    # -- outside actions

    def _text_or_delimiter(self) -> Token | None:
        start = self._position
        found = self._text.find("{{", start)
        if found < 0:
            self._position = len(self._text)
            if start < self._position:
                return self._token("text", start)
            return self._token("eof", start)
        if found > start:
            end = found
            if self._trims_left(found + 2):
                end = start + len(self._text[start:found].rstrip(_SPACES))
            self._position = found
            if end > start:
                return Token("text", start, self._text[start:end], self._line_at(start))
        return self._left_delimiter()

    def _trims_left(self, position: int) -> bool:
        return self._text.startswith("-", position) and self._text[position + 1 : position + 2] in _SPACES_OR_END

    def _left_delimiter(self) -> Token | None:
        start = self._position
        inner = start + 2
        if self._trims_left(inner):
            inner += 2
        if self._text.startswith("/*", inner):
            return self._comment(inner)
        self._position = inner
        self._inside = True
        self._parentheses = 0
        return Token("left", start, "{{", self._line_at(start))

    def _comment(self, start: int) -> Token | None:
        end = self._text.find("*/", start + 2)
        if end < 0:
            return self._error("unclosed comment", start)
        self._position = end + 2
        if self._right_delimiter_length() == 0:
            return self._error("comment ends before closing delimiter", start)
        self._leave_action()
        return None

    def _right_delimiter_length(self) -> int:
        """How long the right delimiter at the position is, its trim marker included; 0 where there is none."""
        if self._text.startswith("}}", self._position):
            return 2
        first = self._text[self._position : self._position + 1]
        if first and first in _SPACES and self._text.startswith("-}}", self._position + 1):
            return 4
        return 0

    def _leave_action(self) -> int:
        """Step behind the right delimiter, and behind the white space it trims; gives where its braces begin."""
        length = self._right_delimiter_length()
        braces = self._position + length - 2
        self._position += length
        self._inside = False
        if length == 4:
            rest = self._text
            while self._position < len(rest) and rest[self._position] in _SPACES:
                self._position += 1
        return braces

    # -- inside actions

    def _inside_action(self) -> Token | None:
        start = self._position
        if self._right_delimiter_length():
            if self._parentheses:
                return self._error("unclosed left paren", start)
            line = self._line_at(start)
            return Token("right", self._leave_action(), "}}", line)
        character = self._text[start : start + 1]
        if not character:
            return self._error("unclosed action", start)
        if character in _SPACES:
            return self._space(start)
        self._position += 1
        if character == "=":
            return self._token("=", start)
        if character == ":":
            if self._text[self._position : self._position + 1] != "=":
                return self._error("expected :=", start)
            self._position += 1
            return self._token(":=", start)
        if character == "|":
            return self._token("|", start)
        if character in "\"'":
            return self._quoted(start, character)
        if character == "`":
            return self._raw(start)
        if character == "$":
            return self._name(start, "variable")
        if character == "." and not _is_digit_at(self._text, self._position) and self._position < len(self._text):
            return self._name(start, "field")
        if character in "+-." or "0" <= character <= "9":
            self._position = start
            return self._number(start)
        if is_alphanumeric(character):
            return self._word(start)
        if character == "(":
            self._parentheses += 1
            return self._token("(", start)
        if character == ")":
            self._parentheses -= 1
            if self._parentheses < 0:
                return self._error("unexpected right paren", start)
            return self._token(")", start)
        if " " <= character <= "~":
            return self._token("other", start)
        return self._error(f"unrecognized character in action: {unicode_name(character)}", start)

    def _space(self, start: int) -> Token:
        while self._position < len(self._text) and self._text[self._position] in _SPACES:
            self._position += 1
        # The last blank may belong to a right delimiter that trims.
        if self._text.startswith("-}}", self._position):
            self._position -= 1
            if self._position == start:
                line = self._line_at(start)
                return Token("right", self._leave_action(), "}}", line)
        return self._token("space", start)

    def _word(self, start: int) -> Token:
        self._skip_alphanumeric()
        word = self._text[start : self._position]
        if not self._at_word_end():
            return self._bad_character(start)
        if word in KEYWORDS:
            return self._token("keyword", start)
        return self._token("bool" if word in ("true", "false") else "identifier", start)

    def _name(self, start: int, kind: str) -> Token:
        if self._at_word_end():
            return self._token("keyword" if kind == "field" else kind, start)
        self._skip_alphanumeric()
        if not self._at_word_end():
            return self._bad_character(start)
        return self._token(kind, start)

    def _skip_alphanumeric(self) -> None:
        while self._position < len(self._text) and is_alphanumeric(self._text[self._position]):
            self._position += 1

    def _at_word_end(self) -> bool:
        following = self._text[self._position : self._position + 1]
        return not following or following in _ENDS_A_WORD or self._text.startswith("}}", self._position)

    def _bad_character(self, start: int) -> Token:
        return self._error(f"bad character {unicode_name(self._text[self._position])}", start)

    def _quoted(self, start: int, quotation: str) -> Token:
        name = "quoted string" if quotation == '"' else "character constant"
        while True:
            character = self._text[self._position : self._position + 1]
            self._position += 1
            if character == "\\":
                character = self._text[self._position : self._position + 1]
                self._position += 1
                if character and character != "\n":
                    continue
                character = ""
            if not character or character == "\n":
                return self._error(f"unterminated {name}", start)
            if character == quotation:
                return self._token("string" if quotation == '"' else "char", start)

    def _raw(self, start: int) -> Token:
        end = self._text.find("`", self._position)
        if end < 0:
            return self._error("unterminated raw quoted string", start)
        self._position = end + 1
        return self._token("raw", start)

    def _number(self, start: int) -> Token:
        good = self._scan_number()
        if good and self._text[self._position : self._position + 1] in ("+", "-"):
            good = self._scan_number() and self._text[self._position - 1] == "i"
            if good:
                return self._token("complex", start)
        if not good:
            return self._error(f"bad number syntax: {quote(self._text[start : self._position])}", start)
        return self._token("number", start)

    def _scan_number(self) -> bool:
        self._accept("+-")
        digits = "0123456789_"
        if self._accept("0"):
            if self._accept("xX"):
                digits = "0123456789abcdefABCDEF_"
            elif self._accept("oO"):
                digits = "01234567_"
            elif self._accept("bB"):
                digits = "01_"
        self._accept_run(digits)
        if self._accept("."):
            self._accept_run(digits)
        exponents = {11: "eE", 23: "pP"}.get(len(digits), "")
        if exponents and self._accept(exponents):
            self._accept("+-")
            self._accept_run("0123456789_")
        self._accept("i")
        if self._position < len(self._text) and is_alphanumeric(self._text[self._position]):
            self._position += 1
            return False
        return True

    def _accept(self, allowed: str) -> bool:
        if self._position < len(self._text) and self._text[self._position] in allowed:
            self._position += 1
            return True
        return False

    def _accept_run(self, allowed: str) -> None:
        while self._accept(allowed):
            pass

    # -- tokens

    def _token(self, kind: str, start: int) -> Token:
        return Token(kind, start, self._text[start : self._position], self._line_at(start))

    def _error(self, message: str, start: int) -> Token:
        self._failed = Token("error", start, message, self._line_at(start))
        return self._failed

    def _line_at(self, position: int) -> int:
        """Asked with growing positions only, save for short steps back inside a line."""
        if position > self._counted:
            self._line += self._text.count("\n", self._counted, position)
            self._counted = position
            return self._line
        return self._line - self._text.count("\n", position, self._counted)


_SPACES_OR_END = frozenset(_SPACES)


def is_alphanumeric(character: str) -> bool:
    """Whether it may stand in a name: a letter or decimal digit of any script, or an underscore."""
    return character == "_" or character.isalpha() or character.isdecimal()


def unicode_name(character: str) -> str:
    """The character as `%#U` prints it: `U+002D '-'`."""
    if "\ud800" <= character <= "\udfff":
        character = "\ufffd"
    name = f"U+{ord(character):04X}"
    return f"{name} '{character}'" if character.isprintable() else name


def _is_digit_at(text: str, position: int) -> bool:
    return "0" <= text[position : position + 1] <= "9"
