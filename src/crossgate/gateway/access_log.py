"""The access log: gathers what is known of responses, has it made into lines, and hands them on together.

A line per request costs more than half of what answering the request does; the lines of hundreds, made and written at
once, a fraction. Does not know forms, where lines go or what time it is: all are passed in.
"""

from collections.abc import Callable

from crossgate.cors import Decision
from crossgate.gateway.access_entries import Noted
from crossgate.gateway.access_lines import Lines
from crossgate.http.message import Request
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.observed import Record

MAX_PENDING_LINES = 512
_MEMO_SIZE = 1024
_LONGEST_KEPT = 512
LOGGED_FIELDS = frozenset((b"host", b"origin", b"user-agent"))
"""What `AccessLog.all` notes of a request's fields, beside those that name its client."""


class AccessLog:
    """Gathers entries until `flush`, or until MAX_PENDING_LINES wait.

    A reader that has gone away (a closed pipe) ends the log, not the gateway: `on_lost` is told once. `now` is in
    seconds since the epoch.
    """

    __slots__ = ("_lines", "_now", "_on_lost", "_pending", "_skipped", "_write")

    def __init__(
        self,
        write: Callable[[str], object],
        now: Callable[[], float],
        skipped_paths: tuple[str, ...],
        on_lost: Callable[[OSError], object],
        lines: Lines,
    ) -> None:
        self._write: Callable[[str], object] | None = write
        self._on_lost = on_lost
        self._now = now
        self._skipped = frozenset(path.encode() for path in skipped_paths)
        self._pending: list[Noted] = []
        self._lines = lines

    def few(self, client_ip: Callable[[Request], str]) -> Record:
        """Notes what gin's form shows."""
        now, skipped = self._now, self._skipped

        def record(
            request: Request,
            route: Route | None,  # noqa: ARG001
            decision: Decision | None,  # noqa: ARG001
            status: int,
            body_bytes: int,  # noqa: ARG001
            seconds: float,
        ) -> None:
            path = request.path
            if path not in skipped:
                pending = self._pending
                noted = now(), client_ip(request), request.method, path, request.query, status, seconds
                pending.append(noted)
                if len(pending) >= MAX_PENDING_LINES:
                    self.flush()

        return record

    def all(self, client_ip: Callable[[Request], str]) -> Record:
        """Notes everything that any form shows."""

        now, skipped = self._now, self._skipped
        same: dict[bytes, bytes] = {}  # what many requests say alike is kept once while lines wait

        def keep(value: bytes) -> bytes:
            if len(same) >= _MEMO_SIZE:
                same.clear()
            if len(value) <= _LONGEST_KEPT:
                same[value] = value
            return value

        def record(
            request: Request,
            route: Route | None,
            decision: Decision | None,
            status: int,
            body_bytes: int,
            seconds: float,
        ) -> None:
            path = request.path
            if path in skipped:
                return
            track, names, host = request.track, request.names, request.host
            if names is None:
                agent, origin = request.first(b"user-agent"), request.first(b"origin")
            else:  # as Request.first, without calls
                values, agent_at, origin_at = request.field_values, names.at.get(b"user-agent"), names.at.get(b"origin")
                agent = None if agent_at is None else values[agent_at]
                origin = None if origin_at is None else values[origin_at]
            if agent is not None:
                agent = same.get(agent) or keep(agent)
            if origin is not None:
                origin = same.get(origin) or keep(origin)
            noted = (
                now(),
                client_ip(request),
                request.method,
                path,
                request.query,
                status,
                seconds,
                same.get(host) or keep(host),
                request.version,
                "" if route is None else route.endpoint,
                body_bytes,
                0.0 if track is None else track.upstream_seconds,
                b"" if track is None else track.request_id,
                agent,
                origin,
                decision,
                request.reason,
            )
            pending = self._pending
            pending.append(noted)
            if len(pending) >= MAX_PENDING_LINES:
                self.flush()

        return record

    def flush(self) -> None:
        """Write what was gathered."""
        if self._pending and self._write is not None:
            entries, self._pending = self._pending, []
            try:
                self._write(self._lines(entries))
            except OSError as error:
                self._write = None
                self._on_lost(error)
        elif self._write is None:
            self._pending.clear()
