"""The cache: who gets a kept answer, when the backend is asked, what many requests at once cost, what memory holds."""

from collections.abc import Iterator, Sequence
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.control import Freshness, directives, freshness, holds_on_error, terms_of, varied
from crossgate.components.http_cache.store import Kept, Store
from crossgate.flow.body import Body
from crossgate.flow.fiber import Fiber, Signal, run_to_end
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse
from tests.support.cached import FRESH, NOW, Backend, answer, ask, bodies, cache_of, dated, form


@pytest.fixture(autouse=True, scope="module", params=["fields", "lines"])
def _form(request: pytest.FixtureRequest) -> Iterator[None]:
    """All there is holds for messages that nobody has taken apart as for those that somebody has."""
    form["lines"] = request.param == "lines"
    yield
    form["lines"] = False


def test_a_fresh_answer_is_given_again() -> None:
    backend = Backend(answer(b"1"), answer(b"2"))
    cache = cache_of(backend)
    assert bodies(cache, ask(), ask(), ask(target=b"/y"), ask()) == [b"1", b"1", b"2", b"1"]
    assert (cache.counts.hits.value, cache.counts.misses.value) == (2, 2)


@pytest.mark.parametrize("field", [b"Authorization", b"Cookie"])
def test_nobody_gets_what_another_user_was_given(field: bytes) -> None:  # DEV-CACHE-1
    backend = Backend(*[answer(b"%d" % number) for number in range(1, 9)])
    requests = [ask((field, b"a")), ask((field, b"b")), ask(), ask((field, b"a")), ask((field, b"b"))]
    assert bodies(cache_of(backend), *requests) == [b"1", b"2", b"3", b"1", b"2"]


@pytest.mark.parametrize(
    "fields",
    [
        [(b"cache-control", b"private, max-age=60")],
        [(b"cache-control", b"max-age=60, PRIVATE")],
        [(b"cache-control", b"max-age=60"), (b"cache-control", b"No-Store")],
        [(b"set-cookie", b"session=1")],
        [(b"vary", b"*")],
        [(b"vary", b"Accept, *")],
    ],
)
def test_what_must_not_be_kept_is_not(fields: Sequence[tuple[bytes, bytes]]) -> None:  # DEV-CACHE-1
    backend = Backend(answer(b"1", *fields), answer(b"2"))
    assert bodies(cache_of(backend), ask(), ask()) == [b"1", b"2"]


def test_cookies_are_kept_where_the_backend_says_that_they_are_for_all() -> None:
    backend = Backend(answer(b"1", (b"set-cookie", b"a=1"), (b"cache-control", b"public, max-age=60")), answer(b"2"))
    assert bodies(cache_of(backend), ask(), ask()) == [b"1", b"1"]


@pytest.mark.parametrize("status", [206, 304, 404, 500])
def test_statuses_that_are_no_whole_answers_are_not_kept(status: int) -> None:
    backend = Backend(answer(b"1", status=status), answer(b"2"))
    assert bodies(cache_of(backend), ask(), ask()) == [b"1", b"2"]


@pytest.mark.parametrize(
    "of_answer", [[(b"vary", b"Origin")], [(b"access-control-allow-origin", b"https://a.example")]]
)
def test_an_answer_for_one_origin_is_never_given_to_another(of_answer: list[tuple[bytes, bytes]]) -> None:
    backend = Backend(*[answer(b"%d" % number, *of_answer) for number in range(1, 9)])
    a, b = (b"Origin", b"https://a.example"), (b"Origin", b"https://b.example")
    assert bodies(cache_of(backend), ask(a), ask(a), ask(b), ask(b), ask()) == [b"1", b"1", b"2", b"2", b"3"]


def test_an_encoded_answer_is_for_who_takes_that_coding() -> None:
    backend = Backend(answer(b"zipped", (b"content-encoding", b"gzip")), answer(b"plain"))
    assert bodies(cache_of(backend), ask((b"Accept-Encoding", b"gzip")), ask()) == [b"zipped", b"plain"]


