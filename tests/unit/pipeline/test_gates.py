"""Gates around endpoints: asked in order, at one place, and what they may add."""

from collections.abc import Callable
from typing import Any

import pytest

from crossgate.config.model import RouterConfig
from crossgate.flow.fiber import Flow, Signal
from crossgate.http.gate import GateView, Verdict
from crossgate.http.message import Response
from crossgate.pipeline.joined import NothingJoined
from crossgate.plan import EndpointPlan, Identity, Plan, compile_plan
from tests.support.pipeline import Backend, Gateway, backend, endpoint, field, request, result, service

Look = Callable[[GateView], Verdict | Flow[Verdict]]


class Gate:
    """A gate that is one function."""

    def __init__(self, look: Look, reads: frozenset[bytes] = frozenset(), params: tuple[str, ...] = ()) -> None:
        self.look = look
        self.reads = reads
        self.params = params

    def __call__(self, view: GateView) -> Verdict | Flow[Verdict]:
        return self.look(view)


class Joined(NothingJoined):
    """Gates of the service and of every endpoint."""

    def __init__(self, *gates: Gate, of_service: tuple[Gate, ...] = ()) -> None:
        self.gates = gates
        self.of_service = of_service

    def service_gates(self) -> tuple[Gate, ...]:
        return self.of_service

    def endpoint_gates(self, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        return self.gates


def refuse(_view: GateView) -> Response:
    return Response(403)


def let_pass(_view: GateView) -> None:
    return None


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}])
def test_a_gate_that_answers_keeps_the_backend_uncalled(keys: dict[str, Any]) -> None:
    gateway = Gateway(service(endpoint(**keys)), joined=Joined(Gate(refuse)))
    assert gateway.get().status == 403
    assert gateway.backend.calls == []


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}])
def test_a_request_that_all_gates_let_pass_is_answered_as_without_them(keys: dict[str, Any]) -> None:
    plain = Gateway(service(endpoint(**keys)))
    guarded = Gateway(service(endpoint(**keys)), joined=Joined(Gate(let_pass), Gate(let_pass)))
    one, other = guarded.get(), plain.get()
    assert (one.status, one.fields, one.lines, one.body) == (other.status, other.fields, other.lines, other.body)
    for call, same in zip(guarded.backend.calls, plain.backend.calls, strict=True):
        assert (call.method, call.target, call.fields) == (same.method, same.target, same.fields)


def test_gates_are_asked_in_order_until_one_answers_those_of_the_service_first() -> None:
    asked: list[str] = []

    def named(name: str, verdict: Response | None) -> Gate:
        def look(_view: GateView) -> Response | None:
            asked.append(name)
            return verdict

        return Gate(look)

    joined = Joined(named("b", None), named("c", Response(429)), named("d", None), of_service=(named("a", None),))
    assert Gateway(service(endpoint()), joined=joined).get().status == 429
    assert asked == ["a", "b", "c"]


@pytest.mark.parametrize("verdict", [None, Response(401)])
def test_a_gate_may_wait_and_those_behind_it_are_asked_afterwards(verdict: Response | None) -> None:
    signal: Signal[Response | None] = Signal()
    asked: list[bytes] = []

    async def wait(_view: GateView) -> Response | None:
        return await signal

    def look(view: GateView) -> None:
        asked.append(view.method)

    async def wait_for_nothing(_view: GateView) -> None:
        return None

    gateway = Gateway(service(endpoint()), joined=Joined(Gate(wait), Gate(wait_for_nothing), Gate(look)))
    fiber = gateway.start(request())
    assert not fiber.done.settled
    assert asked == []
    signal.succeed(verdict)
    assert result(fiber).status == (200 if verdict is None else 401)
    assert asked == ([b"GET"] if verdict is None else [])


def test_a_gate_sees_the_request_and_the_values_of_its_route() -> None:
    seen: list[Any] = []

    def look(view: GateView) -> None:
        seen.extend([view.method, view.path, view.query, view.first(b"x-a"), view.client_ip])
        seen.extend([view.value("id"), view.value("Id")])

    gateway = Gateway(service(endpoint("/u/{id}")), joined=Joined(Gate(look, frozenset([b"x-a"]))))
    gateway.get("/u/a%20b?q=1", fields=[("X-A", "1"), ("X-A", "2")])
    assert seen == [b"GET", b"/u/a%20b", b"q=1", b"1", "203.0.113.9", b"a b", None]


