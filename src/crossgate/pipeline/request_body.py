"""A client's body read whole, for those who need it more than once. Does not know why they do."""

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.flow.timers import DeadlineExceededError
from crossgate.pipeline.failure import RequestBodyBrokenError, RequestBodyTooLargeError

MAX_KEPT_BODY_BYTES = 64 * 1024 * 1024
"""DEVIATION(DEV-LIM-3): larger ones are answered 413; KrakenD keeps them whatever their size."""


async def read_request_body(body: bytes | Body) -> bytes:
    """The whole body. Raises RequestBodyTooLargeError, RequestBodyBrokenError and DeadlineExceededError."""
    if isinstance(body, bytes):
        return body
    try:
        return await body.read_all(MAX_KEPT_BODY_BYTES)
    except BodyTooLargeError:
        raise RequestBodyTooLargeError(MAX_KEPT_BODY_BYTES) from None
    except DeadlineExceededError:
        raise
    except Exception as error:
        raise RequestBodyBrokenError from error
