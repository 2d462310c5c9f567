"""Laws of routing, against a naive model that tries all routes one after the other."""

import timeit
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.golang.url import escape_path, path_unescape, request_target
from crossgate.pipeline.router import MethodRoutes, Router, clean_path
from crossgate.plan.routes import Segment, parse_segments

texts = st.sampled_from(["a", "b", "ab", "A", "é", ""])
route_segments = st.lists(st.one_of(texts, st.just("{p}"), st.just("a{p}")), min_size=1, max_size=4)
path_segments = st.lists(st.sampled_from(["a", "b", "ab", "abc", "A", "B", "é", "É", "x", ""]), min_size=1, max_size=4)


def segments_of(parts: Sequence[str]) -> tuple[Segment, ...]:
    return parse_segments("/" + "/".join(parts), ("p",))


def matches(route: Sequence[Segment], parts: Sequence[str]) -> list[bytes] | None:
    """The values of a route's parameters, None where the path is not the route's."""
    if len(route) != len(parts):
        return None
    values = []
    for index, (segment, part) in enumerate(zip(route, parts, strict=True)):
        if not segment.param:
            if segment.text != part:
                return None
        else:
            value = part.removeprefix(segment.text)
            if not part.startswith(segment.text) or (not value and index + 1 == len(parts)):
                return None
            values.append(value.encode())
    return values


def rank(route: Sequence[Segment], parts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Earlier segments decide; text before parameters, longer text before shorter."""
    return tuple((1 if segment.param else 0, -len(segment.text.encode())) for segment in route[: len(parts)])


@settings(max_examples=700, deadline=None)
@given(st.lists(route_segments, min_size=1, max_size=8), path_segments)
def test_router_chooses_as_the_model_does(routes: list[list[str]], parts: list[str]) -> None:
    compiled: MethodRoutes[int] = MethodRoutes()
    distinct: dict[tuple[Segment, ...], int] = {}
    for index, route in enumerate(routes):
        segments = segments_of(route)
        compiled.add(segments, index + 1)
        distinct.setdefault(segments, index + 1)
    candidates = [route for route in distinct if matches(route, parts) is not None]
    found = compiled.find(("/" + "/".join(parts)).encode())
    if not candidates:
        assert found is None
    else:
        best = min(candidates, key=lambda route: rank(route, parts))
        assert found == (distinct[best], matches(best, parts))


@settings(max_examples=800, deadline=None)
@given(st.lists(route_segments, min_size=1, max_size=6), path_segments)
def test_a_fixed_path_has_a_route_and_differs_in_case_and_slashes_only(
    routes: list[list[str]], parts: list[str]
) -> None:
    compiled: MethodRoutes[int] = MethodRoutes()
    for index, route in enumerate(routes):
        compiled.add(segments_of(route), index + 1)
    path = ("/" + "/".join(parts)).encode()
    fixed = compiled.find_fixed(path)
    if fixed is not None:
        assert compiled.find(fixed) is not None
        assert fixed.decode().lower().strip("/") == clean_path(path).decode().lower().strip("/")
    elif compiled.find(clean_path(path)) is not None:
        raise AssertionError("a path that has a route was not found")


@settings(max_examples=700, deadline=None)
@given(st.binary(max_size=40))
def test_clean_paths_stay_and_never_look_like_a_host(raw: bytes) -> None:
    clean = clean_path(raw)
    assert clean.startswith(b"/")
    assert not clean.startswith(b"//")
    assert clean_path(clean) == clean
    assert b"/../" not in clean + b"/"


@settings(max_examples=700, deadline=None)
@given(st.binary(max_size=40))
def test_escaped_paths_decode_to_what_they_were(raw: bytes) -> None:
    escaped = escape_path(raw)
    assert path_unescape(escaped) == raw
    assert escaped.isascii()


@settings(max_examples=700, deadline=None)
@given(st.binary(max_size=60))
def test_request_targets_are_one_word_of_printable_ascii(raw: bytes) -> None:
    try:
        target = request_target(b"/" + raw)
    except ValueError:
        return
    assert target.startswith(b"/")
    assert all(0x21 <= byte <= 0x7E for byte in target)
    assert request_target(target) == target


def lookup_seconds(count: int) -> float:
    router: Router[int] = Router()
    for index in range(count):
        router.add("GET", parse_segments(f"/static/{index}/x", ()), index + 1)
        router.add("GET", parse_segments(f"/api/{index}/{{id}}/y", ("id",)), index + 1)
    paths = [b"/static/%d/x" % (count // 2), b"/api/%d/77/y" % (count // 2), b"/api/none/77/y"]

    def look_up() -> None:
        for path in paths:
            router.find(b"GET", path)

    return min(timeit.repeat(look_up, number=300, repeat=15))


def test_cost_of_a_route_does_not_grow_with_their_number() -> None:
    ratios = [lookup_seconds(10_000) / lookup_seconds(10) for _ in range(3)]
    assert min(ratios) <= 1.5, ratios
