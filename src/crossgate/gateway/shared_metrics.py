"""The metrics of several processes as one: each writes its numbers down for the others, whoever is asked adds them up.

The memory is made before workers are forked. Each process has a slot in it, which it holds by a lock that ends with the
process. Who is asked bumps a number that all look at, and waits a moment for them to write; the numbers of a process
that has ended stay where it left them, and its successor goes on from there, so that no counter ever falls.
"""

import contextlib
import fcntl
import os
import struct
import tempfile
from collections.abc import Iterator

import msgspec

from crossgate.flow.fiber import Signal
from crossgate.flow.timers import Timers
from crossgate.metrics.registry import Registry, Sampled, Snapshot, growing, merged

SLOTS = 256
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 1.0
_SLOT_BYTES = 1 << 26  # of address space: pages that nobody writes to take no memory
_HEAD = struct.Struct("<QQ")  # of a slot: for which question it was written, how many bytes follow
_QUESTION = struct.Struct("<Q")
_DATA_LOCKS = 1 << 40  # locks are on numbers of bytes, there or not: slots are held by those from here on
_HOLD_LOCKS = 1 << 41
_ALWAYS = (1 << 63) - 1  # of a process whose numbers are always up to date
_DECODER = msgspec.json.Decoder(list[Sampled])


class SharedMetrics:
    """Slots for processes. Raises OSError where there is no memory."""

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            self._descriptor = os.memfd_create("crossgate-metrics")
        else:
            with tempfile.TemporaryFile() as file:
                self._descriptor = os.dup(file.fileno())
        os.pwrite(self._descriptor, bytes(_QUESTION.size), 0)

    def claim(self) -> int:
        """A slot nobody holds; it is this process's until that ends. Raises OSError."""
        for slot in range(SLOTS):
            with contextlib.suppress(OSError):
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _HOLD_LOCKS + slot)
                return slot
        raise OSError("more processes than slots for metrics")

    def is_held(self, slot: int) -> bool:
        """Whether the process of another's slot is alive."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _HOLD_LOCKS + slot)
        except OSError:
            return True
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _HOLD_LOCKS + slot)
        return False

    def ask(self) -> int:
        """A new question, by its number."""
        with self._locked(_DATA_LOCKS + SLOTS):
            number = self.question() + 1
            os.pwrite(self._descriptor, _QUESTION.pack(number), 0)
        return number

    def question(self) -> int:
        """The number of the latest question."""
        (number,) = _QUESTION.unpack(os.pread(self._descriptor, _QUESTION.size, 0))
        return int(number)

    def write(self, slot: int, question: int, snapshot: Snapshot) -> None:
        """A process's numbers, in answer to that question. What is too large is left as it was."""
        data = msgspec.json.encode(snapshot)
        if len(data) + _HEAD.size > _SLOT_BYTES:
            return
        with self._locked(_DATA_LOCKS + slot):
            os.pwrite(self._descriptor, _HEAD.pack(question, len(data)) + data, _start(slot))

    def answered_ever(self, slot: int) -> bool:
        """Whether a slot was ever written."""
        return len(os.pread(self._descriptor, _HEAD.size, _start(slot))) == _HEAD.size and self._size(slot) > 0

    def _size(self, slot: int) -> int:
        return int(_HEAD.unpack(os.pread(self._descriptor, _HEAD.size, _start(slot)))[1])

    def answered(self, slot: int) -> int:
        """The question that a slot was written for last; 0: none."""
        head = os.pread(self._descriptor, _HEAD.size, _start(slot))
        return int(_HEAD.unpack(head)[0]) if len(head) == _HEAD.size else 0

    def read(self, slot: int) -> Snapshot:
        """What a slot has; nothing where it was never written."""
        with self._locked(_DATA_LOCKS + slot):
            head = os.pread(self._descriptor, _HEAD.size, _start(slot))
            if len(head) < _HEAD.size:
                return []
            _, size = _HEAD.unpack(head)
            return _DECODER.decode(os.pread(self._descriptor, size, _start(slot) + _HEAD.size)) if size else []

    @contextlib.contextmanager
    def _locked(self, byte: int) -> Iterator[None]:
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX, 1, byte)
        try:
            yield
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, byte)


def _start(slot: int) -> int:
    return (slot + 1) * _SLOT_BYTES


class ProcessMetrics:
    """One process's metrics, and the way to all of them. `shared` is None where there is one process.

    Without `timers` nobody is waited for: such a process publishes whenever its numbers change.
    """

    def __init__(self, registry: Registry, timers: Timers | None, shared: SharedMetrics | None) -> None:
        self.registry = registry
        self._timers = timers
        self._shared = shared
        self._slot = -1
        self._before: Snapshot = []  # what the slot's former process left
        self._seen = 0
        if shared is not None:
            self._slot = shared.claim()
            self._before = growing(shared.read(self._slot))
            self._seen = shared.question()
            self.publish()
            if timers is not None:
                self._look(timers)

    def _look(self, timers: Timers) -> None:
        if self._shared is not None and self._shared.question() != self._seen:
            self.publish()
        timers.after(LOOK_SECONDS, lambda: self._look(timers))

    def publish(self) -> None:
        """Write this process's numbers down for the others."""
        if self._shared is not None:
            self._seen = self._shared.question()
            if self._timers is None:
                self._seen = _ALWAYS
            self._shared.write(self._slot, self._seen, self._own())

    def _own(self) -> Snapshot:
        own = self.registry.snapshot()
        return merged((own, self._before)) if self._before else own

    async def collect(self) -> Snapshot:
        """The sum over all processes. Awaits flow signals only."""
        shared, timers = self._shared, self._timers
        if shared is None or timers is None:
            return self._own()
        question = shared.ask()
        self.publish()
        others = [slot for slot in range(SLOTS) if slot != self._slot and shared.answered_ever(slot)]
        end = timers.now() + PATIENCE_SECONDS
        alive = [slot for slot in others if shared.is_held(slot)]
        waited_for = [slot for slot in alive if shared.answered(slot) < question]
        while waited_for and timers.now() < end:
            await _pause(timers)
            waited_for = [slot for slot in waited_for if shared.answered(slot) < question and shared.is_held(slot)]
        snapshots = [shared.read(slot) if slot in alive else growing(shared.read(slot)) for slot in others]
        return merged([self._own(), *snapshots])


async def _pause(timers: Timers) -> None:
    over: Signal[None] = Signal()
    timers.after(0.01, lambda: over.succeed(None))
    await over
