"""The shapes in which somebody may watch what the gateway does. Where nobody does, nothing of it is there."""

from collections.abc import Callable

from crossgate.cors import Decision
from crossgate.http.message import Request
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.go_client import Send
from crossgate.plan import BackendPlan, EndpointPlan

Record = Callable[[Request, Route | None, Decision | None, int, int, float], object]
"""Takes note of a response: request, route (None where finding it failed), what CORS said, status, bytes of the body,
seconds."""

ObserveCalls = Callable[[EndpointPlan, BackendPlan, Send], Send]
"""From the way to a backend to one that is observed."""
