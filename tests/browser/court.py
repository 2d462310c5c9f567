"""One sitting of the judges: the gateway's server with all cases, page origins, browsers, and the model beside them.

The pages run the cases and hand in what their scripts saw; the lab tells what reached the server. Does not compare.
"""

import asyncio
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crossgate.cors import ABSENT, CorsPolicy, decode_service_cors
from crossgate.cors.fetch import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    Browser,
    FetchRequest,
    NetworkFailure,
    PreflightCache,
    Trace,
    WireRequest,
    WireResponse,
    parse_url,
    run_fetch,
)
from crossgate.demo.lab import Experiment, Lab, Seen
from crossgate.demo.lab_server import LabServer, start_lab_server
from crossgate.demo.raw_exchange import ExchangeError, exchange
from crossgate.demo.small_server import SmallServer, start_small_server
from crossgate.diagnostics import Severity
from crossgate.http.message import Fields, Request, Response
from tests.browser.case import PLAIN, Ask, Case, Policy, Reply, Where
from tests.browser.certificate import LoopbackCertificate
from tests.browser.launch import Name, running_browser

SITTING_SECONDS = 150.0  # on a machine at rest it takes ten
LANES = 6
MODELS: Mapping[Name, Browser] = {"chromium": CHROMIUM, "firefox": FIREFOX}

_PAGES = Path(__file__).parent / "pages"
_ORDER: tuple[Where, ...] = ("address", "name", "subdomain", "port", "tls")
_COOKIE = "who=visitor; Path=/; SameSite=None; Secure"
_WARM_UP_PAIRS = 4  # Firefox's preflight cache misses its first hits in a fresh profile


@dataclass(frozen=True)
class Observation:
    """What one request of a case came to, as far as a script and the server can see."""

    response_type: str
    status: int
    readable: tuple[str, ...]
    requests: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Finding:
    """One case in one browser: what the model expects and what happened, request by request."""

    case: Case
    browser: Name
    expected: tuple[Observation, ...]
    observed: tuple[Observation, ...]
    errors: tuple[str, ...]
    traces: tuple[Trace, ...]

    @property
    def agreed(self) -> bool:
        """Whether model and browser are of one mind about everything."""
        return self.expected == self.observed


