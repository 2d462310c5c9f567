"""Whether requests should come here: the state behind `/__ready`. Knows reasons; does not know who asks."""

from collections.abc import Callable


class Readiness:
    """One worker's. `is_draining` says that the gateway is about to stop."""

    __slots__ = ("is_draining",)

    def __init__(self) -> None:
        self.is_draining = False

    def of(self, not_ready: Callable[[], str]) -> Callable[[], str]:
        """Why requests should not come here, empty where they should; `not_ready` is what a configuration says."""
        return lambda: "draining" if self.is_draining else not_ready()
