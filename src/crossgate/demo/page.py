"""The demo page's server: the static files, and an API for the page alone.

Whoever is not this page is turned away: the API wants JSON and its own origin, and only loopback names are served, so
that no other site in the same browser can use it. What the API does is the playground's business.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crossgate.cors import CorsPolicy
from crossgate.demo.explanation import CallError
from crossgate.demo.file_question import FAILING, decode_file_question
from crossgate.demo.lab import Lab
from crossgate.demo.lab_server import LabServer, start_lab_server
from crossgate.demo.own_process import OwnProcess
from crossgate.demo.pages import Pages, RulePage
from crossgate.demo.playground import MAX_EXPERIMENTS, POLICY_FAILING, Playground, Way
from crossgate.demo.small_server import SmallServer, start_small_server
from crossgate.http.message import Fields, Request, Response

MAX_QUESTION_BYTES = 8 * 1024 * 1024
_STATIC = Path(__file__).parent / "static"
_CONTENT_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".md": b"text/markdown; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}


class DemoPage:
    """The page's server and the lab behind its playground."""

    def __init__(self, server: SmallServer, lab_server: LabServer) -> None:
        self._server = server
        self._lab_server = lab_server
        self.port = server.port

    async def close(self) -> None:
        """Stop both."""
        await self._server.close()
        await self._lab_server.close()


async def start_page(
    port: int,
    gateway_url: str,
    policy: CorsPolicy | None = None,
    rule_page: RulePage | None = None,
    way: Way | None = None,
    file_command: Sequence[str] = (),
    policy_command: Sequence[str] = (),
) -> DemoPage:
    """Serve the demo page on loopback. Port 0: a free one.

    `gateway_url` is an origin, as `http://127.0.0.1:8080`, and `policy` what that gateway runs: with it, calls that
    are blocked are explained down to the key, and fixes are offered. `rule_page` has the pages that codes link to,
    `way` says what that gateway makes of a call. The commands answer questions about files and read policies (see
    OwnProcess); without them, nobody does. The playground's server takes a free port of its own. Raises OSError when
    the port is taken.
    """
    lab = Lab(MAX_EXPERIMENTS)
    lab_server = await start_lab_server(lab)
    lab_url = f"http://127.0.0.1:{lab_server.port}"
    explaining = Pages(rule_page)
    policies = OwnProcess(policy_command, POLICY_FAILING)
    playground = Playground(gateway_url, policy, lab, lab_url, explaining.has, policies, way)
    pages = _Pages(gateway_url, lab_url, playground, explaining, OwnProcess(file_command, FAILING))
    try:
        server = await start_small_server(pages.answer, port, max_body_bytes=MAX_QUESTION_BYTES)
        return DemoPage(server, lab_server)
    except BaseException:
        await lab_server.close()
        raise


class _Pages:
    def __init__(
        self, gateway_url: str, lab_url: str, playground: Playground, explaining: Pages, files: OwnProcess
    ) -> None:
        self._file_questions = files
        self._explaining = explaining
        self._gateway_url = gateway_url
        self._lab_url = lab_url
        self._playground = playground
        self._files = {f"/{file.name}".encode(): file for file in _STATIC.iterdir()}
        # With the gateway's address in it, the page is complete when its script has run: nothing is fetched first.
        self._index = (_STATIC / "index.html").read_bytes().replace(b"{gateway_url}", gateway_url.encode())

    async def answer(self, request: Request) -> Response:
        """The response to one request."""
        if not _is_loopback_name(request.host):
            return _text(421, "This server is known by loopback names only.")
        if request.path.startswith(b"/api/"):
            return await self._answer_api(request)
        if request.method not in {b"GET", b"HEAD"}:
            return _text(405, "There are only files here.")
        if request.path == b"/settings.json":
            return _json({"gateway_url": self._gateway_url})
        if request.path in {b"/", b"/index.html"}:
            return self._file(request.host, ".html", self._index)
        page = self._explaining.find(request.path)
        if page is not None:
            text, as_markdown = page
            shown = text.encode() if as_markdown else (_STATIC / "explained.html").read_bytes()
            return self._file(request.host, ".md" if as_markdown else ".html", shown)
        file = self._files.get(request.path)
        if file is None:
            return _text(404, "There is no such file.")
        return self._file(request.host, file.suffix, file.read_bytes())

    def _file(self, host: bytes, suffix: str, content: bytes) -> Response:
        fields: Fields = [(b"content-type", _CONTENT_TYPES[suffix]), (b"cache-control", b"no-cache")]
        if suffix == ".js":
            fields.append((b"access-control-allow-origin", b"*"))  # for the module scripts of a sandboxed frame
        return Response(200, fields + self._guards(host), content)

    def _guards(self, host: bytes) -> Fields:
        """What the page itself may do: scripts are its own, calls and frames are the demo's."""
        port = urlsplit("//" + host.decode("latin-1")).port or 80
        pages = " ".join(f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "app.localhost"))
        policy = (
            f"default-src 'self'; connect-src 'self' {self._gateway_url} {self._lab_url}; frame-src 'self' {pages}; "
            f"frame-ancestors {pages}; base-uri 'none'; form-action 'none'"
        )
        return [(b"content-security-policy", policy.encode()), (b"x-content-type-options", b"nosniff")]

    async def _answer_api(self, request: Request) -> Response:
        if request.method != b"POST" or request.path not in {b"/api/explain", b"/api/prepare", b"/api/file"}:
            return _text(404, "There is no such call.")
        if request.first(b"origin") != b"http://" + request.host:
            return _text(403, "Only the demo's own page may ask this.")
        if (request.first(b"content-type") or b"").split(b";")[0].strip().lower() != b"application/json":
            return _text(415, "This wants JSON.")
        try:
            data = _decode_json(request.body)
            if request.path == b"/api/prepare":
                return _json(await self._playground.prepare(data))
            if request.path == b"/api/file":
                return _json(self._linked(await self._file_questions.ask(decode_file_question(data))))
            return _json(await self._playground.explain(data, request.first(b"user-agent") or b""))
        except CallError as error:
            return _text(400, str(error))

    def _linked(self, answer: dict[str, Any]) -> dict[str, Any]:
        """An answer about a file, with the addresses of the pages of its codes."""
        for found in answer.get("diagnostics", []):
            found["page"] = f"/rules/{found['code']}" if self._explaining.has(found["code"]) else None
        explanation = answer.get("explanation")
        if explanation is not None:
            reason = explanation["reason"]
            explanation["reason_page"] = f"/reasons/{reason}" if reason and self._explaining.has(reason) else None
        return answer


def _is_loopback_name(host: bytes) -> bool:
    try:
        name = urlsplit("//" + host.decode("latin-1")).hostname or ""
    except ValueError:
        return False
    return name in {"127.0.0.1", "::1", "localhost"} or name.endswith(".localhost")


def _decode_json(body: object) -> Any:
    try:
        return json.loads(body if isinstance(body, bytes) else b"")
    except (ValueError, RecursionError):
        raise CallError("This is not JSON.") from None


def _json(data: dict[str, Any]) -> Response:
    fields: Fields = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    return Response(200, fields, json.dumps(data).encode())


def _text(status: int, message: str) -> Response:
    return Response(status, [(b"content-type", b"text/plain; charset=utf-8")], message.encode())
