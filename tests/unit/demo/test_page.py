import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from crossgate.cli.demo import FILE_ANSWER, POLICY_ANSWER
from crossgate.cli.reason_pages import page_of_code
from crossgate.cors import CorsPolicy
from crossgate.demo import command_of, page, playground
from crossgate.demo.page import DemoPage, start_page
from crossgate.demo.raw_exchange import RawResponse, exchange
from crossgate.demo.small_server import start_small_server
from crossgate.http.message import Fields, Request, Response

POLICY = CorsPolicy.from_krakend({"allow_origins": ["*"], "allow_methods": ["GET"]}, config_version=3)


class Desk:
    """A page with a stand-in for the gateway behind it, spoken to without a browser."""

    def __init__(self, file: str = FILE_ANSWER, policy: str = POLICY_ANSWER) -> None:
        self._commands = {"file_command": command_of(file), "policy_command": command_of(policy)}
        self._runner = asyncio.Runner()
        self.page: DemoPage = self._runner.run(self._open())

    async def _open(self) -> DemoPage:
        self._gateway = await start_small_server(_gateway, 0)
        self.gateway_url = f"http://127.0.0.1:{self._gateway.port}"
        return await start_page(0, self.gateway_url, POLICY, page_of_code, **self._commands)

    def close(self) -> None:
        self._runner.run(self.page.close())
        self._runner.run(self._gateway.close())
        self._runner.close()

    def send(self, method: str, target: str, fields: Fields, body: bytes = b"") -> RawResponse:
        return self._runner.run(exchange("127.0.0.1", self.page.port, method, target, fields, body))

    def get(self, target: str, host: str = "") -> RawResponse:
        return self.send("GET", target, [(b"Host", (host or f"127.0.0.1:{self.page.port}").encode())])

    def ask(self, target: str, data: Any, **fields: str) -> RawResponse:
        host = f"127.0.0.1:{self.page.port}"
        lines = {"host": host, "origin": f"http://{host}", "content-type": "application/json", **fields}
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.send("POST", target, [(name.encode(), value.encode()) for name, value in lines.items()], body)

    def explain(self, method: str, url: str, **parts: Any) -> dict[str, Any]:
        call = {"origin": f"http://127.0.0.1:{self.page.port}", "method": method, "url": url, "headers": []}
        answer = self.ask("/api/explain", {**call, "credentials": "same-origin", "body": "", **parts})
        assert answer.status == 200, answer.body
        return json.loads(answer.body)  # type: ignore[no-any-return]

    def prepare(self, policy: str, version: int = 3, **parts: Any) -> dict[str, Any]:
        answer = self.ask("/api/prepare", {"policy": policy, "version": version, **parts})
        assert answer.status == 200, answer.body
        return json.loads(answer.body)  # type: ignore[no-any-return]


async def _gateway(request: Request) -> Response:
    decision = POLICY.decide(request.method, request.fields)
    response = Response(decision.preflight_status or 200, [])
    response.fields = decision.edits.apply(response.fields)
    return response


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    opened = Desk()
    yield opened
    opened.close()


def field(answer: RawResponse, name: bytes) -> bytes:
    return dict(answer.fields).get(name, b"")


@pytest.mark.parametrize("target", ["/", "/main.js", "/style.css", "/icon.svg", "/frame.html", "/settings.json"])
def test_files_are_served_with_their_type(desk: Desk, target: str) -> None:
    answer = desk.get(target)

    assert answer.status == 200
    assert answer.body
    assert field(answer, b"content-type").partition(b";")[0] in {
        b"text/html", b"text/javascript", b"text/css", b"image/svg+xml", b"application/json",
    }  # fmt: skip


@pytest.mark.parametrize("target", ["/../page.py", "/static/main.js", "/.git/config", "/%2e%2e/page.py", "/page.py"])
def test_nothing_but_the_files_is_served(desk: Desk, target: str) -> None:
    assert desk.get(target).status == 404


