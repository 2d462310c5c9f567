"""A gateway on a test stand: everything of it is real but the sockets, the clock and who answers for its backends.

Requests go in as bytes, responses come out as bytes, and time passes only as far as something waits for it. What leads
outside beside requests (exporters, listeners of its own, the access log) is left out. Does not know tests.
"""

import asyncio
import errno
import logging
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from random import Random
from typing import Any, NoReturn, TypeVar

from crossgate.components.component import Component
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.config.uncollected import uncollected
from crossgate.flow.timers import Timers
from crossgate.gateway.generation import Generation, ServeOptions, Worker, plan_of
from crossgate.gateway.joining import needed_by, release_all, share_all
from crossgate.gateway.shared_metrics import ProcessMetrics
from crossgate.http.message import Request
from crossgate.metrics.registry import Registry
from crossgate.plan import EndpointPlan, Plan
from crossgate.plan.routes import SERVED_METHODS
from crossgate.server.connection import Connection
from crossgate.server.context import ServerContext
from crossgate.testing.answered import Answered, parsed
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.quiet_loop import AtOnce, QuietLoop
from crossgate.testing.standing import Anybody, Standing, WatchedApplication
from crossgate.testing.watched import GateNotes, WatchedComponent
from crossgate.testing.wires import ClientWire

_MOST_NAPS = 5_000  # of a millisecond, for something that is neither a backend nor a deadline: a thread
_MOST_SECONDS = 86_400.0  # of the test's time, for one request

T = TypeVar("T")


async def _nobody(name: str) -> NoReturn:
    """Who is asked for records of a name."""
    raise OSError(errno.EHOSTUNREACH, f"a gateway under test asks nobody for {name}")


