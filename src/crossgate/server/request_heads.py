"""The head of a request: its bytes in, a request or the reason of its refusal out, however the bytes came.

llhttp checks every byte of a head; what it insists on is not looked at again. Fields are split at their line ends and
looked up by name, no more is made of them until somebody asks. Does not know connections, nor how a body arrives.

Source of the rules beyond llhttp's: RFC 9112 sections 2 to 7.
"""

import re
from typing import Final

import httptools

from crossgate.config.model import LimitsConfig
from crossgate.http.field_names import FieldNames
from crossgate.http.split_fields import split_fields
from crossgate.server import fault
from crossgate.server.fault import Fault
from crossgate.server.incoming import Incoming
from crossgate.server.shared_parser import SharedParser
from crossgate.transport.whole_message import HeadCheck

_METHOD: Final = rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)"
START_LINE: Final = re.compile(_METHOD + rb" ([^ \r\n]+) HTTP/(1\.[01])\r\n")
"""A request line. DEVIATION(DEV-HTTP-1): single blanks and HTTP's own versions only; the parser takes more."""

READ_AS_THEY_ARE: Final = frozenset((b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT", b"TRACE"))
"""Methods that the parser reads as what they are. Others are read as if they were POST: any token is a method (RFC 9110
section 9.1), what it means is the router's business, and how a request is framed does not depend on it."""

_OTHER_VERSION: Final = re.compile(_METHOD + rb" [^ \r\n]+ HTTP/[0-9]\.[0-9]\r\n")
# What stands in front of a path in the absolute-form (RFC 9112 section 3.2.2).
_ABSOLUTE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]+)([^#]*)\Z")
# reg-name, IPv4 and bracketed IPv6 with an optional port (RFC 3986 section 3.2.2); userinfo has no place in Host.
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?\Z")
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UPGRADE: Final = re.compile(rb"(?<=\n)upgrade(?=:)", re.IGNORECASE)
# Of other protocols (RTSP, Icecast, HTTP/2's preface), or such as no gateway answers.
_FOREIGN_METHODS: Final = frozenset(
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
# The parser's words where the last coding is not chunked.
_UNKNOWN_CODING = "Request has invalid `Transfer-Encoding`"
_NO_LIMIT = 1 << 62
_MEMO_SIZE = 64
_ORIGIN_LINE: Final = re.compile(rb"\norigin:[ \t]*([^\r\n]*?)[ \t]*\r?\n", re.IGNORECASE)
# As numbers: to look for bytes in bytes costs Python an exception.
_SLASH: Final = ord("/")
_HASH: Final = ord("#")
_PERCENT: Final = ord("%")
_STAY: Final = frozenset((b"keep-alive", b"Keep-Alive"))


class RequestHeads:
    """Reads heads, for all connections of a server. What it remembers of them is bounded."""

    __slots__ = ("_hosts", "_max_body_bytes", "_parser", "max_bytes", "max_fields", "max_target_bytes")

    def __init__(self, limits: LimitsConfig) -> None:
        self.max_bytes = limits.max_head_bytes or _NO_LIMIT
        self.max_fields = limits.max_headers or _NO_LIMIT
        self.max_target_bytes = limits.max_target_bytes or _NO_LIMIT
        self._max_body_bytes = limits.max_body_bytes or _NO_LIMIT
        self._hosts: set[bytes] = set()  # that passed; they are looked up instead of looked at
        self._parser = SharedParser()

    def read(self, data: bytes, end: int) -> Incoming:
        """The request whose head ends there; its body is taken from `data` if all of it is there.

        `data` begins with the head. The request has a `fault` if it cannot be served.
        """
        start = START_LINE.match(data)
        if start is None:
            return self.refused(fault_of_start(data), data, end)
        method, target, version = start.groups()
        if method in _FOREIGN_METHODS:
            return self.refused(fault.UNKNOWN_METHOD, data, end)
        found = self._feed_head(data if end == len(data) else data[:end], method)
        parser = self._parser
        if found is None:
            if not target.isascii():
                escaped = with_ascii_target(data, start)
                return self.read(escaped, end + len(escaped) - len(data))
            is_coding = parser.refusal == _UNKNOWN_CODING
            return self.refused(fault.UNKNOWN_CODING if is_coding else fault.BAD_REQUEST, data, end)
        path, mark, query = target.partition(b"?")
        names, values = found
        incoming = Incoming(method, path, query if mark else None, names, values, version)
        count = data.count(b"\r\n", 0, end) - 2  # the parser takes no line that ends otherwise
        if count != len(values) or not names.are_lone:
            fields = split_fields(data[start.end() - 2 : end - 4])
            if fields is None or len(fields) != count:
                parser.settle()
                return self.refused(fault.BAD_REQUEST, data, end)
            incoming.have_repeated(fields)
        reason = self._judge(incoming, names, target)
        if end > self.max_bytes or count > self.max_fields:
            reason = fault.HEAD_TOO_LARGE  # DEVIATION(DEV-HTTP-2): the limits are lower than Go's
        if len(target) > self.max_target_bytes:
            reason = fault.TARGET_TOO_LONG
        length = incoming.length_bytes
        if reason is not None:
            parser.settle()
            _refuse(incoming, reason)
        elif length is None or len(data) < end + length:
            parser.settle()
            incoming.whole = False
            incoming.pieces = []
        else:
            if length:
                incoming.body = body = data[end : end + length]
                parser.feed_body(body)
            if not parser.settle():
                _refuse(incoming, fault.BAD_REQUEST)
        return incoming

    def _feed_head(self, head: bytes, method: bytes) -> tuple[FieldNames, list[bytes]] | None:
        """See SharedParser.feed_head."""
        if method not in READ_AS_THEY_ARE:
            head = b"POST" + head[len(method) :]
        try:
            return self._parser.feed_head(head)
        except httptools.HttpParserUpgrade:  # it is not asked to stop there: RFC 9110 section 7.8 allows that
            found = self._parser.feed_head(_UPGRADE.sub(b"x-grade", head))
        if found is None:
            return None
        # Where there is a field of that name as well, names repeat, and the lines are split again.
        names, values = found
        return FieldNames([b"upgrade" if name == b"x-grade" else name for name in names.names]), values

    def _judge(self, incoming: Incoming, names: FieldNames, target: bytes) -> Fault | None:
        if incoming.names is None:
            if _repeats(incoming, b"host"):
                return fault.TOO_MANY_HOSTS
            if _repeats(incoming, b"content-length") or _repeats(incoming, b"transfer-encoding"):
                return fault.AMBIGUOUS_FRAMING
        host = incoming.first(b"host")
        if host is None:
            if incoming.version == b"1.1":
                return fault.MISSING_HOST
            host = b""
        elif host not in self._hosts and not self._is_host(host):
            return fault.MALFORMED_HOST
        incoming.host = host
        if target[0] != _SLASH:
            reason = _read_other_form(incoming, target)
            if reason is not None:
                return reason
        elif _HASH in target or (_PERCENT in incoming.path and _BAD_ESCAPE.search(incoming.path)):
            return fault.MALFORMED_TARGET
        return self._read_framing(incoming) if names.has_framing or incoming.version == b"1.0" else None

    def _is_host(self, host: bytes) -> bool:
        if _HOST.match(host) is None:
            return False
        if len(self._hosts) >= _MEMO_SIZE:
            self._hosts.clear()
        self._hosts.add(host)
        return True

    def _read_framing(self, incoming: Incoming) -> Fault | None:
        connection = incoming.first(b"connection")
        if connection is None:
            if incoming.version == b"1.0":
                incoming.keep_alive = False
        elif incoming.version == b"1.0" or connection not in _STAY or incoming.names is None:
            values = incoming.values(b"connection")
            options = {option.strip(b" \t") for option in b",".join(values).lower().split(b",")}
            incoming.keep_alive = b"close" not in options and (incoming.version == b"1.1" or b"keep-alive" in options)
        length = incoming.first(b"content-length")
        if length is not None:
            if not length.isdigit() or len(length) > 18:
                return fault.BAD_REQUEST
            incoming.length_bytes = int(length)
            if incoming.length_bytes > self._max_body_bytes:
                return fault.BODY_TOO_LARGE
        coding = incoming.first(b"transfer-encoding")
        if coding is not None:
            if length is not None or incoming.version == b"1.0":
                return fault.AMBIGUOUS_FRAMING
            if coding.lower() != b"chunked":
                return fault.UNKNOWN_CODING
            incoming.length_bytes = None
        incoming.has_body = incoming.length_bytes != 0
        expectation = incoming.first(b"expect")
        if expectation is not None and incoming.version == b"1.1":
            if any(value.lower() != b"100-continue" for value in incoming.values(b"expect")):
                return fault.EXPECTATION_FAILED
            incoming.expects_continue = incoming.has_body
        return None

    def check(self) -> HeadCheck:
        """For a head that comes in pieces: what is wrong with it is to be known before it is whole."""
        return HeadCheck(httptools.HttpRequestParser)

    def refused(self, reason: Fault, data: bytes, end: int) -> Incoming:
        """What can be said of a request that is none, or whose head will not be waited for."""
        start = START_LINE.match(data)
        fields = None if start is None else split_fields(data[: end - 4][start.end() - 2 :])
        if fields is None:
            # The page behind the request should get to see the refusal.
            origin = _ORIGIN_LINE.search(data, 0, end)
            fields = [] if origin is None else [(b"origin", origin[1])]
        method, target = (b"", b"") if start is None else (start[1], start[2])
        path, mark, query = target.partition(b"?")
        names = FieldNames([name for name, _ in fields])
        incoming = Incoming(method, path, query if mark else None, names, [value for _, value in fields], b"1.1")
        if not names.are_lone:
            incoming.have_repeated(fields)
        _refuse(incoming, reason)
        return incoming


def _refuse(incoming: Incoming, reason: Fault) -> None:
    incoming.fault = reason
    incoming.keep_alive = incoming.whole = False  # more may be coming in
    incoming.pieces = []


def _repeats(incoming: Incoming, name: bytes) -> bool:
    return len(incoming.values(name)) > 1


def _read_other_form(incoming: Incoming, target: bytes) -> Fault | None:
    """A target that does not begin with a slash (RFC 9112 section 3.2)."""
    if target == b"*" and incoming.method == b"OPTIONS":
        return None
    absolute = _ABSOLUTE.match(target)
    if absolute is None or _HOST.match(absolute[1]) is None:
        return fault.MALFORMED_TARGET
    incoming.host = absolute[1]  # takes the place of Host (section 3.2.2)
    target = absolute[2] if absolute[2][:1] == b"/" else b"/" + absolute[2]
    path, mark, query = target.partition(b"?")
    incoming.path, incoming.query = path, query if mark else None
    return fault.MALFORMED_TARGET if _PERCENT in path and _BAD_ESCAPE.search(path) else None


def with_ascii_target(data: bytes, start: re.Match[bytes]) -> bytes:
    """The request with what is not ASCII in its target escaped.

    No URI holds such bytes (RFC 3986 section 2), but people type them and curl sends them. Go takes them for what their
    escapes stand for (`net/url`, `unescape`); the parser takes none.
    """
    target = b"".join([b"%%%02X" % byte if byte > 0x7F else bytes((byte,)) for byte in start[2]])
    return data[: start.start(2)] + target + data[start.end(2) :]


def fault_of_start(data: bytes) -> Fault:
    """Why no request begins with that line."""
    return fault.MALFORMED_REQUEST_LINE if _OTHER_VERSION.match(data) is None else fault.UNKNOWN_VERSION
