"""The segments of paths as the router sees them."""

import pytest

from crossgate.config.url_paths import endpoint_params
from crossgate.plan.routes import Segment, parse_segments


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", [Segment("")]),
        ("/a/", [Segment("a"), Segment("")]),
        ("/{id}/x", [Segment("", "id"), Segment("x")]),
        ("/any/{x}.json", [Segment("any"), Segment("", "x.json")]),
        ("/{x}{y}/z", [Segment("", "x{y}"), Segment("z")]),
        ("/a{x}", [Segment("a{x}")]),
        ("/{x.y}", [Segment("{x.y}")]),
        ("/{", [Segment("{")]),
    ],
)
def test_a_parameter_takes_its_whole_segment(path: str, segments: list[Segment]) -> None:
    assert list(parse_segments(path, endpoint_params(path, disable_rest=False))) == segments


def test_without_rest_rules_a_parameter_may_stand_behind_text() -> None:
    path = "/a-{x}/b"
    assert parse_segments(path, endpoint_params(path, disable_rest=True)) == (Segment("a-", "x"), Segment("b"))
