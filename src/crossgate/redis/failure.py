"""What can go wrong with a Redis, as whoever asked it sees it: there is no answer, or it is a refusal."""


class RedisError(Exception):
    """There is no answer to be had. The text is for a log: it has no secrets."""


class RedisAwayError(RedisError):
    """It is not there, or has too much to do already."""


class RedisLateError(RedisError):
    """It did not answer in time. It may have done what it was asked to."""


class RedisRefusalError(RedisError):
    """It answered with an error. `code` is its first word."""

    def __init__(self, text: str) -> None:
        super().__init__(text[:200])
        self.code = text.partition(" ")[0]
