"""One configuration's suite against its mutants: by what each was noticed, if it was.

Knows the suite and the two plans; does not know what a mutation is.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.mutants.trees import Tree
from crossgate.compare import compare_plans
from crossgate.compare.confirm import confirmed
from crossgate.compare.expected_settings import without_other_words
from crossgate.compare.plans import Compiled, compiled
from crossgate.components import COMPONENTS
from crossgate.config.load import Loaded, load_text
from crossgate.testing.init.observe import Observer
from crossgate.testing.player import Player
from crossgate.testing.read_suite import suite_of_tree
from crossgate.testing.suite import Case, Suite

NOW_SECONDS = 1_790_000_000.0
Outcome = Literal["requests", "settings", "missed", "same", "beside", "no start", "false alarm"]
"""By what it was noticed, or that it was not. `same`: no request is answered otherwise, and it was not noticed; `false
alarm`: likewise, but it was, as what guards nobody passes stand before; `beside` is of what no request meets; `no
start` is refused as a file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant. `test` is the name of the first test that noticed it, `what` what diff says of it."""

    outcome: Outcome
    test: str = ""
    what: str = ""


class Measured:
    """A configuration with its suite. Raises ValueError where it does not start, or fails its own suite."""

    def __init__(self, tree: Tree) -> None:
        loaded = _loaded(tree)
        if loaded.config is None:
            raise ValueError("it does not start")
        self._compiled = compiled(loaded.config, {})
        with _player(loaded) as player:
            observer = Observer(player)
            tests = list(observer.tests())
        suite = suite_of_tree({**observer.head, "tests": tests}, "written").suite
        assert suite is not None
        self.suite: Suite = suite
        self.endpoints = len(self._compiled.plan.endpoints)
        for requests in (True, False):
            for result in _played(loaded, suite, requests=requests):
                if not result.passed:
                    raise ValueError(
                        f"it fails its own suite: {result.case.name} {result.differences} {result.failure}"
                    )

    def judged(self, mutant: Tree) -> Verdict:
        """By requests before settings."""
        loaded = _loaded(mutant)
        if loaded.config is None:
            return Verdict("no start")
        for outcome in ("requests", "settings"):
            for result in _played(loaded, self.suite, requests=outcome == "requests"):
                if not result.passed:
                    about = ", ".join(one.what for one in result.differences) or result.failure
                    name = f"{result.case.name}: {about}"
                    if outcome == "settings":
                        return self._judged(loaded, name)
                    return Verdict("requests", name)
        return self._judged(loaded)

    def _judged(self, loaded: Loaded, test: str = "") -> Verdict:
        """Of what no request noticed, as `crossgate diff` has it: whether there is anything to notice."""
        assert loaded.config is not None
        other = compiled(loaded.config, {})
        found = list(compare_plans(self._compiled, other, COMPONENTS))
        met = [one for one in confirmed(found, self._compiled, other, COMPONENTS, {}) if one.shown_by != "operation"]
        what = "; ".join(f"{one.endpoint} {one.sentence} [{one.evidence}]" for one in met or found)
        if not found:
            return Verdict("false alarm" if test else "same", test)
        if not met:
            return Verdict("beside", test, what)
        return Verdict("settings" if test else "missed", test, what)


def _loaded(tree: Tree) -> Loaded:
    return load_text(json.dumps(tree).encode(), components=COMPONENTS, environ={}, allow_unsupported=True)


def _player(loaded: Loaded, url: str = "https://gateway.test") -> Player:
    assert loaded.config is not None
    return Player(loaded.config, COMPONENTS, {}, NOW_SECONDS, url, loaded.document)


def _played(loaded: Loaded, suite: Suite, *, requests: bool) -> Iterator[Any]:
    """The results of requests, or those of lists of what is let through."""

    def reloaded(tree: Any) -> Compiled | None:
        config = _loaded(tree).config
        return None if config is None else compiled(config, {})

    config, document = loaded.config, loaded.document
    assert config is not None
    assert document is not None
    with ExitStack() as stack:
        player = stack.enter_context(_player(loaded, suite.gateway_url))
        results = player.play(suite, lambda case: isinstance(case, Case) is requests)
        if requests:
            yield from results
        else:
            yield from without_other_words(results, lambda: compiled(config, {}), document, reloaded, COMPONENTS)
