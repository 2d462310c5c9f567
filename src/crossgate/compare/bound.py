"""An endpoint with its parameters bound to where their values come from: names do not matter, positions do.

A request's path is taken apart at its slashes. A parameter of the endpoint has the segment it stands at for its value:
unknown text, or known text where the class of requests that is looked at has only that there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from crossgate.golang.route_tree import WILDCARD_TEXT
from crossgate.plan import BackendPlan, EndpointPlan, Plan
from crossgate.plan.routes import RoutePlan, param_names
from crossgate.plan.url_template import internal_name


@dataclass(frozen=True)
class Bound:
    """One endpoint of a plan, as some requests reach it. `known` are texts of segments, by their number."""

    plan: Plan
    route: RoutePlan
    known: Mapping[int, str]

    @property
    def endpoint(self) -> EndpointPlan:
        """What is bound."""
        return self.plan.endpoints[self.route.endpoint]

    @property
    def label(self) -> str:
        """How people call it."""
        return f"{self.route.method} {self.endpoint.config.path}"

    @cached_property
    def values(self) -> dict[str, str]:
        """By the internal name of each parameter, what its value is: known text, or a mark for the segment."""
        names = param_names(self.route.pattern)
        numbers = [
            number
            for number, text in enumerate(self.route.pattern.split("/"))
            if WILDCARD_TEXT.search(text) is not None
        ]
        return {
            internal_name(name): self.known.get(number, f"\0{number}\0")
            for name, number in zip(names, numbers, strict=False)
        }

    def filled(self, backend: BackendPlan) -> str:
        """The backend's url_pattern with its values in it; names without one stay as they are shown."""
        pieces = list(backend.template.pieces)
        for index, name in enumerate(pieces[1::2]):
            pieces[2 * index + 1] = self.values.get(name, f"{{{{.{name}}}}}")
        return "".join(pieces)

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The parameters by name, for what looks at names."""
        return tuple(sorted(self.values.items()))


def anonymous(pattern: str) -> str:
    """A pattern of the router without the names of its parameters: `/users/:`."""
    return WILDCARD_TEXT.sub(lambda match: match[0][0], pattern)


def are_alike(old: Bound, new: Bound) -> bool:
    """Whether all that components' values are understood by is the same: all but CORS and times."""
    was, now = old.endpoint.config, new.endpoint.config
    others = {"timeout_seconds": now.timeout_seconds, "cache_ttl_seconds": now.cache_ttl_seconds, "cors": now.cors}
    return (
        was.components is now.components
        and was.backends is now.backends
        and replace(was, index=now.index, **others) == now  # type: ignore[arg-type] # each of its own type
        and (old.route.pattern, old.known) == (new.route.pattern, new.known)
        and (old.plan.router, old.plan.error_style) == (new.plan.router, new.plan.error_style)
    )
