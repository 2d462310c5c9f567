"""A backend takes signed calls only."""

import hashlib
import hmac
import os

from crossgate.plugins import Forward, Request, Response, Setup


class SignCalls:
    needs_body = True

    def __init__(self, setup: Setup) -> None:
        self.key = os.environ[setup.config["key_env"]].encode()

    async def execute(self, request: Request, send: Forward) -> Response:
        signed = f"{request.method} {request.target}\n".encode() + request.body
        request.headers["X-Signature"] = hmac.new(self.key, signed, hashlib.sha256).hexdigest()
        return await send(request)
