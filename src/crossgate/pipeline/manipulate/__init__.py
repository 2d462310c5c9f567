"""What a backend's configuration does to its data: target, allow, deny, mapping, group and flatmap."""

from collections.abc import Callable, Sequence
from typing import Any

from crossgate.config.model import BackendConfig, FlatmapOp

Manipulation = Callable[[dict[str, Any]], dict[str, Any]]
Flatmap = Callable[[dict[str, Any]], dict[str, Any] | None]


def compile_manipulation(backend: BackendConfig) -> Manipulation | None:
    """The backend's manipulation, None where there is nothing to do."""
    raise NotImplementedError(backend)


def compile_flatmap(ops: Sequence[FlatmapOp]) -> Flatmap:
    """The operations in order; the result is None when nothing is left."""
    raise NotImplementedError(ops)
