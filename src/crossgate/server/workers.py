"""Several processes that serve on one port: started, started again when one dies, stopped together.

The parent opens no connection and runs no event loop: it waits for its children and for signals, which makes it the one
place where signals are dealt with. Does not know what a worker does.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

# A worker that dies sooner than this after its start is not worth starting again at once.
SHORT_LIFE_SECONDS = 1.0
# So many short lives in a row, and the cause is not going to go away by itself.
MAX_SHORT_LIVES = 5
_STOPPING = (signal.SIGTERM, signal.SIGINT)


def run_workers(
    count: int, worker_main: Callable[[int], int], *, tell: Callable[[str], object] = lambda _: None
) -> int:
    """Run `worker_main(index)` in `count` processes until SIGTERM or SIGINT. Gives the exit code for this process.

    A worker inherits what is open, listening sockets included, and stops on SIGTERM; its exit code is what
    `worker_main` returns. One that ends although nobody asked it to is replaced. If workers keep dying as soon as they
    start, the others are stopped and the code of the last is given. `tell` hears of each such end in a sentence.
    """
    if count < 1:
        raise ValueError("there has to be a worker")
    return _Parent(worker_main, tell).run(count)


class _Parent:
    def __init__(self, worker_main: Callable[[int], int], tell: Callable[[str], object]) -> None:
        self._worker_main = worker_main
        self._tell = tell
        self._workers: dict[int, tuple[int, float]] = {}  # pid -> index, when it began
        self._stopping = False
        self._short_lives = 0

    def run(self, count: int) -> int:
        before = {number: signal.signal(number, self._stop) for number in _STOPPING}
        exit_code = 0
        try:
            for index in range(count):
                self._start(index)
            while self._workers:
                exit_code = self._wait_for_one() or exit_code
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return exit_code

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 # any of the two means the same
        self._stopping = True
        for pid in list(self._workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _start(self, index: int) -> None:
        # A signal between fork and the note of the new pid would miss the child.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            if self._stopping:
                return
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                self._become_worker(index)
            self._workers[pid] = (index, time.monotonic())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def _become_worker(self, index: int) -> None:
        """In the child: never returns, so that nothing of the parent's runs twice."""
        exit_code = 1
        try:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_DFL)
            # SIGINT of a terminal reaches the whole group: the parent tells its workers, each once.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
            exit_code = self._worker_main(index)
        except SystemExit as error:
            exit_code = error.code if isinstance(error.code, int) else 1
        except BaseException:  # noqa: BLE001 # told and ended: there is nobody above
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(exit_code)

    def _wait_for_one(self) -> int:
        """Until a worker has ended, and its successor has begun. The exit code it leaves if it has none."""
        pid, status = os.wait()
        index, began_seconds = self._workers.pop(pid, (-1, 0.0))
        if index < 0 or self._stopping:
            return 0
        code = os.waitstatus_to_exitcode(status)
        self._tell(f"worker {pid} ended {f'by signal {-code}' if code < 0 else f'with exit code {code}'}")
        is_short = time.monotonic() - began_seconds < SHORT_LIFE_SECONDS
        self._short_lives = self._short_lives + 1 if is_short else 0
        if self._short_lives >= MAX_SHORT_LIVES:
            self._stop(signal.SIGTERM, None)
            return code if code > 0 else 1
        if is_short:
            time.sleep(0.1)
        self._start(index)
        return 0
