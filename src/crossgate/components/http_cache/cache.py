"""One backend's calls through a cache.

Knows the order of RFC 9111: look, ask whether it still holds, keep. What directives mean is `control.py`'s.

DEVIATION(DEV-CACHE-1): KrakenD's cache is one for a single user (`private` answers, cookies, whoever is authorized),
and many users share it. Here, who brings credentials has answers of their own, and so has who says under which name the
gateway was asked; nobody gets those of another. Fields that a gate, a script or a plugin has set or changed once tell
requests apart from then on.
"""

from collections.abc import Callable, Iterable

from crossgate.components.http_cache.control import (
    Directives,
    Freshness,
    freshness,
    holds_on_error,
    passes_over,
    varied,
)
from crossgate.components.http_cache.counts import AnswerCounts
from crossgate.components.http_cache.keys import METHODS, Key, Keys, keys_of_client, place_of
from crossgate.components.http_cache.picked import picking, values_in
from crossgate.components.http_cache.reasons import ONLY_IF_CACHED
from crossgate.components.http_cache.store import Kept, Shelf, Store
from crossgate.components.http_cache.storing import may_keep
from crossgate.components.http_cache.tee_body import TeeBody
from crossgate.components.http_cache.validation import add_validators, is_of, refreshed
from crossgate.flow.body import Body
from crossgate.flow.fiber import Signal
from crossgate.http.failure import UpstreamError
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.metrics.registry import Registry
from crossgate.pipeline.go_client import Send

_pick_telling = picking((b"access-control-allow-origin", b"cache-control", b"content-encoding", b"set-cookie", b"vary"))
MOST_HURRIED_BYTES = 256 * 1024
"""Bodies that go on to a client are read no faster than it takes them, but for those of up to so many bytes: others
wait for them, and they find room with the client's connection."""
_MOST_REMEMBERED = 4096


