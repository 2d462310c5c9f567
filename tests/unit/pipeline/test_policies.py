"""Which CORS policy holds for a request."""

import pytest

from crossgate.config.model import RouterConfig
from crossgate.cors import CorsPolicy
from tests.support.pipeline import Gateway, backend, endpoint, field, request, service

SERVICE = CorsPolicy(allow_origins=["https://service.example"])
OWN = CorsPolicy(allow_origins=["https://own.example"])
ORIGIN = ("Origin", "https://x.example")


def preflight(target: str, method: str) -> list[CorsPolicy | None]:
    gateway = with_own()
    asked = request(target, "OPTIONS", [ORIGIN, ("Access-Control-Request-Method", method)])
    return [gateway.pipe.policy_for(asked)]


def with_own(router: RouterConfig | None = None) -> Gateway:
    return Gateway(
        service(
            endpoint("/own/{id}", backend(), method="PUT", cors=OWN),
            endpoint("/own/{id}", backend()),
            endpoint("/plain", backend()),
            endpoint("/slash/{id}/", backend(), method="POST", cors=OWN),
            cors=SERVICE,
            router=router or RouterConfig(),
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


@pytest.mark.parametrize(
    ("target", "method"),
    [
        ("/own/1/", "PUT"),  # the slash at the end
        ("/OWN/1", "PUT"),
        ("//own//1", "PUT"),
        ("/x/../own/1/", "PUT"),
        ("/OWN/1/", "PUT"),
        ("/slash/1", "POST"),
        ("/SLASH/1", "POST"),
        ("/slash/1", "PUT"),  # a redirect only if the method has the path
        ("/slash/1/", "DELETE"),
        ("/slash/1/", "HEAD"),
    ],
)
def test_redirects_and_405s_have_the_policy_of_the_route_they_are_about(target: str, method: str) -> None:
    gateway = with_own()
    status = gateway.get(target, method).status
    expected = SERVICE if status == 404 else OWN
    assert status in ({404} if expected is SERVICE else {307, 405})
    assert gateway.pipe.policy_for(request(target, method, [ORIGIN])) is expected
    assert preflight(target, method) == [expected]


def test_the_first_method_of_an_allow_field_decides_over_a_405() -> None:
    gateway = with_own()
    assert field(gateway.get("/own/1", "DELETE"), "allow") == ["GET, PUT"]
    assert gateway.pipe.policy_for(request("/own/1", "DELETE", [ORIGIN])) is SERVICE


def test_where_redirects_and_405s_are_switched_off_nothing_is_about_a_route() -> None:
    options = RouterConfig(
        disable_redirect_trailing_slash=True,
        disable_redirect_fixed_path=True,
        disable_handle_method_not_allowed=True,
    )
    gateway = with_own(router=options)
    for target, method in (("/own/1/", "PUT"), ("/slash/1", "POST"), ("/slash/1/", "DELETE")):
        assert gateway.get(target, method).status == 404
        assert gateway.pipe.policy_for(request(target, method, [ORIGIN])) is SERVICE


def test_extra_slashes_that_are_removed_lead_to_the_endpoints_policy() -> None:
    gateway = with_own(router=RouterConfig(remove_extra_slash=True))
    assert gateway.pipe.policy_for(request("//slash///1//", "POST", [ORIGIN])) is OWN
    assert gateway.pipe.policy_for(request("//slash///1", "POST", [ORIGIN])) is OWN


def test_redirects_that_go_round_in_circles_have_the_services_policy() -> None:
    gateway = Gateway(service(endpoint("/way/{x}/{y}", cors=OWN), endpoint("/way/a/{x}/end", cors=OWN), cors=SERVICE))
    assert gateway.get("/way/a/b").status == 301
    assert gateway.pipe.policy_for(request("/way/a/b", "GET", [ORIGIN])) is SERVICE


@pytest.mark.parametrize("auto_options", [True, False])
def test_plain_options_request_is_about_the_endpoint_of_its_path(auto_options: bool) -> None:
    gateway = with_own(router=RouterConfig(auto_options=auto_options))
    assert gateway.pipe.policy_for(request("/slash/1/", "OPTIONS", [ORIGIN])) is OWN
    assert gateway.pipe.policy_for(request("/plain", "OPTIONS", [ORIGIN])) is SERVICE


def test_options_request_that_is_no_preflight_has_the_services_policy() -> None:
    gateway = with_own()
    assert gateway.pipe.policy_for(request("/own/1", "OPTIONS", [("Access-Control-Request-Method", "PUT")])) is SERVICE
    assert gateway.pipe.policy_for(request("/own/1", "OPTIONS", [ORIGIN])) is SERVICE


def test_endpoint_may_have_a_policy_where_the_service_has_none() -> None:
    gateway = Gateway(service(endpoint("/own", cors=OWN), endpoint("/plain")))
    assert gateway.pipe.policy_for(request("/own")) is OWN
    assert gateway.pipe.policy_for(request("/plain")) is None
