"""The site in real Chromium: on a phone nothing sticks out, the search finds, colours follow the system."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser.devtools import Tab, opened_tab
from tests.browser.launch import find_browser

pytestmark = pytest.mark.skipif(
    find_browser("chromium") is None, reason="Chromium is not installed: `make browsers` says how to get it"
)
# One of each kind, and those with the widest tables, the longest words and the longest lines of code.
PAGES = (
    "",
    "command-line/",
    "cors/",
    "options/auth-validator/",
    "components/metrics/",
    "support/",
    "deviations/",
    "rules/COR402/",
    "benchmarks/",
    "sources/examples/flexible/",
)
WIDE = "Object.assign(document.createElement('div'), {style: 'width: 5000px', textContent: 'wide'})"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with opened_tab() as found:
        yield found


def test_no_page_is_wider_than_a_phone(tab: Tab, address: str) -> None:
    width = 412
    tab.resize(width, 900, is_phone=True)
    wide = {}
    for page in PAGES:
        tab.open(f"{address}/{page}")
        tab.wait("document.readyState === 'complete'")
        assert tab.js("document.querySelector('article h1') !== null"), page
        found = tab.js("document.scrollingElement.scrollWidth")
        if found > width:
            wide[page] = found
    assert wide == {}
    tab.js(f"void document.querySelector('article').append({WIDE})")
    assert tab.js("document.scrollingElement.scrollWidth") > width
    assert tab.thrown == []


def test_the_search_finds_a_page_by_what_is_in_it(tab: Tab, address: str) -> None:
    tab.resize(1280, 900, is_phone=False)
    tab.open(f"{address}/?q=client_max_rate")
    tab.wait("document.querySelector('.md-search-result__link') !== null")
    found = tab.js("[...document.querySelectorAll('.md-search-result__link')].map(link => link.pathname)")
    assert any("rate_limit" in path or "ratelimit" in path for path in found)


@pytest.mark.parametrize(("wanted", "scheme"), [("dark", "slate"), ("light", "default")])
def test_colours_follow_the_system(tab: Tab, address: str, wanted: str, scheme: str) -> None:
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": wanted}])
    tab.open(f"{address}/")
    tab.wait(f"document.body && document.body.dataset.mdColorScheme === '{scheme}'")
