"""What can go wrong with a template, in Go's words."""


class TemplateError(Exception):
    """A template that cannot be parsed or executed. `str()` is Go's whole message.

    `file` is the file of the parsed text (its name where none was given), `line` counts from 1, `column` counts
    characters from 1 (Go counts bytes from 0, and so does the message). `reason` is the message without its position.
    """

    def __init__(self, message: str, *, file: str, line: int, column: int, reason: str) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason


class GoError(Exception):
    """What a function returned as its error, or panicked with. `str()` is Go's text."""


NIL_POINTER = "runtime error: invalid memory address or nil pointer dereference"
