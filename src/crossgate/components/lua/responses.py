"""Responses as `response` shows them to scripts, and what scripts do to them.

Source: krakend-lua 2.13 `proxy/response.go`, lura `router/gin/render.go`.
"""

from typing import Any

import msgspec

from crossgate.components.lua.field_values import for_clients
from crossgate.components.lua.reasons import REFUSED
from crossgate.golang.json_text import decode_json, encode_json
from crossgate.lua.session import ScriptFailedError
from crossgate.lua.wire import Changes, ResponseParts
from crossgate.pipeline.backend import read_answer
from crossgate.pipeline.decode import DecodeError
from crossgate.pipeline.forward import CanonicalNames
from crossgate.pipeline.proxy import ProxyResponse

_canonical = CanonicalNames()
NOT_MODIFIED = 304
_DETAILS = "error_"


class Shown:
    """A response, and what of it a script has asked for."""

    def __init__(self, response: ProxyResponse, *, is_no_op: bool) -> None:
        self.response = response
        self.is_no_op = is_no_op
        self.details: dict[str, Any] = {}

    def parts(self, *, with_data: bool) -> ResponseParts:
        """What scripts see."""
        response = self.response
        fields = response.added or response.fields
        headers = [(_canonical(name), value) for name, value in fields]
        data = self.data() if with_data else b""
        return ResponseParts(response.is_complete, response.status, headers, data)

    def data(self) -> bytes:
        """Its data as JSON. What `return_error_details` shows has its name in it for scripts."""
        data = self.response.data or {}
        for key, value in data.items():
            if key.startswith(_DETAILS) and isinstance(value, msgspec.Raw):
                self.details[key] = value
        if not self.details:
            return encode_json(data)
        named = {key: {**decode_json(bytes(raw)), "name": key[len(_DETAILS) :]} for key, raw in self.details.items()}
        return encode_json({**data, **named})

    async def body(self) -> bytes:
        """Its whole body. Raises ScriptFailedError where it is too large."""
        response = self.response
        if response.body is None:
            return b""
        try:
            response.body = body = await read_answer(response.body)
        except DecodeError as error:
            raise ScriptFailedError(str(error)) from error
        return body


def change_response(shown: Shown, changes: Changes) -> None:
    """Put what a script did into a response. Raises ScriptFailedError."""
    response = shown.response
    if changes.is_complete is not None:
        response.is_complete = changes.is_complete
    if changes.data is not None:
        data = decode_json(changes.data)
        for key, raw in shown.details.items():
            if key in data:
                data[key] = raw
        response.data = data
    if changes.response_headers is not None:
        fields = for_clients(changes.response_headers)
        if shown.is_no_op:
            response.fields = fields
        else:
            response.added = fields
    if not shown.is_no_op:
        return
    if changes.response_body is not None:
        response.discard()
        response.body = changes.response_body
    if changes.status is not None:
        if 0 < changes.status < 200 or changes.status > 999:
            # DEVIATION(DEV-LUA-3): KrakenD answers 200 with an empty body
            raise ScriptFailedError(f"{changes.status} is no status of a response")
        status = max(changes.status, 0)
        if status != response.status:
            response.reason = REFUSED if status >= 400 else None
        response.status = status
        if response.status == NOT_MODIFIED:
            response.fields = [field for field in response.fields if field[0] != b"content-type"]
