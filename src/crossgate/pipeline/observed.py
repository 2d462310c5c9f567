"""The shapes in which somebody may watch what the gateway does. Where nobody does, nothing of it is there."""

from collections.abc import Callable
from typing import Protocol

from crossgate.cors import Decision
from crossgate.http.message import Request
from crossgate.http.track import Track
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.go_client import Send
from crossgate.plan import BackendPlan, EndpointPlan

Record = Callable[[Request, Route | None, Decision | None, int, int, float], object]
"""Takes note of a response: request, route (None where finding it failed), what CORS said, status, bytes of the body,
seconds."""

ObserveCalls = Callable[[EndpointPlan, BackendPlan, Send], Send]
"""From the way to a backend to one that is observed."""


class Begin(Protocol):
    """Is told of each request whose head was read, before its route is found."""

    def __call__(self, request: Request, track: Track | None = None, /) -> Track | None:
        """Given the notes that there are of it, gives those that there are then (None: there are none)."""


Ended = Callable[[int, bool, BaseException | None], object]
"""Is told how a stage ended: its status (0: it has none), whether its answer is complete, and what failed (None:
nothing)."""

Watch = Callable[[Request], Ended | None]
"""Is told that a stage begins for a request; says who is to hear how it ends (None: nobody)."""


class Watches(Protocol):
    """Who watches the stages of endpoints; None where nobody does."""

    def endpoint(self, endpoint: EndpointPlan, /) -> Watch | None:
        """An endpoint's pipe: what is behind its gates, but for the rendering of its answer."""

    def backend(self, endpoint: EndpointPlan, backend: BackendPlan, /) -> Watch | None:
        """One call of a backend, decoding included."""

    def pass_through(self, endpoint: EndpointPlan, backend: BackendPlan, /) -> Watch | None:
        """Both at once, where the pipe is nothing else."""
