"""The patterns of paths as gin has them, and the routes of a service."""

import pytest

from crossgate.config.model import RouterConfig
from crossgate.config.url_paths import endpoint_params, router_pattern
from crossgate.plan.routes import compile_routes, param_names
from tests.support.pipeline import endpoint, service


@pytest.mark.parametrize(
    ("path", "pattern", "names"),
    [
        ("/", "/", ()),
        ("/a/", "/a/", ()),
        ("/{id}/x", "/:id/x", ("id",)),
        ("/any/{x}.json", "/any/:x.json", ("x.json",)),
        ("/{x}{y}/z", "/:x{y}/z", ("x{y}",)),
        ("/a{x}", "/a{x}", ()),
        ("/{x}/a{x}", "/:x/a:x", ("x", "x")),
        ("/{x}?q={x}", "/:x?q={x}", ("x?q={x}",)),
        ("/{x.y}", "/{x.y}", ()),
        ("/{", "/{", ()),
        ("/:x", "/:x", ("x",)),
        ("/a\\:b/{x}", "/a\\:b/:x", ("x",)),
    ],
)
def test_a_parameter_takes_the_rest_of_its_segment(path: str, pattern: str, names: tuple[str, ...]) -> None:
    assert router_pattern(path, endpoint_params(path, disable_rest=False)) == pattern
    assert param_names(pattern) == names


def test_without_rest_rules_a_parameter_may_stand_behind_text() -> None:
    path = "/a-{x}/b"
    assert router_pattern(path, endpoint_params(path, disable_rest=True)) == "/a-:x/b"


@pytest.mark.parametrize(
    ("path", "pattern"),
    [("//a", "/a"), ("/a//b", "/a/b"), ("/a/../b/", "/b/"), ("/./a", "/a"), ("/..", "/"), ("//", "/")],
)
def test_routes_have_no_empty_or_dot_segments(path: str, pattern: str) -> None:
    config = service(endpoint(path), router=RouterConfig(health_path=path + "/up"))
    health, route = compile_routes(config)
    assert route.pattern == pattern
    assert health.pattern == pattern.rstrip("/") + "/up"


def test_every_path_has_one_options_route_with_its_methods() -> None:
    endpoints = [endpoint("/a", method="PUT"), endpoint("/b"), endpoint("/a")]
    routes = compile_routes(service(*endpoints, router=RouterConfig(auto_options=True)))
    options = [(route.path, route.allow) for route in routes if route.method == "OPTIONS"]
    assert options == [("/a", "GET, PUT"), ("/b", "GET")]
