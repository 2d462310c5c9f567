"""Semantic versions and constraints on them. Source: Masterminds/semver 3.2.1, by way of sprig 3.2.3 `semver.go`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from crossgate.golang.numerals import NumeralError, parse_uint
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.values import Object, Uint64

_TAIL = r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
_VERSION = re.compile(rf"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?{_TAIL}", re.ASCII)
_LOOSE = rf"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?{_TAIL}"
_OPERATORS = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_CONSTRAINT = re.compile(rf"\s*({_OPERATORS})\s*({_LOOSE})\s*", re.ASCII)
_RANGE = re.compile(rf"\s*({_LOOSE})\s+-\s+({_LOOSE})\s*", re.ASCII)
_FIND = re.compile(rf"({_OPERATORS})\s*({_LOOSE})", re.ASCII)
_VALID = re.compile(rf"(\s*({_OPERATORS})\s*({_LOOSE})\s*)((?:\s+|,\s*)({_OPERATORS})\s*({_LOOSE})\s*)*", re.ASCII)
_MAX_CONSTRAINT = 256  # characters; the patterns above try many ways on longer ones
_NUMERIC = re.compile(r"[0-9]+", re.ASCII)


@dataclass(frozen=True, eq=False)
class Version(Object):
    """A *semver.Version."""

    go_type: ClassVar[str] = "*semver.Version"
    go_kind: ClassVar[str] = "ptr"
    fields: ClassVar[tuple[str, ...]] = ("major", "minor", "patch", "pre", "metadata", "original")

    major: int
    minor: int
    patch: int
    pre: str
    metadata: str
    original: str

    def text(self) -> str:
        tail = (f"-{self.pre}" if self.pre else "") + (f"+{self.metadata}" if self.metadata else "")
        return f"{self.major}.{self.minor}.{self.patch}{tail}"

    def json(self) -> Any:
        return self.text()

    def compare(self, other: "Version") -> int:
        """-1, 0 or 1; metadata does not count."""
        mine, theirs = (self.major, self.minor, self.patch), (other.major, other.minor, other.patch)
        if mine != theirs:
            return 1 if mine > theirs else -1
        if self.pre == other.pre:
            return 0
        if not self.pre or not other.pre:
            return 1 if not self.pre else -1
        return _compare_prerelease(self.pre, other.pre)

    def changed(self, **parts: Any) -> "Version":
        """A copy with other parts, its original text made anew."""
        made = replace(self, **parts)
        return replace(made, original=("v" if self.original.startswith("v") else "") + made.text())

    methods: ClassVar[Mapping[str, Function]] = {}


def _compare_prerelease(one: str, other: str) -> int:
    mine, theirs = one.split("."), other.split(".")
    for index in range(max(len(mine), len(theirs))):
        a = mine[index] if index < len(mine) else ""
        b = theirs[index] if index < len(theirs) else ""
        if a == b:
            continue
        if not a or not b:
            return -1 if not a else 1
        numeric = _NUMERIC.fullmatch(a) is not None, _NUMERIC.fullmatch(b) is not None
        if numeric == (True, True):
            return 1 if int(a) > int(b) else -1
        if numeric == (False, False):
            return 1 if a > b else -1
        return -1 if numeric[0] else 1
    return 0


def parse_version(text: str) -> Version:
    """semver.NewVersion. Raises GoError."""
    match = _VERSION.fullmatch(text)
    if match is None:
        raise GoError("Invalid Semantic Version")
    numbers = []
    for part in (match[1], match[2], match[3]):
        try:
            numbers.append(parse_uint(part.removeprefix(".")) if part else 0)
        except NumeralError as error:
            raise GoError(f"Error parsing version segment: {error}") from None
    pre, metadata = match[5] or "", match[8] or ""
    for part in pre.split("."):
        if len(part) > 1 and part.startswith("0") and _NUMERIC.fullmatch(part):
            raise GoError("Version segment starts with 0")
    major, minor, patch = numbers
    return Version(Uint64(major), Uint64(minor), Uint64(patch), pre, metadata, text)


def _next_patch(version: Version) -> Version:
    if version.pre:
        return version.changed(metadata="", pre="")
    return version.changed(metadata="", pre="", patch=version.patch + 1)


def _with_prerelease(version: Version, pre: str) -> Version:
    for part in pre.split(".") if pre else ():
        if _NUMERIC.fullmatch(part):
            if len(part) > 1 and part.startswith("0"):
                raise GoError("Version segment starts with 0")
        elif not re.fullmatch(r"[0-9A-Za-z\-]*", part):
            raise GoError("Invalid Prerelease string")
    return version.changed(pre=pre)


def _with_metadata(version: Version, metadata: str) -> Version:
    if any(not re.fullmatch(r"[0-9A-Za-z\-]*", part) for part in metadata.split(".")):
        raise GoError("Invalid Metadata string")
    return version.changed(metadata=metadata)


Version.methods = {
    "Major": go_function("", lambda v: Uint64(v.major)),
    "Minor": go_function("", lambda v: Uint64(v.minor)),
    "Patch": go_function("", lambda v: Uint64(v.patch)),
    "Prerelease": go_function("", lambda v: v.pre),
    "Metadata": go_function("", lambda v: v.metadata),
    "Original": go_function("", lambda v: v.original),
    "String": go_function("", lambda v: v.text()),
    "IncPatch": go_function("", _next_patch),
    "IncMinor": go_function("", lambda v: v.changed(metadata="", pre="", patch=0, minor=v.minor + 1)),
    "IncMajor": go_function("", lambda v: v.changed(metadata="", pre="", patch=0, minor=0, major=v.major + 1)),
    "SetPrerelease": go_function("string", _with_prerelease),
    "SetMetadata": go_function("string", _with_metadata),
    "LessThan": go_function("*semver.Version", lambda v, other: v.compare(other) < 0),
    "GreaterThan": go_function("*semver.Version", lambda v, other: v.compare(other) > 0),
    "Equal": go_function("*semver.Version", lambda v, other: v.compare(other) == 0),
    "Compare": go_function("*semver.Version", lambda v, other: v.compare(other)),
}


# -- constraints


@dataclass(frozen=True, slots=True)
class _Constraint:
    operator: str
    version: Version
    dirty: bool = False  # a part is missing or a wildcard: the minor version, or the patch
    minor_dirty: bool = False
    patch_dirty: bool = False


def _parse_constraint(text: str) -> _Constraint:
    match = _CONSTRAINT.fullmatch(text)
    if match is None:
        raise GoError(f"improper constraint: {text}")
    operator, written = match[1], match[2]
    major, minor, patch, pre = match[3], match[4] or "", match[5] or "", match[6] or ""
    dirty = minor_dirty = patch_dirty = False
    if _is_wild(major):
        written, dirty = f"0.0.0{pre}", True
    elif _is_wild(minor):
        written, dirty, minor_dirty = f"{major}.0.0{pre}", True, True
    elif _is_wild(patch):
        written, dirty, patch_dirty = f"{major}{minor}.0{pre}", True, True
    try:
        version = parse_version(written)
    except GoError:
        raise GoError("constraint parser error") from None
    return _Constraint(operator, version, dirty, minor_dirty, patch_dirty)


def _is_wild(part: str) -> bool:
    return part.removeprefix(".") in ("", "x", "X", "*")


def _satisfies(version: Version, constraint: _Constraint, *, prereleases: bool) -> bool:
    if version.pre and not prereleases:
        return False
    return _CHECKS[constraint.operator](version, constraint)


def _equal_or_tilde(v: Version, c: _Constraint) -> bool:
    return _tilde(v, c) if c.dirty else v.compare(c.version) == 0


def _not_equal(v: Version, c: _Constraint) -> bool:
    if c.dirty:
        if c.version.major != v.major or (c.version.minor != v.minor and not c.minor_dirty):
            return True
        if c.minor_dirty:
            return False
        if c.version.patch != v.patch and not c.patch_dirty:
            return True
        if c.patch_dirty:
            return bool(v.pre or c.version.pre) and v.pre != c.version.pre
    return v.compare(c.version) != 0


def _greater(v: Version, c: _Constraint) -> bool:
    if c.dirty:
        if v.major != c.version.major:
            return v.major > c.version.major
        if c.minor_dirty:
            return False
        if c.patch_dirty:
            return v.minor > c.version.minor
    return v.compare(c.version) == 1


def _less_or_equal(v: Version, c: _Constraint) -> bool:
    if not c.dirty:
        return v.compare(c.version) <= 0
    if v.major != c.version.major:
        return v.major < c.version.major
    return v.minor <= c.version.minor or c.minor_dirty


def _tilde(v: Version, c: _Constraint) -> bool:
    con = c.version
    if v.compare(con) < 0:
        return False
    if (con.major, con.minor, con.patch) == (0, 0, 0) and not c.minor_dirty and not c.patch_dirty:
        return True
    return v.major == con.major and (v.minor == con.minor or c.minor_dirty)


def _caret(v: Version, c: _Constraint) -> bool:
    con = c.version
    if v.compare(con) < 0:
        return False
    if con.major > 0 or c.minor_dirty:
        return v.major == con.major
    if v.major > 0:
        return False
    if con.minor > 0 or c.patch_dirty:
        return v.minor == con.minor
    if v.minor > 0:
        return False
    return v.patch == con.patch


_CHECKS: dict[str, Callable[[Version, _Constraint], bool]] = {
    "": _equal_or_tilde,
    "=": _equal_or_tilde,
    "!=": _not_equal,
    ">": _greater,
    "<": lambda v, c: v.compare(c.version) < 0,
    ">=": lambda v, c: v.compare(c.version) >= 0,
    "=>": lambda v, c: v.compare(c.version) >= 0,
    "<=": _less_or_equal,
    "=<": _less_or_equal,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}


def _compare(text: str, version_text: str) -> bool:
    if len(text) > _MAX_CONSTRAINT:
        raise GoError(f"improper constraint: {text[:_MAX_CONSTRAINT]}")
    groups = []
    for group in _RANGE.sub(lambda match: f">= {match[1]}, <= {match[11]} ", text).split("||"):
        if _VALID.fullmatch(group) is None:
            raise GoError(f"improper constraint: {group}")
        groups.append([_parse_constraint(match[0]) for match in _FIND.finditer(group)])
    version = parse_version(version_text)
    for group_constraints in groups:
        prereleases = any(constraint.version.pre for constraint in group_constraints)
        if all(_satisfies(version, constraint, prereleases=prereleases) for constraint in group_constraints):
            return True
    return False


VERSIONS: dict[str, Function] = {
    "semver": go_function("string", parse_version),
    "semverCompare": go_function("string, string", _compare),
}
