"""Gates around a handler: the one place where they are asked, in order, before anything is called.

A request that all gates let pass at once goes on without a fiber of its own. Does not know what gates look at.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from crossgate.flow.fiber import Flow
from crossgate.http.field_names import KnownNames
from crossgate.http.gate import Gate
from crossgate.http.hop_by_hop import connection_options
from crossgate.http.message import Fields, Request, Response, edited
from crossgate.pipeline.client_ip import ClientIp

Enter = Callable[[Request, list[bytes]], Flow[Response]]
"""What stands behind the gates: the answer, given the request and values of the route's parameters, then the gates'."""


_NAMING_NOTHING: Final = (None, b"keep-alive", b"close")


class RequestView:
    """A request as gates see it (`GateView`), with what they added."""

    # Most gates add nothing: what they might have added stays with the class, which makes a view cheaper to make.
    claims: Mapping[str, Any] | None = None
    is_changed = False  # whether anything below is more than nothing, or the request is another
    fields: dict[bytes, tuple[bytes, ...]] | None = None
    params: dict[str, bytes] | None = None
    answer_fields: Fields | None = None
    _given: dict[str, bytes] | None = None

    def __init__(
        self, request: Request, names: tuple[str, ...], values: list[bytes], client_ip: ClientIp, known: KnownNames
    ) -> None:
        self._request = request
        self._known = known
        self._names = names
        self._values = values
        self._client_ip = client_ip

    @property
    def method(self) -> bytes:
        """See GateView."""
        return self._request.method

    @property
    def path(self) -> bytes:
        """See GateView."""
        return self._request.path

    @property
    def query(self) -> bytes | None:
        """See GateView."""
        return self._request.query

    @property
    def client_ip(self) -> str:
        """See GateView."""
        return self._client_ip(self._request)

    def first(self, name: bytes) -> bytes | None:
        """See GateView. What an earlier gate set counts."""
        values = None if self.fields is None else self.fields.get(name)
        if values is None:
            return self._request.first(name)
        return values[0] if values else None

    def lines(self, name: bytes) -> Sequence[bytes]:
        """See GateView. What an earlier gate set counts."""
        values = None if self.fields is None else self.fields.get(name)
        return self._request.values(name) if values is None else values

    def value(self, name: str) -> bytes | None:
        """See GateView."""
        if self._given is not None and name in self._given:
            return self._given[name]
        return self._values[self._names.index(name)] if name in self._names else None

    def values(self) -> Mapping[str, bytes]:
        """See GateView."""
        values = dict(zip(self._names, self._values, strict=True))
        values.update(self._given or {})
        return values

    def give_param(self, name: str, value: bytes) -> None:
        """See GateView."""
        if self._given is None:
            self._given = {}
        self._given[name] = value
        self.is_changed = True

    def whole(self) -> Request:
        """See GateView."""
        return self.request()

    def replace(self, request: Request) -> None:
        """See GateView."""
        request.limit = self._request.limit
        request.told = self._request.told
        self._request = request
        self.fields = None
        self.is_changed = True

    def set_field(self, name: bytes, *values: bytes) -> None:
        """See GateView."""
        if self.fields is None:
            self.fields = {}
        # Blanks around a value are no part of it: Go writes none.
        self.fields[name] = tuple([value.strip(b" \t") for value in values])
        self.is_changed = True

    def set_param(self, name: str, value: bytes) -> None:
        """See GateView."""
        if self.params is None:
            self.params = {}
        self.params[name] = value
        self.is_changed = True

    def add_to_answer(self, fields: Fields) -> None:
        """See GateView."""
        self.answer_fields = [*(self.answer_fields or ()), *fields]
        self.is_changed = True

    def request(self, judged: frozenset[bytes] = frozenset()) -> Request:
        """The request as backends are to see it. Of the fields that were `judged` they get the line that was.

        DEVIATION(DEV-GATE-2): KrakenD passes all lines on.
        """
        old, edits = self._request, self.fields or {}
        if self._given is not None:
            old.given_params = self._given
        is_repeated = old.names is None and any(len(old.values(name)) > 1 for name in judged)
        if not edits and not is_repeated:
            return old
        if old.names is not None and old.first(b"connection") in _NAMING_NOTHING and _are_single(edits):
            made = edited(old, {name: values[0] for name, values in edits.items()}, self._known)
            if made is not None:
                return made
        kept = [field for field in old.fields if field[0] not in edits]
        if is_repeated:
            kept = _first_lines(kept, judged)
        options = connection_options([value for name, value in kept if name == b"connection"])
        if options:
            # What Connection names stops here: of the client's fields, never of those that gates set.
            kept = [field for field in kept if field[0] not in options and field[0] != b"connection"]
        fields = kept + [(name, value) for name, values in edits.items() for value in values]
        changed = Request(
            old.method,
            old.path,
            old.query,
            fields,
            old.body,
            old.has_body,
            old.host,
            old.peer_host,
            old.version,
            old.track,
        )
        changed.limit = old.limit
        changed.given_params = old.given_params
        changed.told = old.told | frozenset(edits)
        return changed


def _are_single(edits: dict[bytes, tuple[bytes, ...]]) -> bool:
    return all(len(values) == 1 for values in edits.values())


def _first_lines(fields: Fields, names: frozenset[bytes]) -> Fields:
    """The fields, but of those names the first line alone."""
    chosen: Fields = []
    seen: set[bytes] = set()
    for field in fields:
        if field[0] not in seen:
            chosen.append(field)
        if field[0] in names:
            seen.add(field[0])
    return chosen


class Gates:
    """The gates of one route, outermost first. `names` are the route's parameters as the file writes them.

    `reads` are the fields that any of them looks at, `params` the parameters that they may set.
    """

    __slots__ = ("_client_ip", "_gates", "_judged", "_known", "_names", "params", "reads")

    def __init__(self, gates: Sequence[Gate], names: tuple[str, ...], client_ip: ClientIp) -> None:
        self._gates = tuple(gates)
        self._names = names
        self._client_ip = client_ip
        self._known = KnownNames()
        self.params = tuple(dict.fromkeys(name for gate in gates for name in gate.params))
        self.reads = frozenset[bytes]().union(*(gate.reads for gate in gates))
        self._judged = self.reads - {b"cookie"}  # whose lines hold different cookies

    def before(self, behind: Enter) -> Enter:
        """The gates and what stands behind them, as one: the answer of a gate, or of what is behind."""
        names, client_ip, known = self._names, self._client_ip, self._known
        asks = [gate.__call__ for gate in self._gates]  # a method is called sooner than what has one
        gives_params = bool(self.params)

        def enter(request: Request, values: list[bytes]) -> Flow[Response]:
            view = RequestView(request, names, values, client_ip, known)
            for position, ask in enumerate(asks, 1):
                verdict = ask(view)
                if verdict is not None:
                    if isinstance(verdict, Response):
                        return _answered(verdict, view.answer_fields or [])
                    return self._wait(view, verdict, position, values, behind)
            if view.is_changed or gives_params or request.names is None:
                return self._pass(view, values, behind)
            return behind(request, values)

        return enter

    def _pass(self, view: RequestView, values: list[bytes], behind: Enter) -> Flow[Response]:
        if self.params:
            given = view.params or {}
            values = values + [given.get(name, b"") for name in self.params]
        answer = behind(view.request(self._judged), values)
        return _with_fields(answer, view.answer_fields) if view.answer_fields else answer

    async def _wait(
        self,
        view: RequestView,
        waiting: Flow[Response | None],
        position: int,
        values: list[bytes],
        behind: Enter,
    ) -> Response:
        """The same from the first gate on that has to wait."""
        verdict = await waiting
        while verdict is None and position < len(self._gates):
            found = self._gates[position](view)
            verdict = found if found is None or isinstance(found, Response) else await found
            position += 1
        if verdict is None:
            return await self._pass(view, values, behind)
        return await _answered(verdict, view.answer_fields or [])


async def _answered(response: Response, fields: Fields) -> Response:
    response.fields = [*response.fields, *fields]
    return response


async def _with_fields(answer: Flow[Response], fields: Fields) -> Response:
    return await _answered(await answer, fields)
