"""Whether two policies put other bytes on the wire, where browsers act alike or none would ask.

Knows the engine's decisions; does not know what they mean to pages.
"""

from collections.abc import Callable, Iterator, Sequence

from crossgate.cors import CorsPolicy
from crossgate.cors.edits import ALLOW_HEADERS, EXPOSE_HEADERS

Answer = tuple[int | None, frozenset[tuple[bytes, object]], frozenset[bytes]]
"""Status of an answer to a preflight, fields, members of Vary."""

_UNTOUCHED: Answer = (None, frozenset(), frozenset())
_ORIGIN = b"origin"
_METHOD = b"access-control-request-method"
_HEADERS = b"access-control-request-headers"
_PRIVATE_NETWORK = (b"access-control-request-private-network", b"true")


def differing_answers(
    old: CorsPolicy | None,
    new: CorsPolicy | None,
    origin: str,
    methods: Sequence[str],
    headers: Sequence[str],
    decide_about: Callable[[str], bool],
) -> tuple[str, bytes | None, bool, str] | None:
    """A request from that origin that is answered otherwise: its method, the headers asked for, whether it is a
    preflight, and a sentence with `{who}` in it; None where there is none."""
    sent = origin.encode("latin-1")
    granted = [method for method in methods if any(_is_granted(policy, sent, method) for policy in (old, new))]
    # Which headers are let through does not depend on the method: where the same methods are, one stands for all.
    odd = [*(method.lower() for method in methods), "M" * 65, "A@B", "POST ", "po\u017ft"]
    odd = [method for method in odd if decide_about(method)]
    for method, asked, fields in _requests(sent, methods, odd, granted[:1], headers):
        before, after = answer(old, method, fields), answer(new, method, fields)
        if before != after:
            is_preflight = len(fields) > 1
            shown = fields[1][1].decode("latin-1") if is_preflight else method
            return shown, asked, is_preflight, _sentence(before, after, is_preflight)
    return None


def answer(policy: CorsPolicy | None, method: str, fields: Sequence[tuple[bytes, bytes]]) -> Answer:
    """What the policy makes of a request, without what means nothing: the order of names, their letters."""
    if policy is None:
        return _UNTOUCHED
    decision = policy.decide(method.encode("latin-1"), fields)
    told = frozenset((name, _meaning(name, value)) for name, value in decision.edits.set_fields)
    return decision.preflight_status, told, frozenset(decision.edits.vary)


def _is_granted(policy: CorsPolicy | None, origin: bytes, method: str) -> bool:
    asked = method.encode("latin-1")
    return policy is not None and policy.decide(b"OPTIONS", [(_ORIGIN, origin), (_METHOD, asked)]).allowed


def _meaning(name: bytes, value: bytes) -> object:
    if name in (EXPOSE_HEADERS, ALLOW_HEADERS):
        return frozenset(item.strip(b" \t").lower() for item in value.split(b","))
    return value


def _requests(
    origin: bytes, methods: Sequence[str], odd: Sequence[str], granted: Sequence[str], headers: Sequence[str]
) -> Iterator[tuple[str, bytes | None, list[tuple[bytes, bytes]]]]:
    """Those of pages first, then what only other clients send."""
    for method in (*methods, *(one for one in odd if one.isalpha() and one.isascii())):
        yield method, None, [(_ORIGIN, origin)]
    for method in (*methods, *odd):
        asked = method.encode()
        yield "OPTIONS", None, [(_ORIGIN, origin), (_METHOD, asked)]
        yield "OPTIONS", None, [(_ORIGIN, origin), (_METHOD, asked), _PRIVATE_NETWORK]
    lists = list(_header_lists([name.encode("latin-1") for name in headers]))
    for method in granted:
        for names in lists:
            yield "OPTIONS", names, [(_ORIGIN, origin), (_METHOD, method.encode()), (_HEADERS, names)]


def _header_lists(names: Sequence[bytes]) -> Iterator[bytes]:
    yield from names
    first, second = sorted((*names[:2], *names[-2:]))[:2]
    yield from (name.upper() for name in names)
    yield b",".join((first, second))
    yield b",".join((second, first))
    yield b",".join((first, first))
    yield b"%b ,  %b" % (first, second)
    yield b"%b , %b" % (first, second)
    yield b"," * 16 + first
    yield b"," * 17 + first
    yield b"!" + first
    yield b"!"
    yield b"@"
    yield b"\x01"
    yield b"\xff"
    yield b"origin"
    yield first + b"," * 4097


def _sentence(before: Answer, after: Answer, is_preflight: bool) -> str:
    what = "preflights from {who}" if is_preflight else "requests from {who}"
    if before[0] != after[0]:
        old, new = ("not by the gateway" if status is None else f"with {status}" for status in (before[0], after[0]))
        return f"{what} are answered {new}; before, {old}"
    names = sorted({name for name, _ in before[1] ^ after[1]})
    if before[2] != after[2]:
        names.append(b"vary")
    shown = ", ".join("-".join(word.capitalize() for word in name.decode().split("-")) for name in names)
    return f"{what} get another {shown}; browsers act alike"