def test_a_stale_answer_is_asked_for_again_and_lives_on_if_it_still_holds() -> None:
    clock = [NOW]
    new_date = (b"date", formatdate(NOW + 100, usegmt=True).encode())
    holds = UpstreamResponse(304, [new_date, (b"x-new", b"1")], b"")
    backend = Backend(answer(b"1", (b"etag", b'"v1"'), (b"last-modified", b"yesterday")), holds)
    cache = cache_of(backend, now=lambda: clock[0])
    bodies(cache, ask())
    clock[0] += 100
    again = run_to_end(cache(ask((b"If-None-Match", b'"of the client"'))))
    assert (again.status, again.body, again.first(b"x-new")) == (200, b"1", b"1")
    assert backend.seen[1] == [(b"If-None-Match", b'"v1"'), (b"If-Modified-Since", b"yesterday")]
    assert bodies(cache, ask()) == [b"1"]
    assert (len(backend.seen), cache.counts.revalidated.value) == (2, 1)


def test_a_304_that_nobody_but_the_client_asked_for_is_the_clients() -> None:
    backend = Backend(UpstreamResponse(304, list(FRESH), b""), answer(b"1"))
    cache = cache_of(backend)
    assert run_to_end(cache(ask((b"If-None-Match", b'"x"')))).status == 304
    assert bodies(cache, ask()) == [b"1"]


def test_a_stale_answer_is_given_where_the_backend_fails_if_it_says_so() -> None:
    clock = [NOW]
    lasting = (b"cache-control", b"max-age=1, stale-if-error=600")
    down = UpstreamError(FailureKind.CONNECT, "refused")
    backend = Backend(answer(b"1", lasting), down, answer(b"2", status=503), down)
    cache = cache_of(backend, now=lambda: clock[0])
    bodies(cache, ask())
    clock[0] += 100
    assert bodies(cache, ask(), ask()) == [b"1", b"1"]
    clock[0] += 600
    with pytest.raises(UpstreamError):
        run_to_end(cache(ask()))


def test_a_stampede_makes_one_call() -> None:  # DEV-CACHE-3
    backend = Backend(answer(b"1"))
    backend.hold = release = Signal[None]()
    cache = cache_of(backend)
    fibers = [Fiber(cache(ask())).start() for _ in range(50)]
    assert len(backend.seen) == 1
    release.succeed(None)
    assert [fiber.done.result().body for fiber in fibers] == [b"1"] * 50
    assert (len(backend.seen), cache.counts.waited.value) == (1, 49)


@pytest.mark.parametrize("failure", [UpstreamError(FailureKind.CONNECT, "refused"), answer(b"2", status=503)])
def test_a_stampede_on_a_failing_backend_makes_one_call_where_a_stale_answer_may_stand_in(
    failure: UpstreamResponse | Exception,
) -> None:  # DEV-CACHE-3
    clock = [NOW]
    lasting = [(b"cache-control", b"max-age=1, stale-if-error=600"), (b"vary", b"x-lang")]
    backend = Backend(answer(b"1", *lasting), failure)
    cache = cache_of(backend, now=lambda: clock[0])
    bodies(cache, ask())
    for _ in range(2):
        clock[0] += 100
        backend.seen.clear()
        backend.hold = release = Signal[None]()
        fibers = [Fiber(cache(ask())).start() for _ in range(50)]
        release.succeed(None)
        assert [fiber.done.result().body for fiber in fibers] == [b"1"] * 50
        assert len(backend.seen) == 1
    assert bodies(cache, ask()) == [b"1"]
    assert len(backend.seen) == 2, "who comes later asks again"
    backend.hold = release = Signal[None]()
    fibers = [Fiber(cache(ask((b"x-lang", lang)))).start() for lang in (b"de", b"de", b"fr")]
    release.succeed(None)
    assert len(backend.seen) == 5, "it does not stand in for what is for others"
    assert all(fiber.done.settled for fiber in fibers)


def test_a_stampede_on_what_is_stale_asks_once_whether_it_holds() -> None:  # DEV-CACHE-3
    clock = [NOW]
    backend = Backend(answer(b"1", (b"etag", b'"1"')), answer(b"", dated(100), status=304))
    cache = cache_of(backend, now=lambda: clock[0])
    bodies(cache, ask())
    clock[0] += 100
    backend.hold = release = Signal[None]()
    fibers = [Fiber(cache(ask())).start() for _ in range(50)]
    release.succeed(None)
    assert [fiber.done.result().body for fiber in fibers] == [b"1"] * 50
    assert len(backend.seen) == 2


