"""What the gateway refuses without saying why: a fixture that fails the test in which that happens.

Watches gateways inside the tests' process. What a backend or a plugin answered is theirs to explain.
"""

from collections.abc import Iterator

import pytest

from crossgate.gateway.application import GatewayApplication
from crossgate.http.message import Response
from crossgate.server.outgoing import Outgoing


@pytest.fixture(autouse=True)
def every_refusal_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """See above."""
    unexplained: list[str] = []
    respond = Outgoing._respond  # the one way of every response

    def watched(self: Outgoing, response: Response, *, keep_alive: bool | None = None) -> None:
        is_gateway = isinstance(self._context.application, GatewayApplication)
        if is_gateway and response.status >= 400 and response.reason is None and not response.from_backend:
            request = self._incoming
            unexplained.append(f"{response.status} to {request.method!r} {request.path!r}")
        respond(self, response, keep_alive=keep_alive)

    monkeypatch.setattr(Outgoing, "_respond", watched)
    yield
    assert unexplained == [], "refused without a reason code"
