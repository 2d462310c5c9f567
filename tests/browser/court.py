"""One sitting of the judges: the gateway's server with all cases, page origins, browsers, and the model beside them.

Does not compare; what it finds are values.
"""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence

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
from tests.browser.case import Ask, Case
from tests.browser.certificate import LoopbackCertificate
from tests.browser.experiments import make_experiment, warm_up_case
from tests.browser.finding import Finding, Observation, deal_out, expected_of, observed_of, show_decision
from tests.browser.launch import FOREIGN_NAME, Name, running_browser
from tests.browser.page_origins import PageOrigins
from tests.browser.places import Places

SITTING_SECONDS = 150.0  # on a machine at rest it takes ten
MODELS: Mapping[Name, Browser] = {"chromium": CHROMIUM, "firefox": FIREFOX}


class Court:
    """All servers of one sitting. Made by `open_court`."""

    def __init__(
        self, cases: Sequence[Case], pages: PageOrigins, lab: Lab, lab_server: LabServer, places: Places
    ) -> None:
        self.cases = cases
        self._pages = pages
        self._lab = lab
        self._lab_server = lab_server
        self._places = places
        self._gateways = tuple(map(places.target, ("address", "name", "foreign")))
        self._experiments: dict[str, Experiment] = {}
        self.consoles: dict[Name, str] = {}

    async def close(self) -> None:
        """Stop everything."""
        await self._pages.close()
        await self._lab_server.close()

    async def judge(self, name: Name, certificate: LoopbackCertificate) -> list[Finding]:
        """Have the browser run all cases. Raises TimeoutError with what is known when it does not get to the end."""
        self._install(warm_up_case(), f"{name}-warm-up")
        for case in self.cases:
            self._install(case, f"{name}-{case.slug}")
            self._install(case, f"model-{name}-{case.slug}")
        trust = certificate.trust([f"127.0.0.1:{self._places.page_ports['tls']}"])
        url = f"{self._places.page_url('address')}/runner.html?browser={name}"
        with running_browser(name, url, trust=trust) as browser:
            try:
                await asyncio.wait_for(self._pages.done[name].wait(), SITTING_SECONDS)
            except TimeoutError:
                tail = browser.log_path.read_text(errors="replace")[-2000:]
                raise TimeoutError(f"{name} gave up with {len(self._pages.reports)} reports; {tail}") from None
            self.consoles[name] = browser.log_path.read_text(errors="replace")
        if self._pages.failures:
            raise RuntimeError(self._pages.failures[0])
        return [await self._finding(case, name) for case in self.cases]

    async def expect_without(self, departure: str, case: Case, name: Name) -> tuple[Observation, ...]:
        """What the model would expect of that browser if it kept to the standard in one respect."""
        model = dataclasses.replace(MODELS[name], **{departure: getattr(STANDARD, departure)})
        return self._expected(await self._traces(case, name, model))

    def seen(self, case: Case, name: Name) -> list[Seen]:
        """What of a case reached the lab from that browser."""
        return self._experiments[f"{name}-{case.slug}"].seen

    def _install(self, case: Case, token: str) -> None:
        self._experiments[token] = make_experiment(case, token, self._places)
        self._lab.install(token, self._experiments[token])

    async def _finding(self, case: Case, name: Name) -> Finding:
        traces = await self._traces(case, name, MODELS[name])
        reports = self._pages.reports.get((name, case.slug), [])
        expected = self._expected(traces)
        requests = deal_out(self.seen(case, name), [len(one.requests) for one in expected])
        return Finding(
            case,
            name,
            expected,
            tuple(observed_of(report, made) for report, made in zip(reports, requests, strict=False)),
            tuple(report.get("error", "") for report in reports),
            tuple(traces),
            tuple(map(show_decision, self.seen(case, name))),
        )

    def _expected(self, traces: Sequence[Trace]) -> tuple[Observation, ...]:
        return tuple(expected_of(trace, self._gateways) for trace in traces)

    async def _traces(self, case: Case, name: Name, model: Browser) -> list[Trace]:
        """The model's traces, drawn from what the real server answers to what the model sends."""
        loop = asyncio.get_running_loop()
        cache = PreflightCache(model)

        def respond(wire: WireRequest) -> WireResponse | NetworkFailure:
            return asyncio.run_coroutine_threadsafe(_send(wire), loop).result()

        traces = []
        for ask in case.asks:
            cache.now_seconds += ask.wait_ms / 1000
            request = self._request(case, ask, f"model-{name}-{case.slug}")
            traces.append(await asyncio.to_thread(run_fetch, request, respond, model, cache))
        return traces

    def _request(self, case: Case, ask: Ask, token: str) -> FetchRequest:
        return FetchRequest(
            self._places.origin(case.where),
            f"{self._places.target(ask.host)}/x/{token}/{ask.rest}",
            ask.method,
            ask.headers,
            ask.credentials,
            ask.mode,
            ask.redirect,
            has_body=bool(ask.body),
            upload_listener=ask.upload_listener,
        )


async def open_court(cases: Sequence[Case], certificate: LoopbackCertificate) -> Court:
    """A court with all its servers; to be closed."""
    lab = Lab(max_experiments=100_000)
    lab_server = await start_lab_server(lab)
    pages = PageOrigins(cases)
    await pages.open(certificate)
    pages.places = Places(pages.ports, lab_server.port)
    return Court(cases, pages, lab, lab_server, pages.places)


async def _send(wire: WireRequest) -> WireResponse | NetworkFailure:
    url = parse_url(wire.url)
    if url.scheme != "http":
        return NetworkFailure("the model's side speaks no TLS")
    fields = [(b"host", url.authority.encode()), *wire.fields]
    host = "127.0.0.1" if url.host == FOREIGN_NAME else url.host
    try:
        raw = await exchange(host, url.port, wire.method, url.target, fields)
    except ExchangeError as error:
        return NetworkFailure(str(error))
    return WireResponse(raw.status, tuple((name.lower(), value) for name, value in raw.fields))
