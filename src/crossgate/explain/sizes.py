"""How large a request's head is, against what the service takes. Knows what was asked and the limits."""

from crossgate.config.model import LimitsConfig
from crossgate.explain.asked import AskedRequest
from crossgate.testing.player import rendered


def head_of(asked: AskedRequest) -> tuple[int, int]:
    """The bytes of a request's head and the number of its field lines, as it would be sent."""
    data = rendered(asked.method, asked.target, asked.fields, asked.body, host=asked.host)
    head = data[: data.index(b"\r\n\r\n") + 4]
    return len(head), head.count(b"\r\n") - 2


def has_long_head(asked: AskedRequest, limits: LimitsConfig) -> bool | None:
    """Whether it is the bytes that are too many, and not the fields; None where it is neither, as of a log."""
    size_bytes, count = head_of(asked)
    if limits.max_head_bytes and size_bytes > limits.max_head_bytes:
        return True
    return False if limits.max_headers and count > limits.max_headers else None
