"""A process of its own that answers questions about texts of anybody, which the page's process does not read itself.

It may do nothing, is given so much time and memory, and there are no more of them at once than there are places. Knows
neither questions nor answers.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from crossgate.demo.explanation import CallError

MAX_ANSWER_BYTES = 16 * 1024 * 1024
ANSWER_SECONDS = 60.0
_AT_ONCE, _WAITING = 1, 4


class OwnProcess:
    """Asks a program: `command` reads a question as JSON and writes its answer, an object.

    Empty: nobody answers. `failing` is what is said where it has no answer, with {} for what it would take too much of.
    """

    def __init__(self, command: Sequence[str], failing: str) -> None:
        self._command = command
        self._failing = failing
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer. Raises CallError where there is none in time, or nobody to ask."""
        if not self._command:
            raise CallError("Nobody answers that here.")
        if self._waiting >= _AT_ONCE + _WAITING:
            raise CallError("Too many questions at once: wait for the answers.")
        self._waiting += 1
        try:
            async with self._places:
                return await self._answer(json.dumps(question).encode())
        finally:
            self._waiting -= 1

    async def _answer(self, question: bytes) -> dict[str, Any]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={}, cwd="/"
        )
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                data = await _exchanged(process, question)
        except TimeoutError:
            raise CallError(self._failing.format("long")) from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        answer = None
        with suppress(ValueError, RecursionError):
            answer = json.loads(data)
        if not isinstance(answer, dict):
            raise CallError(self._failing.format("much time or memory"))
        return answer


async def _exchanged(process: asyncio.subprocess.Process, question: bytes) -> bytes:
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 # they are pipes
    with suppress(ConnectionError):
        process.stdin.write(question)
        await process.stdin.drain()
    process.stdin.close()
    pieces: list[bytes] = []
    size = 0
    while piece := await process.stdout.read(65_536):
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            return b""
        pieces.append(piece)
    return b"".join(pieces)


def command_of(module: str) -> tuple[str, ...]:
    """How a module of this program is run: by the same Python, without what is in its environment or folder."""
    return sys.executable, "-I", "-m", module
