"""What is wrong with a modifier."""


class MartianError(ValueError):
    """A modifier that cannot be parsed. `str()` says why, `at` where: steps from the namespace."""

    def __init__(self, message: str, at: tuple[str | int, ...] = (), hint: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.hint = hint
