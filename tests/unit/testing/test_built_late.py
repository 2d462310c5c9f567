"""A test stand whose endpoints are built when they are first asked does what one does that is built at once."""

import asyncio
import json
import lzma
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.component import Component, Part, StartError
from crossgate.components.survival import Survivors
from crossgate.config.load import load_text
from crossgate.config.model import ServiceConfig
from crossgate.pipeline import build
from crossgate.testing import stand as stands
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.player import rendered
from crossgate.testing.stand import Stand
from crossgate.testing.tokens import Mint
from tests.property.test_written_suites import CONFIG
from tests.support.work import many_endpoints

DATA = Path(__file__).parents[2] / "data"
EAGER = partial(stands.Worker, builds_late=False)


def trees() -> Iterator[Any]:
    yield pytest.param(CONFIG, id="all guards")
    yield pytest.param(many_endpoints(12), id="many")
    for name in ("corpus_auth", "corpus_limits"):
        for number, tree in json.loads(lzma.decompress((DATA / f"{name}.json.xz").read_bytes())).items():
            yield pytest.param(tree, id=f"{name} {number}")


def configuration(tree: Any) -> ServiceConfig:
    config = load_text(json.dumps(tree).encode(), components=COMPONENTS, allow_unsupported=True).config
    assert config is not None
    return config


@contextmanager
def stand(config: ServiceConfig, components: Sequence[Component] = COMPONENTS) -> Iterator[Stand]:
    clock = Clock(1_790_000_000.0)
    backends, mint = Backends(clock), Mint(config, clock.wall)
    backends.hidden = mint.key_sets
    opened = Stand(mint.config, components=components, environ={}, clock=clock, backends=backends)
    try:
        yield opened
    finally:
        opened.close()


def asked(opened: Stand) -> list[Any]:
    """What it says to one request for each endpoint, with and without a header, and to some that no endpoint takes."""
    told: list[Any] = []
    for endpoint in opened.plan.endpoints:
        path = endpoint.config.path.replace("{", "").replace("}", "")
        for fields in ((), (("Origin", "https://app.example.com"), ("User-Agent", "curl/8"), ("Authorization", "x"))):
            for forgets in (True, False):
                if forgets:
                    opened.forget([(endpoint.config.method, path)])
                answered = opened.ask(rendered(endpoint.config.method, path, fields, None))
                same = [field for field in answered.fields if field[0].lower() != "x-request-id"]
                told.append((answered.status, same, answered.route, answered.passed_gates, answered.refused_by))
                told.append((answered.body, answered.reason))
    opened.forget()
    paths = ("/__ready", "/none", "/__ready")
    return told + [(opened.ask(rendered("GET", path, (), None)).status, path) for path in paths]


@pytest.mark.parametrize("tree", list(trees()))
def test_it_answers_as_if_it_had_been_built_at_once(tree: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configuration(tree)
    with stand(config) as late:
        gated, answers = late.gated(), asked(late)
        assert late.gated() == gated
    monkeypatch.setattr(stands, "Worker", EAGER)
    with stand(config) as eager:
        assert gated == eager.gated()
        assert _without_bodies_by_chance(answers) == _without_bodies_by_chance(asked(eager))


def _without_bodies_by_chance(told: list[Any]) -> list[Any]:
    """Hosts are chosen at random, and the echo says which."""
    return [(None if isinstance(one[0], bytes) and b'"host"' in one[0] else one[0], *one[1:]) for one in told]


def test_only_what_is_asked_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    whole = build._Builder._endpoint
    monkeypatch.setattr(
        build._Builder,
        "_endpoint",
        lambda self, plan, names: built.append(plan.config.path) or whole(self, plan, names),
    )
    tree = many_endpoints(10)
    with stand(configuration(tree)) as opened:
        assert built == []
        path = tree["endpoints"][2]["endpoint"]
        for _ in range(2):
            opened.ask(rendered("GET", path.replace("{id}", "1"), (), None))
        assert built == [path]
        opened.ask(rendered("GET", "/__ready", (), None))  # says what of all of them is not ready
        assert len(built) == 10


def test_which_hosts_are_asked_does_not_depend_on_what_was_asked_before() -> None:
    tree = many_endpoints(8)
    for endpoint in tree["endpoints"]:
        endpoint["extra_config"] = {}
        endpoint["backend"] = [{"url_pattern": "/", "host": [f"http://host-{number}" for number in range(9)]}]
    paths = [endpoint["endpoint"].replace("{id}", "1") for endpoint in tree["endpoints"]]

    def chosen(order: Sequence[str]) -> dict[str, bytes]:
        with stand(configuration(tree)) as opened:
            return {path: opened.ask(rendered("GET", path, (), None)).body for path in order}

    assert chosen(paths) == chosen(paths[::-1])
    assert len(set(chosen(paths).values())) > 2


class Picky(Component):
    """Somebody else's, whose endpoints cannot all be built."""

    name = "bot_detector"
    namespaces = ()

    def build(self, plan: Any, surroundings: Any) -> Part:
        return PickyPart()


class PickyPart(Part):
    def endpoint_gates(self, value: Any, endpoint: Any) -> Sequence[Any]:
        raise StartError("not this one")


def test_what_a_component_may_find_wrong_is_found_at_the_start() -> None:
    tree = many_endpoints(2)
    tree["endpoints"][1]["extra_config"] = {"security/bot-detector": {"deny": ["a"]}}
    config = configuration(tree)
    parts = [Picky() if component.name == "bot_detector" else component for component in COMPONENTS]
    with pytest.raises(StartError, match="not this one"), stand(config, parts):
        pass


class Thing:
    def __init__(self) -> None:
        self.began = 0

    async def start(self) -> None:
        self.began += 1

    async def stop(self) -> None:
        pass


def test_what_is_kept_after_the_start_begins_at_once() -> None:
    async def run() -> list[int]:
        survivors = Survivors()
        first = survivors.keep("one", 1, Thing)
        before = first.began
        await survivors.start()
        second = survivors.keep("one", 2, Thing)
        return [before, first.began, second.began, survivors.keep("one", 2, Thing).began]

    assert asyncio.run(run()) == [0, 1, 1, 1]


def test_endpoint_beside_the_health_page_at_its_path_is_asked_as_the_first_of_all():
    limited = {"qos/ratelimit/router": {"max_rate": 1}}
    backend = [{"url_pattern": "/up", "host": ["http://h"]}]
    endpoints = [{"endpoint": "/{id}", "method": "POST", "backend": backend, "extra_config": limited}]
    with stand(configuration({"version": 3, "endpoints": endpoints})) as opened:
        for _ in range(2):
            opened.forget([("POST", "/__health")])
            assert opened.ask(rendered("POST", "/__health", (), b"{}")).route == "/{id}"
        assert opened.ask(rendered("GET", "/__health", (), None)).status == 200
