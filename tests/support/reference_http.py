"""HTTP/1.1 as the reference gateway reads it: whole messages, one after the other, in the plainest way there is."""

import re
from dataclasses import dataclass, field

Fields = list[tuple[bytes, bytes]]
"""(lower-case name, value), in order."""

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_START = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ ]+) HTTP/(\d\.\d)")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]*)(?::[0-9]*)?")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_OTHER_PROTOCOLS = (b"CONNECT", b"PRI", b"SOURCE", b"DESCRIBE")


class RefusedError(Exception):
    """The request is answered by the server itself, and is the last of its connection."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass
class Asked:
    """A client's request. `framing` is how its body came: none, length or chunked. `end` is where, in what was sent,
    that is over which was read of it."""

    method: bytes = b""
    path: bytes = b""
    query: bytes | None = None
    version: bytes = b"1.1"
    fields: Fields = field(default_factory=list)
    host: bytes = b""
    body: bytes = b""
    framing: str = "none"
    stays: bool = True
    end: int = 0
    refusal: RefusedError | None = None

    def first(self, name: bytes) -> bytes | None:
        return next(iter(self.all(name)), None)

    def all(self, name: bytes) -> list[bytes]:
        return [value for known, value in self.fields if known == name]


def read_requests(data: bytes) -> list[Asked]:
    """The requests of a connection whose client sent whole ones only, to the last that is answered."""
    requests: list[Asked] = []
    sent = len(data)
    while data := data.lstrip(b"\r\n"):
        asked = Asked()
        requests.append(asked)
        head, _, data = data.partition(b"\r\n\r\n")
        try:
            read_head(asked, head)
            asked.body, data = read_body(asked.fields, data)
        except RefusedError as refusal:
            asked.refusal = refusal
            asked.stays = False
        asked.end = sent - len(data)
        if not asked.stays:
            break
    return requests


def read_head(asked: Asked, head: bytes) -> None:
    """What a head says. Raises RefusedError; `asked` then has what could be read."""
    start_line, *lines = head.split(b"\r\n")
    fields = read_fields(lines)
    asked.fields = [(name, value) for name, value in fields if name == b"origin"][:1]  # for the page behind it
    start = _START.fullmatch(start_line)
    if start is None:
        raise RefusedError(400, "400 Bad Request: malformed request line")
    method, target, version = start.groups()
    if version not in (b"1.0", b"1.1"):
        raise RefusedError(505, "505 HTTP Version Not Supported: unsupported protocol version")
    asked.method, asked.version, asked.fields = method, version, fields
    asked.path, mark, query = target.partition(b"?")
    asked.query = query if mark else None
    if method in _OTHER_PROTOCOLS:
        raise RefusedError(501, "501 Not Implemented: unknown method")
    if any(_TOKEN.fullmatch(name) is None or _CONTROL.search(value) for name, value in fields):
        raise RefusedError(400, "400 Bad Request")
    asked.host = read_host(asked)
    read_target(asked, target)
    read_framing(asked)


def read_fields(lines: list[bytes]) -> Fields:
    fields = []
    for line in lines:
        name, _, value = line.partition(b":")
        fields.append((name.lower(), value.strip(b" \t")))
    return fields


def read_host(asked: Asked) -> bytes:
    hosts = asked.all(b"host")
    if len(hosts) > 1:
        raise RefusedError(400, "400 Bad Request: too many Host headers")
    if not hosts and asked.version == b"1.1":
        raise RefusedError(400, "400 Bad Request: missing required Host header")
    if hosts and _HOST.fullmatch(hosts[0]) is None:
        raise RefusedError(400, "400 Bad Request: malformed Host header")
    return hosts[0] if hosts else b""


def read_target(asked: Asked, target: bytes) -> None:
    if target == b"*" and asked.method == b"OPTIONS":
        return
    absolute = re.fullmatch(rb"https?://([^/?]+)(.*)", target)
    if absolute is not None:
        asked.host = absolute[1]
        asked.path, mark, query = absolute[2].partition(b"?")
        asked.path = asked.path or b"/"
        asked.query = query if mark else None
    if asked.path[:1] != b"/" or b"#" in target or re.search(rb"%(?![0-9A-Fa-f]{2})", asked.path):
        raise RefusedError(400, "400 Bad Request: malformed request target")


def read_framing(asked: Asked) -> None:
    options = words(asked.all(b"connection"))
    asked.stays = b"close" not in options and (asked.version == b"1.1" or b"keep-alive" in options)
    lengths, codings = asked.all(b"content-length"), asked.all(b"transfer-encoding")
    if len(lengths) > 1 or len(codings) > 1 or (codings and (lengths or asked.version == b"1.0")):
        raise RefusedError(400, "400 Bad Request: ambiguous message framing")
    if lengths and not lengths[0].isdigit():
        raise RefusedError(400, "400 Bad Request")
    if codings and codings[0].lower() != b"chunked":
        raise RefusedError(501, "501 Not Implemented: unsupported transfer encoding")
    if any(value.lower() != b"100-continue" for value in asked.all(b"expect")) and asked.version == b"1.1":
        raise RefusedError(417, "417 Expectation Failed")
    if codings:
        asked.framing = "chunked"
    elif lengths and int(lengths[0]):
        asked.framing = "length"


def words(values: list[bytes]) -> list[bytes]:
    """The members of a field whose values are lists."""
    return [word for value in values for word in (part.strip(b" \t").lower() for part in value.split(b",")) if word]


def read_body(fields: Fields, data: bytes) -> tuple[bytes, bytes]:
    """A body that is framed, and what follows it."""
    known = dict(fields)
    if b"transfer-encoding" in known:
        return read_chunks(data)
    length = int(known.get(b"content-length", b"0"))
    assert len(data) >= length
    return data[:length], data[length:]


def read_chunks(data: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        size = int(line.partition(b";")[0].strip(), 16)
        if not size:
            break
        body += data[:size]
        assert data[size : size + 2] == b"\r\n"
        data = data[size + 2 :]
    while True:
        line, _, data = data.partition(b"\r\n")
        if not line:
            return body, data


@dataclass
class Answered:
    """A backend's answer. `is_framed` tells that it says how long its body is before that begins."""

    status: int
    fields: Fields
    body: bytes
    is_framed: bool

    def first(self, name: bytes) -> bytes | None:
        return next((value for known, value in self.fields if known == name), None)


def read_answer(data: bytes, method: bytes) -> Answered:
    """A whole answer, all of whose bytes are here."""
    head, _, rest = data.partition(b"\r\n\r\n")
    start_line, *lines = head.split(b"\r\n")
    status, fields = int(start_line.split(b" ")[1]), read_fields(lines)
    names = [name for name, _ in fields]
    is_framed = b"content-length" in names
    if method == b"HEAD" or status in (204, 304):
        return Answered(status, fields, b"", is_framed=True)
    if is_framed or b"transfer-encoding" in names:
        rest = read_body(fields, rest)[0]
    return Answered(status, fields, rest, is_framed)
