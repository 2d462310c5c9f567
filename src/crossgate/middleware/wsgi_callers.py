"""Who called a WSGI middleware: a server, or an application that stands outside and may handle what is raised.

WSGI can answer or raise, not both, and an environment does not tell by whom it was handed on. The call stack does: a
WSGI application is called with the environment and a callable side by side (PEP 3333), a server makes them itself; and
who has a handler made the call within a `try`. Looked at only once something was raised, and for a streamed body. Knows
Flask and Werkzeug's debugger; imports nothing of theirs.
"""

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, NamedTuple

from crossgate.middleware.call_stack import arguments_of, handler_of


class Outside(NamedTuple):
    """What takes an exception that is raised here.

    `debugger` is Werkzeug's, where it is the first to see it. `handled` says whether there is anybody at all.
    """

    debugger: Any
    handled: bool


def what_is_outside(frame: FrameType | None, environ: dict[str, Any]) -> Outside:
    """Look at a frame and those that called it. Linear in the depth of the stack."""
    seen_before = handled = False
    debugged = getattr(sys.modules.get("werkzeug.debug"), "DebuggedApplication", None)
    while frame is not None:
        if _is_called_with(frame, environ):
            if debugged is not None and frame.f_code is debugged.debug_application.__code__:
                return Outside(None if seen_before else frame.f_locals.get("self"), handled=True)
            seen_before = seen_before or handler_of(frame) is not None
            # Flask lets an exception out only where it is told that somebody outside wants it: its test client, say.
            handled = handled or seen_before or frame.f_globals.get("__name__") == "flask.app"
        frame = frame.f_back
    return Outside(None, handled)


def page_of_debugger(
    debugger: Any, environ: dict[str, Any], start_response: Callable[..., Any], error: Exception
) -> Iterator[bytes]:
    """The debugger's own page for an exception, made by itself, sent by way of our `start_response`.

    Nothing outside of it can be given another `start_response`, so it is asked once more from here, with an application
    that does nothing but raise. Frames, console and log are the debugger's.
    """
    kept = getattr(environ.get("werkzeug.debug.preserve_context"), "__self__", ())

    def failing(environ: dict[str, Any], _: Any) -> Iterable[bytes]:
        # The contexts that Flask left for the console's frames were put down for the debugger's first try.
        preserve = environ.get("werkzeug.debug.preserve_context")
        for context in list(kept):
            if preserve is not None:
                preserve(context)
        raise error

    return type(debugger).debug_application(_With(debugger, failing), environ, start_response)  # type: ignore[no-any-return]


class _With:
    """A debugger, but in front of another application."""

    def __init__(self, debugger: Any, app: Any) -> None:
        self.app = app
        self._debugger = debugger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._debugger, name)


def _is_called_with(frame: FrameType, environ: dict[str, Any]) -> bool:
    """Whether its arguments have this request's environment, or a copy of it, and next to it a callable."""
    stream = environ.get("wsgi.input")
    for (_, first), (_, second) in itertools.pairwise(arguments_of(frame)):
        is_ours = first is environ or (
            isinstance(first, dict) and stream is not None and first.get("wsgi.input") is stream
        )
        if is_ours and callable(second):
            return True
    return False
