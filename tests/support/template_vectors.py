"""The recorded renders: what KrakenD 2.13.8 made of 1,526 flexible configurations."""

import json
import lzma
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[1] / "data" / "templates.jsonl.xz"


@dataclass(frozen=True)
class Recorded:
    """One configuration and what became of it. `stage` says where an error came from: `template` and `settings` before
    anything was rendered, `config` afterwards."""

    id: str
    files: dict[str, str]
    main: str
    env: dict[str, str]
    rendered: str | None
    stage: str | None
    error: str | None
    exit: int

    def folder(self, variable: str) -> str:
        return self.env.get(variable, "").rstrip("/")


@cache
def recorded_templates() -> tuple[Recorded, ...]:
    with lzma.open(_FILE, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return tuple(Recorded(**row) for row in rows)