def test_a_field_that_a_gate_sets_replaces_the_clients_and_passes_as_one_of_the_clients_does() -> None:
    def look(view: GateView) -> None:
        view.set_field(b"x-user", b"42")
        view.set_field(b"x-gone")
        view.set_field(b"x-several", b"1", b"2")
        view.set_field(b"x-hidden", b"1")

    def check(view: GateView) -> Response | None:
        return None if view.first(b"x-user") == b"42" and view.first(b"x-gone") is None else Response(500)

    config = service(endpoint(input_headers=("X-User", "X-Gone", "X-Other", "X-Several")))
    gateway = Gateway(config, joined=Joined(Gate(look), Gate(check)))
    sent = [("X-User", "1"), ("X-User", "2"), ("X-Gone", "1"), ("X-Other", "3")]
    assert gateway.get(fields=sent).status == 200
    assert gateway.backend.field("X-User") == ["42"]
    assert gateway.backend.field("X-Gone") == []
    assert gateway.backend.field("X-Several") == ["1", "2"]
    assert gateway.backend.field("X-Other") == ["3"]
    assert gateway.backend.field("X-Hidden") == []


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}])
@pytest.mark.parametrize("sets", [False, True])
def test_dev_gate_2_backends_get_the_line_that_a_gate_looked_at_and_no_other(sets: bool, keys: dict[str, Any]) -> None:
    def look(view: GateView) -> None:
        assert view.first(b"authorization") == b"good"
        if sets:
            view.set_field(b"x-user", b"42")

    gate = Gate(look, frozenset((b"authorization", b"cookie")))
    gateway = Gateway(service(endpoint(input_headers=("*",), **keys)), joined=Joined(gate))
    sent = [("X-A", "1"), ("Authorization", "good"), ("X-A", "2"), ("authorization", "evil"), ("Cookie", "a=1")]
    assert gateway.get(fields=[*sent, ("Cookie", "b=2")]).status == 200
    assert gateway.backend.field("Authorization") == ["good"]
    assert gateway.backend.field("X-A") == ["1", "2"]
    assert gateway.backend.field("Cookie") == ["a=1", "b=2"]
    assert gateway.backend.field("X-User") == (["42"] if sets else [])


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}])
@pytest.mark.parametrize("listed", ["*", "X-User"])
@pytest.mark.parametrize("connection", [["close, X-User"], ["x-user", "x-a"]])
def test_a_client_cannot_have_a_field_stopped_that_a_gate_sets(
    connection: list[str], listed: str, keys: dict[str, Any]
) -> None:
    def look(view: GateView) -> None:
        view.set_field(b"x-user", b"42")

    config = service(endpoint(input_headers=(listed, "X-A"), **keys))
    gateway = Gateway(config, joined=Joined(Gate(look)))
    sent = [("Connection", value) for value in connection]
    assert gateway.get(fields=[*sent, ("X-User", "1"), ("X-A", "1")]).status == 200
    assert gateway.backend.field("X-User") == ["42"]
    assert gateway.backend.field("X-A") == ([] if "x-a" in connection else ["1"])
    assert gateway.backend.field("Connection") == []


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}])
def test_a_parameter_that_a_gate_sets_goes_into_the_backends_path(keys: dict[str, Any]) -> None:
    def look(view: GateView) -> None:
        view.set_param("JWT.sub", b"42")

    config = service(endpoint("/u/{id}", backend("/{id}/{JWT.sub}/{JWT.none}-"), **keys))
    gateway = Gateway(config, joined=Joined(Gate(look, params=("JWT.sub", "JWT.none"))))
    gateway.get("/u/7")
    assert gateway.backend.targets == ["/7/42/-"]


@pytest.mark.parametrize("keys", [{}, {"output_encoding": "no-op"}])
@pytest.mark.parametrize("value", [b"..", b"../admin", b"a\\b", b"%2e%2e", b"a%252Fb"])
def test_dev_param_1_a_parameter_that_a_gate_sets_does_not_move_the_path(value: bytes, keys: dict[str, Any]) -> None:
    def look(view: GateView) -> None:
        view.set_param("JWT.sub", value)

    config = service(endpoint("/u", backend("/u/{JWT.sub}?s={JWT.sub}"), **keys))
    gateway = Gateway(config, joined=Joined(Gate(look, params=("JWT.sub",))))
    assert gateway.get("/u").status == 400
    assert gateway.backend.targets == []


@pytest.mark.parametrize("behind", [let_pass, refuse])
def test_fields_for_the_answer_reach_it_whoever_gives_it(behind: Look) -> None:
    def look(view: GateView) -> None:
        view.add_to_answer([(b"x-frame-options", b"DENY")])

    gateway = Gateway(service(endpoint()), joined=Joined(Gate(look), Gate(behind)))
    assert field(gateway.get(), "x-frame-options") == ["DENY"]


def test_gates_of_the_service_stand_before_everything_but_health() -> None:
    config = service(
        endpoint(), endpoint("/e/{a}", method="POST"), router=RouterConfig(auto_options=True), debug_endpoint=True
    )
    gateway = Gateway(config, joined=Joined(of_service=(Gate(refuse),)))
    for target, method in (("/e", "GET"), ("/none", "GET"), ("/e", "PUT"), ("/e/", "GET"), ("/__debug/a", "GET")):
        assert gateway.get(target, method).status == 403, target
    assert gateway.get("/e", "OPTIONS").status == 403
    assert gateway.get("/__health").status == 200


def test_a_plan_that_needs_components_is_not_built_without_them() -> None:
    def built(plan: Plan) -> None:
        NothingJoined(plan)

    for config in (
        service(endpoint(), components={"guard": 1}),
        service(endpoint(components={"guard": 1})),
        service(endpoint("/e", backend(components={"guard": 1}))),
        service(endpoint("/e", backend(), backend(shadow=True, components={"guard": 1}))),
    ):
        with pytest.raises(ValueError, match="guard"):
            built(compile_plan(config, identity=Identity.own("0")))
    assert Gateway(service(endpoint()), Backend()).get().status == 200
