"""Clients that ask one gateway without pause, each on a connection that it keeps as long as it may.

They keep to HTTP and to nothing more: nothing is asked a second time, so that whatever fails is seen.
"""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.process import PATIENCE_SECONDS


@dataclass
class Load:
    """`failed` has the local port and the reason of each request that had no answer, or not the right one."""

    failed: list[tuple[int, str]] = field(default_factory=list)
    answered: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _over: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, more: int) -> None:
        """Until so many more answers have come, or failures."""
        with self._changed:
            goal = self.answered + len(self.failed) + more
            reached = self._changed.wait_for(lambda: self.answered + len(self.failed) >= goal, PATIENCE_SECONDS)
            assert reached, self.failed

    def run(self, port: int, path: str, is_right: Callable[[int, bytes], bool]) -> None:
        """One client."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        while not self._over.is_set():
            local_port = 0
            try:
                if connection.sock is None:
                    connection.connect()
                local_port = connection.sock.getsockname()[1]
                connection.request("GET", path)
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                self._note(local_port, repr(error))
            else:
                self._note(local_port, "" if is_right(response.status, body) else f"{response.status} {body!r}")
        connection.close()

    def _note(self, local_port: int, failure: str) -> None:
        with self._changed:
            if failure:
                self.failed.append((local_port, failure))
            else:
                self.answered += 1
            self._changed.notify_all()

    def end(self) -> None:
        """No more requests."""
        self._over.set()


@contextlib.contextmanager
def load(port: int, path: str, is_right: Callable[[int, bytes], bool], clients: int = 4) -> Iterator[Load]:
    """So many clients at work. They have ended afterwards."""
    running = Load()
    threads = [threading.Thread(target=running.run, args=(port, path, is_right)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        running.wait_for(clients)
        yield running
    finally:
        running.end()
        for thread in threads:
            thread.join()
