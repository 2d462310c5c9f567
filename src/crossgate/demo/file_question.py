"""What the page asks about a pasted gateway file, checked, and a process of its own that answers it.

The text is anybody's, so nothing of it is looked at here: a process that may do nothing is given it, with so much time
and memory, and no more of them at once than there are places. Knows how a question looks; not what answers it.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from crossgate.demo.explanation import CallError

MAX_TEXT_CHARACTERS = 2_000_000
MAX_REQUEST_CHARACTERS = 200_000
MAX_ANSWER_BYTES = 16 * 1024 * 1024
ANSWER_SECONDS = 60.0
_AT_ONCE, _WAITING = 1, 4
_FORMATS = ("", "json", "yaml", "toml")
_REQUEST = ("curl", "method", "url", "origin", "headers", "credentials", "client", "body")


class FileQuestions:
    """Asks a program: `command` reads a question as JSON and writes its answer."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def ask(self, data: Any) -> dict[str, Any]:
        """The answer. Raises CallError where the object is no question, or is not answered in time."""
        question = json.dumps(_decode(data)).encode()
        if self._waiting >= _AT_ONCE + _WAITING:
            raise CallError("Too many questions at once: wait for the answers.")
        self._waiting += 1
        try:
            async with self._places:
                return await self._answer(question)
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
            raise CallError("This file takes too long to explain here: try it with `crossgate explain`.") from None
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        answer = None
        with suppress(ValueError, RecursionError):
            answer = json.loads(data)
        if not isinstance(answer, dict):
            raise CallError("This file takes too much time or memory to explain here: try it with `crossgate explain`.")
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


def _decode(data: Any) -> dict[str, Any]:
    if not isinstance(data, Mapping) or not isinstance(data.get("request"), Mapping):
        raise CallError("A question about a file is an object.")
    text, kind, request = data.get("text"), data.get("format", ""), data["request"]
    if not isinstance(text, str) or len(text) > MAX_TEXT_CHARACTERS:
        raise CallError("The file is no text, or too long to explain here.")
    if kind not in _FORMATS:
        raise CallError("There is no such format.")
    parts = {key: request.get(key, "") for key in _REQUEST}
    if not all(isinstance(part, str) for part in parts.values()):
        raise CallError("A part of the request is no text.")
    if sum(map(len, parts.values())) > MAX_REQUEST_CHARACTERS:
        raise CallError("The request is too long to explain here.")
    return {"text": text, "format": kind, "request": parts}
