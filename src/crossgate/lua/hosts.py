"""A worker's Lua hosts: processes that run one script at a time each, forked when needed, ended when they hang.

Whoever runs a script takes a host and gives it back; one that is not done by then is killed and replaced, so that no
script can keep anything but its own request waiting.
"""

import asyncio
import collections
import socket
import subprocess
import sys

from crossgate.flow.fiber import Signal
from crossgate.lua.host import FORK, KILL, ORDER_BYTES
from crossgate.lua.host_process import HostProcess
from crossgate.lua.wire import Script

MAX_HOSTS = 64
"""Of one worker. More requests than that wait for a host, in order, within their endpoint's timeout."""

MAX_IDLE = 8
"""How many are kept for later."""

MAX_FORKING = 4
"""How many are begun at once: most scripts are done before a new host is there."""


class HostsGoneError(Exception):
    """There is no host, and none can be made."""

    def __init__(self) -> None:
        super().__init__("no process to run scripts in")


def begin_maker() -> tuple[socket.socket, "subprocess.Popen[bytes] | None"]:
    """The process that makes hosts, and the socket on which it is told to. Raises OSError."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-P", "-m", "crossgate.lua.host", str(theirs.fileno())]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))  # noqa: S603 # ours
    return ours, process


class Hosts:
    """See above. Survives reloads."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._told = bytearray()
        self._forking: collections.deque[socket.socket] = collections.deque()
        self._ends: dict[int, Signal[int]] = {}
        self._killed: collections.deque[int] = collections.deque()
        self._hosts: set[HostProcess] = set()
        self._idle: list[HostProcess] = []
        self._waiting: collections.deque[Signal[HostProcess]] = collections.deque()
        self._alive = 0
        self._keys: dict[Script, int] = {}

    def key_of(self, script: Script) -> int:
        """What stands for a script when its text has been told before."""
        return self._keys.setdefault(script, len(self._keys))

    async def start(self) -> None:
        """Begin, and be there for the first request: one host is made at once. Raises OSError."""
        self._loop = asyncio.get_running_loop()
        self._begin()
        ready = asyncio.Event()
        waiting: Signal[HostProcess] = Signal()
        self._waiting.append(waiting)
        waiting.wait_with(ready.set)
        self._fork_what_is_missing()
        await ready.wait()
        try:
            self._returned(waiting.result())
        except HostsGoneError as error:
            raise OSError(str(error)) from error

    async def stop(self) -> None:
        """End all hosts."""
        self._idle.clear()
        for host in self._hosts:
            host.close()
        process = self._process
        self._lose()
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, process.wait)

    async def take(self) -> HostProcess:
        """A host of one's own. Raises HostsGoneError."""
        while self._idle:
            host = self._idle.pop()
            if not host.is_closed:
                return host
            self.end(host)
        waiting: Signal[HostProcess] = Signal()
        self._waiting.append(waiting)
        self._fork_what_is_missing()
        try:
            return await waiting
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def give_back(self, host: HostProcess) -> None:
        """It has nothing to do any more. Others have it once nothing of what it did is left."""
        if host.is_closed:
            self.end(host)
        else:
            host.drop(self._returned)

    def _returned(self, host: HostProcess) -> None:
        if host.is_closed or (len(self._idle) >= MAX_IDLE and not self._waiting):
            self.end(host)
        else:
            self._hand_out(host)

    def end(self, host: HostProcess) -> Signal[int]:
        """Kill it. Tells how it had ended, if it had: as `subprocess` does, a signal as a negative number."""
        host.close()
        self._hosts.discard(host)
        self._alive -= 1  # whatever is left of it is soon gone
        ended: Signal[int] = Signal()
        self._ends[host.pid] = ended
        self._killed.append(host.pid)
        self._order(KILL, host.pid)
        self._fork_what_is_missing()
        return ended

    def _hand_out(self, host: HostProcess) -> None:
        if self._waiting:
            self._waiting.popleft().succeed(host)
        else:
            self._idle.append(host)

    def _begin(self) -> None:
        self._control, self._process = ours, _ = begin_maker()
        ours.setblocking(False)
        self._told.clear()
        assert self._loop is not None  # noqa: S101 # start was called
        self._loop.add_reader(ours, self._hear)

    def _lose(self) -> None:
        """The process that makes hosts is gone, or is to be."""
        if self._control is not None:
            assert self._loop is not None  # noqa: S101
            self._loop.remove_reader(self._control)
            self._control.close()
        self._control = None
        self._process = None
        for connection in self._forking:
            connection.close()
        self._alive -= len(self._forking)
        self._forking.clear()
        for pid in self._killed:
            self._ends.pop(pid).succeed(0)
        self._killed.clear()
        while self._waiting:
            self._waiting.popleft().fail(HostsGoneError())

    def _fork_what_is_missing(self) -> None:
        if self._loop is None:
            return
        if self._control is None and self._waiting:
            try:
                self._begin()
            except OSError:
                self._lose()
        while len(self._forking) < min(len(self._waiting), MAX_FORKING) and self._alive < MAX_HOSTS:
            if self._control is None:
                return
            self._fork()

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._alive += 1
            self._forking.append(ours)
            self._order(FORK, 0, theirs.fileno())

    def _order(self, what: bytes, pid: int, *handed: int) -> None:
        if self._control is None:
            if what == KILL:
                self._killed.remove(pid)
                self._ends.pop(pid).succeed(0)
            return
        try:
            socket.send_fds(self._control, [what + pid.to_bytes(ORDER_BYTES - 1, "big")], list(handed))
        except OSError:
            self._lose()

    def _hear(self) -> None:
        assert self._control is not None  # noqa: S101 # it is what was readable
        try:
            data = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        self._told += data
        while len(self._told) >= ORDER_BYTES:
            what, number = self._told[:1], int.from_bytes(self._told[1:ORDER_BYTES], "big", signed=True)
            del self._told[:ORDER_BYTES]
            if what == FORK and self._forking:
                assert self._loop is not None  # noqa: S101
                host = HostProcess(number, self._forking.popleft(), self._loop)
                self._hosts.add(host)
                self._returned(host)
                self._fork_what_is_missing()
            elif self._killed:
                self._ends.pop(self._killed.popleft()).succeed(number)
