"""What each backend of an endpoint may answer, beside what the others do: so that it can be read and something comes
through, the same names with other values, nothing, or what is no answer.

Knows how backends read what they get; sends nothing.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, islice
from typing import Any

from crossgate.compare.closed import REMAKING
from crossgate.compare.decoded import UNREAD, read_answers, read_as, written
from crossgate.compare.difference import Answered, Example
from crossgate.compare.expressions import members_read
from crossgate.compare.requested import on_condition
from crossgate.components.cel.config import Checks
from crossgate.config.model import BackendConfig
from crossgate.pipeline.sequence import variables_of
from crossgate.plan import BackendPlan, EndpointPlan
from crossgate.testing.init.samples import document_of

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_MOST_READ = 400
_MOST_KINDS = 12  # of answers of one backend
_MOST_MIXED = 60
_REMAKING = REMAKING | {"graphql"}
_FAILING = ("{}", 500)
_UNREADABLE = ("{", 200)
_ENDING = ("", 0)

_Where = tuple[str, tuple[str, ...], str]
"""Method, hosts and path; empty: any."""


class Answers:
    """Of the backends of an endpoint in both files, told apart by the paths they are asked for, and where those are the
    same, by their hosts or their methods."""

    def __init__(self, ends: Sequence[EndpointPlan]) -> None:
        self._ends = ends

    @cached_property
    def _backends(self) -> dict[_Where, list[BackendPlan]]:
        """The longest path first: what is more is asked for less."""
        by_path: dict[str, list[list[BackendPlan]]] = {}
        for end in self._ends:
            for path in dict.fromkeys(path_of(one.config) for one in (*end.backends, *end.shadows)):
                same = [one for one in (*end.backends, *end.shadows) if path_of(one.config) == path]
                by_path.setdefault(path, []).append(same)
        found: dict[_Where, list[BackendPlan]] = {}
        for path, sides in sorted(by_path.items(), key=lambda item: -len(item[0])):
            by_hosts = _are_apart([[_hosts(one) for one in side] for side in sides])
            by_method = not by_hosts and _are_apart([[(_method(one),) for one in side] for side in sides])
            for backend in (one for side in sides for one in side):
                where = (_method(backend) if by_method else "", _hosts(backend) if by_hosts else (), path)
                found.setdefault(where, []).append(backend)
        return found

    @cached_property
    def _wanted(self) -> list[str]:
        return sorted({name for end in self._ends for name in _taken(end)})

    @cached_property
    def _kinds(self) -> dict[_Where, list[tuple[str, int]]]:
        return {where: _kinds_of(backends, self._wanted) for where, backends in self._backends.items()}

    def readable(self, example: Example) -> Example:
        """The same where every backend answers what it can read; itself where they do anyway."""
        said = '{"other": 1}' if example.backend_data is None else json.dumps(example.backend_data)
        said = said if example.backend_text is None else example.backend_text
        answers = []
        for (method, hosts, path), backends in self._backends.items():
            if path != example.only_backend and not _all_read(backends, said):
                told = chain(_documents(backends, self._wanted), _readable(backends))
                text = next((one for one in told if _all_read(backends, one)), None)
                answers += [] if text is None else [Answered(path, text, hosts=hosts, method=method)]
        return replace(example, answers=tuple(answers)) if answers else example

    def mixed(self, example: Example) -> Iterator[Example]:
        """Backends that answer this and that: each alone another thing than the rest, then at random."""
        kinds = self._kinds
        base = replace(example, backend_data=None, backend_text=None, only_backend="")
        full = {where: some[0] for where, some in kinds.items()}
        yield _with(base, full)
        for where, some in kinds.items():
            for kind in some[1:]:
                yield _with(base, {**full, where: kind})
        if len(kinds) == 1:
            return  # there is nothing to mix
        for rest, one in ((_FAILING, None), (_UNREADABLE, None), (_UNREADABLE, _FAILING)):
            for where in kinds:
                yield _with(base, {**dict.fromkeys(kinds, rest), where: one or full[where]})
        choices = random.Random(0)  # what is tried, and always the same
        for _ in range(_MOST_MIXED):
            yield _with(base, {where: choices.choice(some) for where, some in kinds.items()})

    def failing(self, example: Example) -> Iterator[Example]:
        """Of several backends one that fails, and no other."""
        kinds = self._kinds if len(self._backends) > 1 else {}
        full = {where: some[0] for where, some in kinds.items()}
        for kind in (_ENDING, _FAILING):
            for where in kinds:
                yield on_condition(_with(example, {**full, where: kind}), "one of the backends fails")


def _are_apart(sides: Sequence[Sequence[tuple[str, ...]]]) -> bool:
    """Whether several backends of an endpoint have nothing of it in common, the same in both files."""
    first = set(sides[0])
    names = [name for some in first for name in some]
    return len(first) > 1 and len(set(names)) == len(names) and all(set(side) == first for side in sides)


def _hosts(backend: BackendPlan) -> tuple[str, ...]:
    return tuple(sorted(set(backend.config.hosts)))


def _method(backend: BackendPlan) -> str:
    return "" if _REMAKING & backend.config.components.keys() else backend.method


def path_of(backend: BackendConfig) -> str:
    """What a backend is asked for, with `*` for the values of parameters."""
    return _PLACEHOLDER.sub("*", backend.url_pattern.partition("?")[0])


def relabelled(value: Any) -> Any:
    """The same names with other values."""
    if isinstance(value, dict):
        return {name: relabelled(member) for name, member in value.items()}
    return [relabelled(one) for one in value] if isinstance(value, list) else "other"


def _taken(end: EndpointPlan) -> Iterator[str]:
    """Paths in answers that later calls take values from, that expressions read, and that other backends may have."""
    for components in (end.config.components, *(one.components for one in end.config.backends)):
        checks = components.get("cel")
        if isinstance(checks, Checks):
            yield from members_read(checks.after, "resp_data") or ()
    for backend in end.backends if len(end.backends) > 1 else ():
        yield from (name for name in (backend.config.group, *backend.config.mapping.values()) if name)
    if end.config.sequential:
        for some in variables_of(end.backends, end.config.sequential_propagated_params):
            yield from (".".join(one.path) for one in some if one.path)


def _documents(backends: Sequence[BackendPlan], wanted: Sequence[str]) -> Iterator[str]:
    for backend in backends:
        document = document_of(backend.config, wanted)
        for made in (document, relabelled(document)):
            yield from written(backend, made)


def _kinds_of(backends: Sequence[BackendPlan], wanted: Sequence[str]) -> list[tuple[str, int]]:
    """What a backend may answer, with which status: first what all that are asked for this can read."""
    found: list[tuple[int, str]] = []
    empty = []
    told = set()
    for text in chain(_documents(backends, wanted), _readable(backends)):
        data = [read_as(one, text) for one in backends]
        unread = data.count(UNREAD)
        if unread < len(data) and repr(data) not in told:
            told.add(repr(data))
            if any(one for one in data if one is not UNREAD):
                found.append((unread, text))
            else:
                empty.append(text)
    texts = [text for _, text in sorted(found, key=lambda one: one[0])]
    return [*((text, 200) for text in (*texts[:_MOST_KINDS], *empty[:2])), _FAILING, _UNREADABLE, _ENDING]


def _readable(backends: Sequence[BackendPlan]) -> Iterator[str]:
    for backend in backends:
        yield from (text for text, _ in islice(read_answers(backend), _MOST_READ))


def _all_read(backends: Sequence[BackendPlan], text: str) -> bool:
    return all(read_as(one, text) is not UNREAD for one in backends)


def _with(example: Example, answers: Mapping[_Where, tuple[str, int]]) -> Example:
    said = [Answered(path, text, status, hosts, method) for (method, hosts, path), (text, status) in answers.items()]
    return replace(example, answers=tuple(said))
