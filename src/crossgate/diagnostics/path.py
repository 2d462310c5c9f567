"""Paths into a configuration document, as people read them: `$.endpoints[0].extra_config["security/cors"]`."""

import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def child(path: str, step: str | int) -> str:
    """The path of a member or item below `path`. Names that are no plain identifiers stand in brackets and quotes."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    if _PLAIN.match(step):
        return f"{path}.{step}"
    escaped = step.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{escaped}"]'


def join(*steps: str | int) -> str:
    """The path of nested steps from the document's root."""
    path = "$"
    for step in steps:
        path = child(path, step)
    return path
