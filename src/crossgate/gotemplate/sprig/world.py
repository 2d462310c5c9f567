"""What some functions need of the world, given by whoever renders: sprig itself asks no clock and opens nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class World:
    """`now` gives nanoseconds since 1970, `random_bytes` so many random bytes, `zone` a time zone by its IANA name or
    None, `local_zone` Go's Local. `getenv` gives an environment variable's text, empty where there is none."""

    getenv: Callable[[str], str]
    now: Callable[[], int]
    random_bytes: Callable[[int], bytes]
    zone: Callable[[str], tzinfo | None]
    local_zone: tzinfo

    def random_below(self, bound: int) -> int:
        """A number from 0 to below the bound, each as likely as the others."""
        bits = bound.bit_length()
        while True:
            number = int.from_bytes(self.random_bytes((bits + 7) // 8 or 1), "big") & ((1 << bits) - 1)
            if number < bound:
                return number

    @classmethod
    def of_environment(
        cls,
        environ: Mapping[str, str],
        *,
        now: Callable[[], int],
        random_bytes: Callable[[int], bytes],
        zone: Callable[[str], tzinfo | None],
        local_zone: tzinfo,
    ) -> "World":
        """A world that reads environment variables from a mapping."""
        return cls(lambda name: environ.get(name, ""), now, random_bytes, zone, local_zone)
