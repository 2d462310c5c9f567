"""Drafts asked of the gateway as it is: what it answers becomes what is expected.

Each is asked twice on a gateway that remembers nothing; what comes out differently is not expected.
"""

import contextlib
import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossgate.testing.answered import Answered
from crossgate.testing.init.approach import approach_of
from crossgate.testing.init.draft import Draft
from crossgate.testing.init.drafts import Drafts
from crossgate.testing.init.kinds import kind_of
from crossgate.testing.init.samples import OF_BACKENDS
from crossgate.testing.lock import UNTESTED, all_through
from crossgate.testing.player import Player, Result, numbered
from crossgate.testing.read_suite import suite_of_tree
from crossgate.testing.suite import Case, Suite

MAX_REPEATS = 1_000
MOST_REQUESTS = 20_000
"""Once so many were asked, some seconds' worth, only endpoints of a kind that was not asked yet are asked."""
REQUESTS_OF_ENDPOINT = 10
"""So many are taken off for each endpoint: it is read and written down, too."""
MOST_KINDS = 300
"""Of those that are asked once all requests are spent."""
_PASSING = frozenset(("date", "content-length", "x-krakend", "connection", "x-request-id", "traceparent", "age"))
_MAX_BODY = 4_096
_STEP = 1.3  # from one wait to the next
_LONGEST_MS = 7_200_000.0
_VERSION = "X-Krakend"  # its value is another one day; that it is hidden is not
_NO_VERSION = "Version undefined"
_TELLING = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Expose-Headers",
    "Cache-Control",
    "Location",
)
"""Fields whose absence says something, too."""
_OF_PROTECTION = (
    "Content-Security-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-Xss-Protection",
)
"""Likewise; as they are the service's, they are told of what leads to no endpoint."""
_OF_CALLS = frozenset(
    (
        *("accept-encoding", "authorization", "connection", "content-length", "host", "traceparent", "tracestate"),
        *("transfer-encoding", "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"),
        *("x-forwarded-via", "x-request-id"),
    )
)
"""Fields of calls that the gateway has of itself, or of which only the presence is told."""


