"""What a status that is no success means: an error, an error that is shown, or data about the error.

Source: lura `transport/http/client/status.go`; namespace `backend/http`.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.flow.fiber import Flow
from crossgate.golang.json_text import encode_json
from crossgate.http.message import UpstreamResponse
from crossgate.pipeline.failure import BackendAnswerError, InvalidStatusError
from crossgate.pipeline.proxy import ProxyResponse
from crossgate.plan import BackendPlan

MAX_ERROR_BODY_BYTES = 1024 * 1024
"""Of an error's body, what is shown to clients. DEVIATION(DEV-LIM-2): KrakenD shows all of it."""

StatusCheck = Callable[[UpstreamResponse], Flow[ProxyResponse]]


def build_status_check(plan: BackendPlan, *, renders_json: bool) -> StatusCheck:
    """The backend's reaction to a status that is neither 200 nor 201."""
    if plan.config.return_error_details:
        return _details_check(plan.config.return_error_details, renders_json=renders_json)
    if plan.config.return_error_code:
        return _show
    method, pattern = plan.method, plan.template.internal_pattern

    async def refuse(response: UpstreamResponse) -> ProxyResponse:
        if isinstance(response.body, Body):
            response.body.abandon()
        raise InvalidStatusError(response.status, method, pattern, response.url, response.reason)

    return refuse


def _details_check(name: str, *, renders_json: bool) -> StatusCheck:
    """`return_error_details`: the error becomes data of an incomplete response; nothing filters it.

    KrakenD shows the members of this one object in the order below; all others are sorted.
    """

    async def describe(response: UpstreamResponse) -> ProxyResponse:
        body, content_type = await _read(response)
        details: dict[str, Any] = {"http_status_code": response.status}
        if body:
            details["http_body"] = body.decode("utf-8", "replace")
        if content_type:
            details["http_body_encoding"] = content_type.decode("latin-1")
        data = {f"error_{name}": _in_order(details) if renders_json else details}
        described = ProxyResponse(data, is_complete=False)
        described.reason = response.reason
        described.status = response.status  # shown by who looks at it: an endpoint that renders says 200
        return described

    return describe


def _in_order(members: dict[str, Any]) -> msgspec.Raw:
    written = b",".join(encode_json(name) + b":" + encode_json(value) for name, value in members.items())
    return msgspec.Raw(b"{" + written + b"}")


async def _show(response: UpstreamResponse) -> ProxyResponse:
    """`return_error_code`."""
    body, content_type = await _read(response)
    raise BackendAnswerError(response.status, body, content_type, response.reason)


async def _read(response: UpstreamResponse) -> tuple[bytes, bytes]:
    """Body and content type; no body where it is too large."""
    body = response.body
    if isinstance(body, Body):
        body = await _at_most(body)
    return body, response.first(b"content-type") or b""


async def _at_most(body: Body) -> bytes:
    try:
        return await body.read_all(MAX_ERROR_BODY_BYTES)
    except BodyTooLargeError:
        return b""
