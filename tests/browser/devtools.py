"""One page of a running Chromium, spoken to by its DevTools protocol: sizes of screens, clicks, scripts.

For tests that need a person's steps on a page. Knows nothing of the pages.
"""

import contextlib
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser.launch import Browser, running_browser

WAIT_SECONDS = 30.0


class Tab:
    """The page. Scripts run in it one after the other."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._turn = 0
        self.thrown: list[str] = []
        self.send("Runtime.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of one command. Exceptions that the page throws meanwhile are kept in `thrown`."""
        self._turn += 1
        self._connection.send(json.dumps({"id": self._turn, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(WAIT_SECONDS))
            if message.get("method") == "Runtime.exceptionThrown":
                self.thrown.append(json.dumps(message["params"])[:500])
            if message.get("id") == self._turn:
                assert "error" not in message, message
                return message["result"]  # type: ignore[no-any-return]

    def js(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        done = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until the page itself finds the expression true: it looks whenever its document changes."""
        self.js(
            "new Promise((done, fail) => {"
            f"  const look = () => {{ if ({condition}) {{ watch.disconnect(); done(true); }} }};"
            "  const watch = new MutationObserver(look);"
            "  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});"
            f"  setTimeout(() => fail(new Error({json.dumps(condition)})), {int(WAIT_SECONDS * 1000) - 5000});"
            "  look();"
            "})"
        )

    def open(self, url: str) -> None:
        """Load a page anew, also where only the fragment differs."""
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        deadline = time.monotonic() + WAIT_SECONDS
        while self.js("location.href === 'about:blank' || document.readyState === 'loading'"):
            assert time.monotonic() < deadline, url

    def resize(self, width: int, height: int, *, is_phone: bool) -> None:
        """The size of the screen in CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2 if is_phone else 1, "mobile": is_phone}
        self.send("Emulation.setDeviceMetricsOverride", **metrics)


@contextlib.contextmanager
def opened_tab() -> Iterator[Tab]:
    """A tab of a Chromium of its own."""
    with contextlib.ExitStack() as stack:
        arguments = ("--remote-debugging-port=0",)
        browser = stack.enter_context(running_browser("chromium", "about:blank", arguments=arguments))
        yield Tab(stack.enter_context(connect(_address(browser), max_size=None)))


def _address(browser: Browser) -> str:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        port = browser.devtools_port
        if port is not None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                for target in json.load(answer):
                    if target["type"] == "page":
                        return str(target["webSocketDebuggerUrl"])
        time.sleep(0.05)  # the browser tells nobody when it is ready
    raise TimeoutError("Chromium opened no DevTools")