class Court:
    """All servers of one sitting. Use `opened_court`."""

    def __init__(
        self, cases: Sequence[Case], lab: Lab, lab_server: LabServer, certificate: LoopbackCertificate
    ) -> None:
        self.cases = cases
        self._lab = lab
        self._lab_server = lab_server
        self._certificate = certificate
        self._pages: dict[Where, SmallServer] = {}
        self._results: dict[tuple[Name, str], list[dict[str, Any]]] = {}
        self._done: dict[Name, asyncio.Event] = {}
        self._failures: list[str] = []
        self._experiments: dict[str, Experiment] = {}

    async def open_pages(self) -> None:
        """Start the page origins."""
        plain = await start_small_server(self._answer_page, 0)
        for where in ("address", "name", "subdomain", "sandboxed"):
            self._pages[where] = plain
        self._pages["port"] = await start_small_server(self._answer_page, 0)
        self._pages["tls"] = await start_small_server(self._answer_page, 0, tls=self._certificate.server_context())

    async def close(self) -> None:
        """Stop everything."""
        for server in {id(server): server for server in self._pages.values()}.values():
            await server.close()
        await self._lab_server.close()

    # -- where things are

    def page_url(self, where: Where) -> str:
        """The origin of the page itself; of a sandboxed frame, that of the page around it."""
        scheme = "https" if where == "tls" else "http"
        host = {"name": "localhost", "subdomain": "app.localhost"}.get(where, "127.0.0.1")
        return f"{scheme}://{host}:{self._pages[where].port}"

    def origin(self, where: Where) -> str:
        """The origin as the browser sends it."""
        return "null" if where == "sandboxed" else self.page_url(where)

    def target(self, host: str) -> str:
        """The gateway's origin, by address or by name."""
        return f"http://{'localhost' if host == 'name' else '127.0.0.1'}:{self._lab_server.port}"

    # -- a sitting

    async def judge(self, name: Name) -> list[Finding]:
        """Have the browser run all cases. Raises TimeoutError with what is known when it does not get to the end."""
        for case in self.cases:
            self._install(case, f"{name}-{_slug(case)}")
            self._install(case, f"model-{name}-{_slug(case)}")
        self._install(Case("warm-up", _WARM_UP_POLICY, (), replies={"": _COOKIE_REPLY}), f"{name}-warm-up")
        done = self._done[name] = asyncio.Event()
        trust = self._certificate.trust([f"127.0.0.1:{self._pages['tls'].port}"])
        with running_browser(name, f"{self.page_url('address')}/runner.html?browser={name}", trust=trust) as browser:
            try:
                await asyncio.wait_for(done.wait(), SITTING_SECONDS)
            except TimeoutError:
                tail = browser.log_path.read_text(errors="replace")[-2000:]
                raise TimeoutError(f"{name} gave up; {self._failures}; {len(self._results)} results; {tail}") from None
        if self._failures:
            raise RuntimeError(self._failures[0])
        return [await self._finding(case, name) for case in self.cases]

    async def _finding(self, case: Case, name: Name) -> Finding:
        traces = await self._traces(case, name, MODELS[name])
        reports = self._results.get((name, _slug(case)), [])
        per_ask = _split(self.seen(case, name), [len(self._requests(trace)) for trace in traces])
        observed = tuple(
            Observation(report["type"], report.get("status", 0), _comparable(report.get("headers", ())), requests)
            for report, requests in zip(reports, per_ask, strict=False)
        )
        errors = tuple(report.get("error", "") for report in reports)
        return Finding(case, name, self._observations(traces), observed, errors, tuple(traces))

    async def expect_without(self, departure: str, case: Case, name: Name) -> tuple[Observation, ...]:
        """What the model would expect of that browser if it kept to the standard in one respect."""
        model = dataclasses.replace(MODELS[name], **{departure: getattr(STANDARD, departure)})
        return self._observations(await self._traces(case, name, model))

    def seen(self, case: Case, name: Name) -> list[Seen]:
        """What of a case reached the lab from that browser."""
        return self._experiments[f"{name}-{_slug(case)}"].seen

    def _observations(self, traces: Sequence[Trace]) -> tuple[Observation, ...]:
        return tuple(
            Observation(trace.response_type, trace.status, _comparable(trace.readable_headers), self._requests(trace))
            if trace.allowed
            else Observation(trace.response_type, 0, (), self._requests(trace))
            for trace in traces
        )

    async def _traces(self, case: Case, name: Name, model: Browser) -> list[Trace]:
        """The model's traces, drawn from what the real server answers to what the model sends."""
        loop = asyncio.get_running_loop()
        cache = PreflightCache(model)

        def respond(wire: WireRequest) -> WireResponse | NetworkFailure:
            return asyncio.run_coroutine_threadsafe(self._send(wire), loop).result()

        traces = []
        for ask in case.asks:
            cache.now_seconds += ask.wait_ms / 1000
            request = self._request(case, ask, f"model-{name}-{_slug(case)}")
            traces.append(await asyncio.to_thread(run_fetch, request, respond, model, cache))
        return traces

    async def _send(self, wire: WireRequest) -> WireResponse | NetworkFailure:
        url = parse_url(wire.url)
        if url.scheme != "http":
            return NetworkFailure("the model's side speaks no TLS")
        fields = [(b"host", url.authority.encode()), *wire.fields]
        try:
            raw = await exchange(url.host, url.port, wire.method, url.target, fields)
        except ExchangeError as error:
            return NetworkFailure(str(error))
        return WireResponse(raw.status, tuple((name.lower(), value) for name, value in raw.fields))

    def _request(self, case: Case, ask: Ask, token: str) -> FetchRequest:
        return FetchRequest(
            self.origin(case.where),
            f"{self.target(ask.host)}/x/{token}/{ask.rest}",
            ask.method,
            ask.headers,
            ask.credentials,
            ask.mode,
            ask.redirect,
            has_body=bool(ask.body),
            upload_listener=ask.upload_listener,
        )

    def _requests(self, trace: Trace) -> tuple[tuple[str, ...], ...]:
        """What the model says the lab has to see. The server's parser refuses methods in lower case before it."""
        gateways = (self.target("address"), self.target("name"))
        made = [made.request for made in trace.exchanges if made.request.url.startswith(gateways)]
        made = [wire for wire in made if wire.method.isupper()]
        return tuple(
            _summary(
                wire.method.encode(), urlsplit(wire.url).path, urlsplit(wire.url).netloc, wire.fields, wire.credentials
            )
            for wire in made
        )

    # -- the experiments

    def _install(self, case: Case, token: str) -> None:
        names = {
            "page": self.origin(case.where),
            "page_host": urlsplit(self.page_url(case.where)).netloc,
            "gateway": self.target("address"),
            "gateway_host": urlsplit(self.target("address")).netloc,
            "other": self.target("name"),
            "here": f"/x/{token}/",
        }
        replies = {rest.encode(): _response(reply, names) for rest, reply in case.replies.items()}
        preflight = _response(case.preflight, names)
        policy = None if case.policy is None else compile_policy(case.policy, names["page"])

        def answer(request: Request, rest: bytes) -> Response:
            prepared = preflight if request.method == b"OPTIONS" else replies.get(rest, _NOWHERE)
            return Response(prepared.status, list(prepared.fields), prepared.body, from_backend="lab")

        experiment = Experiment(policy, answer)
        self._lab.install(token, experiment)
        self._experiments[token] = experiment

    # -- the pages' server

    async def _answer_page(self, request: Request) -> Response:
        query = {key: values[0] for key, values in parse_qs((request.query or b"").decode()).items()}
        if request.path in _FILES:
            kind, name = _FILES[request.path]
            return Response(
                200, [(b"content-type", kind), (b"access-control-allow-origin", b"*")], (_PAGES / name).read_bytes()
            )
        if request.path == b"/docket.json":
            docket = self._docket(_browser_name(query["browser"]), request)
            return Response(200, [(b"content-type", b"application/json")], json.dumps(docket).encode())
        if request.path == b"/results":
            self._take_results(_browser_name(query["browser"]), json.loads(_whole(request)))
            return Response(204)
        if request.path == b"/failure":
            self._failures.append(_whole(request).decode())
            for done in self._done.values():
                done.set()
            return Response(204)
        if request.path == b"/landing":
            return Response(200, [(b"access-control-allow-origin", b"*"), (b"content-type", b"text/plain")], b"home")
        return Response(404)

    def _docket(self, name: Name, request: Request) -> dict[str, Any]:
        where = next(w for w in _ORDER if urlsplit(self.page_url(w)).netloc.encode() == request.host)
        mine = [
            case for case in self.cases if case.where == where or (where == "address" and case.where == "sandboxed")
        ]
        following = _ORDER.index(where) + 1
        warm_up = [
            self._step(Ask("PUT", credentials="include", body="x", host=host), f"{name}-warm-up")
            for _ in range(_WARM_UP_PAIRS)
            for host in ("address", "name")
        ]
        return {
            "lanes": LANES,
            "warm_up": warm_up if where == "address" else [],
            "cases": [
                {
                    "id": _slug(case),
                    "sandboxed": case.where == "sandboxed",
                    "steps": [self._step(ask, f"{name}-{_slug(case)}") for ask in case.asks],
                }
                for case in mine
            ],
            "next": f"{self.page_url(_ORDER[following])}/runner.html?browser={name}" if following < len(_ORDER) else "",
        }

    def _step(self, ask: Ask, token: str) -> dict[str, Any]:
        return {
            "method": ask.method,
            "url": f"{self.target(ask.host)}/x/{token}/{ask.rest}",
            "headers": ask.headers,
            "credentials": ask.credentials,
            "mode": ask.mode,
            "redirect": ask.redirect,
            "body": ask.body,
            "api": ask.api,
            "upload_listener": ask.upload_listener,
            "wait_ms": ask.wait_ms,
        }

    def _take_results(self, name: Name, results: dict[str, list[dict[str, Any]]]) -> None:
        for slug, reports in results.items():
            self._results[name, slug] = reports
        if sum(browser == name for browser, _ in self._results) == len(self.cases):
            self._done[name].set()


