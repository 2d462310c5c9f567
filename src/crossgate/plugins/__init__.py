"""What plugins are written with: everything that one needs, and nothing of the gateway's inside."""

from crossgate.plugins.headers import Headers
from crossgate.plugins.messages import Answer, BodyNotReadError, Request, Response
from crossgate.plugins.protocols import (
    Around,
    Executor,
    Factory,
    Forward,
    Gate,
    Plugin,
    Refusal,
    RequestModifier,
    ResponseModifier,
    Rewriter,
    Setup,
)

__all__ = [
    "Answer",
    "Around",
    "BodyNotReadError",
    "Executor",
    "Factory",
    "Forward",
    "Gate",
    "Headers",
    "Plugin",
    "Refusal",
    "Request",
    "RequestModifier",
    "Response",
    "ResponseModifier",
    "Rewriter",
    "Setup",
]
