"""The playground calls from the origin that was chosen, in both browsers: another name, a sandboxed frame."""

import asyncio
from collections.abc import Callable

import pytest

from crossgate.cors import Decision
from crossgate.demo import page
from crossgate.demo.lab import Lab
from crossgate.http.message import Request
from tests.browser.conftest import BROWSERS
from tests.browser.launch import Name, find_browser, running_browser

_WAIT_SECONDS = 60.0


def _watching(origins: "asyncio.Queue[bytes | None]") -> type[Lab]:
    class WatchedLab(Lab):
        def decide(self, request: Request) -> Decision | None:
            origins.put_nowait(request.first(b"origin"))
            return super().decide(request)

    return WatchedLab


@pytest.mark.parametrize("name", BROWSERS)
@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("other-name", lambda port: f"http://localhost:{port}"),
        ("sandboxed", lambda _: "null"),
    ],
)
def test_call_comes_from_the_chosen_origin(
    monkeypatch: pytest.MonkeyPatch, name: Name, preset: str, expected: Callable[[int], str]
) -> None:
    if find_browser(name) is None:
        pytest.skip(f"{name} is not installed: `make browsers` says how to get it")

    async def run() -> tuple[bytes | None, str]:
        origins: asyncio.Queue[bytes | None] = asyncio.Queue()
        monkeypatch.setattr(page, "Lab", _watching(origins))
        server = await page.start_page(0, "http://127.0.0.1:9")
        try:
            with running_browser(name, f"http://127.0.0.1:{server.port}/#try={preset}"):
                return await asyncio.wait_for(origins.get(), _WAIT_SECONDS), expected(server.port)
        finally:
            await server.close()

    origin, wanted = asyncio.run(run())

    assert origin == wanted.encode()