def test_where_the_client_of_the_first_is_gone_the_next_asks_for_all() -> None:  # DEV-CACHE-3
    backend = Backend(answer(b"1"), answer(b"2"))
    backend.hold = Signal[None]()
    cache = cache_of(backend)
    leader, gone, *others = [Fiber(cache(ask())).start() for _ in range(50)]
    gone.cancel()
    backend.hold = release = Signal[None]()
    leader.cancel()
    assert len(backend.seen) == 2
    assert not any(fiber.done.settled for fiber in others)
    release.succeed(None)
    assert [fiber.done.result().body for fiber in others] == [b"2"] * 48
    assert len(backend.seen) == 2


def test_where_all_who_wait_are_gone_nobody_asks_and_the_next_is_the_first() -> None:  # DEV-CACHE-3
    backend = Backend(answer(b"1"), answer(b"2"))
    backend.hold = Signal[None]()
    cache = cache_of(backend)
    leader, gone = [Fiber(cache(ask())).start() for _ in range(2)]
    gone.cancel()
    leader.cancel()
    assert (len(backend.seen), cache._waiting) == (1, {})
    assert bodies(cache, ask()) == [b"2"]


@pytest.mark.parametrize("ends", ["cancelled", "fails", "not kept"])
def test_who_waits_goes_on_alone_where_the_first_comes_to_nothing(ends: str) -> None:  # DEV-CACHE-3
    first = {"fails": UpstreamError(FailureKind.CONNECT, "refused")}.get(ends, answer(b"1", (b"vary", b"*")))
    backend = Backend(first, answer(b"2"))
    backend.hold = release = Signal[None]()
    cache = cache_of(backend)
    leader, *others = [Fiber(cache(ask())).start() for _ in range(3)]
    if ends == "cancelled":
        leader.cancel()
    else:
        release.succeed(None)
    assert [fiber.done.result().body for fiber in others] == [b"2", b"2"]


def test_nobody_waits_twice_for_what_is_not_kept() -> None:
    backend = Backend(answer(b"1", (b"cache-control", b"no-store")))
    cache = cache_of(backend)
    bodies(cache, ask())
    backend.hold = release = Signal[None]()
    slow = Fiber(cache(ask())).start()
    assert bodies(cache, ask()) == [b"1"]
    release.succeed(None)
    assert slow.done.settled


class Sink:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.ended: Exception | bool = False

    def feed(self, data: bytes) -> None:
        self.pieces.append(data)

    def end(self) -> None:
        self.ended = True

    def fail(self, error: Exception) -> None:
        self.ended = error


@pytest.mark.parametrize(("how", "is_kept"), [("end", True), ("fail", False), ("abandon", False), ("large", False)])
def test_a_body_in_pieces_is_kept_once_it_is_whole(how: str, is_kept: bool) -> None:
    class Streaming(Backend):
        async def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
            return UpstreamResponse(200, list(FRESH), body) if not self.seen else await super().__call__(request)

    body, backend = Body(), Streaming(answer(b"2"))
    cache, sink = cache_of(backend), Sink()
    body.feed(b"first ")
    response = run_to_end(cache(ask()))
    backend.seen.append([])
    assert isinstance(response.body, Body)
    waiting = Fiber(cache(ask())).start()
    assert not waiting.done.settled
    response.body.stream_to(sink)
    body.feed(b"x" * 20_000 if how == "large" else b"second")
    if how == "fail":
        body.fail(ConnectionError())
    elif how == "abandon":
        response.body.abandon()
    else:
        body.end()
    assert waiting.done.result().body == (b"first second" if is_kept else b"2")
    assert sink.pieces[0] == b"first "
    assert (how in ("end", "large")) == (sink.ended is True)