async def open_court(cases: Sequence[Case]) -> Court:
    """A court with all its servers; to be closed."""
    lab = Lab(max_experiments=100_000)
    court = Court(cases, lab, await start_lab_server(lab), LoopbackCertificate())
    await court.open_pages()
    return court


def compile_policy(policy: Policy, page_origin: str) -> CorsPolicy | None:
    """The policy as the gateway's configuration decoder makes it; None where CORS is off."""
    decoded = decode_service_cors(
        ABSENT if policy.block is None else _fill(policy.block, page_origin),
        ABSENT if policy.crossgate is None else _fill(policy.crossgate, page_origin),
        config_version=policy.version,
    )
    errors = [found for found in decoded.diagnostics if found.severity is Severity.ERROR]
    if errors:
        raise ValueError(f"{policy}: {errors[0]}")
    return decoded.default


def _fill(value: Any, page_origin: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _fill(item, page_origin) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, page_origin) for item in value]
    return value.replace("{page}", page_origin) if isinstance(value, str) else value


_FILES = {
    b"/runner.html": (b"text/html; charset=utf-8", "runner.html"),
    b"/frame.html": (b"text/html; charset=utf-8", "frame.html"),
    b"/runner.js": (b"text/javascript", "runner.js"),
    b"/perform.js": (b"text/javascript", "perform.js"),
}
_NOWHERE = Response(404, [(b"content-type", b"text/plain")], b"nowhere")
_COOKIE_REPLY = Reply(200, (*PLAIN.headers, ("Set-Cookie", _COOKIE)))
_WARM_UP_POLICY = Policy(
    {"allow_origins": ["{page}"], "allow_methods": ["PUT"], "allow_credentials": True, "max_age": "600s"}
)


