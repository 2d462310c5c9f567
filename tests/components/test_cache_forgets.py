"""What changes a URL at a backend makes a cache forget it, for everybody; what is on its way then is not kept."""

import pytest

from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.changes import Changes
from crossgate.components.http_cache.forgetting import forgetting
from crossgate.components.http_cache.keys import place_asked
from crossgate.components.http_cache.store import Store
from crossgate.flow.body import Body
from crossgate.flow.fiber import Fiber, Signal, run_to_end
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from tests.support.cached import FRESH, NOW, Backend, answer, ask, bodies, cache_of

ANN, BOB = (b"Authorization", b"ann"), (b"Authorization", b"bob")
DOWN = UpstreamError(FailureKind.CONNECT, "refused")


class Clock:
    """It is later each time."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


def changing(
    cache: Cache,
    outcome: UpstreamResponse | Exception,
    clock: Clock,
    method: bytes = b"POST",
    **keys: bytes,
) -> None:
    def has_changed(request: UpstreamRequest) -> None:
        cache._store.changes.note(place_asked(request), clock())

    async def whole() -> None:
        await forgetting(Backend(outcome), has_changed)(ask(method=method, **keys))

    run_to_end(whole())


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH", b"DELETE", b"PROPPATCH"])
@pytest.mark.parametrize("status", [200, 201, 204, 303, 307])
def test_a_url_that_was_changed_is_asked_for_again_by_all(method: bytes, status: int) -> None:  # DEV-CACHE-6
    backend = Backend(*[answer(b"%d" % number) for number in range(1, 99)])
    clock = Clock()
    cache = cache_of(backend, now=clock)
    mine, yours, other, head = ask(ANN), ask(BOB), ask(target=b"/y"), ask(method=b"HEAD")
    assert bodies(cache, mine, yours, ask(), other, head) == [b"1", b"2", b"3", b"4", b"5"]
    changing(cache, answer(status=status), clock, method)
    assert bodies(cache, mine, yours, ask(), other, head) == [b"6", b"7", b"8", b"4", b"9"]
    assert bodies(cache, mine, yours, ask(), other, head) == [b"6", b"7", b"8", b"4", b"9"]


@pytest.mark.parametrize("outcome", [answer(status=400), answer(status=409), answer(status=500), DOWN])
def test_what_did_not_succeed_changes_nothing(outcome: UpstreamResponse | Exception) -> None:
    clock = Clock()
    cache = cache_of(Backend(answer(b"1"), answer(b"2")), now=clock)
    bodies(cache, ask())
    try:
        changing(cache, outcome, clock)
    except UpstreamError:
        assert outcome is DOWN
    assert bodies(cache, ask()) == [b"1"]


@pytest.mark.parametrize("target", [b"/x?a=1", b"/", b"/x/", b"/y"])
def test_other_urls_are_not_forgotten(target: bytes) -> None:
    clock = Clock()
    cache = cache_of(Backend(answer(b"1"), answer(b"2")), now=clock)
    bodies(cache, ask())
    changing(cache, answer(), clock, target=target)
    assert bodies(cache, ask()) == [b"1"]


def test_an_answer_of_before_that_arrives_afterwards_is_not_kept() -> None:  # DEV-CACHE-6
    backend = Backend(answer(b"old"), answer(b"new"))
    backend.hold = hold = Signal[None]()
    clock = Clock()
    cache = cache_of(backend, now=clock)
    first, waiting = [Fiber(cache(ask())).start() for _ in range(2)]
    changing(cache, answer(), clock)
    late = Fiber(cache(ask())).start()
    hold.succeed(None)
    assert first.done.result().body == b"old", "it was asked for before"
    assert [fiber.done.result().body for fiber in (waiting, late)] == [b"new", b"new"]
    assert bodies(cache, ask()) == [b"new"]


def test_a_body_of_before_that_ends_afterwards_is_not_kept() -> None:  # DEV-CACHE-6
    source = Body()
    answers = [UpstreamResponse(200, list(FRESH), source), answer(b"new")]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return answers.pop(0)

    clock = Clock()
    cache = Cache(send, Store(10, 1000), clock, is_no_op=True, keeps_errors=True)
    first = run_to_end(cache(ask()))
    changing(cache, answer(), clock)
    source.feed(b"old")
    source.end()
    assert isinstance(first.body, Body)
    assert run_to_end(first.body.read_all(100)) == b"old"
    assert bodies(cache, ask(), ask()) == [b"new", b"new"]


def test_all_workers_know_what_one_of_them_has_changed() -> None:  # DEV-CACHE-6
    clock, changes = Clock(), Changes()
    stores = [Store(10, 1000, changes) for _ in range(2)]
    backend = Backend(*[answer(b"%d" % number) for number in range(1, 9)])
    mine, other = [Cache(backend, store, clock, is_no_op=False, keeps_errors=False) for store in stores]
    assert bodies(mine, ask()) + bodies(other, ask()) == [b"1", b"2"]
    changing(mine, answer(), clock)
    assert bodies(mine, ask()) + bodies(other, ask()) + bodies(other, ask()) == [b"3", b"4", b"4"]
    assert (stores[0].count, stores[1].count) == (1, 1)
