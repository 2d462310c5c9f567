"""`no-redirect`: hands a backend's redirects on to the client. Useful with no-op encoding.

Source: the public documentation of KrakenD Enterprise 2.2.
"""

from crossgate.plugins import Forward, Request, Response, Setup


class NoRedirect:
    """Has the gateway make the call, once."""

    def __init__(self, setup: Setup) -> None:
        pass

    async def execute(self, request: Request, send: Forward) -> Response:
        """What the backend answers."""
        return await send(request)
