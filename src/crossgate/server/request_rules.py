"""What a request head must be like beyond what the parser insists on (RFC 9112 sections 2 to 7).

Pure: parts of a head in, the request or a fault out. Does not know sockets or limits.
"""

import re

from crossgate.http.message import Fields, Request
from crossgate.server import fault
from crossgate.server.fault import Fault

# reg-name, IPv4 and bracketed IPv6 with an optional port (RFC 3986 section 3.2.2); userinfo has no place in Host.
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?\Z")
_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)\Z")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
# Methods that the parser knows from other protocols (RTSP, Icecast) or that no gateway answers.
_FOREIGN_METHODS = frozenset(
    (
        b"ANNOUNCE",
        b"CONNECT",
        b"DESCRIBE",
        b"FLUSH",
        b"GET_PARAMETER",
        b"PAUSE",
        b"PLAY",
        b"PRI",
        b"RECORD",
        b"REDIRECT",
        b"SETUP",
        b"SET_PARAMETER",
        b"SOURCE",
        b"TEARDOWN",
    )
)


class Judged:
    """A request head that may be served, with what its framing fields say.

    `length_bytes` is None for a chunked body. `keep_alive` is the client's wish.
    """

    __slots__ = ("expects_continue", "keep_alive", "length_bytes", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.length_bytes: int | None = 0
        self.keep_alive = request.version == b"1.1"
        self.expects_continue = False


def judge(method: bytes, target: bytes, version: str, fields: Fields) -> Judged | Fault:
    """The request these parts make, its peer not yet known, or why there is none."""
    if version not in ("1.1", "1.0"):
        # The parser reports a request line without any version as 0.9.
        return fault.MALFORMED_REQUEST_LINE if version == "0.9" else fault.UNKNOWN_VERSION
    if method in _FOREIGN_METHODS:
        return fault.UNKNOWN_METHOD
    known = dict(fields)
    problem = _check_host(known, fields, version)
    if problem is not None:
        return problem
    host = known.get(b"host", b"")
    if target[:1] != b"/":
        if target == b"*" and method == b"OPTIONS":
            pass
        elif (absolute := _ABSOLUTE.match(target)) and absolute[2] and is_host(absolute[2]):
            host = absolute[2]  # takes the place of Host (RFC 9112 section 3.2.2)
            target = absolute[3] if absolute[3][:1] == b"/" else b"/" + absolute[3]
        else:
            return fault.MALFORMED_TARGET
    if b"#" in target or (b"%" in target and _BAD_ESCAPE.search(target.partition(b"?")[0])):
        return fault.MALFORMED_TARGET
    path, mark, query = target.partition(b"?")
    judged = Judged(Request(method, path, query if mark else None, fields, host=host, version=version.encode("ascii")))
    return _read_framing(judged, known, fields) or judged


def _check_host(known: dict[bytes, bytes], fields: Fields, version: str) -> Fault | None:
    host = known.get(b"host")
    if host is None:
        return fault.MISSING_HOST if version == "1.1" else None
    if len(known) != len(fields) and sum(name == b"host" for name, _ in fields) > 1:
        return fault.TOO_MANY_HOSTS
    return None if is_host(host) else fault.MALFORMED_HOST


def is_host(value: bytes) -> bool:
    """Whether a Host field may have that value."""
    return _HOST.match(value) is not None


def _read_framing(judged: Judged, known: dict[bytes, bytes], fields: Fields) -> Fault | None:
    connection = known.get(b"connection")
    if connection is not None:
        if len(known) != len(fields):
            connection = b",".join(value for name, value in fields if name == b"connection")
        options = {option.strip(b" \t") for option in connection.lower().split(b",")}
        judged.keep_alive = b"close" not in options and (judged.keep_alive or b"keep-alive" in options)
    length = known.get(b"content-length")
    if length is not None:
        judged.length_bytes = int(length)
    coding = known.get(b"transfer-encoding")
    if coding is not None:
        if length is not None or judged.request.version == b"1.0":
            return fault.AMBIGUOUS_FRAMING
        if coding.lower() != b"chunked":
            return fault.UNKNOWN_CODING
        judged.length_bytes = None
    judged.request.has_body = judged.length_bytes != 0
    expectation = known.get(b"expect")
    if expectation is not None and judged.request.version == b"1.1":
        if expectation.lower() != b"100-continue":
            return fault.EXPECTATION_FAILED
        judged.expects_continue = judged.request.has_body
    return None
