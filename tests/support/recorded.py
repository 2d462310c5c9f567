"""Recorded scenarios of a real KrakenD, played on gateways inside this process, on loopback.

A scenario's file says what the backend answers, which files there are, what is asked, and what KrakenD did. Time that a
scenario lets pass is added to the gateway's clocks. The format is that of the files in `tests/data/components`.
"""

import asyncio
import contextlib
import json
import logging
import lzma
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from crossgate.components import COMPONENTS
from crossgate.config import load_file, load_text
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway

FOLDER = Path(__file__).parents[1] / "data" / "components"
_DROPPED = frozenset(("date", "content-length", "transfer-encoding", "x-krakend"))
_ENVIRON = {"CROSSGATE_KRAKEND_VERSION": "2.13.8"}

Scenario = dict[str, Any]


def scenarios(name: str) -> list[Scenario]:
    """The scenarios of one file."""
    with lzma.open(FOLDER / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Mock:
    """The backend of one scenario. `seen` are the requests since it was last emptied."""

    def __init__(self, responses: dict[str, Any]) -> None:
        self._responses = {path: list(one) if isinstance(one, list) else [one] for path, one in responses.items()}
        self.seen: list[dict[str, Any]] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        connections: set[asyncio.StreamWriter] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(writer)
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(reader, writer):
                    pass
            connections.discard(writer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for writer in connections:
                writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        start, *lines = head[:-4].decode("latin-1").split("\r\n")
        method, target, _ = start.split(" ", 2)
        path, _, query = target.partition("?")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), []).append(value.removeprefix(" "))
        body = b""
        if "chunked" in "".join(headers.get("transfer-encoding", [])):
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        elif "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"][0]))
        if path.startswith("/sleep/"):
            await asyncio.sleep(int(path.split("/")[2]) / 1000)  # what the scenario is about
        record = {"method": method, "path": path, "query": query, "headers": headers}
        record["body"] = body.decode("utf-8", "replace")
        parts = path.split("/")
        if len(parts) > 2 and parts[1] == "sleep":
            await asyncio.sleep(int(parts[2]) / 1000)  # what the scenario is about
        self.seen.append(record)
        planned = self._responses.get(path)
        one = None if planned is None else planned.pop(0) if len(planned) > 1 else planned[0]
        if one is None:
            status, fields, text = 200, [["Content-Type", "application/json"]], json.dumps(record, sort_keys=True)
        else:
            status, text = one.get("status", 200), one.get("body", "")
            fields = one.get("headers", [["Content-Type", "application/json"]])
            if one.get("delay_ms"):
                await asyncio.sleep(one["delay_ms"] / 1000)  # what the scenario is about
        raw = text.encode()
        if not any(name.lower() == "content-length" for name, _ in fields) and status not in (204, 304):
            fields = [*fields, ["Content-Length", str(len(raw))]]
        out = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in fields)]
        writer.write("\r\n".join(out).encode("latin-1") + b"\r\n\r\n")
        if method != "HEAD" and status not in (204, 304):
            writer.write(raw)
        await writer.drain()
        return True


def _waits(scenario: Scenario) -> bool:
    """Whether a timeout is what the scenario is about."""
    words = ("deadline", "while true", '"delay', '"timeout', "martian-url-scheme")
    return any(word in json.dumps(scenario) for word in words)


async def play(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """What happens, in the form of `recorded`."""
    mock = Mock(scenario.get("backend") or {})
    async with mock.listening():
        names = {"BACKEND": f"127.0.0.1:{mock.port}", "DIR": str(folder)}
        for name, text in (scenario.get("files") or {}).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_filled_text(text, names), encoding="utf-8")
        os.chdir(folder)  # relative paths of a file are relative to where the gateway runs
        environ = {**_ENVIRON, "KRAKEND_LISTEN_IP": "127.0.0.1", **_filled(scenario.get("env") or {}, names)}
        if "timeout" not in scenario.get("config", ()) and not _waits(scenario):
            environ["KRAKEND_TIMEOUT"] = "20s"  # 2s without: too little for a machine that does something else, too
        if "config" in scenario:
            text = json.dumps(_filled(scenario["config"], names)).encode()
            loaded = load_text(text, environ=environ, components=COMPONENTS)
        else:
            loaded = load_file(scenario.get("config_file", "krakend.json"), environ=environ, components=COMPONENTS)
        if loaded.config is None:
            return {"starts": False, "steps": [], "why": [str(found.message) for found in loaded.diagnostics]}
        logger = logging.Logger("recorded")  # noqa: LOG001 # one of its own, that goes nowhere
        faults = _Faults()
        logger.addHandler(faults)
        passed = [0.0]
        gateway = await start_gateway(
            loaded.config,
            ServeOptions(port=0, components=COMPONENTS),
            environ=_ENVIRON,
            logger=logger,
            clock=lambda: time.monotonic() + passed[0],
            wall_clock=lambda: time.time() + passed[0],
        )
        try:
            found = await _steps(scenario, gateway, mock, names, passed)
        finally:
            await gateway.close()
        assert faults.told == [], "a scenario met a fault of the gateway's own"
        return found


