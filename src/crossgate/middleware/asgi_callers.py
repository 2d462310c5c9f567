"""Whether somebody outside of an ASGI middleware answers what is raised: asked once that has happened.

An ASGI application is called with a scope and two callables. One that has a handler around the call, and in it uses the
`send` it was given, is there to answer; an error tracker's handler raises again and sends nothing. Beyond a task of its
own (`BaseHTTPMiddleware`) nothing can be seen.
"""

from types import FrameType
from typing import Any

from crossgate.middleware.call_stack import arguments_of, handler_uses

# Servers that hand the arguments on through functions of their own, and send from there what is no answer.
_SERVERS = ("hypercorn.",)


def somebody_answers(frame: FrameType | None, scope: Any) -> bool:
    """Look at a frame and those that await it. Linear in the depth of the stack."""
    while frame is not None:
        name = _name_of_send(frame, scope)
        if name is not None and handler_uses(frame, name):
            return not str(frame.f_globals.get("__name__")).startswith(_SERVERS)
        frame = frame.f_back
    return False


def _name_of_send(frame: FrameType, scope: Any) -> str | None:
    """What an application calls its `send`; None if the frame is not an application's, called for this request."""
    arguments = list(arguments_of(frame))
    for (_, first), (_, second), (name, third) in zip(arguments, arguments[1:], arguments[2:], strict=False):
        is_ours = first is scope or (isinstance(first, dict) and first.get("headers") is scope["headers"])
        if is_ours and callable(second) and callable(third):
            return name
    return None
