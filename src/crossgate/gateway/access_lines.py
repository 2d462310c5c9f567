"""The forms of the access log's lines: from what was noted of some responses to text, all at once.

What costs the same for one line as for hundreds is done once for all. Does not know where lines go or what time it is.
"""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from crossgate.gateway.access_entries import LocalTimes, Noted, codes, outcomes, protocols, without_secrets_in
from crossgate.gateway.json_lines import JsonLines
from crossgate.golang.duration import format_duration
from crossgate.http.printable import printable
from crossgate.http.secret_query import hide_users, may_hold_secrets, without_secrets

_SAFE = bytes(code for code in range(0x20, 0x7F) if code not in b'"\\') + b"\n"
_METHODS = {
    method: f"{method.decode():<7}" for method in (b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT")
}
_PLACE = re.compile(r"\{([^{}]*)\}")

Lines = Callable[[Sequence[Noted]], str]
"""The lines of some entries, each with its end."""


def lines_for(access: str, secret_names: AbstractSet[str]) -> Lines:
    """The lines of a form of `crossgate/log`. `secret_names` are query parameters whose values are never shown."""
    lines: Lines = TemplateLines(access, secret_names)
    if access == "gin":
        lines = GinLines(secret_names)
    elif access == "json":
        lines = JsonLines(secret_names)
    return lambda entries: hide_users(lines(entries))


class GinLines:
    """Gin's form, in UTC. Source: gin 1.10 `logger.go` defaultLogFormatter."""

    def __init__(self, secret_names: AbstractSet[str]) -> None:
        self._secret_names = secret_names
        self._second = -1
        self._stamp = ""

    def __call__(self, entries: Sequence[Noted]) -> str:
        """See Lines."""
        lines = []
        # The entries are those of one writer: seconds come in order, nearly always.
        for entry, target in zip(entries, targets(entries, self._secret_names), strict=True):
            at, client, method, _, _, status, seconds = entry[:7]
            second = int(at)
            if second != self._second:
                self._second = second
                self._stamp = datetime.fromtimestamp(second, UTC).strftime("%Y/%m/%d - %H:%M:%S")
            verb = _METHODS.get(method) or f"{printable(method):<7}"
            lines.append(
                f'[GIN] {self._stamp} | {status:3d} | {_latency(seconds):>13} | {client:>15} | {verb}  "{target}"\n'
            )
        return "".join(lines)


def _latency(seconds: float) -> str:
    """A duration as Go prints it. The digits of an int64 of less than a second fit what a double shows exactly."""
    nanoseconds = int(seconds * 1e9)
    if 1_000 <= nanoseconds < 1_000_000:
        return f"{nanoseconds / 1e3:.6g}µs"
    if 1_000_000 <= nanoseconds < 1_000_000_000:
        return f"{nanoseconds / 1e6:.9g}ms"
    return format_duration(nanoseconds)


def targets(entries: Sequence[Noted], secret_names: AbstractSet[str]) -> list[str]:
    """The targets of requests as lines show them: printable, without secrets."""
    raw = [entry[3] if entry[4] is None else b"%b?%b" % (entry[3], entry[4]) for entry in entries]
    block = b"\n".join(raw)
    if may_hold_secrets(block, secret_names):
        raw = [
            path if query is None else b"%b?%b" % (path, without_secrets(query, secret_names))
            for _, _, _, path, query, *_ in entries
        ]
        block = b"\n".join(raw)
    if not block.translate(None, _SAFE) and block.count(b"\n") == len(raw) - 1:
        return block.decode("ascii").split("\n")
    return [printable(target) for target in raw]


class TemplateLines:
    """Lines of one template with `{names}` of columns. What clients chose is made safe; what is absent is a dash."""

    def __init__(self, template: str, secret_names: AbstractSet[str]) -> None:
        parts = _PLACE.split(template)
        self._format = "%s".join([part.replace("%", "%%") for part in parts[::2]]) + "\n"
        self._names = tuple(parts[1::2])
        self._secret_names = secret_names
        self._routes: dict[str, str] = {}
        self._times = LocalTimes()

    def __call__(self, entries: Sequence[Noted]) -> str:
        """See Lines."""
        columns = self._columns(entries)
        rows = zip(*[columns[name] for name in self._names], strict=True)
        line = self._format
        return "".join([line % row for row in rows])

    def _columns(self, entries: Sequence[Noted]) -> dict[str, Sequence[object]]:
        """The values of all entries, by name."""
        at, client, method, path, query, status, seconds, *more = zip(*entries, strict=True)
        host, version, route, size, upstream, ids, agent, origin, decisions, refused = more
        names = ("method", "path", "query", "host", "user_agent", "origin", "request_id", "client")
        clients = [one.encode("latin-1", "replace") for one in client]
        queries = without_secrets_in(query, self._secret_names)
        texts = _texts((method, path, queries, host, agent, origin, ids, clients))
        columns: dict[str, Sequence[object]] = dict(zip(names, texts, strict=True))
        columns["time"] = self._times(at)
        columns["protocol"] = protocols(version)
        columns["route"] = [self._route(one) for one in route]
        columns["status"] = status
        columns["bytes"] = size
        columns["duration_ms"] = ["%.3f" % (one * 1e3) for one in seconds]
        columns["upstream_ms"] = ["%.3f" % (one * 1e3) if one else "" for one in upstream]
        columns["cors"], columns["cors_reason"] = outcomes(decisions)
        columns["reason"] = codes(refused)
        if "duration" in self._names:
            columns["duration"] = [_latency(one) for one in seconds]
        if "target" in self._names:
            both = zip(columns["path"], columns["query"], strict=True)
            columns["target"] = [f"{one}?{two}" if two else one for one, two in both]
        return {name: [one if one != "" else "-" for one in column] for name, column in columns.items()}

    def _route(self, route: str) -> str:
        known = self._routes.get(route)
        if known is None:
            known = self._routes[route] = printable(route.encode())
        return known


def _texts(columns: Sequence[Sequence[bytes | None]]) -> list[list[str]]:
    """Columns of bytes as text. Nearly always nothing has to be escaped, which one look at all of it tells."""
    raw = [one or b"" for column in columns for one in column]
    block = b"\n".join(raw)
    if not block.translate(None, _SAFE) and block.count(b"\n") == len(raw) - 1:
        texts = block.decode("ascii").split("\n")
    else:
        texts = [printable(one) for one in raw]
    length = len(columns[0])
    return [texts[start : start + length] for start in range(0, len(texts), length)]
