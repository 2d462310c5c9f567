"""The one table that all parts of the benchmark fill, and the place where they run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.gateway.stacks import Place, crossgate_command

HEADING = "| part | case | µs CPU | compared | spread | requests/s | MB | aim |"


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how long to measure. `ours` and `theirs` are cores for the gateway, and for backend and wrk."""

    folder: Path
    backend: int
    ours: int | None
    theirs: int | None
    seconds: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, as text; what does not apply is empty."""

    part: str
    case: str
    cpu_us: str = ""
    compared: str = ""
    spread: str = ""
    per_second: str = ""
    megabytes: str = ""
    aim: str = ""

    def __str__(self) -> str:
        cells = (self.cpu_us, self.compared, self.spread, self.per_second, self.megabytes, self.aim)
        return "| " + " | ".join((self.part, self.case, *cells)) + " |"


def table(rows: list[Row]) -> list[str]:
    """Its lines, in Markdown."""
    return [HEADING, f"|{'---|' * (HEADING.count('|') - 1)}", *map(str, rows)]


def verdict(text: str, *, met: bool) -> str:
    """An aim, and whether it is met."""
    return f"{text}: {'met' if met else 'missed'}"


def gateway_command(bench: Bench, port: int, count: int, **keys: Any) -> list[str]:
    """How to start the gateway of the comparison with others, with so many workers; 0: one process alone.

    `keys` join its configuration.
    """
    folder = bench.folder / f"gateway-{port}"
    folder.mkdir()
    command = crossgate_command(Place(folder, port, bench.backend))
    if keys:
        path = folder / "krakend.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))
    return [*command, "--workers", str(count)] if count else command