def test_page_may_call_the_demo_and_nobody_else(desk: Desk) -> None:
    policy = field(desk.get("/"), b"content-security-policy").decode()

    assert "default-src 'self'" in policy
    assert f"connect-src 'self' {desk.gateway_url} http://127.0.0.1:" in policy
    assert "https:" not in policy
    assert "*" not in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::2]", "[", ""])
def test_name_that_is_not_loopback_is_turned_away(desk: Desk, host: str) -> None:
    answer = desk.send("GET", "/", [(b"Host", host.encode())])

    assert answer.status == 421


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_other_pages_cannot_use_the_api(desk: Desk, fields: dict[str, str], status: int) -> None:
    for target in ("/api/explain", "/api/prepare", "/api/file"):
        assert desk.ask(target, {}, **fields).status == status


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[" * 100_000, [], 1, {}, {"method": 1},
        {"method": "GET", "url": "http://example.com/", "credentials": "omit", "origin": "http://a.example"},
        {"method": "GET", "url": "file:///etc/passwd", "credentials": "omit", "origin": "http://a.example"},
    ],
)  # fmt: skip
def test_what_describes_no_call_is_refused(desk: Desk, data: Any) -> None:
    assert desk.ask("/api/explain", data).status == 400


def test_url_that_only_begins_like_the_gateways_is_refused(desk: Desk) -> None:
    call = {"origin": "http://a.example", "method": "GET", "credentials": "omit", "headers": [], "body": ""}

    assert desk.ask("/api/explain", {**call, "url": f"{desk.gateway_url}.evil.example/"}).status == 400
    assert desk.ask("/api/explain", {**call, "url": f"{desk.gateway_url}@evil.example/"}).status == 400


def test_allowed_call_is_explained_with_what_travelled(desk: Desk) -> None:
    told = desk.explain("GET", f"{desk.gateway_url}/hello")

    assert (told["verdict"], told["preflight"], told["fixes"]) == ("allowed", False, [])
    assert told["exchanges"][0]["request"]["line"] == "GET /hello HTTP/1.1"
    assert ["Access-Control-Allow-Origin", "*"] in [
        [name.title(), value] for name, value in told["exchanges"][0]["response"]["fields"]
    ]


def test_refused_call_is_explained_down_to_the_key_and_the_fix(desk: Desk) -> None:
    told = desk.explain("DELETE", f"{desk.gateway_url}/messages/1")

    assert (told["verdict"], told["preflight"]) == ("blocked", True)
    assert [exchange["preflight"] for exchange in told["exchanges"]] == [True]
    assert "allow_methods" in told["because"]
    assert told["fixes"][0]["key"] == "allow_methods"
    assert any(check["outcome"] == "failed" for check in told["checks"])


def test_call_that_no_script_can_make_is_explained_too(desk: Desk) -> None:
    told = desk.explain("TRACE", f"{desk.gateway_url}/")

    assert (told["verdict"], told["exchanges"]) == ("blocked", [])


def test_call_with_unusual_text_in_it_is_explained(desk: Desk) -> None:
    url = f"{desk.gateway_url}/ü?\r\nX: y"
    told = desk.explain("GET", url, headers=[["X-A", "ÿ"], ["X-B", "Ω"], ["é", "1"], ["X-C", "a\r\nb: c"]])

    assert told["verdict"] == "blocked"


def test_page_in_firefox_is_told_what_firefox_does(desk: Desk) -> None:
    call = {
        "origin": "http://a.example", "method": "GET", "url": f"{desk.gateway_url}/", "credentials": "omit", "body": "",
        "headers": [["X-A", "1"], ["X-A", "2"]],
    }  # fmt: skip
    answer = desk.ask("/api/explain", call, **{"user-agent": "Mozilla/5.0 (X11) Gecko/20100101 Firefox/153.0"})

    assert json.loads(answer.body)["browser"] == "firefox"


def test_policy_becomes_a_server_with_that_policy(desk: Desk) -> None:
    prepared = desk.prepare('{"allow_origins": ["https://a.example"], "allow_methods": ["GET", "PUT"]}')
    allowed = desk.explain("PUT", prepared["url"], origin="https://a.example")
    blocked = desk.explain("PUT", prepared["url"], origin="https://b.example")

    assert (allowed["verdict"], blocked["verdict"]) == ("allowed", "blocked")
    assert allowed["browser_sent"] == []