@pytest.mark.parametrize("length", [6, 300_000, None])
def test_a_stampede_at_a_no_op_backend_waits_for_a_short_body_and_not_for_its_client(length: int | None) -> None:
    paused: list[int] = []
    source = Body(length_bytes=length, on_pause=lambda: paused.append(1))
    answers = [UpstreamResponse(200, list(FRESH), source), answer(b"2"), answer(b"2")]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return answers.pop(0)

    cache = Cache(send, Store(10, 1_000_000), lambda: NOW, is_no_op=True, keeps_errors=True)
    first = run_to_end(cache(ask()))
    assert isinstance(first.body, Body)
    waiting = [Fiber(cache(ask())).start() for _ in range(2)]
    first.body.stream_to(Sink())
    first.body.pause()  # its client takes nothing
    assert paused == ([] if length == 6 else [1])
    source.feed(b"123456")
    source.end()
    assert [fiber.done.result().body for fiber in waiting] == [b"123456" if length == 6 else b"2"] * 2
    assert len(answers) == (2 if length == 6 else 1)


def test_nobody_waits_for_the_body_of_a_redirect_that_is_followed() -> None:
    answers = [UpstreamResponse(301, list(FRESH), Body(length_bytes=6)), answer(b"2")]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return answers.pop(0)

    cache = Cache(send, Store(10, 1000), lambda: NOW, is_no_op=True, keeps_errors=True)
    run_to_end(cache(ask()))
    assert run_to_end(cache(ask())).body == b"2"


@pytest.mark.parametrize("how", ["fails", "abandoned"])
def test_who_waits_for_a_short_body_goes_on_alone_where_it_comes_to_nothing(how: str) -> None:
    source = Body(length_bytes=6)
    answers = [UpstreamResponse(200, list(FRESH), source), answer(b"2")]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return answers.pop(0)

    cache = Cache(send, Store(10, 1000), lambda: NOW, is_no_op=True, keeps_errors=True)
    first = run_to_end(cache(ask()))
    assert isinstance(first.body, Body)
    waiting = Fiber(cache(ask())).start()
    assert not waiting.done.settled
    first.body.stream_to(Sink())
    if how == "fails":
        source.fail(ConnectionError())
    else:
        first.body.abandon()
    assert waiting.done.result().body == b"2"


def test_requests_for_a_body_that_goes_on_to_a_client_do_not_wait_for_it() -> None:
    answers = [UpstreamResponse(200, list(FRESH), Body()), answer(b"2")]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return answers.pop(0)

    cache = Cache(send, Store(10, 1000), lambda: NOW, is_no_op=True, keeps_errors=True)
    run_to_end(cache(ask()))
    assert bodies(cache, ask()) == [b"2"]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 300)), max_size=60))
def test_a_store_never_holds_more_than_its_bounds(steps: list[tuple[int, int]]) -> None:
    store = Store(3, 500)
    for key, size in steps:
        kept = Kept(200, [], b"x" * size, ())
        store.put(key, kept)
        assert store.get(key) == kept
        assert store.count <= 3
        assert store.size_bytes <= 500
        assert store.size_bytes == sum(found.size_bytes for k in range(6) if (found := store.get(k)))
    store.put(0, Kept(200, [], b"x" * 500, ()))
    assert store.get(0) is None


def test_endpoints_with_one_store_make_one_call_together() -> None:
    backend, store, hold = Backend(answer(b"1"), answer(b"2")), Store(10, 1000), Signal[None]()
    caches = [Cache(backend, store, lambda: NOW, is_no_op=False, keeps_errors=False) for _ in range(2)]
    backend.hold = hold
    asking = [Fiber(cache(ask())).start() for cache in caches * 2]
    hold.succeed(None)
    assert [fiber.done.result().body for fiber in asking] == [b"1"] * 4
    assert len(backend.seen) == 1


def test_who_waits_at_another_endpoint_asks_where_the_first_is_gone() -> None:
    backend, store = Backend(answer(b"1"), answer(b"2")), Store(10, 1000)
    one, other = [Cache(backend, store, lambda: NOW, is_no_op=False, keeps_errors=False) for _ in range(2)]
    backend.hold = Signal()
    first = Fiber(one(ask())).start()
    second = Fiber(other(ask())).start()
    assert len(backend.seen) == 1
    first.cancel()
    assert second.done.result().body == b"2"
    assert (store.count, store.waiting) == (1, {})


