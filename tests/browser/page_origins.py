"""The servers of the pages: hand a page its docket of cases, take its results, send it on to the next origin."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crossgate.demo.small_server import SmallServer, start_small_server
from crossgate.http.message import Request, Response
from tests.browser.case import Ask, Case, Where
from tests.browser.certificate import LoopbackCertificate
from tests.browser.launch import Name
from tests.browser.places import Places

LANES = 6

_PAGES = Path(__file__).parent / "pages"
_ORDER: tuple[Where, ...] = ("address", "name", "subdomain", "port", "tls")
_WARM_UP_PAIRS = 4  # Firefox's preflight cache misses its first hits in a fresh profile


class PageOrigins:
    """All page origins of one sitting. `reports` are the pages' results by browser and case, request by request."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.reports: dict[tuple[Name, str], list[dict[str, Any]]] = {}
        self.failures: list[str] = []
        self.done: dict[Name, asyncio.Event] = {"chromium": asyncio.Event(), "firefox": asyncio.Event()}
        self.ports: dict[Where, int] = {}
        self.places: Places | None = None  # set once everything has a port
        self._cases = cases
        self._servers: list[SmallServer] = []

    async def open(self, certificate: LoopbackCertificate) -> None:
        """Start the servers, on free ports."""
        plain = await self._start()
        other = await self._start()
        tls = await self._start(certificate)
        self.ports = dict.fromkeys(("address", "name", "subdomain", "sandboxed"), plain.port)
        self.ports |= {"port": other.port, "tls": tls.port}

    async def _start(self, certificate: LoopbackCertificate | None = None) -> SmallServer:
        tls = None if certificate is None else certificate.server_context()
        server = await start_small_server(self._answer, 0, tls=tls)
        self._servers.append(server)
        return server

    async def close(self) -> None:
        """Stop them."""
        for server in self._servers:
            await server.close()

    async def _answer(self, request: Request) -> Response:
        query = {key: values[0] for key, values in parse_qs((request.query or b"").decode()).items()}
        if request.path in _FILES:
            kind, name = _FILES[request.path]
            return Response(
                200, [(b"content-type", kind), (b"access-control-allow-origin", b"*")], (_PAGES / name).read_bytes()
            )
        if request.path == b"/docket.json":
            docket = self._docket(_browser_name(query["browser"]), request.host)
            return Response(200, [(b"content-type", b"application/json")], json.dumps(docket).encode())
        if request.path == b"/results":
            self._take_results(_browser_name(query["browser"]), json.loads(_whole(request)))
            return Response(204)
        if request.path == b"/failure":
            self.failures.append(_whole(request).decode())
            for done in self.done.values():
                done.set()
            return Response(204)
        if request.path == b"/landing":
            return Response(200, [(b"access-control-allow-origin", b"*"), (b"content-type", b"text/plain")], b"home")
        return Response(404)

    def _docket(self, name: Name, host: bytes) -> dict[str, Any]:
        places = self._placed()
        where = next(w for w in _ORDER if urlsplit(places.page_url(w)).netloc.encode() == host)
        mine = [
            case for case in self._cases if case.where == where or (where == "address" and case.where == "sandboxed")
        ]
        following = _ORDER.index(where) + 1
        warm_up = [
            _step(Ask("PUT", credentials="include", body="x", host=target), f"{name}-warm-up", places)
            for _ in range(_WARM_UP_PAIRS)
            for target in ("address", "name")
        ]
        return {
            "lanes": LANES,
            "warm_up": warm_up if where == "address" else [],
            "cases": [
                {
                    "id": case.slug,
                    "sandboxed": case.where == "sandboxed",
                    "steps": [_step(ask, f"{name}-{case.slug}", places) for ask in case.asks],
                }
                for case in mine
            ],
            "next": f"{places.page_url(_ORDER[following])}/runner.html?browser={name}"
            if following < len(_ORDER)
            else "",
        }

    def _placed(self) -> Places:
        if self.places is None:
            raise RuntimeError("the places are not known yet")
        return self.places

    def _take_results(self, name: Name, results: dict[str, list[dict[str, Any]]]) -> None:
        for slug, reports in results.items():
            self.reports[name, slug] = reports
        if sum(browser == name for browser, _ in self.reports) == len(self._cases):
            self.done[name].set()


def _step(ask: Ask, token: str, places: Places) -> dict[str, Any]:
    return {
        "method": ask.method,
        "url": f"{places.target(ask.host)}/x/{token}/{ask.rest}",
        "headers": ask.headers,
        "credentials": ask.credentials,
        "mode": ask.mode,
        "redirect": ask.redirect,
        "body": ask.body,
        "api": ask.api,
        "upload_listener": ask.upload_listener,
        "wait_ms": ask.wait_ms,
    }


_FILES = {
    b"/runner.html": (b"text/html; charset=utf-8", "runner.html"),
    b"/frame.html": (b"text/html; charset=utf-8", "frame.html"),
    b"/runner.js": (b"text/javascript", "runner.js"),
    b"/perform.js": (b"text/javascript", "perform.js"),
}


def _browser_name(text: str) -> Name:
    return "firefox" if text == "firefox" else "chromium"


def _whole(request: Request) -> bytes:
    return request.body if isinstance(request.body, bytes) else b""
