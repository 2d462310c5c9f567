"""One page of a running Firefox, spoken to by WebDriver BiDi: the same steps as in `devtools`, in the other browser.

Knows nothing of the pages.
"""

import contextlib
import json
import re
import time
from collections.abc import Iterator
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser.devtools import WAIT_SECONDS, Tab
from tests.browser.launch import Browser, running_browser

_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://127\.0\.0\.1:\d+)")


class FirefoxTab(Tab):
    """See Tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._turn = 0
        self.thrown: list[str] = []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])
        self._context = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """See Tab."""
        self._turn += 1
        self._connection.send(json.dumps({"id": self._turn, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(WAIT_SECONDS))
            if message.get("method") == "log.entryAdded" and _is_thrown(message["params"]):
                self.thrown.append(json.dumps(message["params"])[:500])
            if message.get("id") == self._turn:
                assert message["type"] == "success", message
                return message["result"]  # type: ignore[no-any-return]

    def js(self, expression: str) -> Any:
        """See Tab."""
        target = {"context": self._context}
        done = self.send("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert done["type"] == "success", done
        return _plain(done["result"])

    def open(self, url: str) -> None:
        """See Tab."""
        for each in ("about:blank", url):
            self.send("browsingContext.navigate", context=self._context, url=each, wait="interactive")

    def resize(self, width: int, height: int, *, is_phone: bool) -> None:
        """See Tab."""
        self.send(
            "browsingContext.setViewport",
            context=self._context,
            viewport={"width": width, "height": height},
            devicePixelRatio=2 if is_phone else 1,
        )


def _plain(value: dict[str, Any]) -> Any:
    """What BiDi says of a value, as the value; of what is no data only that it is there."""
    match value["type"]:
        case "undefined" | "null":
            return None
        case "array":
            return [_plain(item) for item in value["value"]]
        case "object":
            return {name: _plain(member) for name, member in value["value"]}
    return value.get("value", {})


def _is_thrown(entry: dict[str, Any]) -> bool:
    """Whether it is the page's own mistake: Firefox reports blocked calls as errors of scripts, too."""
    return entry["type"] == "javascript" and not entry["text"].startswith("Cross-Origin Request Blocked")


@contextlib.contextmanager
def opened_firefox_tab() -> Iterator[Tab]:
    """A tab of a Firefox of its own."""
    with contextlib.ExitStack() as stack:
        arguments = ("--remote-debugging-port=0",)
        browser = stack.enter_context(running_browser("firefox", "about:blank", arguments=arguments))
        yield FirefoxTab(stack.enter_context(connect(f"{_address(browser)}/session", max_size=None)))


def _address(browser: Browser) -> str:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        found = _LISTENING.search(browser.log_path.read_text(errors="replace"))
        if found is not None:
            return found[1]
        time.sleep(0.05)  # the browser tells nobody when it is ready
    raise TimeoutError("Firefox listens to nobody")
