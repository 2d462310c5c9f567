"""What a backend's configuration does to its data: one file per kind of manipulation, and their order here.

Data is what the decoders give; None is Go's nil map and has no keys. What goes in is never changed. Source: lura 2.13
`proxy/formatter.go`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from crossgate.config.model import BackendConfig, FlatmapOp
from crossgate.pipeline.manipulate.filters import compile_allow, compile_deny
from crossgate.pipeline.manipulate.flatmap import compile_operations
from crossgate.pipeline.manipulate.mapping import compile_mapping
from crossgate.pipeline.manipulate.target import compile_target

__all__ = ["Data", "Manipulation", "compile_flatmap", "compile_manipulation"]

Data = dict[str, Any] | None
Manipulation = Callable[[Data], Data]


def compile_manipulation(backend: BackendConfig) -> Manipulation | None:
    """The backend's manipulation, None where there is nothing to do.

    The order is target, then allow or else deny, then mapping, then group. With flatmap operations it is target,
    flatmap, group, and the filters and the mapping are ignored.
    """
    stages: list[Manipulation] = []
    if backend.target:
        stages.append(compile_target(backend.target))
    if backend.flatmap:
        stages.append(compile_operations(backend.flatmap))
    else:
        if backend.allow:
            stages.append(compile_allow(backend.allow))
        elif backend.deny:
            stages.append(compile_deny(backend.deny))
        if backend.mapping:
            stages.append(compile_mapping(backend.mapping))
    if backend.group:
        stages.append(_compile_group(backend.group))
    return _in_order(stages) if stages else None


def compile_flatmap(ops: Sequence[FlatmapOp]) -> Manipulation:
    """Flatmap operations by themselves, as an endpoint has them; the result is None when nothing is left."""
    return compile_operations(ops)


def _compile_group(group: str) -> Manipulation:
    """Everything under one key, also when there is nothing."""
    return lambda data: {group: data}


def _in_order(stages: Sequence[Manipulation]) -> Manipulation:
    if len(stages) == 1:
        return stages[0]

    def manipulate(data: Data) -> Data:
        for stage in stages:
            data = stage(data)
        return data

    return manipulate
