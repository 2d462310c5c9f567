"""The request target of a backend call: url_pattern with values in it, and the query behind it.

Values are decoded text that Go parses as part of a URL again; what that does to blanks, question marks and percent
signs is observable, so it is repeated here. Does not know hosts beyond the path prefix they may have.

Source: lura `proxy/request.go` GeneratePath, `proxy/balancing.go` newLoadBalancedMiddleware.
"""

import re
from collections.abc import Mapping

from crossgate.golang.url import UrlError, encode_query, request_target
from crossgate.pipeline.proxy import Query
from crossgate.plan.url_template import UrlTemplate

# What neither Go's path escaping nor its parsing changes or gives a meaning.
_PLAIN_VALUE = re.compile(rb"[A-Za-z0-9\-_.~!$&'()*+,;=:@/]*")


class Target:
    """Compiled from a backend's template."""

    __slots__ = ("_constant", "_is_plain", "_names", "_pieces", "_shown")

    def __init__(self, template: UrlTemplate) -> None:
        self._pieces = [piece.encode() for piece in template.pieces]
        self._names = template.names
        self._shown = [f"{{{{.{name}}}}}".encode() for name in self._names]
        text = b"".join(self._pieces[::2])
        try:
            self._is_plain = request_target(text) == text
        except UrlError:
            self._is_plain = False
        self._constant = text if self._is_plain and not self._names else None

    def build(self, prefix: bytes, params: Mapping[str, bytes], query: Query) -> bytes:
        """The origin-form. `prefix` is the path in the host's text. Raises UrlError as Go's parser does."""
        target = None if prefix else self._constant
        if target is None:
            target = self._filled(prefix, params)
        if not query:
            return target
        if b"?" not in target:
            return target + b"?" + encode_query(query)
        return target + (b"" if target.endswith(b"?") else b"&") + encode_query(query)

    def text(self, prefix: bytes, params: Mapping[str, bytes]) -> bytes:
        """Prefix and pattern with the values in it, before it is parsed as a URL."""
        return prefix + b"".join(self._fill(params))

    def _fill(self, params: Mapping[str, bytes]) -> list[bytes]:
        filled = self._pieces.copy()
        for index, name in enumerate(self._names):
            filled[2 * index + 1] = params.get(name, self._shown[index])
        return filled

    def _filled(self, prefix: bytes, params: Mapping[str, bytes]) -> bytes:
        filled = self._fill(params)
        text = prefix + b"".join(filled)
        if self._is_plain and not prefix and _PLAIN_VALUE.fullmatch(b"".join(filled[1::2])) is not None:
            return text
        return request_target(text)
