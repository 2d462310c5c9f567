"""Redis: where it is, for whatever is shared by it."""

from crossgate.components.redis.component import Redis

__all__ = ["Redis"]
