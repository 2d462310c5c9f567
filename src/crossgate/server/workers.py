"""Several processes that serve on one port: started, started again when one dies or leaves, stopped together.

The parent opens no connection and runs no event loop: it waits for its children, for what they say and for signals,
which makes it the one place where signals are dealt with. Does not know what a worker does.
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from crossgate.server.channel import DRAIN, END, LEAVING, READY, Channel

# So many workers in a row that ended before they served, and the cause is not going to go away by itself.
MAX_FAILED_STARTS = 5
PAUSE_SECONDS = 0.1
_STOPPING = (signal.SIGTERM, signal.SIGINT)
_HANDLED = (*_STOPPING, signal.SIGCHLD, signal.SIGHUP, signal.SIGUSR1)

WorkerMain = Callable[[int, Channel], int]


class Worker:
    """A worker, as its parent knows it. `index` is its place, which its successor will have."""

    def __init__(self, index: int, pid: int, channel: Channel) -> None:
        self.index = index
        self.pid = pid
        self.channel = channel
        self.is_ready = False
        self.is_leaving = False


class Conduct:
    """What a parent does besides keeping its workers alive. By default nothing.

    Called on the parent's only thread, so that nothing happens meanwhile.
    """

    def started(self, worker: Worker) -> None:
        """There is a worker more."""

    def heard(self, worker: Worker, message: dict[str, Any]) -> None:
        """A worker said something."""

    def lost(self, worker: Worker) -> None:
        """A worker has ended, or is leaving."""

    def hung_up(self) -> None:
        """SIGHUP came."""

    def stopping(self) -> None:
        """The workers were told to stop."""

    def wait_seconds(self) -> float | None:
        """How long nothing may happen until `look` is called; None: for ever."""
        return None

    def look(self) -> None:
        """Something has happened, or that time is over."""


def run_workers(
    count: int,
    worker_main: WorkerMain,
    *,
    tell: Callable[[str], object] = lambda _: None,
    conduct: Conduct | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """Run `worker_main(index, channel)` in `count` processes until SIGTERM or SIGINT. Gives this process's exit code.

    A worker inherits what is open, listening sockets included. SIGUSR1 is passed on to it.
    It says READY once it serves, stops on DRAIN and at once
    on END (a second signal), and says LEAVING where it is going to stop although nobody told it to; its exit code is
    what `worker_main` returns. One that leaves or ends is replaced at once. If workers keep ending before they serve,
    the others are stopped and the code of the last is given. `tell` hears of each such end in a sentence.
    """
    if count < 1:
        raise ValueError("there has to be a worker")
    return _Parent(worker_main, tell, conduct or Conduct(), pause).run(count)


class _Parent:
    def __init__(
        self,
        worker_main: WorkerMain,
        tell: Callable[[str], object],
        conduct: Conduct,
        pause: Callable[[float], object],
    ) -> None:
        self._worker_main = worker_main
        self._tell = tell
        self._conduct = conduct
        self._pause = pause
        self._workers: dict[int, Worker] = {}  # by pid
        self._signals = 0  # that asked to stop
        self._failed_starts = 0
        self._exit_code = 0
        self._selector = selectors.DefaultSelector()

    def run(self, count: int) -> int:
        wake, waker = socket.socketpair()
        for end in (wake, waker):
            end.setblocking(False)
        before = {number: signal.signal(number, _noted) for number in _HANDLED}
        previous = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self._selector.register(wake, selectors.EVENT_READ)
        self._parent_only = (wake, waker)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        try:
            for index in range(count):
                self._start(index)
            while self._workers:
                self._wait(wake)
        finally:
            signal.set_wakeup_fd(previous)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            wake.close()
            waker.close()
        return self._exit_code

    def _wait(self, wake: socket.socket) -> None:
        seconds = self._conduct.wait_seconds()
        for key, _ in self._selector.select(seconds):
            if key.fileobj is wake:
                numbers = wake.recv(4096)
                if signal.SIGCHLD in numbers:
                    self._bury()
                for number in numbers:
                    if number in _STOPPING:
                        self._stop()
                    elif number == signal.SIGHUP and not self._signals:
                        self._conduct.hung_up()
                    elif number == signal.SIGUSR1:
                        self._pass_on(number)
            elif key.data.pid in self._workers:
                self._listen(key.data)
        self._conduct.look()

    def _pass_on(self, number: int) -> None:
        for pid in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    # -- workers

    def _start(self, index: int) -> None:
        if self._signals:
            return
        sys.stdout.flush()
        sys.stderr.flush()
        ours, theirs = socket.socketpair()
        # A signal between fork and the child's own handlers would wake the parent twice, and the child never.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        try:
            pid = os.fork()
            if pid == 0:
                ours.close()
                self._become_worker(index, Channel(theirs))
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        theirs.close()
        worker = Worker(index, pid, Channel(ours))
        self._workers[pid] = worker
        self._selector.register(worker.channel, selectors.EVENT_READ, worker)
        self._conduct.started(worker)

    def _become_worker(self, index: int, channel: Channel) -> None:
        """In the child: never returns, so that nothing of the parent's runs twice."""
        exit_code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _HANDLED:
                signal.signal(number, signal.SIG_DFL)
            # SIGINT of a terminal reaches the whole group: the parent tells its workers, each once.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            # What it has to do about these it says once it has begun; until then they must not end it. SIGUSR1 waits,
            # and is for the worker to let in: it may have opened its log already when that is moved away.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            self._selector.close()
            for end in self._parent_only:
                end.close()
            for worker in self._workers.values():
                worker.channel.close()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_HANDLED} - {signal.SIGUSR1})
            exit_code = self._worker_main(index, channel)
        except SystemExit as error:
            exit_code = error.code if isinstance(error.code, int) else 1
        except BaseException:  # noqa: BLE001 # told and ended: there is nobody above
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(exit_code)

    def _listen(self, worker: Worker) -> None:
        try:
            for message in worker.channel.heard():
                if message["word"] == READY:
                    worker.is_ready = True
                    self._failed_starts = 0
                elif message["word"] == LEAVING and not worker.is_leaving:
                    worker.is_leaving = True
                    self._conduct.lost(worker)
                    self._start(worker.index)
                self._conduct.heard(worker, message)
        except EOFError:
            self._selector.unregister(worker.channel)  # its end follows

    def _bury(self) -> None:
        """Workers have ended: have each succeeded."""
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker = self._workers.pop(pid, None)
            if worker is None:
                continue
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)
            worker.channel.close()
            if not worker.is_leaving:
                self._conduct.lost(worker)
            if not self._signals and not worker.is_leaving:
                self._succeed(worker, os.waitstatus_to_exitcode(status))

    def _succeed(self, worker: Worker, code: int) -> None:
        self._tell(f"worker {worker.pid} ended {f'by signal {-code}' if code < 0 else f'with exit code {code}'}")
        if not worker.is_ready and code != -signal.SIGTERM:
            self._failed_starts += 1
            if self._failed_starts >= MAX_FAILED_STARTS:
                self._exit_code = code if code > 0 else 1
                self._stop()
                return
            self._pause(PAUSE_SECONDS)
        self._start(worker.index)

    # -- the end

    def _stop(self) -> None:
        self._signals += 1
        for worker in self._workers.values():
            worker.channel.tell(DRAIN if self._signals == 1 else END)
        if self._signals > 2:
            for pid in self._workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self._signals == 1:
            self._conduct.stopping()


def _noted(number: int, frame: FrameType | None) -> None:
    """The wake-up descriptor has it."""
