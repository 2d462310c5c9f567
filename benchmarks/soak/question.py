"""One numbered request of the soak: how it is asked, and which answers to it are right.

Knows what the endpoints promise; does not know connections.
"""

import json
import random
from dataclasses import dataclass

from benchmarks.soak.faults import body_of
from tests.support.dataplane import Answer

# What a backend may do wrong (faults.py), and how often.
KINDS = {
    "fine": 600,
    "chunked": 150,
    "large": 20,
    "slow": 30,
    "mangled": 30,
    "close": 30,
    "leaves": 30,
    "abort": 30,
    "short": 30,
    "garbage": 30,
    "extra": 30,
    "until-close": 30,
    "no-answer": 10,
}
WAYS = {"no-op": 40, "json": 25, "merge": 10, "preflight": 24, "hasty": 1}
POSTS = 0.15
REFUSED_ORIGINS = 0.05
WHOLE = frozenset(("fine", "chunked", "large", "slow", "mangled", "close", "leaves", "extra", "until-close"))


@dataclass(frozen=True, slots=True)
class Question:
    """`way` names the endpoint, `kind` what its backend does. Its origin has the number too: so CORS tells of whom."""

    number: int
    way: str
    kind: str
    is_post: bool
    is_granted: bool
    is_chunked: bool

    @staticmethod
    def chosen(number: int, dice: random.Random) -> "Question":
        way = dice.choices(list(WAYS), list(WAYS.values()))[0]
        kind = "silent" if way == "hasty" else dice.choices(list(KINDS), list(KINDS.values()))[0]
        is_post = way in ("no-op", "json") and dice.random() < POSTS
        return Question(number, way, kind, is_post, dice.random() >= REFUSED_ORIGINS, dice.random() < 0.5)

    @property
    def may_be_broken_off(self) -> bool:
        """Its head may be on the way to the client when its backend turns out to be a bad one."""
        return self.way == "no-op" and self.kind == "short"

    @property
    def origin(self) -> bytes:
        return b"https://n%d.%b.example" % (self.number, b"app" if self.is_granted else b"evil")

    def as_sent(self) -> bytes:
        """A POST's body is the number, which the backend answers with instead of the one in the path."""
        way = "json" if self.way == "preflight" else self.way
        path = f"/{way}/{self.kind}/{self.number}".encode()
        method, lines, body = b"GET", b"", b""
        if self.way == "preflight":
            method, lines = b"OPTIONS", b"Access-Control-Request-Method: GET\r\n"
        elif self.is_post:
            method, body = b"POST", b"%d" % self.number
            lines = b"Content-Length: %d\r\n" % len(body)
            if self.is_chunked:
                lines, body = b"Transfer-Encoding: chunked\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        return b"%b %b HTTP/1.1\r\nHost: gateway.example\r\nOrigin: %b\r\n%b\r\n%b" % (
            method,
            path,
            self.origin,
            lines,
            body,
        )

    def judge(self, answer: Answer) -> str:
        """What kind of right answer it is. Raises AssertionError on any other."""
        granted = self.origin if self.is_granted else None
        assert answer.one(b"access-control-allow-origin") == granted, (self, answer)
        if self.way == "preflight":
            assert (answer.status, answer.body) == (204, b""), (self, answer)
            return "preflight"
        if answer.status == 200:
            self._judge_body(answer)
            return "right" if self.kind in WHOLE else "in part"
        assert answer.status == 500, (self, answer)
        # An idle connection may end just when a request goes out on it. Only what is harmless twice is sent again.
        assert self.way != "merge", (self, answer)
        assert self.is_post or self.kind not in WHOLE or self._is_undecodable, (self, answer)
        return "clean error"

    @property
    def _is_undecodable(self) -> bool:
        return self.way in ("json", "merge") and self.kind == "mangled"

    def _judge_body(self, answer: Answer) -> None:
        own = body_of(self.kind, self.number)
        if self.way == "no-op":
            assert answer.body == own, (self, answer.body[:99])
            return
        told = json.loads(answer.body)
        is_whole = self.kind in WHOLE and not self._is_undecodable
        if self.way == "merge":
            expected = {"b": json.loads(body_of("fine", self.number))}
            if is_whole:
                expected["a"] = json.loads(own)
        else:
            assert is_whole, (self, told)
            expected = json.loads(own)
        assert told == expected, (self, str(told)[:99])
        assert answer.one(b"x-krakend-completed") == (b"true" if is_whole else b"false"), (self, answer)
