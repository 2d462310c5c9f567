"""Scripts being run for one place of a configuration: logged, counted, and told apart from others.

Knows sessions with hosts; does not know what scripts look at.
"""

import logging
from collections.abc import Callable

from crossgate.components.lua.helper_calls import HelperCalls
from crossgate.components.lua.reasons import FAILED, REFUSED
from crossgate.flow.fiber import Flow
from crossgate.flow.timers import DeadlineExceededError
from crossgate.http.printable import printable
from crossgate.http.reason import Reason
from crossgate.lua.hosts import Hosts, HostsGoneError
from crossgate.lua.session import DIED, TOOK_TOO_LONG, ScriptFailedError, Session
from crossgate.lua.wire import Answer, Ask, Changes, RequestParts, ResponseParts, Script
from crossgate.metrics.registry import Registry

Fetch = Callable[[Ask], Flow[Answer]]


def reason_of(error: ScriptFailedError) -> Reason:
    """Scripts that refuse say with which status."""
    return REFUSED if error.status else FAILED


class Runner:
    """See above. `place` is what log lines call it."""

    def __init__(
        self, hosts: Hosts, script: Script, calls: HelperCalls, *, place: str, log: logging.Logger, metrics: Registry
    ) -> None:
        self._hosts = hosts
        self._script = script
        self._calls = calls
        self._key = hosts.key_of(script)
        self._place = place
        self._log = log
        name, words = "crossgate_lua_runs_total", "Requests that Lua scripts ran for, by how that ended."
        self._counts = {end: metrics.count(name, words, end=end) for end in ("done", "error", "ended")}

    def session(self, fetch: Fetch) -> "Running":
        """For one request. `fetch` gets what scripts ask for but for http_response, which is the same for all."""
        calls = self._calls

        async def fetched(ask: Ask) -> Answer:
            return await (calls(ask) if ask.what == "http" else fetch(ask))

        return Running(self, Session(self._hosts, self._key, self._script, fetched))

    def note(self, printed: "list[bytes] | tuple[bytes, ...]") -> None:
        """What a script printed."""
        for line in printed:
            self._log.info("[ENDPOINT: %s][Lua] %s", self._place, printable(line))

    def count(self, end: str) -> None:
        """One request more."""
        self._counts[end].add()

    def was_given_up(self, error: BaseException) -> None:
        """What a script was for is over while it ran: it is ended."""
        self.count("ended")
        if isinstance(error, DeadlineExceededError):
            self._log.error("[ENDPOINT: %s][Lua] the script was ended with the endpoint's time", self._place)

    def failed(self, error: ScriptFailedError) -> None:
        """A script ended in an error, or was ended."""
        self.note(error.printed)
        was_ended = str(error) in (TOOK_TOO_LONG, DIED)
        self.count("ended" if was_ended else "error")
        level = logging.DEBUG if error.status and error.status < 500 else logging.ERROR
        self._log.log(
            level, "[ENDPOINT: %s][Lua] %s", self._place, printable(str(error).encode("utf-8", "surrogateescape"))
        )


class Running:
    """A session that is told of. `close` it."""

    def __init__(self, runner: Runner, session: Session) -> None:
        self._runner = runner
        self._session = session
        self._ended = "ended"

    async def begin(self, request: RequestParts, response: ResponseParts | None = None) -> Changes:
        """See Session."""
        return await self._told(self._session.begin(request, response))

    async def go_on(self, response: ResponseParts) -> Changes:
        """See Session."""
        return await self._told(self._session.go_on(response))

    def close(self) -> None:
        """See Session."""
        self._session.close()

    async def _told(self, run: Flow[Changes]) -> Changes:
        runner = self._runner
        try:
            changes = await run
        except ScriptFailedError as error:
            runner.failed(error)
            raise
        except HostsGoneError as error:
            failed = ScriptFailedError(str(error))
            runner.failed(failed)
            raise failed from error
        except BaseException as error:
            runner.was_given_up(error)
            raise
        runner.note(changes.printed)
        runner.count("done")
        return changes
