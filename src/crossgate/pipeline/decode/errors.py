"""What is wrong with a backend's body, for whoever asked for it decoded, and how much of it is too much."""


class DecodeError(Exception):
    """The body is not what its encoding says. `str()` is the text KrakenD shows, Go's own where Go found the fault."""


def refuse_too_many(parts: int, limit: int, what: str) -> None:
    """Refuse a body made of more parts than `limit`, counted before anything is read: cheap, and an upper bound.

    DEVIATION(DEV-LIM-4): KrakenD reads any number. What a body costs grows with its parts, not with its bytes: 8 MB of
    `[],` are a second and 200 MB, and all other requests wait for that second.
    """
    if parts > limit:
        raise DecodeError(f"the response has more than {limit} {what}")