def test_policies_do_not_touch_each_other(desk: Desk) -> None:
    first = desk.prepare('{"allow_origins": ["https://a.example"]}')["url"]
    second = desk.prepare('{"allow_origins": ["https://b.example"]}')["url"]

    assert desk.explain("GET", first, origin="https://a.example")["verdict"] == "allowed"
    assert desk.explain("GET", second, origin="https://a.example")["verdict"] == "blocked"


def test_cors_of_the_backend_is_replaced(desk: Desk) -> None:
    prepared = desk.prepare('{"allow_origins": ["https://a.example"]}', backend_cors=True)
    told = desk.explain("GET", prepared["url"], origin="https://a.example", credentials="omit")
    names = [name.lower() for name, _ in told["exchanges"][0]["response"]["fields"]]

    assert told["verdict"] == "allowed"
    assert names.count("access-control-allow-origin") == 1
    assert "access-control-allow-credentials" not in names


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ('{"allowed_origins": ["https://a.example"]}', "COR108"),
        ('{"allow_origins": "https://a.example"}', None),
        ("[]", None),
        ("{", "CFG102"),
        ("", "CFG109"),
        ("[" * 10_000, "CFG106"),
    ],
)
def test_policy_that_must_not_run_has_no_server_and_says_why(desk: Desk, policy: str, code: str | None) -> None:
    prepared = desk.prepare(policy)
    errors = [found for found in prepared["diagnostics"] if found["severity"] == "error"]

    assert prepared["url"] is None
    assert errors
    assert code is None or errors[0]["code"] == code


@pytest.mark.parametrize("data", [{}, [], {"policy": "{}", "version": 4}, {"policy": "x" * 600_000, "version": 3}])
def test_what_describes_no_policy_is_refused(desk: Desk, data: Any) -> None:
    assert desk.ask("/api/prepare", data).status == 400


def test_experiment_that_is_forgotten_is_explained_as_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (page, playground):
        monkeypatch.setattr(module, "MAX_EXPERIMENTS", 2)
    desk = Desk()
    try:
        first, second, _ = (desk.prepare("{}")["url"] for _ in range(3))
        told = desk.explain("GET", first)

        assert (told["verdict"], told["status"] or 404) == ("blocked", 404)
        assert desk.explain("GET", second)["status"] == 200
    finally:
        desk.close()


def test_text_that_is_too_much_to_read_is_said_and_the_page_goes_on() -> None:
    desk = Desk(policy="crossgate.cli.nowhere")  # a process that ends without an answer, as one out of time or memory
    try:
        answer = desk.ask("/api/prepare", {"policy": "{}", "version": 3})

        assert answer.status == 400
        assert b"too much time or memory" in answer.body
        assert b"crossgate check" in answer.body
        assert desk.get("/").status == 200
    finally:
        desk.close()


@pytest.mark.parametrize("name", ["playground", "page", "lab"])
def test_process_of_the_page_has_nothing_that_reads_policies(name: str) -> None:
    script = f"import crossgate.demo.{name}, sys; print([one for one in sys.modules if one.endswith('.pasted')])"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("policy", "call", "changed"),
    [
        ({"allow_origins": ["https://x.example"], "max_age": "1h"}, {}, {"allow_origins"}),
        ({"allow_origins": ["https://a.example/"]}, {}, {"allow_origins"}),
        ({"allow_origins": ["*"], "allow_credentials": True}, {"credentials": "include"}, {"allow_origins"}),
        ({"allow_origins": ["https://a.example"]}, {"credentials": "include"}, {"allow_credentials"}),
        (
            {"allow_origins": ["https://a.example"], "allow_headers": ["X-B"]},
            {"method": "DELETE", "headers": [["X-A", "1"]]},
            {"allow_methods", "allow_headers"},
        ),
        ({"allow_origins": ["https://a.example"], "options_success_status": 404}, {"method": "PUT"}, None),
    ],
)
def test_fixed_block_lets_the_call_pass(
    desk: Desk, policy: dict[str, Any], call: dict[str, Any], changed: set[str] | None
) -> None:
    call = {"method": "GET", "origin": "https://a.example", **call}
    blocked = desk.explain(url=desk.prepare(json.dumps(policy))["url"], **call)
    fixed = blocked["fixed_block"]

    assert blocked["verdict"] == "blocked"
    if changed is not None:
        assert {key for key in fixed if fixed[key] != policy.get(key)} == changed
    assert desk.explain(url=desk.prepare(json.dumps(fixed))["url"], **call)["verdict"] == "allowed"


