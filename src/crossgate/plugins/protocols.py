"""What a plugin may be: one method for each place in which it can stand. A plugin has one of them, or several.

Every method but `rewrite` and `around` may be a plain function, which runs on the event loop and has to be quick, or an
`async def`; a plain one of a plugin that says `blocking = True` runs in a thread. A plugin may be an asynchronous
context manager: it is entered when the gateway starts, and left when it stops.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from crossgate.plugins.messages import Answer, Request, Response

Forward = Callable[[Request], Awaitable[Response]]
"""Hands a request on, to whatever stands behind, and gives the response."""


class Gate(Protocol):
    """`plugin/http-server`: looks at every request before it is routed. May change it."""

    def gate(self, request: Request, /) -> Response | Awaitable[Response | None] | None:
        """None lets the request pass, a response answers it."""


class Around(Protocol):
    """`plugin/http-server`: stands around the whole router, so that it sees responses, too."""

    async def around(self, request: Request, forward: Forward, /) -> Response:
        """The response: that of `await forward(request)`, changed or not, or another."""


class Rewriter(Protocol):
    """`plugin/http-server`: leads requests to another path. Asked more than once for a request, preflights included.

    It may look at method, host, path and headers, has to give the same for the same, and changes nothing.
    """

    def rewrite(self, request: Request, /) -> str | None:
        """The other path, percent-encoded, or None."""


class RequestModifier(Protocol):
    """`plugin/req-resp-modifier`: changes what an endpoint lets through, or the call of one backend."""

    def modify_request(self, request: Request, /) -> Awaitable[None] | None:
        """Change it in place. Raise Refusal to answer the client in the place of the backends."""


class ResponseModifier(Protocol):
    """`plugin/req-resp-modifier`: changes what an endpoint, or one backend, answers."""

    def modify_response(self, answer: Answer, /) -> Awaitable[None] | None:
        """Change it in place. Raise Refusal to answer the client something else."""


class Executor(Protocol):
    """`plugin/http-client`: makes the call of a backend in the gateway's place. Redirects are its own business."""

    def execute(self, request: Request, send: Forward, /) -> Response | Awaitable[Response]:
        """What the backend answers. `await send(request)` has the gateway call it."""


class Refusal(Exception):  # noqa: N818 # no error of the plugin's
    """Raised by a plugin: the client gets this status, and the text where it is shown.

    From modifiers the text is shown with `router.return_error_msg` only, as KrakenD does it; from gates always.
    """

    def __init__(self, status: int, text: str = "", content_type: str = "text/plain; charset=utf-8") -> None:
        super().__init__(text)
        self.status = status
        self.content_type = content_type


@dataclass(frozen=True, slots=True)
class Setup:
    """What a factory is called with, once for each place that names the plugin.

    `config` is what stands under the plugin's name in the block that names it, `block` that whole block; both are the
    plugin's own copies. `place` says where the block stands: `path` is the endpoint's, or the backend's url_pattern,
    empty at the service.
    """

    name: str
    config: Mapping[str, Any]
    block: Mapping[str, Any]
    place: Literal["service", "endpoint", "backend"] = "service"
    path: str = ""
    log: logging.Logger = logging.getLogger("crossgate.plugins")  # noqa: RUF009 # the same for all


@dataclass(frozen=True, slots=True)
class Plugin:
    """Plain functions as a plugin: `return Plugin(gate=my_function)`."""

    gate: Callable[[Request], Any] | None = None
    around: Callable[[Request, Forward], Awaitable[Response]] | None = None
    rewrite: Callable[[Request], str | None] | None = None
    modify_request: Callable[[Request], Any] | None = None
    modify_response: Callable[[Answer], Any] | None = None
    execute: Callable[[Request, Forward], Any] | None = None
    blocking: bool = False
    needs_body: bool = False


Factory = Callable[[Setup], object]
"""What an entry point or `modules` names: makes the plugin of one place. A class will do."""
