"""Lists of origins of the safe grammar (`crossgate/cors`, Python), checked entry by entry. Does not know who asks."""

from collections.abc import Iterable

from crossgate.cors.block import Findings
from crossgate.cors.origin_pattern import EntryError, compile_safe_entry
from crossgate.diagnostics.path import child


def check_safe_origins(entries: Iterable[str], path: str, findings: Findings) -> bool:
    """Whether all of the `allow_origins` of the object at `path` can be allowed; what cannot is found."""
    sound = True
    for index, entry in enumerate(entries):
        if entry == "*":
            continue
        try:
            compile_safe_entry(entry)
        except EntryError as why:
            place = child(child(path, "allow_origins"), index)
            findings.error("COR114", place, f"{entry!r} cannot be allowed: {why}", hint=why.hint)
            sound = False
    return sound
