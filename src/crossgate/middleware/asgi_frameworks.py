"""The handler for exceptions that a framework has outside the middleware it was given.

Starlette, FastAPI and Litestar put what they are given (`add_middleware`, `middleware=[…]`) inside a handler of their
own, which turns an exception into the 500 that the application wants and sends it past every middleware. Knows that
handler by its public methods and imports no framework; does not know what is done to an answer.
"""

import functools
from collections.abc import Callable, MutableMapping
from typing import Any

EditMessage = Callable[[dict[str, Any]], dict[str, Any]]

SCOPE_KEY = "crossgate.cors"
_MAX_DEPTH = 64  # of a stack of middleware; ends the walk also where it goes in a circle


def hand_over(framework: object, scope: MutableMapping[str, Any], edit: EditMessage) -> bool:
    """Have the framework's answer to an exception, which is raised next, pass through `edit`.

    `framework` is the application that the scope named when the request came in, None if there was none. False where it
    has no handler that is known. One that gets a copy of the scope answers too, but without the edit.
    """
    handler = getattr(framework, "middleware_stack", None) or getattr(framework, "asgi_handler", None)
    is_known = False
    for _ in range(_MAX_DEPTH):
        if handler is None:
            break
        is_known = _tell(handler) or is_known
        handler = getattr(handler, "app", None)
    if is_known:
        scope[SCOPE_KEY] = edit
    return is_known


def _tell(handler: Any) -> bool:
    """Have one handler look for an edit in the scope, unless it was told before. False if it is no such handler."""
    own = getattr(handler, "__dict__", {})
    if hasattr(handler, "error_response") and hasattr(handler, "debug_response"):  # Starlette's ServerErrorMiddleware
        if "error_response" not in own:
            for name in ("error_response", "debug_response", "handler"):
                if getattr(handler, name, None) is not None:
                    setattr(handler, name, _edited_response(getattr(handler, name)))
        return True
    if hasattr(handler, "handle_request_exception"):  # Litestar's ExceptionHandlerMiddleware
        if "handle_request_exception" not in own:
            handler.handle_request_exception = _edited_send(handler.handle_request_exception)
        return True
    return False


def _edited_response(respond: Any) -> Any:
    """`respond(request, exception)`, its response an application that sends what the request's scope makes of it."""

    def edited(request: Any, response: Any) -> Any:
        edit = getattr(request, "scope", {}).get(SCOPE_KEY)
        if edit is None:
            return response

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            await response(scope, receive, _through(edit, send))

        return answer

    # As Starlette does it: what is no coroutine function is called in a thread.
    if _is_async(respond):

        async def respond_async(request: Any, error: Exception) -> Any:
            return edited(request, await respond(request, error))

        return respond_async

    def respond_sync(request: Any, error: Exception) -> Any:
        return edited(request, respond(request, error))

    return respond_sync


def _edited_send(handle: Any) -> Any:
    """`handle(scope=…, send=…, …)` with a `send` that edits, where the scope has an edit."""

    async def handle_edited(*arguments: Any, **named: Any) -> None:
        edit = named.get("scope", {}).get(SCOPE_KEY)
        if edit is not None and "send" in named:
            named["send"] = _through(edit, named["send"])
        await handle(*arguments, **named)

    return handle_edited


def _through(edit: EditMessage, send: Any) -> Any:
    async def send_edited(message: Any) -> None:
        await send(edit(message) if message["type"] == "http.response.start" else message)

    return send_edited


def _is_async(function: Any) -> bool:
    import inspect  # slow to import, and Starlette has

    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 # asked for its kind, not called
