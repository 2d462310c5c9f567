"""What tests expect to be let through, and the file says in other words: whether both mean the same.

What is expected is put into the place of what stands in the file, and both are compared as two versions of one.
Knows the lists and settings of tests; does not know how a configuration is read.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossgate.compare.component_values import UNSEEN
from crossgate.compare.plans import Compiled, compare_plans
from crossgate.components.component import Component
from crossgate.config.component import namespaces_by_any_name
from crossgate.config.document import BackendNode, Document, EndpointNode, Node
from crossgate.config.tables import BACKEND_KEYS, ENDPOINT_KEYS
from crossgate.testing.player import Result
from crossgate.testing.settings import ROUTER, SECRET, UNSHOWN_KEYS, is_of_requests
from crossgate.testing.suite import Lock

SETTINGS = "settings "
_LISTS = ("input_headers", "input_query_strings")
_OF_BACKENDS = ("allow", "deny", "mapping", *_LISTS)
_OLD_NAMES = {key.name: key.old for table in (ENDPOINT_KEYS, BACKEND_KEYS) for key in table.keys if key.old}
_MOST_ALONE = 50
_TOLD = frozenset((*_LISTS, "backends"))
Compile = Callable[[Mapping[str, Any]], Compiled | None]


def without_other_words(
    results: Iterable[Result],
    current: Callable[[], Compiled],
    document: Document,
    compile_tree: Compile,
    components: Sequence[Component],
) -> list[Result]:
    """The results, without differences that are none but in words. `compile_tree` gives None for what does not start.

    Reads the configuration once or twice anew where there is something to decide.
    """
    found = list(results)
    candidates = [
        result.case for result in found if isinstance(result.case, Lock) and any(map(_is_about_words, _whats(result)))
    ]
    if not candidates:
        return found
    judged = _Judged(current(), document, compile_tree, components)
    same = {id(lock) for lock in judged.that_mean_the_same(candidates)}
    return [
        replace(result, differences=tuple(one for one in result.differences if not _is_about_words(one.what)))
        if id(result.case) in same
        else result
        for result in found
    ]


def _whats(result: Result) -> Iterator[str]:
    return (one.what for one in result.differences)


def _is_about_words(what: str) -> bool:
    return what in _TOLD or (what.startswith(SETTINGS) and what.removeprefix(SETTINGS).partition(".")[0] != ROUTER)


class _Judged:
    def __init__(
        self, current: Compiled, document: Document, compile_tree: Compile, components: Sequence[Component]
    ) -> None:
        self._current, self._document, self._compile = current, document, compile_tree
        self._components, self._specs = components, namespaces_by_any_name(components)
        self._textual = {
            namespace.name for component in components if component.name in UNSEEN for namespace in component.namespaces
        }

    def that_mean_the_same(self, locks: Sequence[Lock]) -> Iterator[Lock]:
        """Those of them whose endpoint, or service, is the same with what they expect."""
        nodes = {(node.config.method, node.config.path): node for node in self._document.endpoints if node.served}
        together: dict[int, tuple[Lock, EndpointNode]] = {}
        for lock in locks:
            node = nodes.get((lock.method, lock.path))
            if lock.path == "*":
                if self._is_service_judged(lock) and self._differing(self._with_service(lock)) == frozenset():
                    yield lock
            elif node is not None and self._is_endpoint_judged(node, lock):
                if node.config.index in together:
                    yield from self._same_of([(lock, node)])
                else:
                    together[node.config.index] = (lock, node)
        yield from self._same_of(list(together.values()))

    def _same_of(self, expected: Sequence[tuple[Lock, EndpointNode]]) -> Iterator[Lock]:
        """Those that mean the same, all of other endpoints."""
        if not expected:
            return
        differing = self._differing(self._with_endpoints(expected))
        if differing is not None:
            yield from (lock for lock, node in expected if node.config.index not in differing)
        elif 1 < len(expected) <= _MOST_ALONE:  # one of them does not start
            for one in expected:
                yield from self._same_of([one])

    def _differing(self, tree: Mapping[str, Any]) -> frozenset[int] | None:
        """The endpoints that are otherwise there, -1 for the service; None where that tree does not start."""
        expected = self._compile(tree)
        if expected is None:
            return None
        places = [(one.new or one.old) for one in compare_plans(expected, self._current, self._components)]
        return frozenset(-1 if place is None else place.endpoint for place in places)

    def _is_service_judged(self, lock: Lock) -> bool:
        """Whether nothing differs in what no request meets: that is compared as it is written."""
        settings, there = lock.lets_through.get("settings"), self._document.service.namespaces
        if not isinstance(settings, Mapping):
            return False
        return _has_secrets(settings, self._document.service) and all(
            name in settings and name in there and settings[name] == there[name].value
            for name in self._textual & {*there, *settings}
            if is_of_requests(name)
        )

    def _is_endpoint_judged(self, node: EndpointNode, lock: Lock) -> bool:
        told = lock.lets_through.get("backends")
        has_as_many = told is None or len(told) == len(node.backends)
        settings = lock.lets_through.get("settings")
        if not has_as_many or not isinstance(settings, Mapping):
            return False
        backends = (
            _has_secrets(settings.get(f"backend[{number}]", {}), backend)
            for number, backend in enumerate(node.backends)
        )
        return _has_secrets(settings, node) and all(backends)

    def _with_service(self, lock: Lock) -> dict[str, Any]:
        tree = dict(self._document.tree)
        node, settings = self._document.service, lock.lets_through["settings"]
        for name in UNSHOWN_KEYS:
            if name in settings:
                tree[node.keys.get(name, name)] = settings[name]
            elif node.has(name):
                del tree[node.keys[name]]
        namespaces = {name: value for name, value in settings.items() if name not in UNSHOWN_KEYS and name != ROUTER}
        return self._with_namespaces(node, tree, namespaces, frozenset((ROUTER,)))

    def _with_endpoints(self, expected: Iterable[tuple[Lock, EndpointNode]]) -> dict[str, Any]:
        tree = dict(self._document.tree)
        key = self._document.service.keys.get("endpoints", "endpoints")
        endpoints = list(tree.get(key) or ())
        for lock, node in expected:
            endpoints[node.config.index] = self._endpoint(node, lock.lets_through)
        return {**tree, key: endpoints}

    def _endpoint(self, node: EndpointNode, lets_through: Mapping[str, Any]) -> dict[str, Any]:
        raw = dict(node.raw)
        settings = lets_through["settings"]
        for name in _LISTS:
            if name in lets_through:
                raw[node.keys.get(name, self._key(name))] = lets_through[name]
        raw = self._with_namespaces(
            node, raw, {name: value for name, value in settings.items() if not name.startswith("backend[")}
        )
        told = lets_through.get("backends") or [None] * len(node.backends)
        backends = [
            self._backend(backend, settings.get(f"backend[{number}]", {}), told[number])
            for number, backend in enumerate(node.backends)
        ]
        return {**raw, node.keys.get("backend", "backend"): backends}

    def _backend(self, node: BackendNode, settings: Any, told: Any) -> dict[str, Any]:
        raw = dict(node.raw)
        for name in _OF_BACKENDS if isinstance(told, Mapping) else ():
            key = node.keys.get(name, self._key(name))
            raw.pop(key, None)
            if name in told:
                raw[key] = told[name]
        return self._with_namespaces(node, raw, settings)

    def _with_namespaces(
        self, node: Node, raw: dict[str, Any], settings: Mapping[str, Any], kept: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """Those that are expected in the place of those that are there; what is not compared stays."""
        key = node.keys.get("extra_config", "extra_config")
        extra = dict(raw.get(key) or {})
        for name, namespace in node.namespaces.items():
            if is_of_requests(name) and name not in kept:
                extra.pop(namespace.written, None)
        for name, value in settings.items():
            there = node.namespaces.get(name)
            extra[self._namespace(name) if there is None else there.written] = _with_secrets(
                value, None if there is None else there.value
            )
        return {**raw, key: extra}

    def _namespace(self, name: str) -> str:
        """Its name in this file."""
        spec = self._specs.get(name)
        return name if spec is None else spec.name_in(self._document.version) or name

    def _key(self, name: str) -> str:
        """Its name in this file, for a list that no key is there for."""
        return _OLD_NAMES.get(name, name) if self._document.version == 2 else name


def _has_secrets(settings: Mapping[str, Any], node: Node) -> bool:
    """Whether there is one wherever one is expected: what is there instead is not what was."""
    return all(
        SECRET not in _texts(_with_secrets(value, node.namespaces[name].value if name in node.namespaces else None))
        for name, value in settings.items()
        if not name.startswith("backend[")
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (text for member in value.values() for text in _texts(member))
    elif isinstance(value, list):
        yield from (text for member in value for text in _texts(member))
    elif isinstance(value, str):
        yield value


def _with_secrets(expected: Any, there: Any) -> Any:
    """What is expected, with the secrets that are there: tests do not have them."""
    if expected == SECRET:
        return there if isinstance(there, str) else expected
    if isinstance(expected, Mapping):
        known = there if isinstance(there, Mapping) else {}
        return {name: _with_secrets(value, known.get(name)) for name, value in expected.items()}
    if isinstance(expected, list):
        items = there if isinstance(there, list) and len(there) == len(expected) else [None] * len(expected)
        return [_with_secrets(value, item) for value, item in zip(expected, items, strict=True)]
    return copy.copy(expected)
