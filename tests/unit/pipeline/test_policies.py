"""Which CORS policy holds for a request."""

from crossgate.cors import CorsPolicy
from tests.support.pipeline import Gateway, backend, endpoint, request, service

SERVICE = CorsPolicy(allow_origins=["https://service.example"])
OWN = CorsPolicy(allow_origins=["https://own.example"])
ORIGIN = ("Origin", "https://x.example")


def preflight(target: str, method: str) -> list[CorsPolicy | None]:
    gateway = with_own()
    asked = request(target, "OPTIONS", [ORIGIN, ("Access-Control-Request-Method", method)])
    return [gateway.pipe.policy_for(asked)]


def with_own() -> Gateway:
    return Gateway(
        service(
            endpoint("/own/{id}", backend(), method="PUT", cors=OWN),
            endpoint("/own/{id}", backend()),
            endpoint("/plain", backend()),
            cors=SERVICE,
        )
    )


def test_services_policy_holds_everywhere_if_no_endpoint_has_its_own() -> None:
    gateway = Gateway(service(endpoint("/a"), cors=SERVICE))
    for target in ("/a", "/nope", "/%zz", "/__health"):
        assert gateway.pipe.policy_for(request(target)) is SERVICE
    assert Gateway(service(endpoint("/a"))).pipe.policy_for(request("/a")) is None


def test_endpoints_policy_holds_for_its_method_and_path() -> None:
    gateway = with_own()
    assert gateway.pipe.policy_for(request("/own/1", "PUT", [ORIGIN])) is OWN
    assert gateway.pipe.policy_for(request("/own/1", "GET", [ORIGIN])) is SERVICE
    assert gateway.pipe.policy_for(request("/plain", "GET", [ORIGIN])) is SERVICE
    assert gateway.pipe.policy_for(request("/own/1/2", "PUT", [ORIGIN])) is SERVICE
    assert gateway.pipe.policy_for(request("/own/%zz", "PUT", [ORIGIN])) is SERVICE


def test_preflight_has_the_policy_of_the_endpoint_it_asks_about() -> None:
    assert preflight("/own/1", "PUT") == [OWN]
    assert preflight("/own/1", "GET") == [SERVICE]
    assert preflight("/own/1", "DELETE") == [SERVICE]
    assert preflight("/nowhere", "PUT") == [SERVICE]


def test_options_request_that_is_no_preflight_has_the_services_policy() -> None:
    gateway = with_own()
    assert gateway.pipe.policy_for(request("/own/1", "OPTIONS", [("Access-Control-Request-Method", "PUT")])) is SERVICE
    assert gateway.pipe.policy_for(request("/own/1", "OPTIONS", [ORIGIN])) is SERVICE


def test_endpoint_may_have_a_policy_where_the_service_has_none() -> None:
    gateway = Gateway(service(endpoint("/own", cors=OWN), endpoint("/plain")))
    assert gateway.pipe.policy_for(request("/own")) is OWN
    assert gateway.pipe.policy_for(request("/plain")) is None
