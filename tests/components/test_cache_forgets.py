"""What changes a URL at a backend makes a cache forget it, for everybody; what is on its way then is not kept."""

from collections.abc import Hashable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.forgetting import forgetting
from crossgate.components.http_cache.store import Kept, Store
from crossgate.flow.body import Body
from crossgate.flow.fiber import Fiber, Signal, run_to_end
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from tests.support.cached import FRESH, NOW, Backend, answer, ask, bodies, cache_of

ANN, BOB = (b"Authorization", b"ann"), (b"Authorization", b"bob")
DOWN = UpstreamError(FailureKind.CONNECT, "refused")


def changing(cache: Cache, outcome: UpstreamResponse | Exception, method: bytes = b"POST", **keys: bytes) -> None:
    async def whole() -> None:
        await forgetting(Backend(outcome), lambda: [cache])(ask(method=method, **keys))

    run_to_end(whole())


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH", b"DELETE", b"PROPPATCH"])
@pytest.mark.parametrize("status", [200, 201, 204, 303, 307])
def test_a_url_that_was_changed_is_asked_for_again_by_all(method: bytes, status: int) -> None:  # DEV-CACHE-6
    backend = Backend(*[answer(b"%d" % number) for number in range(1, 99)])
    cache = cache_of(backend)
    mine, yours, other, head = ask(ANN), ask(BOB), ask(target=b"/y"), ask(method=b"HEAD")
    assert bodies(cache, mine, yours, ask(), other, head) == [b"1", b"2", b"3", b"4", b"5"]
    changing(cache, answer(status=status), method)
    assert bodies(cache, mine, yours, ask(), other, head) == [b"6", b"7", b"8", b"4", b"9"]
    assert bodies(cache, mine, yours, ask(), other, head) == [b"6", b"7", b"8", b"4", b"9"]


@pytest.mark.parametrize("outcome", [answer(status=400), answer(status=409), answer(status=500), DOWN])
def test_what_did_not_succeed_changes_nothing(outcome: UpstreamResponse | Exception) -> None:
    cache = cache_of(Backend(answer(b"1"), answer(b"2")))
    bodies(cache, ask())
    try:
        changing(cache, outcome)
    except UpstreamError:
        assert outcome is DOWN
    assert bodies(cache, ask()) == [b"1"]


@pytest.mark.parametrize("target", [b"/x?a=1", b"/", b"/x/", b"/y"])
def test_other_urls_are_not_forgotten(target: bytes) -> None:
    cache = cache_of(Backend(answer(b"1"), answer(b"2")))
    bodies(cache, ask())
    changing(cache, answer(), target=target)
    assert bodies(cache, ask()) == [b"1"]


def test_an_answer_of_before_that_arrives_afterwards_is_not_kept() -> None:  # DEV-CACHE-6
    backend = Backend(answer(b"old"), answer(b"new"))
    backend.hold = hold = Signal[None]()
    cache = cache_of(backend)
    first, waiting = [Fiber(cache(ask())).start() for _ in range(2)]
    changing(cache, answer())
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

    cache = Cache(send, Store(10, 1000), lambda: NOW, is_no_op=True, keeps_errors=True)
    first = run_to_end(cache(ask()))
    changing(cache, answer())
    source.feed(b"old")
    source.end()
    assert isinstance(first.body, Body)
    assert run_to_end(first.body.read_all(100)) == b"old"
    assert bodies(cache, ask(), ask()) == [b"new", b"new"]


def test_what_is_asked_for_after_many_changes_elsewhere_is_kept_and_what_was_before_may_not_be() -> None:
    store = Store(10, 1000)
    before = store.turn
    store.forget("first")
    for number in range(1100):
        store.forget(number)
    assert store.has_changed("first", before)
    assert store.has_changed("other", before), "that is not known any more"
    assert not store.has_changed("other", store.turn)
    assert not store.has_changed("other", store.turn - 1)
    assert store.has_changed(1099, store.turn - 1)


steps = st.tuples(st.sampled_from(["put", "drop", "forget"]), st.integers(0, 4), st.integers(0, 2))


@given(st.lists(steps, max_size=40))
def test_a_place_has_the_keys_that_are_kept_of_it(done: list[tuple[str, int, int]]) -> None:
    store = Store(6, 100_000)
    for what, user, place in done:
        key: Hashable = (b"GET", place, user)
        if what == "put":
            store.put(key, Kept(200, [], b"", ()), place)
        elif what == "drop":
            store.drop(key)
        else:
            mine = {(b"GET", place, one) for one in range(5) if store.get((b"GET", place, one))}
            assert set(store.forget(place)) == mine
            assert not any(store.get(one) for one in mine)
    for place in range(3):
        store.forget(place)
    assert (store.count, store.size_bytes, store._places._at) == (0, 0, {})
