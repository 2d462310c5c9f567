"""The cache of backends' answers: HTTP's, by what the backend says about them."""

from crossgate.components.http_cache.component import HttpCache

__all__ = ["HttpCache"]
