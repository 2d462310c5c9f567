"""Time as a test has it: it stands still until somebody moves it. Knows no other clock."""


class Clock:
    """`now` counts monotonic seconds from zero, `wall` seconds since the epoch; both move together, forwards only."""

    __slots__ = ("_began_seconds", "_seconds")

    def __init__(self, began_seconds: float) -> None:
        self._began_seconds = began_seconds
        self._seconds = 0.0

    def now(self) -> float:
        """Seconds since the test began."""
        return self._seconds

    def wall(self) -> float:
        """Seconds since the epoch."""
        return self._began_seconds + self._seconds

    def advance(self, seconds: float) -> None:
        """Let time pass. Nothing happens by itself: whoever moves the clock looks at what is due."""
        self._seconds += max(0.0, seconds)
