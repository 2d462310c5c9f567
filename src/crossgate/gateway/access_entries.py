"""What the access log notes of a response, and what all forms of its lines make of that. Knows no form."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, NamedTuple

from crossgate.cors import Decision
from crossgate.cors.counters import outcome_of
from crossgate.http.reason import Reason
from crossgate.http.secret_query import may_hold_secrets, without_secrets


class Entry(NamedTuple):
    """One response. `at` is in seconds since the epoch; fields that the request does not have are None.

    `upstream_seconds` is how long backends took, 0 where none was called.
    """

    at: float
    client: str
    method: bytes
    path: bytes
    query: bytes | None
    status: int
    seconds: float
    host: bytes = b""
    version: bytes = b"1.1"
    route: str = ""
    body_bytes: int = 0
    upstream_seconds: float = 0.0
    request_id: bytes = b""
    user_agent: bytes | None = None
    origin: bytes | None = None
    decision: Decision | None = None
    reason: Reason | None = None


Noted = tuple[Any, ...]
"""An Entry's values, or its first seven: a plain tuple costs half of what an Entry does."""


class LocalTimes:
    """Times as RFC 3339 has them, in local time with its offset. Entries come in order, nearly always: many in one
    millisecond, all of a second with one offset."""

    def __init__(self) -> None:
        self._millisecond = self._second = -1
        self._stamp = self._zone = self._text = ""

    def __call__(self, times: Sequence[float]) -> list[str]:
        """The texts of some times."""
        texts = []
        for at in times:
            millisecond = int(at * 1000)
            if millisecond != self._millisecond:
                self._text = self._shown(millisecond)
                self._millisecond = millisecond
            texts.append(self._text)
        return texts

    def _shown(self, millisecond: int) -> str:
        second, rest = divmod(millisecond, 1000)
        if second != self._second:
            self._second = second
            text = datetime.fromtimestamp(second, UTC).astimezone().isoformat(timespec="seconds")
            self._stamp, self._zone = text[:19], text[19:]
        return f"{self._stamp}.{rest:03d}{self._zone}"


def protocols(versions: Sequence[bytes]) -> list[str]:
    """HTTP's versions as request lines have them."""
    return ["HTTP/1.0" if version == b"1.0" else "HTTP/1.1" for version in versions]


def without_secrets_in(queries: Sequence[bytes | None], secret_names: AbstractSet[str]) -> Sequence[bytes | None]:
    """The queries without secrets, by one look at all of them."""
    if not may_hold_secrets(b"&".join([query for query in queries if query]), secret_names):
        return queries
    return [without_secrets(query, secret_names) if query else query for query in queries]


def outcomes(decisions: Sequence[Decision | None]) -> tuple[list[str], list[str]]:
    """What CORS said and why, both empty where it is off. Few decisions are the answer to many requests."""
    said = {id(one): _outcome(one) for one in {id(one): one for one in decisions}.values()}
    found = [said[id(one)] for one in decisions]
    return [words for words, _ in found], [reason for _, reason in found]


def codes(reasons: Sequence[Reason | None]) -> list[str]:
    """Why the gateway refused requests, empty where it did not."""
    return ["" if one is None else one.code for one in reasons]


def _outcome(decision: Decision | None) -> tuple[str, str]:
    if decision is None:
        return "", ""
    return outcome_of(decision.kind, decision.allowed), str(decision.reason)
