"""Which requests lead elsewhere: classes of paths and methods, told apart by the routers of both plans themselves.

All patterns of both plans make a tree of segments. A class of paths takes, in every segment, a text that some pattern
names or one that none does; whatever the router can tell apart at the places where the plans differ is tried, each
class with one path. Where the plans have the same patterns, no path can lead elsewhere, and nothing is tried.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossgate.compare.bound import anonymous
from crossgate.golang.route_tree import WILDCARD_TEXT
from crossgate.pipeline.router import Router, clean_path
from crossgate.pipeline.verdict import Judge, NotAllowed, Redirect
from crossgate.plan import Plan
from crossgate.plan.routes import RouteKind, RoutePlan

_OTHER_METHOD = "TRACE"
_UNANSWERED = frozenset(("CONNECT",))  # refused before it comes to routes
_MOST_SIBLINGS = 12  # texts of which another with the same beginning is tried
_MOST_TRIED = 60_000  # paths, beyond which only those with a route are tried

RouteKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a request leads: to a route, else to an answer that `words` tell."""

    route: RoutePlan | None
    words: str = ""

    @property
    def meaning(self) -> object:
        """What clients can tell apart of it, but for what an endpoint does."""
        route = self.route
        if route is None:
            return self.words
        if route.kind is RouteKind.ENDPOINT:
            return (route.method, anonymous(route.pattern))
        return (route.kind, route.allow)


@dataclass(frozen=True, slots=True)
class Led:
    """A class of requests that is led elsewhere, by one of them. `known` are the segments that have one text only."""

    method: str
    path: str
    known: Mapping[int, str]
    old: Outcome
    new: Outcome


class Routes:
    """Where the requests of one plan lead."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.router: Router[RoutePlan] = Router()
        for route in plan.routes:
            self.router.add(route.method, route.pattern, route)
        self._judge = Judge(self.router, plan.router)
        self.keys: dict[RouteKey, RoutePlan] = {
            (route.method, anonymous(route.pattern), route.kind, route.allow): route for route in plan.routes
        }

    def decides(self, method: str, path: str) -> RoutePlan | None:
        """The route whose CORS policy decides about that method at a decoded path: see `pipeline/gateway_pipe`."""
        return self._judge.route_of(method.encode("latin-1", "replace"), path.encode("utf-8", "surrogateescape"))

    def lead(self, method: str, path: str) -> Outcome:
        """Where a decoded path leads with that method."""
        original = path.encode("utf-8", "surrogateescape")
        looked_for = clean_path(original) if self.plan.router.remove_extra_slash else original
        match = self.router.find(method.encode(), looked_for)
        if match is not None:
            return Outcome(match[0])
        verdict = self._judge.judge(method.encode(), looked_for, original)
        if isinstance(verdict, Redirect):
            return Outcome(None, f"a redirect to {clean_path(verdict.path).decode('utf-8', 'replace')}")
        if isinstance(verdict, NotAllowed):
            return Outcome(None, f"405 (Allow: {', '.join(name.decode() for name in verdict.methods)})")
        return Outcome(None, "404")


@dataclass(slots=True)
class _Step:
    """Segments so far. `is_dirty`: a pattern that only one plan has goes on or ends here."""

    texts: "dict[str, _Step]" = field(default_factory=dict)
    param: "_Step | None" = None
    rest: bool = False
    methods: set[str] = field(default_factory=set)
    is_dirty: bool = False


def led_elsewhere(old: Routes, new: Routes) -> Iterator[Led]:
    """Every class whose outcome means something else."""
    changed = old.keys.keys() ^ new.keys.keys()
    if not changed:
        return
    root = _Step()
    for key in {**old.keys, **new.keys}:
        _grow(root, key, is_dirty=key in changed)
    every = [*sorted({key[0] for key in changed} - _UNANSWERED), _OTHER_METHOD]
    for tried, (path, known, methods) in enumerate(_classes(root)):
        if tried > _MOST_TRIED and not methods:
            continue
        asked = [one for one in methods if one not in _UNANSWERED]
        asked += [*(() if tried > _MOST_TRIED else [one for one in every if one not in methods])]
        for method in asked:
            before, after = old.lead(method, path), new.lead(method, path)
            if before.meaning != after.meaning:
                yield Led(method, path, known, before, after)


def _grow(root: _Step, key: RouteKey, *, is_dirty: bool) -> None:
    method, pattern, _, _ = key
    step = root
    step.is_dirty |= is_dirty
    for number, segment in enumerate(pattern.split("/")[1:], 1):
        wildcard = WILDCARD_TEXT.search(segment)
        if wildcard is None:
            step = step.texts.setdefault(segment.replace("\\:", ":"), _Step())
        elif wildcard[0][0] == "*":
            step.rest = True
            step.is_dirty |= is_dirty
            step.methods.add(method)
            return
        elif wildcard.start() == 0:
            step.param = step.param or _Step()
            step = step.param
        else:
            text = segment[: wildcard.start()].replace("\\:", ":")
            step = step.texts.setdefault(f"{text}v{number}", _Step())
        step.is_dirty |= is_dirty
    step.methods.add(method)


def _classes(root: _Step) -> Iterator[tuple[str, dict[int, str], list[str]]]:
    """A path for each class, the texts of its segments that are known, and the methods of patterns that end there."""
    stack: list[tuple[str, dict[int, str], list[_Step]]] = [("", {}, [root])]
    while stack:
        path, known, steps = stack.pop()
        number = path.count("/") + 1
        methods = sorted({method for step in steps for method in step.methods})
        if path:
            yield path, known, methods
            yield path + "/", known, []
            if path.swapcase() != path:
                yield path.swapcase(), known, []
        texts = dict.fromkeys(text for step in steps for text in step.texts)
        fresh = f"v{number}"
        while fresh in texts:
            fresh += "x"
        if any(step.rest for step in steps):
            yield f"{path}/{fresh}/rest", known, methods
            yield f"{path}/", known, methods
        siblings = list(texts)[:_MOST_SIBLINGS]
        near = [text + "~" for text in siblings if text] + [text[:-1] for text in siblings if len(text) > 1]
        for value in [fresh, *(one for one in near if one not in texts), *texts]:
            following = [step.texts[value] for step in steps if value in step.texts]
            following += [step.param for step in steps if step.param is not None and value]
            further = f"{path}/{value}"
            if any(step.is_dirty for step in following):
                named = {**known, number: value} if value in texts else known
                stack.append((further, named, following))
            elif value not in texts and path:
                yield further, known, sorted({method for step in following for method in step.methods})


def example_paths(routes: Routes, other: Routes) -> Iterator[tuple[RoutePlan, RoutePlan, str]]:
    """Each endpoint's route that both plans have, its like, and a path that leads to both."""
    for key, route in routes.keys.items():
        like = other.keys.get(key)
        if like is None or route.kind is not RouteKind.ENDPOINT:
            continue
        path = _plain_path(route.pattern)
        for attempt in range(4):
            tried = path.replace("\0", "v" * (attempt + 1))
            if routes.lead(route.method, tried).route is route and other.lead(route.method, tried).route is like:
                yield route, like, tried
                break


def _plain_path(pattern: str) -> str:
    segments: list[Any] = []
    for number, segment in enumerate(pattern.split("/")):
        match = WILDCARD_TEXT.search(segment)
        segments.append(segment if match is None else f"{segment[: match.start()]}\0{number}")
    return "/".join(segments).replace("\\:", ":")