@dataclass(slots=True)
class Observer:
    """Makes tests of drafts. `not_asked` are the endpoints of which only what they let through is told, by method and
    path; `has_every_kind` says whether others of their kind were asked.
    """

    player: Player
    drafts: Drafts = field(init=False)
    is_brief: bool = False
    not_asked: list[str] = field(init=False, default_factory=list)
    has_every_kind: bool = field(init=False, default=True)
    _requests: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        player = self.player
        player.told = self._count
        approach = approach_of(player.plan)
        player.gateway_url = approach.url or player.gateway_url
        self.drafts = Drafts(
            player.plan,
            player.gated,
            player.mint.can_mint,
            approach,
            self._lets_in,
            self._reaches_backends,
            is_brief=self.is_brief,
        )

    @property
    def head(self) -> dict[str, Any]:
        """What holds for all tests, as a file of tests has it."""
        approach = self.drafts.approach
        said = {"url": approach.url, "client": approach.client, "proxy_headers": approach.proxy_headers}
        return {**{name: value for name, value in said.items() if value}, "tokens": self.drafts.tokens.written}

    def _count(self, _answered: Answered) -> None:
        self._requests += 1

    def _lets_in(self, test: Mapping[str, Any]) -> bool:
        """Whether the gateway itself refuses nothing of a request."""
        try:
            result = self._asked(*self._case(Draft("", dict(test))))
        except LookupError:
            return False
        return result.answered is not None and result.answered.reason is None

    def _reaches_backends(self, test: Mapping[str, Any]) -> bool:
        try:
            return bool(self._asked(*self._case(Draft("", dict(test)))).received)
        except LookupError:
            return False

    def tests(self) -> Iterator[dict[str, Any]]:
        """All of them, in the order of the file."""
        plan = self.player.plan
        kinds: set[Hashable] = set()
        most_requests = MOST_REQUESTS - REQUESTS_OF_ENDPOINT * len(plan.endpoints)
        for number, endpoint in enumerate(plan.endpoints):
            plain: dict[str, Any] = {}
            name, kind = f"{endpoint.config.method} {endpoint.config.path}", kind_of(endpoint)
            is_asked = self._requests < most_requests or (kind not in kinds and len(kinds) < MOST_KINDS)
            if is_asked:
                kinds.add(kind)
            else:
                self.not_asked.append(name)
                self.has_every_kind = self.has_every_kind and kind in kinds
            for draft in self.drafts.of_endpoint(number) if is_asked else ():
                try:
                    test = self._observed(draft)
                except LookupError:  # what it would bring cannot be had
                    continue
                plain = plain or test
                if draft.needs_difference and test["out"].get("status") == plain["out"].get("status"):
                    continue
                yield test
            lists = dict(self.player.lets_through(endpoint.config.method, endpoint.config.path) or {})
            if len(plain.get("received") or ()) >= len(endpoint.backends) and not self.is_brief:
                lists.pop(UNTESTED, None)
            yield {"name": f"what {name} lets through", "endpoint": name, "lets_through": lists}
        yield {
            "name": "what the service lets through",
            "endpoint": "*",
            "lets_through": all_through(plan, self.player.document),
        }
        for draft in self.drafts.of_service():
            with contextlib.suppress(LookupError):  # as above
                yield self._observed(draft)

    def _observed(self, draft: Draft) -> dict[str, Any]:
        suite, case = self._case(draft)
        if draft.until:
            return self._repeated(draft, suite, case)
        first, second = (self._asked(suite, case) for _ in range(2))
        out, received = _both(case, first, second)
        test = {"name": draft.name, **draft.test, "out": out}
        if received is not None:
            test["received"] = received
        return test if draft.times == 1 else self._often(draft, test)

    def _often(self, draft: Draft, test: dict[str, Any]) -> dict[str, Any]:
        """So many times, if it is the same each time. Raises LookupError where that is not so, and nothing else is
        worth a test."""
        often = {"name": draft.name, **draft.test, "times": draft.times, **test}
        if self._holds(often):
            return often
        if draft.needs_times:
            raise LookupError(draft.name)
        return test

    def _case(self, draft: Draft) -> tuple[Suite, Case]:
        suite = self._suite({"name": draft.name, **draft.test, "out": {}})
        (case,) = suite.cases
        assert isinstance(case, Case)  # noqa: S101 # a draft is none of the other tests
        return suite, case

    def _suite(self, test: Mapping[str, Any]) -> Suite:
        # With its own tokens only: all of them read for each test would be quadratic.
        head, named = self.head, dict.fromkeys(_tokens_in(test))
        head["tokens"] = {name: head["tokens"][name] for name in named if name in head["tokens"]}
        read = suite_of_tree({**head, "tests": [test]}, "drafts")
        if read.suite is None:
            raise ValueError("; ".join(found.message for found in read.diagnostics))
        return read.suite

    def _asked(self, suite: Suite, case: Case) -> Result:
        self.player.forget(case)
        self.player.mock(suite, case)
        return self.player.ask(suite, case)

    def _repeated(self, draft: Draft, suite: Suite, case: Case) -> dict[str, Any]:
        """The test of what is answered otherwise after a while: how often it is not, then how it is."""
        self.player.forget(case)
        self.player.mock(suite, case)
        first = self.player.ask(suite, numbered(case, 1))
        times, last = 1, first
        while times < MAX_REPEATS:
            last = self.player.ask(suite, numbered(case, times + 1))
            if not _is_like(first, last, draft.until):
                break
            times += 1
        test = {"name": draft.name, **draft.test, "times": times, "out": {"status": _status(first)}}
        if times == MAX_REPEATS:
            return test
        beyond = {**_numbered(draft.test, times + 1), "out": {"status": _status(last)}}
        test["next"] = beyond
        if len(last.received) != len(first.received):
            beyond["received"] = _told(last)
        self._recovers(draft, suite, case, test, times + 1, first)
        if not self._holds(test):  # what was asked while waiting counted, too
            del beyond["next"]
        return test

    def _holds(self, test: Mapping[str, Any]) -> bool:
        suite = self._suite(test)
        return all(result.passed for result in self.player.play(suite))

    def _recovers(
        self, draft: Draft, suite: Suite, case: Case, test: dict[str, Any], number: int, first: Result
    ) -> None:
        """Add how long it takes until it is answered as at first, and the backends are called as they were."""
        waited_ms, refused, last = 0.0, test["next"], None
        upto_ms = 1.0
        while upto_ms < _LONGEST_MS:
            number += 1
            self.player.pass_time((upto_ms - waited_ms) / 1000)
            last = self.player.ask(suite, numbered(case, number))
            if _is_like(first, last, draft.until):
                break
            waited_ms, upto_ms = upto_ms, upto_ms * _STEP
        else:
            return
        calls = "received" in refused
        last_step = {**_numbered(draft.test, number), "out": test["out"], "after": f"{upto_ms - waited_ms:.3f}ms"}
        if calls:
            last_step["received"] = _told(last)
        if waited_ms:
            last_step = {
                **_numbered(draft.test, number - 1),
                "after": f"{waited_ms:.3f}ms",
                "out": refused["out"],
                **({"received": refused["received"]} if calls else {}),
                "next": last_step,
            }
        refused["next"] = last_step