class Cache:
    """`send` through a store. `is_no_op`: bodies go on to clients as they come. `keeps_errors`: statuses other than 200
    and 201 are answers, too. `now` is in seconds since the epoch. By `user_fields`, lower-case names, the backend tells
    users apart, beside Authorization and Cookie.

    DEVIATION(DEV-CACHE-3): of several requests for what is not kept, KrakenD makes each. Here one is made and the
    others wait for it, unless its body goes on to a client that may be slow and is more than MOST_HURRIED_BYTES or of
    unknown length, or the last answer was not one to keep.
    """

    def __init__(
        self,
        send: Send,
        store: Store,
        now: Callable[[], float],
        shelf: Shelf | None = None,
        *,
        is_no_op: bool,
        keeps_errors: bool,
        counts: AnswerCounts | None = None,
        user_fields: Iterable[str] = (),
    ) -> None:
        self._send = send
        self._keys = Keys(user_fields)
        self._read = self._keys.read
        self._store = store
        self._shelf = shelf
        self._now = now
        self._is_no_op = is_no_op
        self._keeps_errors = keeps_errors
        self._waiting = store.waiting
        self._not_kept = store.not_kept
        self.counts = counts or AnswerCounts(Registry(), "")

    async def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        """The answer, from the store or from the backend. Raises UpstreamError."""
        if request.method not in METHODS or request.body != b"":  # what is asked in a body is not in the key
            return await self._send(request)
        if request.told and not self._keys.learn(request.told):
            return await self._send(request)
        key, asked, is_partial = self._read(request)
        if is_partial:
            self._drop(key)
            return await self._send(request)
        answer = self._look(key, request, asked)
        if answer is not None:
            return answer
        if asked and ("only-if-cached" in asked or "no-store" in asked):
            return await self._look_or_ask_alone(key, request, asked)
        waiting = self._waiting.get(key)
        if waiting is None:
            return await self._fetch_first(key, request, asked, [])
        self.counts.waited.value += 1
        over: Signal[bool] = Signal()
        since = self._now()
        waiting.append(over)
        try:
            is_first_now = await over
        finally:
            over.succeed(False)  # who hands over must not hand over to one that is gone
        if is_first_now:
            return await self._fetch_first(key, request, asked, self._waiting.pop(key, []))
        answer = self._look(key, request, asked) or self._look_for_stand_in(key, request, asked, since)
        return answer or (await self._fetch(key, request, asked))[0]

    def keys_of(self, request: UpstreamRequest) -> list[Key]:
        """By which its client, and those who bring nothing, find what is kept of its URL."""
        return keys_of_client(self._read(request)[0])

    def forget_elsewhere(self, key: Key) -> None:
        """Forget what other gateways could find by that key."""
        if self._shelf is not None:
            self._shelf.drop(key)

    def _look(self, key: Key, request: UpstreamRequest, asked: Directives) -> UpstreamResponse | None:
        """What is kept, if it is an answer to this request as it is."""
        kept = self._store.get(key)
        if kept is None or (asked and passes_over(asked)) or (kept.varied and not _matches(kept, request)):
            return None
        terms, now = kept.terms, self._now()
        if asked:
            if freshness(terms, asked, now) is not Freshness.FRESH:
                return None
        elif not terms.fresh_from <= now < terms.fresh_until:
            return None
        self.counts.hits.value += 1
        return kept.answer(now) if self._is_no_op else kept.answer()

    async def _look_or_ask_alone(self, key: Key, request: UpstreamRequest, asked: Directives) -> UpstreamResponse:
        """For who wants nothing but what is kept, or whose answer is not to be kept: nobody waits for that."""
        if self._shelf is not None:
            answer = await self._look_on_shelf(self._shelf, key, request, asked)
            if answer is not None:
                return answer
        if "only-if-cached" in asked:
            return UpstreamResponse(504, [], b"", reason=ONLY_IF_CACHED)
        return (await self._fetch(key, request, asked))[0]

    async def _fetch_first(
        self, key: Key, request: UpstreamRequest, asked: Directives, others: list[Signal[bool]]
    ) -> UpstreamResponse:
        """Ask the backend, while others who want the same wait: those, and who comes meanwhile."""
        if others or hash(key) not in self._not_kept:
            self._waiting[key] = others
        try:
            answer = None if self._shelf is None else await self._look_on_shelf(self._shelf, key, request, asked)
            if answer is not None:
                self._is_over(key)
                return answer
            response, tee = await self._fetch(key, request, asked)
        except Exception:
            self._is_over(key)
            raise
        except BaseException:  # its client is gone, which says nothing about the answer
            self._hand_over(key)
            raise
        # Who follows a redirect leaves its body: nobody is to wait for that.
        hurries = tee is not None and response.status // 100 != 3 and tee.hurry(MOST_HURRIED_BYTES)
        if tee is not None and (hurries or not self._is_no_op):
            tee.on_over = lambda: self._is_over(key)
            tee.on_abandoned = lambda: self._hand_over(key)
        else:
            self._is_over(key)
        return response

    async def _look_on_shelf(
        self, shelf: Shelf, key: Key, request: UpstreamRequest, asked: Directives
    ) -> UpstreamResponse | None:
        """What other gateways have kept. It is as good as if it had been kept here."""
        if hash(key) in self._not_kept or self._store.get(key) is not None:
            return None
        kept = await shelf.get(key)
        if kept is None:
            return None
        kept.cell = self._store.changes.cell(place_of(key))
        self._store.put(key, kept)
        return self._look(key, request, asked)

    def _drop(self, key: Key) -> None:
        self._store.drop(key)
        if self._shelf is not None:
            self._shelf.drop(key)

    def _hand_over(self, key: Key) -> None:
        """Have the next of those who wait ask in the place of the first."""
        waiting = self._waiting.get(key, [])
        while waiting and waiting[0].settled:
            waiting.pop(0)
        if waiting:
            waiting.pop(0).succeed(True)
        else:
            self._waiting.pop(key, None)

    def _is_over(self, key: Key) -> None:
        if self._store.get(key) is not None:
            self._not_kept.discard(hash(key))
        else:
            if len(self._not_kept) >= _MOST_REMEMBERED:
                self._not_kept.clear()
            self._not_kept.add(hash(key))
        for waiting in self._waiting.pop(key, ()):
            waiting.succeed(False)

    async def _fetch(
        self, key: Key, request: UpstreamRequest, asked: Directives
    ) -> tuple[UpstreamResponse, TeeBody | None]:
        asked_at = self._now()
        kept = self._store.get(key)
        if kept is None or not _matches(kept, request):
            self.counts.misses.value += 1
            return self._keep(key, request, asked, await self._send(request), asked_at)
        plain = None if passes_over(asked) else add_validators(request, kept)
        try:
            response = await self._send(request)
        except UpstreamError:
            if self._stands_in(kept, asked):
                return self._stale(kept), None
            self._drop(key)
            raise
        if plain is not None and response.status == 304:
            _abandon(response)
            if is_of(kept, response):
                self.counts.revalidated.value += 1
                return self._keep(key, request, asked, refreshed(kept, response).answer(), asked_at)
            self._drop(key)
            request.fields = plain
            response = await self._send(request)
        elif response.status >= 500 and self._stands_in(kept, asked):
            _abandon(response)
            return self._stale(kept), None
        self.counts.misses.value += 1
        return self._keep(key, request, asked, response, asked_at)

    def _stands_in(self, kept: Kept, asked: Directives) -> bool:
        return holds_on_error(kept.terms, asked, self._now()) and not self._store.has_changed(kept)

    def _look_for_stand_in(
        self, key: Key, request: UpstreamRequest, asked: Directives, since: float
    ) -> UpstreamResponse | None:
        """What stood in for a failing backend since then, if it may again: not all who waited are to ask that."""
        kept = self._store.get(key)
        if kept is None or kept.stood_in < since or not _matches(kept, request) or not self._stands_in(kept, asked):
            return None
        return self._stale(kept)

    def _stale(self, kept: Kept) -> UpstreamResponse:
        kept.stood_in = self._now()
        self.counts.hits.value += 1
        return kept.answer(self._now() if self._is_no_op else None)

    def _keep(
        self,
        key: Key,
        request: UpstreamRequest,
        asked: Directives,
        response: UpstreamResponse,
        asked_at: float,
    ) -> tuple[UpstreamResponse, TeeBody | None]:
        """The response; it is kept once it is whole, if it may be. What was kept before is not, in any case."""
        lines = response.lines
        telling = response.fields if lines is None else _pick_telling(lines)
        names = varied(telling)
        is_refusal = response.reason is not None  # of whatever stands between here and the backend
        if is_refusal or names is None or not may_keep(response, telling, asked, keeps_errors=self._keeps_errors):
            self._drop(key)
            return response, None
        kept = Kept(
            response.status,
            response.fields.copy() if lines is None else None,
            b"",
            tuple([(name, _values(request, name)) for name in names]) if names else (),
            asked_at,
            lines=lines,
            length_bytes=response.length_bytes,
            is_encoded=response.is_encoded,
            cell=self._store.changes.cell(place_of(key)),
        )
        if not isinstance(response.body, Body):
            self._put(key, kept, response.body)
            return response, None
        self._store.drop(key)
        tee = TeeBody(response.body, self._store.max_bytes, self._store.room, lambda body: self._put(key, kept, body))
        response.body = tee.passed_on
        return response, tee

    def _put(self, key: Key, kept: Kept, body: bytes) -> None:
        if self._store.has_changed(kept):
            self._drop(key)
            return
        kept.body = body
        self._store.put(key, kept)
        if self._shelf is not None:
            self._shelf.put(key, kept, self._now())


def _values(request: UpstreamRequest, name: bytes) -> bytes | None:
    """All lines as one: a backend may read any of them."""
    if request.lines is not None:
        found = values_in(request.lines, name)
    else:
        found = [value for known, value in request.fields if known.lower() == name]
    return b", ".join(found) if found else None


def _matches(kept: Kept, request: UpstreamRequest) -> bool:
    return all(_values(request, name) == value for name, value in kept.varied)


def _abandon(response: UpstreamResponse) -> None:
    if isinstance(response.body, Body):
        response.body.abandon()
