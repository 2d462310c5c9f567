"""sprig's functions on paths: Go's `path`, and `filepath` as on Linux, which is the same."""

import posixpath

from crossgate.gotemplate.functions import Function, go_function


def clean(path: str) -> str:
    """path.Clean: the shortest equal path; `.` for nothing."""
    cleaned = posixpath.normpath(path) if path else "."
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def join(*parts: str) -> str:
    """path.Join: the parts with slashes between them, cleaned; empty for nothing."""
    text = "/".join([part for part in parts if part])
    return clean(text) if text else ""


def _base(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _dir(path: str) -> str:
    return clean(path[: path.rfind("/") + 1])


def _ext(path: str) -> str:
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 else ""


_FUNCTIONS = {
    "base": go_function("string", _base),
    "clean": go_function("string", clean),
    "dir": go_function("string", _dir),
    "ext": go_function("string", _ext),
    "isAbs": go_function("string", lambda path: path.startswith("/")),
}
PATHS: dict[str, Function] = {
    **_FUNCTIONS,
    **{f"os{name[0].upper()}{name[1:]}": function for name, function in _FUNCTIONS.items()},
}
