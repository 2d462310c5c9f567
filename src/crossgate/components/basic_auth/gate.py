"""The decision about one pair of name and password. bcrypt is slow by design, so it works beside the event loop, for a
bounded number of requests at a time, and what it found good is remembered by a digest.
"""

import asyncio
import hashlib
import secrets
from base64 import b64decode
from binascii import Error
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from crossgate.components.basic_auth import reasons
from crossgate.components.basic_auth.config import Users
from crossgate.components.component import Part
from crossgate.flow.fiber import Flow, Signal
from crossgate.http.gate import Gate, GateView
from crossgate.http.message import Response, refusal
from crossgate.http.reason import Reason
from crossgate.metrics.decisions import AuthDecisions
from crossgate.plan import EndpointPlan

MAX_WAITING = 64
REMEMBERED = 4096
_THREADS = 2
_NOBODY = b"$2b$10$" + b"." * 53
"""Checked for names that there are not, so that they take as long as others."""


class BasicPart(Part):
    """One worker's."""

    def __init__(self, decisions: AuthDecisions) -> None:
        self._decisions = decisions
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="bcrypt")
        self._salt = secrets.token_bytes(16)

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        """A gate is made of what there is."""
        return True

    def has_gates(self, value: Any) -> bool:
        """One for each set of users."""
        return bool(value)

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:  # noqa: ARG002
        """The gates of one endpoint."""
        return tuple([BasicGate(users, self._threads, self._salt, self._decisions) for users in value])

    async def stop(self) -> None:
        """Check nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class BasicGate:
    """401 with a challenge for all who are not known; 503 where too many wait to be checked."""

    reads = frozenset((b"authorization",))
    params: tuple[str, ...] = ()

    def __init__(self, users: Users, threads: ThreadPoolExecutor, salt: bytes, decisions: AuthDecisions) -> None:
        self._decisions = decisions
        self._users = users
        self._threads = threads
        self._salt = salt
        self._known: dict[bytes, None] = {}
        self._waiting = 0

    def __call__(self, view: GateView) -> Response | Flow[Response | None] | None:
        """Look at Authorization."""
        pair = _pair(view.first(b"authorization") or b"")
        if pair is None:
            return self._refuse(reasons.MISSING)
        digest = hashlib.blake2b(pair[0] + b":" + pair[1], key=self._salt).digest()
        if digest in self._known:
            self._decisions.allowed.value += 1
            return None
        if self._waiting >= MAX_WAITING:
            self._decisions.refused(reasons.TOO_MANY.code)
            return refusal(503, reasons.TOO_MANY)
        return self._check(pair[0].decode("utf-8", "replace"), pair[1], digest)

    async def _check(self, name: str, password: bytes, digest: bytes) -> Response | None:
        arrived: Signal[bool] = Signal()
        wanted = self._users.hashes.get(name)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            # bcrypt looks at 72 bytes and no more; a longer password is none.
            work = partial(_matches, password if len(password) <= 72 else b"", wanted or _NOBODY)
            loop.run_in_executor(self._threads, work).add_done_callback(partial(_settle, arrived))
            is_known = await arrived
        finally:
            self._waiting -= 1
        if not is_known or wanted is None or not password or len(password) > 72:
            return self._refuse(reasons.WRONG)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[digest] = None
        self._decisions.allowed.value += 1
        return None

    def _refuse(self, reason: Reason) -> Response:
        self._decisions.refused(reason.code)
        return refusal(401, reason, [(b"www-authenticate", b'Basic realm="crossgate", charset="UTF-8"')])


def _matches(password: bytes, wanted: bytes) -> bool:
    import bcrypt  # an extra: the configuration has said where it is missing

    try:
        return bcrypt.checkpw(password, wanted)
    except ValueError:
        return False


def _settle(signal: Signal[bool], done: "asyncio.Future[bool]") -> None:
    signal.succeed(not done.cancelled() and done.exception() is None and done.result())


def _pair(value: bytes) -> tuple[bytes, bytes] | None:
    scheme, blank, rest = value.partition(b" ")
    if not blank or scheme.lower() != b"basic":
        return None
    try:
        name, colon, password = b64decode(rest.strip(b" "), validate=True).partition(b":")
    except (Error, ValueError):
        return None
    return (name, password) if colon else None
