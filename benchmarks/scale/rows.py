"""The one table that all parts of the benchmark fill, and the place where they run."""

from dataclasses import dataclass
from pathlib import Path

HEADING = "| part | case | requests/s | compared | spread | by CPU time | µs CPU | MB | aim |"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how long to measure. `ours` and `theirs` are cores for the gateway, and for backend and wrk."""

    folder: Path
    backend: int
    backend_pid: int
    ours: int | None
    theirs: int | None
    seconds: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, as text; what does not apply is empty."""

    part: str
    case: str
    per_second: str = ""
    compared: str = ""
    spread: str = ""
    by_cpu: str = ""
    cpu_us: str = ""
    megabytes: str = ""
    aim: str = ""

    def __str__(self) -> str:
        cells = (self.per_second, self.compared, self.spread, self.by_cpu, self.cpu_us, self.megabytes, self.aim)
        return "| " + " | ".join((self.part, self.case, *cells)) + " |"


def print_table(rows: list[Row]) -> None:
    """In Markdown."""
    print(f"\n{HEADING}\n|{'---|' * (HEADING.count('|') - 1)}")
    for row in rows:
        print(row)


def verdict(text: str, *, met: bool) -> str:
    """An aim, and whether it is met."""
    return f"{text}: {'met' if met else 'missed'}"
