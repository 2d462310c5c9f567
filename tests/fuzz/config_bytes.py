"""A fuzz target: bytes by chance, made from sound files, through all of `check`. `python tests/fuzz/config_bytes.py 60`

Any fault of a file is fine; a traceback, a hang or a span outside the text is not, and its input is written beside.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

from crossgate.config import load_text
from crossgate.config.source import Format
from crossgate.diagnostics import render_json, render_sarif, render_text

SLOWEST_SECONDS = 5.0
PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b":",
    b",",
    b"\\",
    b"\n",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"null",
    b"true",
    b"-1",
]
PIECES += [
    b"1e999",
    b"NaN",
    b"*",
    b"&a ",
    b"*a",
    b"<<: ",
    b"- ",
    b"'",
    b"#",
    b"//",
    b"\\ud800",
    b'"version": 2,',
    b"{" * 300,
]


def seeds() -> list[bytes]:
    """Sound files to begin with."""
    root = Path(__file__).parents[2]
    found = [path.read_bytes() for path in sorted(root.glob("examples/**/*.json"))]
    return [*found, b'{"version": 3}', b"version: 3\nendpoints: []\n", b"version = 3\n[[endpoints]]\nendpoint = '/a'\n"]


def mutate(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few stretches removed, repeated, replaced or swapped for something nasty."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randint(0, len(data))
        end = min(len(data), start + chance.choice((0, 0, 1, 1, 5, 50)))
        patch = chance.choice([b"", data[start:end] * 2, chance.choice(PIECES), chance.randbytes(chance.randint(1, 4))])
        data = data[:start] + patch + data[end:]
    return data


def run(data: bytes, form: Format) -> None:
    """What `check` does with a file, for both versions of strictness, in all three forms."""
    for strict in (False, True):
        loaded = load_text(data, name="k", format=form, environ={}, strict=strict, allow_unsupported=strict)
        lines = loaded.text.count("\n") + 1
        for diagnostic in loaded.diagnostics:
            assert diagnostic.span is not None
            assert 1 <= diagnostic.span.line <= diagnostic.span.end_line <= lines, diagnostic
        render_text(loaded.diagnostics, {"k": loaded.text}, colour=True).encode()
        render_json(loaded.diagnostics).encode()
        render_sarif(loaded.diagnostics).encode()


def main(seconds: float, seed: int) -> int:
    """Run for so many seconds. Returns 1 at the first input that brings anything down."""
    chance = random.Random(seed)
    files, runs, end = seeds(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        data, form = mutate(chance.choice(files), chance), chance.choice(list(Format))
        start = time.monotonic()
        try:
            run(data, form)
            assert time.monotonic() - start < SLOWEST_SECONDS, "too slow"
        except Exception:
            path = Path(tempfile.gettempdir()) / f"config-bytes-{seed}-{runs}.{form}"
            path.write_bytes(data)
            print(f"run {runs} of seed {seed}: the input is in {path}")
            raise
        runs += 1
    print(f"{runs} inputs, seed {seed}: nothing fell")
    return 0


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    sys.exit(main(given[0] if given else 10.0, int(given[1]) if len(given) > 1 else time.time_ns()))
