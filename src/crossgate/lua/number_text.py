"""Numbers as KrakenD's Lua (gopher-lua) reads and writes them. Source: gopher-lua 1.1 `value.go`, `utils.go`."""

from crossgate.golang.floats import format_float


def number_text(value: float) -> bytes:
    """`7`, `0.3333333333333333`, `1e+20`, `+Inf`."""
    if isinstance(value, int):
        return str(value).encode()
    if -(2.0**63) <= value < 2.0**63 and value == int(value):
        return str(int(value)).encode()
    return format_float(value, "g").encode()


def read_number(text: bytes) -> float | None:
    """The number that a text stands for, None where it is none."""
    stripped = text.strip(b" \t\n\r").decode("latin-1")
    try:
        return float(stripped) if "." in stripped else int(stripped, 0)
    except (ValueError, OverflowError):
        pass
    try:
        return float(stripped)
    except ValueError:
        return None
