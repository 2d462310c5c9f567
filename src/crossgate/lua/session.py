"""One request's scripts in one host: what they need is fetched, what they did comes back, how they failed is told.

Knows hosts and messages; does not know what a request is.
"""

import signal
from collections.abc import Callable

from crossgate.flow.fiber import Flow
from crossgate.lua.host_process import HostProcess
from crossgate.lua.hosts import Hosts
from crossgate.lua.wire import (
    Answer,
    Ask,
    BrokenChannelError,
    Changes,
    Failed,
    Ready,
    RequestParts,
    ResponseParts,
    Run,
    Script,
)

TOOK_TOO_LONG = "the script took too much processor time"
DIED = "the script's process ended"

Fetch = Callable[[Ask], Flow[Answer]]
"""Gets what a script asks for. Its faults are Lua errors."""


class ScriptFailedError(Exception):
    """A script ended in an error, or was ended. `status` is 0 where it named none."""

    def __init__(self, text: str, status: int = 0, content_type: str = "", printed: tuple[bytes, ...] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.content_type = content_type
        self.printed = printed


class Session:
    """Begins with `begin`, may go on with `go_on`, and must be closed."""

    def __init__(self, hosts: Hosts, key: int, script: Script, fetch: Fetch) -> None:
        """`key` stands for the script, and for no other, as long as the hosts live."""
        self._hosts = hosts
        self._key = key
        self._script = script
        self._fetch = fetch
        self._host: HostProcess | None = None
        self._is_running = False

    async def begin(self, request: RequestParts | None, response: ResponseParts | None = None) -> Changes:
        """Sources and `pre` in a new state; `post`, too, if there is a response. Raises ScriptFailedError."""
        self._host = host = await self._hosts.take()
        script = None if self._key in host.known else self._script
        host.known.add(self._key)
        return await self._run(host, Run(self._key, script, True, request, response))

    async def go_on(self, response: ResponseParts) -> Changes:
        """`post` in the state of before. Raises ScriptFailedError."""
        host = self._host
        if host is None:
            raise ScriptFailedError(DIED)
        return await self._run(host, Run(self._key, None, False, None, response))

    def close(self) -> None:
        """Give the host back, or end it where the script runs on."""
        host, self._host = self._host, None
        if host is None:
            return
        if self._is_running:
            self._hosts.end(host)
        else:
            self._hosts.give_back(host)

    async def _run(self, host: HostProcess, run: Run) -> Changes:
        self._is_running = True
        try:
            host.say(run)
            while True:
                said = await host.hear()
                if isinstance(said, Ask):
                    host.say(await self._fetch(said))
                    continue
                self._is_running = False
                return _changes(said)
        except BrokenChannelError as error:
            if not host.is_closed:
                raise ScriptFailedError(str(error)) from error
            self._host = None
            code = await self._hosts.end(host)
            raise ScriptFailedError(TOOK_TOO_LONG if code == -signal.SIGPROF else DIED) from error


def _changes(said: Changes | Failed | Ready) -> Changes:
    """What a script did. Raises ScriptFailedError where it failed, BrokenChannelError where nothing is said of it."""
    if isinstance(said, Failed):
        raise ScriptFailedError(said.text, said.status, said.content_type, tuple(said.printed))
    if isinstance(said, Ready):
        raise BrokenChannelError("it does not say what became of the script")
    return said
