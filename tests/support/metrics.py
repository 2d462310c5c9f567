"""Metrics as tests read them: the names that the page lists, and the samples of a text."""

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs/components/metrics.md"
NAMES = set(re.findall(r"`(crossgate_[a-z_]+)`", "".join(re.findall(r"^\|[^|]*", _PAGE.read_text(), re.MULTILINE))))
_SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")


def samples(text: str) -> dict[tuple[str, str], float]:
    """The values by name and labels, as written."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = _SAMPLE.fullmatch(line)
            assert match is not None, line
            found[match[1], match[2] or ""] = float(match[3])
    return found
