import asyncio

from crossgate.cors import CorsPolicy, Decision, Kind
from crossgate.demo.lab import Experiment, Lab
from crossgate.demo.lab_server import start_lab_server
from crossgate.demo.raw_exchange import RawResponse, exchange
from crossgate.flow.fiber import run_to_end
from crossgate.http.message import Request, Response


def policy(origin: str, **keys: object) -> CorsPolicy:
    return CorsPolicy.from_krakend(
        {"allow_origins": [origin], "allow_methods": ["GET", "PUT"], **keys}, config_version=3
    )


def answer(request: Request, rest: bytes) -> Response:
    return Response(200, [(b"access-control-allow-origin", b"*")], request.method + b" " + rest, from_backend="lab")


def ask(token: str, rest: str = "", origin: str = "https://a.example", method: bytes = b"GET") -> Request:
    return Request(method, f"/x/{token}/{rest}".encode(), None, [(b"origin", origin.encode())])


def decided(lab: Lab, request: Request) -> Decision | None:
    return lab.decide(request, lab.route(request))


def responded(lab: Lab, request: Request) -> Response:
    return run_to_end(lab.route(request).respond(request))


def test_each_experiment_decides_by_its_own_policy() -> None:
    lab = Lab(10)
    lab.install("a", Experiment(policy("https://a.example"), answer))
    lab.install("b", Experiment(policy("https://b.example"), answer))
    decisions = [decided(lab, ask("a")), decided(lab, ask("b"))]

    assert [decision.allowed for decision in decisions if decision is not None] == [True, False]


def test_experiment_is_told_what_it_was_asked_and_what_was_decided() -> None:
    lab = Lab(10)
    experiment = Experiment(policy("https://a.example"), answer)
    lab.install("a", experiment)
    decided(lab, ask("a", "one", method=b"PUT"))
    seen = experiment.seen[0]

    assert (seen.method, seen.rest, seen.first(b"origin")) == (b"PUT", b"one", b"https://a.example")
    assert seen.decision is not None
    assert seen.decision.kind is Kind.ACTUAL


def test_experiment_without_a_policy_is_left_alone() -> None:
    lab = Lab(10)
    lab.install("a", Experiment(None, answer))

    assert decided(lab, ask("a")) is None
    assert lab.route(ask("a")).upstream_mode == "pass"


def test_unknown_experiment_is_not_found_and_has_no_cors() -> None:
    lab = Lab(10)

    assert decided(lab, ask("nobody")) is None
    assert responded(lab, ask("nobody")).status == 404
    assert responded(lab, Request(b"GET", b"/", None, [])).status == 404


def test_oldest_experiment_goes_when_there_are_too_many() -> None:
    lab = Lab(2)
    for token in "abc":
        lab.install(token, Experiment(None, answer))

    assert [lab.find(token) is not None for token in "abc"] == [False, True, True]


def test_gateways_server_makes_the_edits() -> None:
    async def run() -> tuple[RawResponse, RawResponse]:
        lab = Lab(10)
        lab.install("a", Experiment(policy("https://a.example"), answer))
        server = await start_lab_server(lab)
        fields = [(b"Host", b"127.0.0.1"), (b"Origin", b"https://a.example")]
        asked = [*fields, (b"Access-Control-Request-Method", b"PUT")]
        try:
            preflight = await exchange("127.0.0.1", server.port, "OPTIONS", "/x/a/rest", asked)
            return preflight, await exchange("127.0.0.1", server.port, "GET", "/x/a/rest", fields)
        finally:
            await server.close()

    preflight, actual = asyncio.run(run())

    assert preflight.status == 204
    assert [value for name, value in actual.fields if name.lower() == b"access-control-allow-origin"] == [
        b"https://a.example"
    ]
    assert actual.body == b"GET rest"