class _Faults(logging.Handler):
    """What the log says of the gateway's own faults: they are no departure, whatever was recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if "internal error" in text:
            self.told.append(text)


async def _steps(
    scenario: Scenario, gateway: RunningGateway, mock: Mock, names: dict[str, str], passed: list[float]
) -> dict[str, Any]:
    back = {names["BACKEND"]: "BACKEND", f"127.0.0.1:{gateway.port}": "GATEWAY", names["DIR"]: "DIR"}
    steps: list[Any] = []
    await settle(mock)
    mock.seen.clear()
    for step in scenario.get("steps", []):
        for _ in range(step.get("repeat", 1)):
            if step.get("sleep_before_ms"):
                passed[0] += step["sleep_before_ms"] / 1000
                await asyncio.sleep(0.06)  # two ticks of the server's sweep
            response = await ask(gateway.port, _filled(step["request"], names))
            seen, mock.seen = mock.seen, []
            steps.append(_filled({"response": response, "backend_saw": seen}, back))
    return {"starts": True, "steps": steps}


async def settle(mock: Mock) -> None:
    """Let what begins at the start (key sets) come to an end: nothing new arrives for a while."""
    quiet, before = 0, -1
    while quiet < 5:
        await asyncio.sleep(0.004)
        quiet = quiet + 1 if len(mock.seen) == before else 0
        before = len(mock.seen)


async def ask(port: int, request: dict[str, Any]) -> dict[str, Any]:
    """One request on a connection of its own."""
    fields = request.get("headers", [])
    lines = [f"{request['method']} {request['target'] or '/'} HTTP/1.1"]
    if not any(name.lower() == "host" for name, _ in fields):
        lines.append(f"Host: 127.0.0.1:{port}")
    lines += [f"{name}: {value}" for name, value in fields]
    body = request.get("body")
    if body is not None:
        lines.append(f"Content-Length: {len(body.encode())}")
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or "").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        start, *answered = head[:-4].decode("latin-1").split("\r\n")
        status = int(start.split(" ")[1])
        headers = [
            [name.lower(), value.removeprefix(" ")] for name, _, value in (line.partition(":") for line in answered)
        ]
        data = await _body(reader, request["method"], status, dict(map(tuple, headers)))
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        return {"error": type(error).__name__}
    finally:
        writer.transport.abort()
    kept = [line for line in headers if line[0] not in _DROPPED]
    return {"status": status, "headers": kept, "body": data.decode("utf-8", "replace")}


async def _body(reader: asyncio.StreamReader, method: str, status: int, headers: dict[str, str]) -> bytes:
    if method == "HEAD" or status in (204, 304):
        return b""
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        return body
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return await reader.read()


def differences(scenario: Scenario, got: dict[str, Any], ignored: frozenset[str] = frozenset()) -> list[str]:
    """What differs from what was recorded, in words; empty if nothing does. Calls of `ignored` paths do not count."""
    masks = scenario.get("mask", [])
    wanted, got = _masked(scenario["recorded"], masks), _masked(got, masks)
    if wanted["starts"] != got["starts"]:
        return [f"starts: {got['starts']} ({got.get('why')}), recorded {wanted['starts']}"]
    for play in (wanted, got):
        for step in play["steps"]:
            step["backend_saw"] = [seen for seen in step["backend_saw"] if seen["path"] not in ignored]
    return list(_step_differences(wanted, got))


def _step_differences(wanted: dict[str, Any], got: dict[str, Any]) -> Iterator[str]:
    for number, (want, have) in enumerate(zip(wanted["steps"], got["steps"], strict=True)):
        left, right = want["response"], have["response"]
        if left.get("status") != right.get("status"):
            yield f"step {number}: status {right.get('status', right)}, recorded {left.get('status', left)}"
            continue
        if Counter(map(tuple, left.get("headers", []))) != Counter(map(tuple, right.get("headers", []))):
            yield f"step {number}: headers {right.get('headers')}, recorded {left.get('headers')}"
        if not _same_text(left.get("body"), right.get("body")):
            yield f"step {number}: body {str(right.get('body'))[:160]!r}, recorded {str(left.get('body'))[:160]!r}"
        if len(want["backend_saw"]) != len(have["backend_saw"]):
            yield f"step {number}: {len(have['backend_saw'])} calls, recorded {len(want['backend_saw'])}"
            continue
        for a, b in zip(sorted(want["backend_saw"], key=_order), sorted(have["backend_saw"], key=_order), strict=True):
            for part in ("method", "path", "query", "body"):
                if a[part] != b[part] and not (part == "body" and _same_text(a[part], b[part])):
                    yield f"step {number}: backend saw {part} {b[part]!r}, recorded {a[part]!r}"
            if _sorted_values(a["headers"]) != _sorted_values(b["headers"]):
                yield f"step {number}: backend saw headers {b['headers']}, recorded {a['headers']}"


def _order(seen: dict[str, Any]) -> tuple[str, ...]:
    return seen["method"], seen["path"], seen["query"], seen["body"]


def _sorted_values(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in headers.items()}


def _same_text(one: Any, other: Any) -> bool:
    if one == other:
        return True
    try:
        return bool(json.loads(one) == json.loads(other))
    except (TypeError, ValueError):
        return False


def _filled(value: Any, names: dict[str, str]) -> Any:
    return json.loads(_filled_text(json.dumps(value), names))


def _filled_text(text: str, names: dict[str, str]) -> str:
    for name, replacement in names.items():
        text = text.replace(name, replacement)
    return text


def _masked(value: Any, masks: list[list[str]]) -> Any:
    if isinstance(value, str):
        for pattern, replacement in masks:
            value = re.sub(pattern, replacement, value)
        return value
    if isinstance(value, list):
        return [_masked(item, masks) for item in value]
    if isinstance(value, dict):
        return {name: _masked(item, masks) for name, item in value.items()}
    return value
