"""The playground calls from the origin that was chosen, in both browsers: another name, a sandboxed frame."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from crossgate.cli.demo import POLICY_ANSWER
from crossgate.cors import Decision
from crossgate.demo import command_of, page
from crossgate.demo.lab import Lab, LabRoute
from crossgate.demo.playground import Playground
from crossgate.http.message import Request
from tests.browser.conftest import BROWSERS
from tests.browser.launch import Name, find_browser, running_browser

_WAIT_SECONDS = 60.0


def _watch(monkeypatch: pytest.MonkeyPatch) -> tuple["asyncio.Queue[bytes | None]", "asyncio.Queue[dict[str, Any]]"]:
    """The origins of requests to the lab, and what the page is told about its calls."""
    origins: asyncio.Queue[bytes | None] = asyncio.Queue()
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    class WatchedLab(Lab):
        def decide(self, request: Request, route: LabRoute) -> Decision | None:
            origins.put_nowait(request.first(b"origin"))
            return super().decide(request, route)

    class WatchedPlayground(Playground):
        async def explain(self, data: Any, user_agent: bytes) -> dict[str, Any]:
            explained = await super().explain(data, user_agent)
            told.put_nowait(explained)
            return explained

    monkeypatch.setattr(page, "Lab", WatchedLab)
    monkeypatch.setattr(page, "Playground", WatchedPlayground)
    return origins, told


@pytest.mark.parametrize("name", BROWSERS)
@pytest.mark.parametrize(
    ("preset", "origin_at"),
    [("other-name", lambda port: f"http://localhost:{port}"), ("sandboxed", lambda _: "null")],
    ids=["other-name", "sandboxed"],
)
def test_call_comes_from_the_chosen_origin(
    monkeypatch: pytest.MonkeyPatch, name: Name, preset: str, origin_at: Callable[[int], str]
) -> None:
    if find_browser(name) is None:
        pytest.skip(f"{name} is not installed: `make browsers` says how to get it")

    async def run() -> tuple[bytes | None, dict[str, Any], str]:
        origins, told = _watch(monkeypatch)
        server = await page.start_page(0, "http://127.0.0.1:9", policy_command=command_of(POLICY_ANSWER))
        try:
            with running_browser(name, f"http://127.0.0.1:{server.port}/#try={preset}"):
                async with asyncio.timeout(_WAIT_SECONDS):
                    return await origins.get(), await told.get(), origin_at(server.port)
        finally:
            await server.close()

    origin, told, wanted = asyncio.run(run())

    assert origin == wanted.encode()
    assert (told["browser"], told["verdict"], told["browser_sent"]) == (name, "blocked", ["GET"])
    assert told["fixes"]
