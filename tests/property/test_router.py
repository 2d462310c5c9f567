"""Laws of routing, and the router beside a model of gin that looks at the set of routes alone."""

import os
import re
import timeit
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.golang.route_tree import RouteConflictError
from crossgate.golang.url import escape_path, path_unescape, request_target
from crossgate.pipeline.router import MethodRoutes, Router, clean_path
from tests.support import gin_routes

WORDS = ["a", "b", "ab", "abc", "x", "whoami"]
SEGMENTS = [*WORDS, ":p", ":p", ":p", ":q", "A", "a-:p", ":", "a:p"]
VALUES = [*WORDS, "", "zz", "AB", "abcd", "a-", "a-b", "who"]
TABLES = 20_000
LOOK_UPS = 12


def random_table(random: Random) -> list[str]:
    """A few routes that may not get on: most tables have one name for parameters."""
    segments = SEGMENTS if random.random() < 0.3 else SEGMENTS[: random.choice((7, 9))]
    routes = []
    for _ in range(random.randint(1, 7)):
        slash = random.choice(("", "", "/"))
        routes.append("/" + "/".join(random.choices(segments, k=random.randint(1, 4))) + slash)
    return routes


def random_path(random: Random, routes: list[str]) -> str:
    """Mostly one that nearly is a route's."""
    if random.random() < 0.25:
        path = "/" + "/".join(random.choices(VALUES, k=random.randint(1, 5)))
    else:
        path = re.sub(":[^/]*", lambda _: random.choice(VALUES), random.choice(routes))
    match random.randrange(8):
        case 0:
            path += "/"
        case 1:
            path = path[:-1] or "/"
        case 2:
            path = path.upper()
        case 3:
            path = path.replace("/", "//", 1)
        case 4:
            path += "/" + random.choice(VALUES)
    return path


def compiled(patterns: list[str]) -> MethodRoutes[str]:
    routes: MethodRoutes[str] = MethodRoutes()
    for pattern in patterns:
        routes.add(pattern, pattern)
    return routes


def test_router_is_gins_on_random_tables() -> None:
    seed = None if os.environ.get("CROSSGATE_RANDOM") == "1" else 11
    random = Random(seed)
    seen: dict[str, int] = {}
    for _ in range(TABLES):
        patterns = random_table(random)
        gin_routes.step_of.cache_clear()
        try:
            routes = compiled(patterns)
        except RouteConflictError:
            assert not gin_routes.starts(patterns), patterns
            seen["conflict"] = seen.get("conflict", 0) + 1
            continue
        assert gin_routes.starts(patterns), patterns
        for _ in range(LOOK_UPS):
            path = random_path(random, patterns)
            expected = gin_routes.look_up(patterns, path)
            found = routes.find(path.encode())
            if expected.route:
                assert found == (expected.route, [value.encode() for value in expected.values]), (patterns, path)
                kind = "route"
            else:
                assert found is None, (patterns, path)
                assert routes.recommends_other_slash(path.encode()) == expected.turns_slash, (patterns, path)
                fixed = gin_routes.fold(patterns, clean_path(path.encode()).decode())
                expected_fixed = None if fixed is None else fixed.encode()
                assert routes.find_fixed(path.encode()) == expected_fixed, (patterns, path)
                kind = "slash" if expected.turns_slash else "nothing" if fixed is None else "fixed"
            seen[kind] = seen.get(kind, 0) + 1
    assert min(seen[kind] for kind in ("conflict", "route", "slash", "fixed", "nothing")) > TABLES / 10, seen


route_texts = st.text(alphabet="aAéÉÿŸĩĨσΣⲀⲁ", min_size=1, max_size=4)


@settings(max_examples=700, deadline=None)
@given(st.lists(route_texts, min_size=1, max_size=5, unique=True), st.data())
def test_letters_of_any_script_are_found_in_another_case(texts: list[str], data: st.DataObject) -> None:
    routes = compiled([f"/{text}" for text in texts])
    text = data.draw(st.sampled_from(texts))
    other = "".join(data.draw(st.sampled_from((letter, letter.swapcase()))) for letter in text)
    fixed = routes.find_fixed(f"/{other}".encode())
    assert fixed is not None
    assert fixed.decode()[1:] in texts


@settings(max_examples=800, deadline=None)
@given(st.lists(st.binary(max_size=6), min_size=1, max_size=4))
def test_any_bytes_of_a_path_get_an_answer(parts: list[bytes]) -> None:
    routes = compiled(["/é/:p/x", "/è", "/a/:p", "/a/b/", "/a/:p/*rest"])
    path = b"/" + b"/".join(parts)
    routes.find(path)
    routes.recommends_other_slash(path)
    routes.find_fixed(path)


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
        router.add("GET", f"/static/{index}/x", index + 1)
        router.add("GET", f"/api/{index}/:id/y", index + 1)
    paths = [b"/static/%d/x" % (count // 2), b"/api/%d/77/y" % (count // 2), b"/api/none/77/y"]

    def look_up() -> None:
        for path in paths:
            router.find(b"GET", path)

    return min(timeit.repeat(look_up, number=300, repeat=15))


def test_cost_of_a_route_does_not_grow_with_their_number() -> None:
    ratios = [lookup_seconds(10_000) / lookup_seconds(10) for _ in range(3)]
    assert min(ratios) <= 1.5, ratios
