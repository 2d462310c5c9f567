"""What is asked of the stacks, and what the right answer is: checked byte by byte before anything is timed."""

import http.client
import json
from dataclasses import dataclass

from benchmarks.gateway.stacks import ORIGIN

# 1 KiB of JSON as an API would give it.
_ITEMS = [{"id": index, "name": f"item {index}", "price": index * 1.5, "tags": ["a", "b"]} for index in range(15)]
BODY = json.dumps({"id": 1, "items": _ITEMS, "pad": "x" * 12}).encode()

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-US,en;q=0.5",
    "Cache-Control": "no-cache",
    "Cookie": "session=0123456789abcdef; theme=dark",
    "DNT": "1",
    "Pragma": "no-cache",
    "Priority": "u=1",
    "Referer": "https://app.example.com/page",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "cross-site",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "X-Requested-With": "fetch",
}


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request. `peer` names the nginx workload that its ratio refers to."""

    name: str
    path: str
    headers: dict[str, str]
    method: str = "GET"
    connections: int = 32
    expected: bytes = BODY
    peer: str = ""


def _minimal(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


_DATA = json.loads(BODY)
_ASKING = {"Origin": ORIGIN}
WORKLOADS = [
    Workload("proxy", "/proxy", _ASKING),
    Workload("json", "/json", _ASKING, expected=_minimal(_DATA), peer="proxy"),
    Workload("merge", "/merge", _ASKING, expected=_minimal({"a": _DATA, "b": _DATA}), peer="proxy"),
    Workload(
        "preflight", "/proxy", {**_ASKING, "Access-Control-Request-Method": "GET"}, method="OPTIONS", expected=b""
    ),
    Workload("headers", "/proxy", _ASKING | BROWSER),
    Workload("connections", "/proxy", _ASKING, connections=256),
]


def check(workload: Workload, port: int) -> None:
    """Raise AssertionError unless the answer is right: status, body, and what CORS promises."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(workload.method, workload.path, headers=workload.headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == (204 if workload.method == "OPTIONS" else 200), answer.status
        assert body == workload.expected, body[:200]
        assert answer.headers.get_all("Access-Control-Allow-Origin") == [workload.headers["Origin"]], (
            answer.headers.as_string()
        )
        assert "Origin" in ", ".join(answer.headers.get_all("Vary") or []), answer.headers.as_string()
        if workload.method == "OPTIONS":
            assert answer.headers["Access-Control-Allow-Methods"] == "GET"
            assert answer.headers["Access-Control-Max-Age"] == "600"
    finally:
        connection.close()