def _is_like(first: Result, other: Result, until: str) -> bool:
    """Whether nothing has changed yet: the status, and how many backends are called, or whether any is."""
    if until == "silent":
        return _status(first) == _status(other) and bool(other.received)
    return _status(first) == _status(other) and len(first.received) == len(other.received)


def _told(result: Result) -> list[dict[str, Any]]:
    return [{"method": call.method, "target": call.target} for call in result.received]


def _status(result: Result) -> int:
    return result.answered.status if result.answered is not None else 0


def _tokens_in(test: Mapping[str, Any]) -> Iterator[str]:
    """The names of the tokens that a test and those behind it bring."""
    step: Mapping[str, Any] | None = test
    while step is not None:
        if "token" in step["in"]:
            yield step["in"]["token"]
        step = step.get("next")


def _numbered(test: Mapping[str, Any], number: int) -> dict[str, Any]:
    """With that number in the place of `{n}`."""
    asked: dict[str, Any] = json.loads(json.dumps(test["in"]).replace("{n}", str(number)))
    return {**test, "in": asked}


def _both(case: Case, first: Result, second: Result) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """What two answers to the same request have in common, in the written form."""
    out: dict[str, Any] = {}
    one, other = first.answered, second.answered
    if first.judgement is not None and second.judgement is not None:
        out["cors"] = {
            "verdict": "allowed" if first.judgement.allowed else "blocked",
            "step": str(first.judgement.decided_by.step),
        }
        if not first.was_sent:
            return out, None
    if one is None or other is None:
        return out, None
    if one.status == other.status:
        out["status"] = one.status
    if one.route == other.route:
        out["route"] = one.route
    headers: dict[str, Any] = {}
    for name in dict.fromkeys(name for name, _ in one.fields):
        values = one.values(name)
        if name.lower() not in _PASSING and values == other.values(name):
            headers[name] = values[0] if len(values) == 1 and values[0] else values
    if one.values(_VERSION) == [_NO_VERSION]:
        headers[_VERSION] = _NO_VERSION
    told = {name for mock in case.mocks for answer in mock.answers for name, _ in answer.headers} - OF_BACKENDS
    for name in (*_TELLING, _VERSION, *(() if one.route else _OF_PROTECTION), *sorted(told)):
        if not one.values(name) and not other.values(name):
            headers[name] = None
    out["headers"] = headers
    tells_token = b"eyJ" in one.body  # which is another each time
    if one.body == other.body and len(one.body) <= _MAX_BODY and not tells_token:
        out.update(_body(one.body))
    return out, _received(case, first, second)


def _body(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {}
    try:
        value = json.loads(text)
        if isinstance(value, dict | list) and json.loads(json.dumps(value)) == value:
            return {"json": value}
    except ValueError:
        pass
    return {"body": text}


def _received(case: Case, first: Result, second: Result) -> list[dict[str, Any]] | None:
    """The calls of backends, where both times the same were made."""
    one, other = _calls(case, first), _calls(case, second)
    for calls in (one, other):
        calls.sort(key=lambda call: json.dumps(call, sort_keys=True))
    if one == other:
        return one
    for calls in (one, other):
        for call in calls:
            call.pop("host", None)  # chosen at random
        calls.sort(key=lambda call: json.dumps(call, sort_keys=True))
    return one if one == other else None


def _is_grant(body: bytes) -> bool:
    """Whether a token is asked for: nobody is to read the secret of that in a second place."""
    return b"grant_type=" in body


def _calls(case: Case, result: Result) -> list[dict[str, Any]]:
    """Each with what the client sent of it: whether it arrived. A credential's value is nobody's business."""
    sent = dict.fromkeys(name.title() for name, _ in case.asked.fields)
    calls = []
    for received in result.received:
        given = {name.lower(): value for name, value in received.fields}
        headers: dict[str, Any] = {}
        for name in sent:
            if name.lower() not in ("authorization", "host", "origin", "x-forwarded-proto"):
                headers[name] = given.get(name.lower())
        for name, value in given.items():
            if name not in _OF_CALLS and name.title() not in sent:
                headers[name.title()] = value
        if case.asked.token or case.asked.key or "Authorization" in sent:
            headers["Authorization"] = True if "authorization" in given else None
        call: dict[str, Any] = {
            "method": received.method,
            "host": received.authority,
            "target": received.target,
        }
        if headers:
            call["headers"] = headers
        if case.asked.body is not None or (received.body and not _is_grant(received.body)):
            call["body"] = received.body.decode("utf-8", "replace")
        calls.append(call)
    return calls