@pytest.mark.parametrize("target", ["/", "/index.html"])
def test_page_names_the_gateway_without_asking_for_it(desk: Desk, target: str) -> None:
    answer = desk.get(target)

    assert f'<dd id="gateway-origin">{desk.gateway_url}</dd>'.encode() in answer.body
    assert b"{gateway_url}" not in answer.body


@pytest.mark.parametrize("name", ["rules/COR201", "rules/CFG102", "errors/MissingAllowOriginHeader"])
def test_codes_and_errors_have_pages(desk: Desk, name: str) -> None:
    page, text = desk.get(f"/{name}"), desk.get(f"/{name}.md")

    assert (page.status, field(page, b"content-type")) == (200, b"text/html; charset=utf-8")
    assert (text.status, field(text, b"content-type")) == (200, b"text/markdown; charset=utf-8")
    assert text.body.startswith(b"# " + name.rpartition("/")[2].encode())


@pytest.mark.parametrize(
    "path", ["/rules/COR999", "/rules/", "/rules/../page.py", "/rules/page", "/errors/README.txt", "/rules/%C3%A9"]
)
def test_what_has_no_page_is_404(desk: Desk, path: str) -> None:
    assert desk.get(path).status == 404


def test_diagnostics_lead_to_their_pages(desk: Desk) -> None:
    prepared = desk.prepare('{"allow_origins": ["*"], "allow_credentials": true}')

    assert {found["page"] for found in prepared["diagnostics"]} >= {"/rules/COR201"}
    told = desk.explain("GET", prepared["url"], credentials="include")
    assert told["error_page"] == "/errors/WildcardOriginNotAllowed"


def test_whole_file_becomes_a_server_with_its_policy(desk: Desk) -> None:
    block = {"allow_origins": ["https://a.example"]}
    prepared = desk.prepare(json.dumps({"version": 3, "extra_config": {"security/cors": block}, "endpoints": []}))

    assert prepared["block"] == block
    assert "whole file" in prepared["note"]
    assert desk.explain("GET", prepared["url"], origin="https://a.example")["verdict"] == "allowed"


def test_file_without_a_policy_sets_no_header(desk: Desk) -> None:
    prepared = desk.prepare('{"version": 3, "endpoints": []}')

    assert "no CORS block" in prepared["note"]
    assert desk.explain("GET", prepared["url"], origin="https://a.example")["verdict"] == "blocked"


FILE = '{"version": 3, "host": ["http://backend:8000"], "typo": 1, "endpoints": []}'


def test_file_is_explained_with_the_pages_of_its_codes(desk: Desk) -> None:
    answer = desk.ask("/api/file", {"text": FILE, "request": {"url": "/a"}})

    assert answer.status == 200, answer.body
    told = json.loads(answer.body)
    assert told["explanation"]["reason"] == "route.none"
    assert told["explanation"]["reason_page"] == "/reasons/route.none"
    assert b"# route.none" in desk.get("/reasons/route.none.md").body
    typo = next(found for found in told["diagnostics"] if found["path"] == "$.typo")
    assert desk.get(typo["page"]).status == 200


@pytest.mark.parametrize(
    "data", [b"", b"{", [], {}, {"text": 1, "request": {}}, {"text": "x" * 2_000_001, "request": {}}]
)
def test_what_is_no_question_about_a_file_is_refused(desk: Desk, data: Any) -> None:
    assert desk.ask("/api/file", data).status == 400


def test_question_that_is_too_large_is_not_read(desk: Desk) -> None:
    assert desk.send("POST", "/api/file", [(b"Host", b"localhost"), (b"Content-Length", b"8388609")]).status == 413


@pytest.mark.parametrize("path", ["/reasons/nothing.here", "/reasons/../page.py", "/reasons/cors.md", "/reasons/a.b.c"])
def test_page_of_no_reason_is_not_there(desk: Desk, path: str) -> None:
    assert desk.get(path).status == 404