def _beside_any_loop(run: Callable[[], T]) -> T:
    """Run what runs a loop of its own. Where a test is itself a coroutine, that is in a thread, which is waited for."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Stand:
    """Built from a configuration; to be closed. One request is asked after the other.

    What remembers requests is built anew for each test. Of many endpoints that is only those that the test asks: all of
    them for each would be quadratic.
    """

    @uncollected()
    def __init__(
        self,
        config: ServiceConfig,
        *,
        components: Sequence[Component],
        environ: Mapping[str, str],
        clock: Clock,
        backends: Backends,
    ) -> None:
        """Raises what a component finds wrong with its configuration."""
        beside = frozenset(component.name for component in components if component.leads_outside)
        self._config = _for_tests(config, beside)
        self._gates = GateNotes()
        self._components: tuple[Any, ...] = tuple(
            WatchedComponent(component, self._gates) for component in components if component.name not in beside
        )
        self._environ = environ
        self._clock = clock
        self._backends = backends
        self._lines = _Lines()
        self._logger = logging.getLogger("crossgate.testing")
        self._logger.propagate = False
        self._logger.handlers[:] = [self._lines]
        options = ServeOptions(components=self._components)
        self.plan: Plan = plan_of(self._config, options, environ)
        self._options = options
        self._numbers = {
            (endpoint.config.path, endpoint.config.method): number
            for number, endpoint in enumerate(self.plan.endpoints)
        }
        self._endpoints: dict[str, list[EndpointPlan]] = {}
        for planned in self.plan.endpoints:
            self._endpoints.setdefault(planned.config.path, []).append(planned)
        self._remembering_paths = {
            endpoint.config.path
            for endpoint in self.plan.endpoints
            for part in (endpoint.config.components, *[one.config.components for one in endpoint.backends])
            if _remembers(part, components)
        }
        balanced = {endpoint.config.path for endpoint in self.plan.endpoints if _is_balanced(endpoint.config)}
        self._remembering_paths |= balanced
        self._is_balanced = bool(balanced)
        self._last_paths: tuple[str, frozenset[str]] = ("", frozenset())
        self._seed = 0
        self._remembers_all = _remembers(self._config.components, components)
        self._loop = QuietLoop()
        self._runner = asyncio.Runner(loop_factory=lambda: self._loop)
        self._runner.get_loop().set_default_executor(AtOnce())
        self._part: Standing | None = None
        self._whole: Standing | None = None
        try:
            self._at_work = self._whole = self._run(self._build(frozenset()))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        for standing in (self._part, self._whole):
            if standing is not None:
                self._run(self._end(standing))
        self._part = self._whole = None
        _beside_any_loop(self._runner.close)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        # Not the runner's own way, which sets a signal's handler each time.
        return _beside_any_loop(lambda: self._loop.run_until_complete(coroutine))

    async def _build(self, paths: frozenset[str]) -> Standing:
        config, plan = self._config, self.plan
        if paths:
            planned = [endpoint for path in paths for endpoint in self._endpoints[path]]
            planned.sort(key=lambda endpoint: endpoint.config.index)
            config = replace(config, endpoints=tuple([endpoint.config for endpoint in planned]))
            plan = plan_of(config, self._options, self._environ, replace(plan, endpoints=tuple(planned)))
        timers = Timers(self._clock.now)
        needed = needed_by(plan)
        shared = share_all([each for each in self._components if each.name in needed], config)
        worker = Worker(
            self._options,
            timers,
            self._logger,
            self._clock.wall,
            self._clock.now(),
            shared,
            ProcessMetrics(Registry(), timers, None),
            dial=self._backends.dial,
            resolve_srv=_nobody,
            make_random=partial(Random, self._seed),
            builds_late=True,
        )
        generation = Generation(worker, config, plan)
        application = WatchedApplication(generation)
        context = ServerContext(application, config.limits, timers, self._logger)
        standing = Standing(paths, generation, timers, shared, application, context, self._seed)
        try:
            await generation.start()
        except BaseException:
            await self._end(standing)
            raise
        return standing

    async def _end(self, standing: Standing) -> None:
        await standing.generation.stop()
        release_all(self._components, standing.shared)

    def forget(self, asked: Collection[tuple[str, str]] = (), seed: int = 0) -> None:
        """As if no request had been asked: what limits, breakers and caches remember is gone.

        `asked` are the methods and targets of all that will be asked until this is called anew, where that is known.
        What is chosen at random then follows from `seed`.
        """
        paths = self._remembering(asked)
        before = self._part if paths else self._whole
        self._seed = seed
        may_choose = self._is_balanced and bool(paths or not asked or self._remembers_all or self._gates.has_front)
        is_chosen = before is not None and (before.seed == seed or not may_choose)
        if before is not None and before.paths == paths and not before.touched and is_chosen:
            self._at_work = before
            return
        if paths:
            self._part = None
            self._at_work = self._part = self._run(self._replaced(before, paths))
        else:
            self._whole = None
            self._at_work = self._whole = self._run(self._replaced(before, paths))

    async def _replaced(self, before: Standing | None, paths: frozenset[str]) -> Standing:
        if before is not None:
            await self._end(before)
        return await self._build(paths)

    def _remembering(self, asked: Iterable[tuple[str, str]]) -> frozenset[str]:
        """The paths that these requests can have to do with. Empty where nothing remembers them, or all may matter."""
        paths: set[str] = set()
        if self._gates.has_front:
            return frozenset()
        for method, target in asked:
            if self.endpoint_at(method, target) is None:
                return frozenset()
            paths |= self._paths_at(target)
        paths &= self._endpoints.keys()  # of other methods there may be what the gateway answers itself
        if not self._remembers_all and self._remembering_paths.isdisjoint(paths):
            return frozenset()
        return frozenset(paths)

    def ask(self, request: bytes, *, client_host: str = "127.0.0.1") -> Answered:
        """The response to a request: head and body as a client sends them, on a connection of their own."""
        return self._run(self._ask(request, client_host))

    async def _ask(self, request: bytes, client_host: str) -> Answered:
        self._lines.lines.clear()
        self._gates.forget()
        began_seconds = self._clock.now()
        self._at_work.application.forget()
        date = formatdate(int(self._clock.wall()), usegmt=True)
        self._at_work.context.heads.date_line = b"\r\nDate: " + date.encode("ascii")
        wire = ClientWire(client_host)
        connection = Connection(self._at_work.context, Anybody())
        connection.connection_made(wire)
        connection.data_received(request)
        await self._settle(lambda: connection.exchange is None)
        if self._remembers_all or self._at_work.application.route_path in self._remembering_paths:
            self._at_work.touched = True
        took_seconds = self._clock.now() - began_seconds
        await self._loop.turns()  # what goes on behind the response: shadows, and the rest of a race
        connection.connection_lost(None)
        method = request.partition(b" ")[0].decode("latin-1")
        status, fields, body, whole = parsed(bytes(wire.written), method)
        reason = self._at_work.application.reason
        return Answered(
            status,
            fields,
            body,
            whole and not wire.cut_off,
            self._at_work.application.route_path,
            self._number_of(self._at_work.application.route_path, method),
            self._at_work.application.decision,
            tuple(self._gates.passed),
            self._gates.refused,
            took_seconds,
            tuple(self._lines.lines),
            reason,
            self._gates.stood_of(reason),
        )

    async def _settle(self, is_done: Callable[[], bool]) -> None:
        """Wait, moving the clock to whatever is due next when nothing goes on by itself."""
        naps = 0  # counted, not timed: what runs on the spot may itself take seconds
        end_seconds = self._clock.now() + _MOST_SECONDS
        while not is_done():
            await self._loop.turns(is_done)
            if is_done():
                return
            answer_seconds = self._backends.next_seconds()
            if answer_seconds is None and not self._backends.silent and naps < _MOST_NAPS:
                naps += 1
                await asyncio.sleep(0.001)
                continue
            deadline_seconds = self._at_work.timers.earliest()
            due = [seconds for seconds in (answer_seconds, deadline_seconds) if seconds is not None]
            if not due or min(due) > end_seconds:
                raise TimeoutError("the gateway waits for something that will not come")
            self._clock.advance(min(due) - self._clock.now())
            self._backends.send_due()
            self._at_work.timers.sweep()

    def pass_time(self, seconds: float) -> None:
        """Let time pass between requests; what is due meanwhile happens."""
        if seconds > 0 or self._at_work.touched:
            self._run(self._pass_time(seconds))

    async def _pass_time(self, seconds: float) -> None:
        end_seconds = self._clock.now() + seconds
        while True:
            await self._loop.turns()
            due = self._at_work.timers.earliest()
            if due is None or due >= end_seconds:
                break
            self._clock.advance(due - self._clock.now())
            self._at_work.timers.sweep()
        self._clock.advance(end_seconds - self._clock.now())
        self._at_work.timers.sweep()

    def endpoint_at(self, method: str, target: str) -> int | None:
        """The number of the endpoint that answers there, None where none does."""
        return self._number_of(self._path_at(method, target), method)

    def _paths_at(self, target: str) -> frozenset[str]:
        """The paths that answer there, by whichever method. One test after the other asks for the same target."""
        path = target.partition("?")[0]
        if self._last_paths[0] != path:
            self._last_paths = path, frozenset(self._path_at(method, target) for method in SERVED_METHODS)
        return self._last_paths[1]

    def _path_at(self, method: str, target: str) -> str:
        """The path of the endpoint that answers there, as written; empty where none does."""
        path, mark, query = target.partition("?")
        request = Request(method.encode(), path.encode(), query.encode() if mark else None, [])
        return "" if self._whole is None else self._whole.generation.application.route(request).endpoint

    def _number_of(self, path: str, method: str) -> int | None:
        return self._numbers.get((path, method)) if path else None

    def gated(self) -> list[frozenset[str]]:
        """Of each endpoint, the names of the components whose gates stand before it."""
        notes, every = self._gates, self._gates.before_all
        gated_by = None if self._whole is None else self._whole.generation.joined.gated_by
        found = []
        for endpoint in self.plan.endpoints:
            names = notes.before.get((endpoint.config.path, endpoint.config.method))
            if names is None:  # it has no gates, or was not asked yet
                names = set() if gated_by is None else set(gated_by(endpoint))
            found.append(frozenset(every | names))
        return found


def _is_balanced(endpoint: EndpointConfig) -> bool:
    """Whether a backend has several hosts, which are taken in turn."""
    return any(len(backend.hosts) > 1 for backend in endpoint.backends)


def _remembers(values: Mapping[str, Any], components: Sequence[Component]) -> bool:
    """Whether something with one of these values may answer the next request otherwise."""
    return any(component.name in values and component.remembers(values[component.name]) for component in components)


def _for_tests(config: ServiceConfig, left_out: frozenset[str]) -> ServiceConfig:
    """Without access log, log files and the components that lead outside."""

    def kept(components: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in components.items() if name not in left_out}

    def is_untouched(endpoint: EndpointConfig) -> bool:
        values = (endpoint.components, *[backend.components for backend in endpoint.backends])
        return all(left_out.isdisjoint(each) for each in values)

    def without(endpoint: EndpointConfig) -> EndpointConfig:
        backends = tuple(replace(one, components=kept(one.components)) for one in endpoint.backends)
        return replace(endpoint, components=kept(endpoint.components), backends=backends)

    return replace(
        config,
        components=kept(config.components),
        log=replace(config.log, access="off", file=""),
        endpoints=tuple([each if is_untouched(each) else without(each) for each in config.endpoints]),
    )