def test_keys_count_since_clients_may_make_them_long() -> None:
    store = Store(1000, 10_000)
    for number in range(100):
        store.put(("GET", b"/%d?" % number + b"q" * 1000, ((b"cookie", b"c" * 1000),)), Kept(200, [], b"", ()))
    assert store.count == 4
    for number in range(100):
        store.drop(("GET", b"/%d?" % number + b"q" * 1000, ((b"cookie", b"c" * 1000),)))
    assert (store.count, store.size_bytes) == (0, 0)
    store.put("few", Kept(200, [], b"", ((b"x-kind", b"v" * 20_000),)))
    assert store.get("few") is None


def streams(cache: Cache, source: Body, target: bytes) -> Body:
    source.feed(b"first")
    response = run_to_end(cache(ask(target=target)))
    assert isinstance(response.body, Body)
    return response.body


def test_bodies_on_their_way_are_collected_as_far_as_there_is_room_for_them_together() -> None:
    sources = [Body() for _ in range(4)]
    answers = [UpstreamResponse(200, list(FRESH), source) for source in sources]

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return answers.pop(0)

    store, sinks = Store(10, 1000), [Sink() for _ in range(4)]
    store.room.left_bytes = 1500
    cache = Cache(send, store, lambda: NOW, is_no_op=True, keeps_errors=True)
    passed_on = [streams(cache, source, b"/%d" % number) for number, source in enumerate(sources)]
    for body, source, sink in zip(passed_on, sources, sinks, strict=True):
        body.stream_to(sink)
        source.feed(b"x" * 600)
    passed_on[0].abandon()
    sources[1].fail(ConnectionError())
    sources[2].end()
    sources[3].feed(b"more")
    sources[3].end()
    assert store.count == 0, "the third found no room, nor did the fourth"
    assert [sum(map(len, sink.pieces)) for sink in sinks] == [605, 605, 605, 609]
    assert store.room.left_bytes == 1500


def test_a_body_that_says_that_it_is_too_large_is_not_collected_at_all() -> None:
    source = Body(length_bytes=1001)

    async def send(_request: UpstreamRequest) -> UpstreamResponse:
        return UpstreamResponse(200, list(FRESH), source)

    store = Store(10, 1000)
    cache = Cache(send, store, lambda: NOW, is_no_op=True, keeps_errors=True)
    before = store.room.left_bytes
    streams(cache, source, b"/x").stream_to(Sink())
    assert store.room.left_bytes == before


@pytest.mark.parametrize("body", [b'{"query": 2}', Body()])
def test_who_asks_by_a_body_gets_an_answer_of_its_own(body: bytes | Body) -> None:  # DEV-CACHE-1
    backend = Backend(answer(b"1"), answer(b"to a question"), answer(b"2"))
    cache = cache_of(backend)
    asking = ask()
    asking.body = body
    assert bodies(cache, ask(), asking, ask()) == [b"1", b"to a question", b"1"]
    other = ask(target=b"/y")
    other.body = body
    assert bodies(cache, other, ask(target=b"/y")) == [b"2", b"2"]
    assert len(backend.seen) == 4


@pytest.mark.parametrize(
    "field",
    [
        b"X-Forwarded-Host",
        b"x-original-url",
        b"Forwarded",
        b"X-Forwarded-Server",
        b"X-Original-Host",
        b"X-HTTP-Method",
        b"X-HTTP-Host-Override",
        b"X-Original-Method",
        b"X-Forwarded-Ssl",
    ],
)
def test_who_says_where_it_asked_poisons_nobodys_answer(field: bytes) -> None:  # DEV-CACHE-1
    backend = Backend(answer(b"evil"), answer(b"good"))
    cache = cache_of(backend)
    evil, good = ask((field, b"evil.example")), ask((field, b"good.example"))
    assert bodies(cache, evil, good, good, evil) == [b"evil", b"good", b"good", b"evil"]
    assert len(backend.seen) == 2


