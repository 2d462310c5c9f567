"""A text that does not parse, as an exception with offsets. Knows neither lines nor files."""


class TextError(Exception):
    """The text is no document of its format. `start` and `end` are offsets in code points, `end` after the last.

    `fix` is what belongs there instead, where nothing else can be meant.
    """

    def __init__(
        self,
        code: str,
        start: int,
        end: int,
        message: str,
        *,
        hint: str = "",
        krakend: str = "",
        path: str = "$",
        fix: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.start = start
        self.end = end
        self.message = message
        self.hint = hint
        self.krakend = krakend
        self.path = path
        self.fix = fix
