"""Who called a WSGI middleware: a server, or an application that stands outside and may handle what is raised.

WSGI can answer or raise, not both, and an environment does not tell by whom it was handed on. The call stack does: a
WSGI application is called with the environment and a callable side by side (PEP 3333), a server makes them itself.
Looked at only once something was raised, and for a streamed body. Knows Werkzeug's debugger; imports nothing of it.
"""

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FrameType
from typing import Any, NamedTuple

_VARARGS = 0x04  # inspect.CO_VARARGS


class Outside(NamedTuple):
    """What takes an exception that is raised here.

    `debugger` is Werkzeug's, where it is the first to see it. `applications` says whether there is anybody at all.
    """

    debugger: Any
    applications: bool


def what_is_outside(frame: FrameType | None, environ: dict[str, Any]) -> Outside:
    """Look at a frame and those that called it. Linear in the depth of the stack."""
    applications = between = False
    debugged = getattr(sys.modules.get("werkzeug.debug"), "DebuggedApplication", None)
    while frame is not None:
        code = frame.f_code
        if debugged is not None and code is getattr(debugged.debug_application, "__code__", None):
            return Outside(None if between else frame.f_locals.get("self"), applications=True)
        if _may_be_application(code) and _is_called_with(frame, environ):
            applications = True
            # Flask.__call__ hands on to `wsgi_app` and sees nothing.
            between = between or frame.f_globals.get("__name__") != "flask.app"
        frame = frame.f_back
    return Outside(None, applications)


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


def _may_be_application(code: CodeType) -> bool:
    return code.co_argcount >= 2 or bool(code.co_flags & _VARARGS)


def _is_called_with(frame: FrameType, environ: dict[str, Any]) -> bool:
    """Whether its arguments have this request's environment, or a copy of it, and next to it a callable."""
    code, values = frame.f_code, frame.f_locals
    arguments = [values.get(name) for name in code.co_varnames[: code.co_argcount]]
    if code.co_flags & _VARARGS:
        rest = values.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
        arguments += rest if isinstance(rest, tuple) else ()
    stream = environ.get("wsgi.input")
    for first, second in itertools.pairwise(arguments):
        is_ours = first is environ or (
            isinstance(first, dict) and stream is not None and first.get("wsgi.input") is stream
        )
        if is_ours and callable(second):
            return True
    return False
