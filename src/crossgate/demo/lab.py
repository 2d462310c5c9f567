"""Many small experiments behind one real server: each has a policy and prepared answers, and is told what it was asked.

The URL's path names the experiment: `/x/TOKEN/REST`. This is an Application of the gateway's server, so what decides
and what writes the heads is exactly what runs in a gateway. Does not know who experiments, or why.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from crossgate.cors import CorsPolicy, Decision
from crossgate.http.message import Fields, Request, Response


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached an experiment, and what the policy said; None where there is no policy."""

    method: bytes
    rest: bytes
    host: bytes
    fields: Fields
    decision: Decision | None

    def first(self, name: bytes) -> bytes | None:
        """The value of the first field line of that lower-case name."""
        return next((value for known, value in self.fields if known == name), None)


@dataclass(slots=True)
class Experiment:
    """A policy (None: CORS is off) and who answers, for requests that the policy does not answer itself."""

    policy: CorsPolicy | None
    answer: Callable[[Request, bytes], Response]
    seen: list[Seen] = field(default_factory=list)


class Lab:
    """The experiments by their token, an Application. The oldest goes when there are more than `max_experiments`."""

    def __init__(self, max_experiments: int) -> None:
        self._max_experiments = max_experiments
        self._experiments: dict[bytes, Experiment] = {}

    def install(self, token: str, experiment: Experiment) -> None:
        """Make it reachable under `/x/TOKEN/`."""
        if len(self._experiments) >= self._max_experiments:
            del self._experiments[next(iter(self._experiments))]
        self._experiments[token.encode("ascii")] = experiment

    def find(self, token: str) -> Experiment | None:
        """The experiment of that token, if it is still there."""
        return self._experiments.get(token.encode("ascii", "replace"))

    def route(self, request: Request) -> "LabRoute":
        """To the experiment of its path."""
        _, _, after = request.path.partition(b"/x/")
        token, _, rest = after.partition(b"/")
        return LabRoute(self._experiments.get(token), rest)

    def decide(self, request: Request, route: "LabRoute") -> Decision | None:
        """The decision of the experiment's policy."""
        experiment = route.experiment
        if experiment is None:
            return None
        decision = None if experiment.policy is None else experiment.policy.decide(request.method, request.fields)
        experiment.seen.append(Seen(request.method, route.rest, request.host, list(request.fields), decision))
        return decision

    def finish(
        self,
        request: Request,
        route: "LabRoute | None",
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        """Nothing is counted here."""


@dataclass(frozen=True, slots=True)
class LabRoute:
    """An experiment, None where there is none of that token; `rest` is the path behind it."""

    experiment: Experiment | None
    rest: bytes

    @property
    def upstream_mode(self) -> Literal["strip", "pass", "prefer"]:
        """What the experiment's policy says of CORS fields in prepared answers that name a backend."""
        experiment = self.experiment
        return "pass" if experiment is None or experiment.policy is None else experiment.policy.config.upstream.value

    async def respond(self, request: Request) -> Response:
        """The experiment's prepared answer."""
        if self.experiment is None:
            return Response(404, [(b"content-type", b"text/plain")], b"There is no such experiment.\n")
        return self.experiment.answer(request, self.rest)
