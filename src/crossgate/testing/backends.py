"""The backends of a gateway under test: mocks on connections that are none, and a list of what they received.

Knows which mock answers and when; does not know the gateway.
"""

import heapq
from collections.abc import Callable, Sequence
from email.utils import formatdate

from crossgate.testing.clock import Clock
from crossgate.testing.mocks import ECHO, Answer, Mock, Received
from crossgate.testing.wires import BackendWire
from crossgate.transport.connection import UpstreamConnection
from crossgate.transport.dial import DialError, MakeTls, Place, Resolver


class Backends:
    """All of them. `received` grows with every request, `used` holds the names of the mocks that answered.

    A request that no mock matches is answered with an echo; one of a URL in `hidden` (key sets) with what is there, and
    is not among those received.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mocks: tuple[Mock, ...] = ()
        self._turns: dict[int, int] = {}
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self.received: list[Received] = []
        self.hidden: dict[str, bytes] = {}
        self.hides_first = False  # also what a mock would answer
        self.used: set[str] = set()
        self.silent = 0

    def mock(self, mocks: Sequence[Mock]) -> None:
        """Answer by these from now on, the first that matches; all of them begin at their first answer."""
        self._mocks = tuple(mocks)
        self._turns.clear()

    def forget(self) -> None:
        """Nothing was received; who waits waits on."""
        self.received.clear()
        self.silent = 0

    async def dial(
        self,
        place: Place,
        _resolver: Resolver,
        _tls: MakeTls | None,
        _timeout_seconds: float,
        make_connection: Callable[[], UpstreamConnection],
    ) -> UpstreamConnection:
        """See transport.dial. What refuses does so here."""
        host = f"[{place.host}]" if ":" in place.host else place.host
        for mock in self._mocks:
            if mock.answers[0].fault == "refused" and mock.is_at(place.scheme, f"{host}:{place.port}"):
                self.used.add(mock.name)
                raise DialError(f"dial tcp {host}:{place.port}: connect: connection refused")
        connection = make_connection()
        wire = BackendWire(place.scheme, connection, self._answer, place.host)
        connection.connection_made(wire)
        return connection

    def _answer(self, request: Received, wire: BackendWire) -> None:
        hidden = self.hidden.get(f"{request.scheme}://{request.authority}{request.target}")
        if hidden is not None and (self.hides_first or not any(mock.matches(request) for mock in self._mocks)):
            self._send(Answer(headers=(("Content-Type", "application/json"),), body=hidden), request, wire)
            return
        self.received.append(request)
        answer = self._choose(request)
        if answer.delay_seconds > 0:
            self._count += 1
            due_seconds = self._clock.now() + answer.delay_seconds
            heapq.heappush(self._later, (due_seconds, self._count, lambda: self._send(answer, request, wire)))
        else:
            self._send(answer, request, wire)

    def _choose(self, request: Received) -> Answer:
        for index, mock in enumerate(self._mocks):
            if mock.matches(request):
                self.used.add(mock.name)
                turn = self._turns.get(index, 0)
                self._turns[index] = turn + 1
                return mock.answers[min(turn, len(mock.answers) - 1)]
        return ECHO

    def _send(self, answer: Answer, request: Received, wire: BackendWire) -> None:
        if answer.fault == "silent":
            self.silent += 1
            return
        if answer.fault:
            wire.end()
            return
        data, ends = answer.render(request, formatdate(self._clock.wall(), usegmt=True))
        wire.say(data)
        if ends:
            wire.end()

    # -- time

    def next_seconds(self) -> float | None:
        """When the next answer is due; None where none is."""
        return self._later[0][0] if self._later else None

    def send_due(self) -> None:
        """Send what is due by now."""
        while self._later and self._later[0][0] <= self._clock.now():
            heapq.heappop(self._later)[2]()
