"""The process in which scripts run: `python -m crossgate.lua.host FD`, started once by each worker.

It does nothing but make copies of itself when asked to, and ends with the worker. Each copy runs one script at a time,
with so much memory and processor time; what a script does in Lua's own functions (patterns, formats) counts, too, and
the system ends what takes more.
"""

import os
import resource
import signal
import socket
import sys
from pathlib import Path

from crossgate.lua.data_values import ScriptFaultError
from crossgate.lua.failures import Loaded
from crossgate.lua.state import ScriptError, State
from crossgate.lua.wire import (
    Answer,
    Ask,
    BrokenChannelError,
    Changes,
    Failed,
    FromHost,
    HostChannel,
    Ready,
    Run,
    Script,
)

CPU_SECONDS = 1.0
"""Of processor time that a run may take."""

CPU_VARIABLE = "CROSSGATE_LUA_CPU_SECONDS"
"""Environment variable that changes it."""

END_SECONDS = 2.0
"""Until a state has to be gone."""

EXTRA_BYTES = 256 * 1024 * 1024
"""Of address space that a copy may take beyond what it begins with."""

FORK, KILL = b"f", b"k"
ORDER_BYTES = 9
"""An order: what to do, and the process' number. A fork's answer and the end of a process are told likewise."""


class Host:
    """One copy, serving its worker over a stream."""

    def __init__(self, channel: HostChannel) -> None:
        self._channel = channel
        self._cpu_seconds = _cpu_seconds()
        self._scripts: dict[int, Script] = {}
        self._spares: dict[bool, State] = {}
        self._state: State | None = None
        self._loaded: list[tuple[str, bytes]] = []

    def serve(self) -> None:
        """Until the worker is gone. Raises BrokenChannelError then."""
        while True:
            message = self._channel.receive()
            signal.setitimer(signal.ITIMER_PROF, self._cpu_seconds)
            if isinstance(message, Run):
                self._send(self._answer(message))
            else:
                self._drop()
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _drop(self) -> None:
        """Have nothing of the last request left, and a state for the next one. What scripts left to be run at the end
        (`__gc`) may neither take time nor wait."""
        state, self._state = self._state, None
        if state is not None:
            opens_libs = state.opens_libs
            signal.setitimer(signal.ITIMER_REAL, END_SECONDS)
            state.close()
            signal.setitimer(signal.ITIMER_REAL, 0)
            if opens_libs not in self._spares:
                self._spares[opens_libs] = State(self._ask, opens_libs=opens_libs)
        self._channel.send(Ready())

    def _send(self, answer: FromHost) -> None:
        try:
            self._channel.send(answer)
        except (BrokenChannelError, MemoryError) as error:
            if isinstance(error, MemoryError) or "bytes" in str(error):
                self._channel.send(Failed("not enough memory", 0, ""))
            else:
                raise

    def _answer(self, run: Run) -> FromHost:
        try:
            return self._run(run)
        except ScriptError as error:
            return error.failed
        except ScriptFaultError as error:
            return Failed(str(error), 0, "")
        except (MemoryError, RecursionError):
            return Failed("not enough memory", 0, "")

    def _run(self, run: Run) -> Changes:
        if run.script is not None:
            self._scripts[run.key] = run.script
        script = self._scripts[run.key]
        state = self._state
        if run.is_first or state is None:
            state = self._state = self._spares.pop(script.opens_libs, None) or State(
                self._ask, opens_libs=script.opens_libs
            )
            if run.request is not None:
                state.begin(run.request)
            self._loaded = list(_texts(script))
            if self._loaded:
                state.run(b"\n".join([text for _, text in self._loaded]), self._loaded)
            if script.pre and run.request is not None:
                state.run(script.pre, [*self._loaded, ("pre-script", script.pre)])
        if run.response is not None:
            state.answered(run.response)
            if script.post:
                state.run(script.post, [*self._loaded, ("post-script", script.post)])
        changes = state.api.take_changes()
        changes.printed, state.printed = state.printed, []
        return changes

    def _ask(self, ask: Ask) -> Answer:
        """What the worker says. Waiting for it costs no processor time. Raises ScriptFaultError."""
        self._channel.send(ask)
        answer = self._channel.receive()
        if not isinstance(answer, Answer):
            raise BrokenChannelError("an answer was expected")
        if answer.fault:
            raise ScriptFaultError(answer.fault)
        return answer


def _cpu_seconds() -> float:
    try:
        seconds = float(os.environ.get(CPU_VARIABLE, ""))
    except ValueError:
        return CPU_SECONDS
    return seconds if 0 < seconds < 3600 else CPU_SECONDS


def _texts(script: Script) -> Loaded:
    """The sources, read anew where they are live."""
    if not script.live:
        return script.sources
    found = []
    for name, _ in script.sources:
        try:
            found.append((name, Path(name).read_bytes()))
        except (OSError, ValueError):
            raise ScriptFaultError(f"lua: unable to load required source {name}") from None
    return found


def _become_copy(connection: socket.socket) -> None:
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) if sys.platform == "linux" else 0
    if pages:
        most = pages * resource.getpagesize() + EXTRA_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        Host(HostChannel(connection)).serve()
    except (BrokenChannelError, OSError):
        pass
    finally:
        os._exit(0)


def serve_orders(control: socket.socket) -> None:
    """Fork and kill as told, until the worker is gone; then end what is left."""
    children: set[int] = set()
    try:
        while True:
            order, handed, _, _ = socket.recv_fds(control, ORDER_BYTES, 1)
            if len(order) < ORDER_BYTES:
                break
            what, pid = order[:1], int.from_bytes(order[1:], "big")
            if what == FORK:
                child = os.fork()
                if child == 0:
                    control.close()
                    _become_copy(socket.socket(fileno=handed[0]))
                os.close(handed[0])
                children.add(child)
                control.sendall(FORK + child.to_bytes(8, "big"))
            elif pid in children:
                children.discard(pid)
                os.kill(pid, signal.SIGKILL)
                _, status = os.waitpid(pid, 0)
                control.sendall(KILL + os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))
    except OSError:
        return
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main() -> None:
    """The process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the worker says when it is over
    State(_nobody, opens_libs=False)  # what all copies share is in memory before there are any
    serve_orders(socket.socket(fileno=int(sys.argv[1])))


def _nobody(_ask: Ask) -> Answer:
    raise ScriptFaultError("there is nobody to ask")


if __name__ == "__main__":
    main()
