"""One backend's calls through a cache.

Knows the order of RFC 9111: look, ask whether it still holds, keep. What directives mean is `control.py`'s.

DEVIATION(DEV-CACHE-1): KrakenD's cache is one for a single user (`private` answers, cookies, whoever is authorized),
and many users share it. Here, who brings credentials has answers of their own, and so has who says under which name the
gateway was asked; nobody gets those of another. Fields that a gate, a script or a plugin has set or changed once tell
requests apart from then on.
"""

from collections.abc import Callable, Hashable, Iterable

from crossgate.components.http_cache.control import (
    Directives,
    Freshness,
    directives,
    directives_in,
    freshness,
    holds_on_error,
    passes_over,
    varied,
)
from crossgate.components.http_cache.counts import AnswerCounts
from crossgate.components.http_cache.picked import picking, values_in
from crossgate.components.http_cache.reasons import ONLY_IF_CACHED
from crossgate.components.http_cache.store import Kept, Shelf, Store
from crossgate.components.http_cache.tee_body import TeeBody
from crossgate.flow.body import Body
from crossgate.flow.fiber import Signal
from crossgate.http.failure import UpstreamError
from crossgate.http.hop_by_hop import HOP_BY_HOP, names_to_drop
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse
from crossgate.metrics.registry import Registry
from crossgate.pipeline.go_client import Send

_METHODS = frozenset((b"GET", b"HEAD"))
_NEVER_KEPT = frozenset((206, 304))
_CREDENTIALS = (b"authorization", b"cookie")
_PLACES = (
    b"forwarded",
    b"front-end-https",
    b"x-forwarded-host",
    b"x-forwarded-path",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-forwarded-protocol",
    b"x-forwarded-scheme",
    b"x-forwarded-server",
    b"x-forwarded-ssl",
    b"x-forwarded-uri",
    b"x-host",
    b"x-http-method",
    b"x-http-method-override",
    b"x-method-override",
    b"x-original-host",
    b"x-original-uri",
    b"x-original-url",
    b"x-rewrite-url",
    b"x-script-name",
    b"x-url-scheme",
)
"""Fields by which backends make URLs, or find what was meant: what one client says there must not reach others, and
backends hardly ever name them in Vary."""
_KEYED = frozenset(_CREDENTIALS + _PLACES)
_ASKING = frozenset((b"cache-control", b"range"))
_pick_telling = picking((b"access-control-allow-origin", b"cache-control", b"content-encoding", b"set-cookie", b"vary"))
MOST_HURRIED_BYTES = 256 * 1024
"""Bodies that go on to a client are read no faster than it takes them, but for those of up to so many bytes: others
wait for them, and they find room with the client's connection."""
_MOST_REMEMBERED = 4096
_MOST_LEARNED = 64


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
        self._keyed = _KEYED
        self._learn(frozenset([name.encode("latin-1", "replace") for name in user_fields]))
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
        if request.method not in _METHODS or request.body != b"":  # what is asked in a body is not in the key
            return await self._send(request)
        if not request.told <= self._keyed:
            if len(self._keyed) + len(request.told) > _MOST_LEARNED:
                return await self._send(request)
            self._learn(request.told)
        key, asked, is_partial = self._read(request)
        if is_partial:
            self._drop(key)
            return await self._send(request)
        answer = self._look(key, request, asked)
        if answer is not None:
            return answer
        waiting = self._waiting.get(key)
        if waiting is None:
            return await self._fetch_first(key, request, asked, [])
        self.counts.waited.value += 1
        over: Signal[bool] = Signal()
        waiting.append(over)
        try:
            is_first_now = await over
        finally:
            over.succeed(False)  # who hands over must not hand over to one that is gone
        if is_first_now:
            return await self._fetch_first(key, request, asked, self._waiting.pop(key, []))
        return self._look(key, request, asked) or (await self._fetch(key, request, asked))[0]

    def _learn(self, names: frozenset[bytes]) -> None:
        """Tell requests apart by these lower-case names, too."""
        self._keyed |= names
        # Names are part of the key: who told requests apart by fewer of them kept answers for others than they say.
        self._keyed_more = b",".join(sorted(self._keyed - _KEYED))
        self._read_names = self._keyed | _ASKING
        self._pick = picking(self._read_names)

    def _read(self, request: UpstreamRequest) -> tuple[Hashable, Directives, bool]:
        """A request's key, its directives, and whether it asks for a part."""
        lines = request.lines
        if lines is not None:
            picked = self._pick(lines)
        else:
            names = self._read_names
            picked = [field for field in request.fields if field[0].lower() in names]
        keyed, controls = [], []
        part: bytes | None = None
        for field in picked:
            name = field[0].lower()
            if name == b"cache-control":
                controls.append(field[1])
            elif name == b"range" and part is None:
                part = field[1]
            if name in self._keyed:
                keyed.append(field)
        key = (
            request.method,
            request.scheme,
            request.authority,
            request.host,
            request.target,
            tuple(keyed),
            self._keyed_more,
        )
        return key, directives_in(controls), bool(part)

    def _look(self, key: Hashable, request: UpstreamRequest, asked: Directives) -> UpstreamResponse | None:
        """What is kept, if it is an answer to this request as it is."""
        kept = self._store.get(key)
        if kept is None:
            if "only-if-cached" in asked:
                return UpstreamResponse(504, [], b"", reason=ONLY_IF_CACHED)
            return None
        if passes_over(asked) or not _matches(kept, request):
            return None
        if freshness(kept.terms, asked, self._now()) is not Freshness.FRESH:
            return None
        self.counts.hits.value += 1
        return kept.answer()

    async def _fetch_first(
        self, key: Hashable, request: UpstreamRequest, asked: Directives, others: list[Signal[bool]]
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
        self, shelf: Shelf, key: Hashable, request: UpstreamRequest, asked: Directives
    ) -> UpstreamResponse | None:
        """What other gateways have kept. It is as good as if it had been kept here."""
        if hash(key) in self._not_kept or self._store.get(key) is not None:
            return None
        kept = await shelf.get(key)
        if kept is None:
            return None
        self._store.put(key, kept)
        return self._look(key, request, asked)

    def _drop(self, key: Hashable) -> None:
        self._store.drop(key)
        if self._shelf is not None:
            self._shelf.drop(key)

    def _hand_over(self, key: Hashable) -> None:
        """Have the next of those who wait ask in the place of the first."""
        waiting = self._waiting.get(key, [])
        while waiting and waiting[0].settled:
            waiting.pop(0)
        if waiting:
            waiting.pop(0).succeed(True)
        else:
            self._waiting.pop(key, None)

    def _is_over(self, key: Hashable) -> None:
        if self._store.get(key) is not None:
            self._not_kept.discard(hash(key))
        else:
            if len(self._not_kept) >= _MOST_REMEMBERED:
                self._not_kept.clear()
            self._not_kept.add(hash(key))
        for waiting in self._waiting.pop(key, ()):
            waiting.succeed(False)

    async def _fetch(
        self, key: Hashable, request: UpstreamRequest, asked: Directives
    ) -> tuple[UpstreamResponse, TeeBody | None]:
        kept = self._store.get(key)
        if kept is None or not _matches(kept, request):
            self.counts.misses.value += 1
            return self._keep(key, request, asked, await self._send(request))
        is_asked = not passes_over(asked) and _add_validators(request, kept)
        try:
            response = await self._send(request)
        except UpstreamError:
            if holds_on_error(kept.terms, asked, self._now()):
                self.counts.hits.value += 1
                return kept.answer(), None
            self._drop(key)
            raise
        if is_asked and response.status == 304:
            self.counts.revalidated.value += 1
            _abandon(response)
            return self._keep(key, request, asked, _refreshed(kept, response.fields).answer())
        if response.status >= 500 and holds_on_error(kept.terms, asked, self._now()):
            self.counts.hits.value += 1
            _abandon(response)
            return kept.answer(), None
        self.counts.misses.value += 1
        return self._keep(key, request, asked, response)

    def _keep(
        self, key: Hashable, request: UpstreamRequest, asked: Directives, response: UpstreamResponse
    ) -> tuple[UpstreamResponse, TeeBody | None]:
        """The response; it is kept once it is whole, if it may be. What was kept before is not, in any case."""
        lines = response.lines
        telling = response.fields if lines is None else _pick_telling(lines)
        names = varied(telling)
        is_refusal = response.reason is not None  # of whatever stands between here and the backend
        if is_refusal or names is None or not self._may_keep(response.status, telling, asked):
            self._drop(key)
            return response, None
        kept = Kept(
            response.status,
            response.fields.copy() if lines is None else None,
            b"",
            tuple([(name, _values(request, name)) for name in names]) if names else (),
            self._now(),
            lines=lines,
            length_bytes=response.length_bytes,
            is_encoded=response.is_encoded,
        )
        if not isinstance(response.body, Body):
            self._put(key, kept, response.body)
            return response, None
        self._store.drop(key)
        tee = TeeBody(response.body, self._store.max_bytes, self._store.room, lambda body: self._put(key, kept, body))
        response.body = tee.passed_on
        return response, tee

    def _put(self, key: Hashable, kept: Kept, body: bytes) -> None:
        kept.body = body
        self._store.put(key, kept)
        if self._shelf is not None:
            self._shelf.put(key, kept, self._now())

    def _may_keep(self, status: int, telling: Fields, asked: Directives) -> bool:
        if status in _NEVER_KEPT or not (self._keeps_errors or status in (200, 201)):
            return False
        if not telling:
            return "no-store" not in asked
        said = directives(telling)
        if "no-store" in said or "private" in said or "no-store" in asked:
            return False
        return "public" in said or not any(name.lower() == b"set-cookie" for name, _ in telling)


