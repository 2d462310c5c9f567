"""The demo as `crossgate demo` starts it, its page opened in real Chromium on another origin than the gateway."""

import asyncio
import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest

from crossgate.demo import page
from tests.browser.launch import dump_dom, find_browser

_START_ATTEMPTS = 5
_STOP_SECONDS = 10.0

pytestmark = pytest.mark.skipif(
    find_browser("chromium") is None, reason="Chromium is not installed: `make browsers` says how to get it"
)


def _three_free_ports() -> int:
    """The first of three neighbouring ports that were free a moment ago."""
    while True:
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                for following in (port + 1, port + 2):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", following))
            except (OSError, OverflowError):
                continue
            return port


def _start(port: int) -> "subprocess.Popen[str] | None":
    """The demo on these ports; None where somebody else took one of them in the meantime."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "crossgate.cli.main", "demo", "-p", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C" in line:
            return process
    process.wait()
    process.stdout.close()
    return None


@pytest.fixture(scope="module")
def demo() -> Iterator[int]:
    """The gateway's port of a running demo."""
    for _ in range(_START_ATTEMPTS):
        port = _three_free_ports()
        process = _start(port)
        if process is not None:
            break
    else:
        pytest.fail("the demo did not start")
    with process:
        try:
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(_STOP_SECONDS) == 0


@pytest.fixture(scope="module")
def opened(demo: int) -> dict[str, tuple[str, str]]:
    """By address and fragment: the verdict that the page shows, and the text of its outcome."""
    pages = [
        *(f"127.0.0.1/#call={call}" for call in (*ALLOWED, *REFUSED)),
        *(f"{where}/#try={what}" for where, what in TRIED),
    ]
    # A few browsers at once; each dies with the thread that started it, which waits for it.
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(pages, pool.map(lambda page: _open(demo, page), pages), strict=True))


def _open(port: int, page: str) -> tuple[str, str]:
    host, fragment = page.split("/")
    document = dump_dom(f"http://{host}:{port + 2}/{fragment}", budget_ms=30_000)
    found = re.search(
        r'<div id="outcome-body"(?: data-verdict="(\w+)")?>(.*?)</section>\s*</main>', document, re.DOTALL
    )
    assert found, document[-2000:]
    return found[1], unescape(re.sub(r"<[^>]+>", " ", found[2]))


_ALL_CALLS = """
import { CALLS, describe } from "./calls.js";
import { perform } from "./perform.js";
const { gateway_url } = await (await fetch("/settings.json")).json();
const results = [];
for (const call of CALLS) {
  const { read, status, error } = await perform(describe(call, gateway_url));
  results.push([call.id, call.group, read ? "allowed" : "refused", status ?? error]);
}
const shown = document.createElement("pre");
shown.id = "all-calls";
shown.textContent = JSON.stringify(results);
document.body.append(shown);
"""


def test_every_call_of_the_page_ends_as_its_heading_says(
    demo: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = tmp_path / "static"
    shutil.copytree(page._STATIC, static)
    (static / "all.js").write_text(_ALL_CALLS)
    index = (static / "index.html").read_text()
    (static / "index.html").write_text(index.replace("</head>", '<script type="module" src="/all.js"></script></head>'))
    monkeypatch.setattr(page, "_STATIC", static)

    async def run() -> str:
        served = await page.start_page(0, f"http://127.0.0.1:{demo}")
        try:
            return await asyncio.to_thread(dump_dom, f"http://127.0.0.1:{served.port}/", budget_ms=30_000)
        finally:
            await served.close()

    found = re.search(r'<pre id="all-calls">(.*?)</pre>', asyncio.run(run()), re.DOTALL)
    assert found
    results = json.loads(unescape(found[1]))

    assert len(results) >= 10
    assert [one for one in results if one[1] != one[2]] == []
    assert {"failing": 503, "slow": 500, "unknown-path": 404, "simple-post": 201}.items() <= {
        one[0]: one[3] for one in results
    }.items()


ALLOWED = {"simple-get": "Hello from the sample backend", "preflighted": "en_GB", "slow": "status 500"}
REFUSED = {"credentials": "WildcardOriginNotAllowed", "method": "PreflightMissingAllowOriginHeader"}
# Presets that need a frame are not here: the browser's virtual time does not wait for one (see test_frames.py).
TRIED = {
    ("127.0.0.1", "trailing-slash"): "blocked",
    ("localhost", "exact-origin"): "allowed",
}


@pytest.mark.parametrize("call", ALLOWED)
def test_page_reads_what_the_gateway_allows(opened: dict[str, tuple[str, str]], call: str) -> None:
    verdict, text = opened[f"127.0.0.1/#call={call}"]

    assert verdict == "allowed"
    assert ALLOWED[call] in text
    assert re.search(
        r"The request's way at the gateway.*router\s+examples/quickstart/krakend.json:\d+", text, re.DOTALL
    )
    assert "A backend gets" in text
    assert "The two disagree" not in text


@pytest.mark.parametrize("call", REFUSED)
def test_page_cannot_read_what_the_gateway_refuses(opened: dict[str, tuple[str, str]], call: str) -> None:
    verdict, text = opened[f"127.0.0.1/#call={call}"]

    assert verdict == "blocked"
    assert "Failed to fetch" in text
    assert REFUSED[call] in text
    assert ("The request's way at the gateway" in text) == ("The request itself is never sent" not in text)
    assert "What would allow it" in text
    assert "The two disagree" not in text


@pytest.mark.parametrize(("host", "preset"), TRIED)
def test_playground_shows_browser_and_model_side_by_side(
    opened: dict[str, tuple[str, str]], host: str, preset: str
) -> None:
    verdict, text = opened[f"{host}/#try={preset}"]

    assert verdict == TRIED[host, preset]
    assert len(re.findall(rf"(?:This browser|The model of Chromium)\s+{verdict}", text)) == 2