def _response(reply: Reply, names: Mapping[str, str]) -> Response:
    fields: Fields = []
    for name, value in reply.headers:
        for placeholder, meaning in names.items():
            value = value.replace(f"{{{placeholder}}}", meaning)
        fields.append((name.lower().encode(), value.encode("latin-1")))
    return Response(reply.status, fields, reply.body.encode())


def _summary(
    method: bytes, path: str, host: str, fields: Iterable[tuple[bytes, bytes]], credentials: bool
) -> tuple[str, ...]:
    found = dict(fields)
    asked = [found.get(name, b"-").decode("latin-1") for name in _TELLING]
    rest = path.split("/", 3)[-1]
    return (method.decode(), host, rest, *asked, "cookie" if credentials else "no cookie")


_TELLING = (b"origin", b"access-control-request-method", b"access-control-request-headers")


def _split(seen: Sequence[Seen], counts: Sequence[int]) -> list[tuple[tuple[str, ...], ...]]:
    """The requests that were seen, dealt out to the asks as many as each should have made, the rest to the last."""
    rows = [
        _summary(
            one.method,
            "/x/t/" + one.rest.decode(),
            one.host.decode(),
            one.fields,
            b"who=" in (one.first(b"cookie") or b""),
        )
        for one in seen
    ]
    dealt = []
    for index, count in enumerate(counts):
        last = index == len(counts) - 1
        dealt.append(tuple(rows if last else rows[:count]))
        rows = rows[count:]
    return dealt


def _comparable(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, without those of the connection: the model's connections close, a browser's do not."""
    return tuple(sorted({name.lower() for name in names} - {"connection", "keep-alive"}))


def _slug(case: Case) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}" for c in case.name)


def _browser_name(text: str) -> Name:
    return "firefox" if text == "firefox" else "chromium"


def _whole(request: Request) -> bytes:
    return request.body if isinstance(request.body, bytes) else b""
