"""`crossgate check --fix`: writes the file anew with everything mended that has one right fix.

Knows files and what is said of them; what is mended and how is `config.fixing`'s.
"""

import difflib
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from crossgate.config import Loaded, Mended
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.config.read_file import STANDARD_INPUT
from crossgate.cors import CorsPolicy
from crossgate.cors.config import CorsConfig
from crossgate.diagnostics import Diagnostic


class UnfixableError(Exception):
    """The file cannot be written anew, and why."""


def read_mendable(path: str) -> bytes:
    """What is in the file. Raises UnfixableError where it cannot be read and written anew."""
    if path == STANDARD_INPUT:
        raise UnfixableError("standard input cannot be written anew: name a file")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UnfixableError(f"{path} cannot be read: {error.strerror}") from None


def write_anew(path: str, data: bytes) -> None:
    """Put a file's new text into its place at once, with the mode it had; a link stays one. Raises UnfixableError."""
    place = Path(path).resolve()
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
            temporary = file.name
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(place.stat().st_mode & 0o7777)
        Path(temporary).replace(place)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True) if temporary else None
        raise UnfixableError(f"{path} cannot be written: {error.strerror}") from None


def fixed_text(mended: Mended) -> str:
    """A line for each problem that was mended, and how many there were; empty where there were none."""
    if not mended.fixed:
        return ""
    count = len(mended.fixed)
    lines = [f"fixed {_place(each)}: {each.message} [{each.code}]" for each in mended.fixed]
    return "\n".join([*lines, f"{count} problem{'s' * (count > 1)} fixed", ""])


def changes_text(path: str, before: bytes, after: bytes) -> str:
    """What would be written, as a unified diff."""
    old, new = (data.decode("utf-8", "replace").splitlines(keepends=True) for data in (before, after))
    lines = [line if line.endswith("\n") else f"{line}\n" for line in difflib.unified_diff(old, new, path, path)]
    return "".join(lines)


def _place(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    return "" if span is None else f"{span.file}:{span.line}:{span.column}"


def is_same(before: Loaded, after: Loaded) -> bool:
    """Whether two files that were read mean the same."""
    assert before.document is not None  # noqa: S101 - both were read
    assert after.document is not None  # noqa: S101
    return _meaning(before.document.config) == _meaning(after.document.config)


def _meaning(service: ServiceConfig) -> tuple[ServiceConfig, tuple[EndpointConfig, ...], tuple[object, ...]]:
    """A configuration in which policies are what they allow, however often and in whatever letters it is listed."""
    endpoints = tuple([replace(endpoint, cors=None) for endpoint in service.endpoints])
    policies = (service.cors, *[endpoint.cors for endpoint in service.endpoints])
    return replace(service, cors=None, endpoints=()), endpoints, tuple([_allowed(policy) for policy in policies])


def _allowed(policy: CorsPolicy | None) -> object:
    return None if policy is None else _policy_meaning(policy.config)


def _policy_meaning(config: CorsConfig) -> tuple[object, ...]:
    """Origins and names of fields count once in whatever letters; methods count as they are written."""
    return (
        replace(config, allow_origins=(), allow_methods=(), allow_headers=(), expose_headers=(), rules=()),
        frozenset(map(str.lower, config.allow_origins)),
        frozenset(config.allow_methods),
        frozenset(map(str.lower, config.allow_headers)),
        frozenset(map(str.lower, config.expose_headers)),
        tuple(map(_policy_meaning, config.rules)),
    )
