"""What browsers send as the origin of a page, as an automaton: the grammar of `cors/origin.py`, character by character.

Sources: HTML standard, "serialization of an origin"; URL standard, "host serializer".
"""

from collections.abc import Sequence
from typing import Any

from crossgate.cors.origin import DEFAULT_PORTS

State = Any
DIGITS = frozenset("0123456789")
HEX = frozenset("0123456789abcdef")
LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_LABEL = LOWER | DIGITS | {"_", "-"}
_SCHEME = LOWER | DIGITS | {"+", ".", "-"}
_HIGHEST_PORT = "65535"


class SerializedOrigins:
    """What browsers send as the origin of a page, `null` and the length of names left aside: `parse_serialized_origin`.

    A state names the part that is read and what of it still matters.
    """

    start: State = ("scheme", "")

    def step(self, state: State, char: str) -> State:
        """The parts in their order: scheme, slashes, host or address, port."""
        match state[0]:
            case "scheme":
                return _scheme(state[1], char)
            case "slashes":
                _, default, left = state
                if char != left[0]:
                    return None
                return ("slashes", default, left[1:]) if len(left) > 1 else ("host", default, _NO_HOST)
            case "host":
                return _host(state[1], state[2], char)
            case "address":
                return _address(state, char)
            case "end":
                return ("port", state[1], "") if char == ":" else None
            case _:
                return _port(state[1], state[2], char)

    def accepts(self, state: State) -> bool:
        """Whether host and port can end here."""
        if state[0] == "port":
            return state[2] not in ("", state[1])
        return state[0] == "end" or (state[0] == "host" and _is_host(state[2]))


def _scheme(read: str, char: str) -> State:
    if char == ":":
        return ("slashes", DEFAULT_PORTS.get(read, ""), "//") if read else None
    if char not in (_SCHEME if read else LOWER):
        return None
    longer = read + char
    # Only the schemes with a default port need to be told from each other.
    return ("scheme", longer if any(known.startswith(longer) for known in DEFAULT_PORTS) else "?")


# A host: the kind of its last label (empty, digits, `0`, hexadecimal, other), the number of whole parts of an IPv4
# address before it (-1: it is none), and what may follow in that part.
_NO_HOST = ("", 0, "")
_ANY_TWO, _ANY_ONE, _UP_TO_5, _NONE = "two", "one", "five", "none"


def _host(default: str, host: tuple[str, int, str], char: str) -> State:
    kind, parts, octet = host
    if char == "[" and host == _NO_HOST:
        return ("address", default, (), "")
    if char == ":":
        return ("port", default, "") if _is_host(host) else None
    if char == ".":
        if not kind:
            return None
        return ("host", default, ("", parts + 1 if 0 <= parts < 3 and octet else -1, ""))
    if char not in _LABEL:
        return None
    following = _octet(octet, char) if parts >= 0 else ""
    return ("host", default, (_kind(kind, char), parts if following else -1, following))


def _is_host(host: tuple[str, int, str]) -> bool:
    kind, parts, _ = host
    if kind in ("digits", "0", "hex"):
        return parts == 3
    return kind == "other"


def _kind(kind: str, char: str) -> str:
    if kind == "":
        return "0" if char == "0" else "digits" if char in DIGITS else "other"
    if kind == "0" and char == "x":
        return "hex"
    if kind in ("0", "digits") and char in DIGITS:
        return "digits"
    return "hex" if kind == "hex" and char in HEX else "other"


def _octet(octet: str, char: str) -> str:
    """What may follow in a part of an IPv4 address; empty where it is none any more."""
    if char not in DIGITS or octet == _NONE:
        return ""
    if octet == "":
        return {"0": _NONE, "1": _ANY_TWO, "2": "2"}.get(char, _ANY_ONE)
    if octet == "2":
        return _ANY_ONE if char < "5" else _UP_TO_5 if char == "5" else _NONE
    if octet == _ANY_TWO:
        return _ANY_ONE
    return _NONE if octet == _ANY_ONE or char <= "5" else ""


def _port(default: str, read: Any, char: str) -> State:
    if char not in DIGITS or (read == "" and char == "0"):
        return None
    if isinstance(read, str):
        longer = read + char
        if len(longer) > 5 or (len(longer) == 5 and longer > _HIGHEST_PORT):
            return None
        if _HIGHEST_PORT.startswith(longer) or default.startswith(longer):
            return ("port", default, longer)
        return ("port", default, (longer < _HIGHEST_PORT, len(longer)))
    is_lower, digits = read
    return ("port", default, (is_lower, digits + 1)) if digits < (5 if is_lower else 4) else None


# An IPv6 address: its groups so far, each zero or not, `::` among them, and the group that is being read: empty, `:`
# after a colon, `0`, or the number of its digits.


def _address(state: tuple[Any, ...], char: str) -> State:
    _, default, groups, group = state
    if char == "]":
        whole = _with_group(groups, group)
        return ("end", default) if group != ":" and _is_canonical(whole) else None
    if char == ":":
        if group not in ("", ":"):
            return ("address", default, _with_group(groups, group), ":")
        if group == "":
            return ("address", default, (), ":") if not groups else None
        return None if "::" in groups else ("address", default, (*groups, "::"), "")
    if char not in HEX or group == "0" or group == 4 or len(groups) > 8:
        return None
    if isinstance(group, int):
        return ("address", default, groups, group + 1)
    if group == ":" and not groups:
        return None  # one colon at the beginning
    return ("address", default, groups, "0" if char == "0" else 1)


def _with_group(groups: tuple[object, ...], group: object) -> tuple[object, ...]:
    return groups if group in ("", ":") else (*groups, group == "0")


def _is_canonical(groups: tuple[object, ...]) -> bool:
    """Whether the longest run of zeros is compressed, the first of several, and no other (URL, "host serializer")."""
    if "::" not in groups:
        return len(groups) == 8 and _longest_run(groups) < 2
    at = groups.index("::")
    before, after = groups[:at], groups[at + 1 :]
    zeros = 8 - len(before) - len(after)
    beside = (before and before[-1]) or (after and after[0])
    return zeros >= 2 and not beside and _longest_run(before) < zeros and _longest_run(after) <= zeros


def _longest_run(groups: Sequence[object]) -> int:
    longest = run = 0
    for is_zero in groups:
        run = run + 1 if is_zero else 0
        longest = max(longest, run)
    return longest
