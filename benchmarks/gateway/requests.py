"""Requests as bytes, many of them in turn as a script for wrk. Does not know what they are for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
local requests = {}
for text in io.open("%s", "rb"):read("*a"):gmatch("[^%%z]+") do requests[#requests + 1] = text end
local at = %d
request = function()
  at = at %% #requests + 1
  return requests[at]
end
"""


@dataclass(frozen=True, slots=True)
class Request:
    """`target` as in the request line, `fields` but Host and Content-Length. No NUL anywhere."""

    target: str
    fields: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    def text(self) -> bytes:
        """All of it, for a server that does not care which host is asked for."""
        length = {"Content-Length": str(len(self.body))} if self.body else {}
        lines = "".join(f"{name}: {value}\r\n" for name, value in {**self.fields, **length}.items())
        return f"{self.method} {self.target} HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n{lines}\r\n".encode() + self.body


class Ring:
    """Requests that are asked one after the other, round and round, going on where the last measurement stopped.

    So one that was asked early does not come again before all others have.
    """

    def __init__(self, requests: Sequence[Request]) -> None:
        self._texts = [request.text() for request in requests]
        self._at = 0

    def write_script(self, path: Path) -> None:
        """For wrk; a file with the requests lies beside it."""
        texts = path.with_suffix(".requests")
        texts.write_bytes(b"\0".join(self._texts))
        path.write_text(_SCRIPT % (texts, self._at))

    def advance(self, count: int) -> None:
        """That many have been asked."""
        self._at = (self._at + count) % len(self._texts)
