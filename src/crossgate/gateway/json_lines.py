"""The access log's lines as JSON, an object each: hundreds at once, column by column, and then encoded in one go.

Does not know where lines go or what time it is.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from crossgate.gateway.access_entries import LocalTimes, Noted, codes, outcomes, protocols, without_secrets_in

_MEMO_SIZE = 1024
_LONGEST_KEPT = 512
# Whole JSON as it is, but line ends to some who read logs, or orders to a terminal.
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))}


class Line(msgspec.Struct, gc=False):
    """A line's members, in order. Times are in milliseconds; `upstream_ms` is null where no backend was called."""

    time: str
    request_id: str
    client: str
    method: msgspec.Raw
    path: str
    query: str
    protocol: msgspec.Raw
    host: msgspec.Raw
    route: msgspec.Raw
    status: int
    bytes: int
    duration_ms: float
    upstream_ms: float | None
    user_agent: msgspec.Raw
    origin: msgspec.Raw
    cors: msgspec.Raw
    cors_reason: msgspec.Raw
    reason: msgspec.Raw


class JsonLines:
    """See access_lines.Lines. `secret_names` are query parameters whose values are never shown."""

    def __init__(self, secret_names: AbstractSet[str]) -> None:
        self._secret_names = secret_names
        self._times = LocalTimes()
        self._known = _Known().__getitem__
        self._encode = msgspec.json.Encoder().encode_lines

    def __call__(self, entries: Sequence[Noted]) -> str:
        """The lines."""
        at, client, method, path, query, status, seconds, *more = zip(*entries, strict=True)
        host, version, route, size, upstream, ids, agent, origin, decisions, refused = more
        shown = without_secrets_in(query, self._secret_names)
        paths, queries, all_ids = _texts((path, shown, ids))
        cors, cors_reasons = outcomes(decisions)
        durations = [int(one * 1e6) / 1e3 for one in seconds]
        upstreams = [int(one * 1e6) / 1e3 if one else None for one in upstream]
        known = self._known
        lines = map(
            Line,
            self._times(at), all_ids, client, map(known, method), paths, queries, map(known, protocols(version)),
            map(known, host), map(known, route), status, size, durations, upstreams, map(known, agent),
            map(known, origin), map(known, cors), map(known, cors_reasons), map(known, codes(refused)),
        )  # fmt: skip
        text = self._encode(list(lines)).decode("utf-8")
        return text if text.isascii() else text.translate(_ESCAPED)


class _Known(dict[Any, msgspec.Raw]):
    """Values that many lines have in common, bytes or text -> JSON."""

    def __missing__(self, value: bytes | str | None) -> msgspec.Raw:
        text = (value or b"").decode("utf-8", "backslashreplace") if not isinstance(value, str) else value
        made = msgspec.Raw(msgspec.json.encode(text))
        if len(text) <= _LONGEST_KEPT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[value] = made
        return made


def _texts(columns: Sequence[Sequence[bytes | None]]) -> list[list[str]]:
    """Columns of bytes as text. Nearly always all of it is ASCII, which one look at it tells."""
    raw = [one or b"" for column in columns for one in column]
    block = b"\n".join(raw)
    if block.isascii() and block.count(b"\n") == len(raw) - 1:
        texts = block.decode("ascii").split("\n")
    else:
        texts = [one.decode("utf-8", "backslashreplace") for one in raw]
    length = len(columns[0])
    return [texts[start : start + length] for start in range(0, len(texts), length)]
