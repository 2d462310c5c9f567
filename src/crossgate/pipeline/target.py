"""The request target of a backend call: url_pattern with values in it, and the query behind it.

Values are decoded text that Go parses as part of a URL again; what that does to blanks and percent signs is observable,
so it is repeated here. What they must not do there is in safe_value.py. Does not know hosts beyond the path prefix they
may have.

Source: lura `proxy/request.go` GeneratePath, `proxy/balancing.go` newLoadBalancedMiddleware.
"""

import re
from collections.abc import Mapping
from typing import Final

from crossgate.golang.url import UrlError, request_target
from crossgate.pipeline.safe_value import (
    EMPTY_FIRST,
    UnsafeValueError,
    are_plain,
    fault_of_segment,
    in_path,
    in_query,
)
from crossgate.plan.url_template import UrlTemplate

_MARK: Final = ord("?")  # as a number: to look for bytes in bytes costs Python an exception


class Target:
    """Compiled from a backend's template."""

    __slots__ = (
        "_constant",
        "_is_plain",
        "_keeps_escapes",
        "_names",
        "_path_names",
        "_pieces",
        "_segments",
        "_shown",
    )

    def __init__(self, template: UrlTemplate) -> None:
        self._pieces = [piece.encode() for piece in template.pieces]
        self._names = template.names
        self._path_names = len(template.path_names)  # so many of the names come first
        self._segments = _segments(self._pieces, self._path_names)
        self._keeps_escapes = b"%" in b"".join(self._pieces[: 2 * self._path_names + 1 : 2])
        self._shown = [(name, f"{{{{.{name}}}}}".encode()) for name in self._names]  # where there is no value
        text = b"".join(self._pieces[::2])
        try:
            self._is_plain = request_target(text) == text
        except UrlError:
            self._is_plain = False
        self._constant = text if self._is_plain and not self._names else None

    def build(self, prefix: bytes, params: Mapping[str, bytes]) -> bytes:
        """The origin-form, without what `add_query` adds. `prefix` is the path in the host's text.

        Raises UrlError as Go's parser does, UnsafeValueError where a value would be more than a value.
        """
        if not prefix and self._is_plain:
            if self._constant is not None:
                return self._constant
            filled = self._fill(params)
            if are_plain(filled[1::2]):
                return b"".join(filled)
        return self._filled(prefix, params)

    def text(self, prefix: bytes, params: Mapping[str, bytes]) -> bytes:
        """Prefix and pattern with the values in it, before it is parsed as a URL."""
        return prefix + b"".join(self._fill(params))

    def _fill(self, params: Mapping[str, bytes]) -> list[bytes]:
        filled = self._pieces.copy()
        at = 1
        for name, shown in self._shown:
            filled[at] = params.get(name, shown)
            at += 2
        return filled

    def _filled(self, prefix: bytes, params: Mapping[str, bytes]) -> bytes:
        filled = self._fill(params)
        known = [params.get(name) for name in self._names]
        in_its_path = 0 if b"?" in prefix else self._path_names
        alone = self._keeps_escapes or b"%" in prefix
        for index, value in enumerate(known):
            if value is not None:
                filled[2 * index + 1] = in_path(value, alone=alone) if index < in_its_path else in_query(value)
        if in_its_path:
            self._check(filled, known)
        text = prefix + b"".join(filled)
        if text.startswith(b"//") and not (prefix + self._pieces[0]).startswith(b"//"):
            raise UnsafeValueError(EMPTY_FIRST)  # some servers read what follows as a host
        return request_target(text)

    def _check(self, filled: list[bytes], known: list[bytes | None]) -> None:
        """Raise UnsafeValueError where the values change which segments the path has."""
        for texts, indexes in self._segments:
            # What is not known is text, too, which adds nothing.
            fault = fault_of_segment(texts, [b"x" if known[at] is None else filled[2 * at + 1] for at in indexes])
            if fault:
                raise UnsafeValueError(fault)


def add_query(target: bytes, query: bytes) -> bytes:
    """The target with an encoded query behind its own."""
    if _MARK not in target:
        return b"%b?%b" % (target, query)
    return target + (b"" if target.endswith(b"?") else b"&") + query


def _segments(pieces: list[bytes], path_names: int) -> list[tuple[list[bytes], list[int]]]:
    """The path's segments that have values in them: the texts around the values, and which values those are."""
    segments: list[tuple[list[bytes], list[int]]] = [([], [])]
    for index in range(path_names + 1):
        text = re.split(rb"[?#]", pieces[2 * index])[0]
        first, *others = text.split(b"/")
        segments[-1][0].append(first)
        segments += [([other], []) for other in others]
        if index < path_names:
            segments[-1][1].append(index)
    return [segment for segment in segments if segment[1]]
