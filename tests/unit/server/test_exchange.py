"""An exchange as what runs the answering of its request, and ends it when the time is over or nobody waits any more."""

import logging
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import pytest

from crossgate.config.model import LimitsConfig
from crossgate.flow.fiber import Signal
from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.http.message import Request, Response
from crossgate.server.context import ServerContext
from crossgate.server.exchange import Exchange
from crossgate.server.request_heads import RequestHeads

HEAD = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


class Scene:
    """One request, answered by `answering`; it is its own connection and clock."""

    def __init__(self, answering: Callable[[Request], Any]) -> None:
        self.now = 0.0
        self.written = b""
        self.over: list[bool] = []
        self.timers = Timers(lambda: self.now)
        route = SimpleNamespace(respond=answering, upstream_mode="strip", policy=None)
        application = SimpleNamespace(
            route=lambda _request: route, decide=lambda *_: None, finish=lambda *noted: self.over.append(noted[3] > 0)
        )
        log = logging.Logger("exchange")  # noqa: LOG001 # one of its own
        log.addHandler(logging.NullHandler())
        context = ServerContext(application, LimitsConfig(), self.timers, log)
        self.exchange = Exchange(self, RequestHeads(LimitsConfig()).read(HEAD, len(HEAD)), context)
        self.exchange.begin()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.timers.sweep()

    def write(self, data: bytes) -> None:
        self.written += data

    def may_keep_alive(self) -> bool:
        return True

    def break_off(self) -> None: ...

    def exchange_ended(self, *_: object) -> None: ...


@pytest.fixture
def awaited() -> Signal[Response]:
    return Signal()


def limited(awaited: Signal[Response], heard: list[str], seconds: float = 2.0) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            assert request.limit is not None
            request.limit(seconds)
            return await awaited
        except DeadlineExceededError:
            return Response(504)
        finally:
            heard.append("over")

    return answer


def test_what_answers_is_told_where_it_waits_once_its_time_is_over(awaited: Signal[Response]) -> None:
    heard: list[str] = []
    scene = Scene(limited(awaited, heard))
    scene.pass_time(1.9)
    assert scene.written == b""
    scene.pass_time(0.2)
    assert scene.written.startswith(b"HTTP/1.1 504 ")
    assert heard == ["over"]
    awaited.succeed(Response(200))  # too late
    assert scene.written.count(b"HTTP/1.1") == len(scene.over) == 1
    assert len(scene.timers) == 0


def test_no_time_at_all_is_over_from_the_start(awaited: Signal[Response]) -> None:
    scene = Scene(limited(awaited, [], seconds=0.0))
    assert scene.written.startswith(b"HTTP/1.1 504 ")
    assert len(scene.timers) == 0


def test_an_answer_in_time_leaves_no_deadline(awaited: Signal[Response]) -> None:
    scene = Scene(limited(awaited, []))
    assert len(scene.timers) == 1
    awaited.succeed(Response(200))
    assert scene.written.startswith(b"HTTP/1.1 200 ")
    assert len(scene.timers) == 0


def test_nothing_goes_on_or_is_left_once_the_client_is_gone(awaited: Signal[Response]) -> None:
    heard: list[str] = []
    scene = Scene(limited(awaited, heard))
    scene.exchange.cancel()
    assert heard == ["over"]
    assert len(scene.timers) == 0
    awaited.succeed(Response(200))
    assert scene.written == b""


def test_what_waits_for_more_on_its_way_out_still_ends(awaited: Signal[Response]) -> None:
    last: Signal[None] = Signal()
    heard: list[str] = []

    async def answer(_request: Request) -> Response:
        try:
            return await awaited
        finally:
            await last
            heard.append("over")

    scene = Scene(answer)
    scene.exchange.cancel()
    assert heard == []
    last.succeed(None)
    assert heard == ["over"]
    assert scene.written == b""


def test_what_is_over_while_it_runs_is_ended_at_its_next_wait(awaited: Signal[Response]) -> None:
    heard: list[str] = []
    scenes: list[Scene] = []

    class Leaves:
        def __await__(self) -> Generator[Signal[Any], None, None]:
            scenes[0].exchange.cancel()
            yield awaited

    async def answer(_request: Request) -> Response:
        try:
            await first
            await Leaves()
        finally:
            heard.append("over")
        return Response(200)

    first: Signal[None] = Signal()
    scenes.append(Scene(answer))
    first.succeed(None)
    assert heard == ["over"]
    assert scenes[0].written == b""


def test_waits_for_what_is_there_already_cost_no_turn() -> None:
    async def answer(_request: Request) -> Response:
        for _ in range(3):
            signal: Signal[None] = Signal()

            class Late:
                def __await__(self, signal: Signal[None] = signal) -> Generator[Signal[Any], None, None]:
                    signal.succeed(None)
                    yield signal

            await Late()
        return Response(204)

    assert Scene(answer).written.startswith(b"HTTP/1.1 204 ")