def _values(request: UpstreamRequest, name: bytes) -> bytes | None:
    """All lines as one: a backend may read any of them."""
    if request.lines is not None:
        found = values_in(request.lines, name)
    else:
        found = [value for known, value in request.fields if known.lower() == name]
    return b", ".join(found) if found else None


def _matches(kept: Kept, request: UpstreamRequest) -> bool:
    return not kept.varied or all(_values(request, name) == value for name, value in kept.varied)


def _abandon(response: UpstreamResponse) -> None:
    if isinstance(response.body, Body):
        response.body.abandon()


def _add_validators(request: UpstreamRequest, kept: Kept) -> bool:
    """Ask whether what is kept still holds; False where nothing tells one answer from another."""
    etag, modified = kept.first(b"etag"), kept.first(b"last-modified")
    added: Fields = [(b"If-None-Match", etag)] if etag else []
    added += [(b"If-Modified-Since", modified)] if modified else []
    names = {name.lower() for name, _ in added}
    if added:
        request.fields = [field for field in request.fields if field[0].lower() not in names] + added
    return bool(added)


def _refreshed(kept: Kept, fields: Fields) -> Kept:
    """What is kept, with the fields of a 304 in the place of its own."""
    drop = HOP_BY_HOP | names_to_drop(fields) | {b"content-length"}
    new = [field for field in fields if field[0] not in drop]
    names = {name for name, _ in new}
    old = [field for field in kept.fields if field[0] not in names and field[0] != b"age"]
    return Kept(kept.status, old + new, kept.body, kept.varied)
