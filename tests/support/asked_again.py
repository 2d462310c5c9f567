"""A request as bytes, as `crossgate explain` takes it."""

from crossgate.explain.asked import AskedRequest


def asked_of(request: bytes) -> AskedRequest:
    """What a client that sends these bytes asks."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    method, target, _ = line.split(" ")
    fields = [(name, value) for name, _, value in (one.partition(": ") for one in lines)]
    host = next(value for name, value in fields if name == "Host")
    kept = tuple(field for field in fields if field[0] not in ("Host", "Content-Length", "Connection"))
    return AskedRequest(method, "http", host, target, kept, body or None)