def test_each_line_of_a_field_that_vary_names_counts() -> None:  # DEV-CACHE-1
    backend = Backend(answer(b"evil", (b"vary", b"x-kind")), answer(b"good", (b"vary", b"x-kind")))
    cache = cache_of(backend)
    assert bodies(cache, ask((b"x-kind", b"a"), (b"x-kind", b"evil")), ask((b"x-kind", b"a"))) == [b"evil", b"good"]


@pytest.mark.parametrize(
    ("fields", "fresh_for"),
    [
        ([dated(0)], 60),
        ([dated(3600)], 60),  # its clock is ahead
        ([dated(-20)], 40),
        ([dated(0), (b"age", b"50")], 10),
        ([dated(0), (b"age", b"nonsense")], 60),
        ([dated(0), (b"cache-control", b"max-age=60, s-maxage=5")], 5),
        ([dated(0), (b"cache-control", b"max-age=60, S-MaxAge=5"), (b"cache-control", b"s-maxage=50")], 5),
        ([dated(0), (b"cache-control", b"max-age=60, s-maxage=600")], 60),
        ([dated(0), (b"cache-control", b"s-maxage=600")], 0),
    ],
)
def test_an_answer_is_fresh_no_longer_than_it_may_be(
    fields: list[tuple[bytes, bytes]], fresh_for: float
) -> None:  # DEV-CACHE-1
    clock = [NOW]
    backend = Backend(answer(b"1", *fields), answer(b"2", *fields))
    cache = cache_of(backend, now=lambda: clock[0])
    bodies(cache, ask())
    if fresh_for:
        clock[0] = NOW + fresh_for - 1
        assert bodies(cache, ask()) == [b"1"]
    clock[0] = NOW + fresh_for + 1
    assert bodies(cache, ask()) == [b"2"]


def test_what_must_be_asked_for_again_is_given_stale_to_nobody() -> None:  # DEV-CACHE-1
    kept = [dated(0), (b"cache-control", b"max-age=60, stale-if-error=600"), (b"cache-control", b"Must-Revalidate")]
    for wish in (b"max-stale", b"max-stale=600", b"only-if-cached", b"max-age=600"):
        found = freshness(terms_of(kept, NOW), directives([(b"cache-control", wish)]), NOW + 61)
        assert found is Freshness.STALE, wish
    assert not holds_on_error(terms_of(kept, NOW), {}, NOW + 61)
    assert holds_on_error(terms_of(kept[:2], NOW), {}, NOW + 61)


def test_an_age_of_before_does_not_outlive_a_304() -> None:
    clock = [NOW]
    first = answer(b"1", dated(0), (b"age", b"50"), (b"etag", b'"a"'))
    again = answer(b"", (b"date", formatdate(NOW + 20, usegmt=True).encode()), status=304)
    backend = Backend(first, again)
    cache = cache_of(backend, now=lambda: clock[0])
    bodies(cache, ask())
    clock[0] = NOW + 20
    assert bodies(cache, ask()) == [b"1"]
    clock[0] = NOW + 70
    assert bodies(cache, ask()) == [b"1"]
    assert len(backend.seen) == 2


def test_other_methods_and_ranges_go_to_the_backend() -> None:
    backend = Backend(*[answer(b"%d" % number) for number in range(1, 9)])
    cache = cache_of(backend)
    requests = [ask(), ask(method=b"POST"), ask(), ask((b"Range", b"bytes=0-1")), ask()]
    assert bodies(cache, *requests) == [b"1", b"2", b"1", b"3", b"4"]


field_values = st.binary(max_size=12).filter(lambda value: b"\r" not in value and b"\n" not in value)
any_fields = st.lists(
    st.tuples(
        st.sampled_from([b"cache-control", b"Cache-Control", b"date", b"expires", b"vary", b"etag"]),
        field_values
        | st.sampled_from([b"max-age=9999999999999999999", b"max-age=-1", b"=,=", b"Thu, 99 Foo 2020 99:99:99 GMT"]),
    ),
    max_size=4,
)


@given(any_fields, any_fields)
def test_any_fields_give_a_decision(kept: Fields, asked: Fields) -> None:
    terms, wishes = terms_of(kept, None), directives(asked)
    assert isinstance(freshness(terms, wishes, NOW), Freshness)
    assert holds_on_error(terms, wishes, NOW) in (True, False)
    varied(kept)
