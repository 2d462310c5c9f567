"""A backend's request and response as modifiers see them: fields as Go's `http.Header` has them, and the rest.

Host, Content-Length and Transfer-Encoding are no fields there: each modifier treats them as Martian does. Knows
messages; does not know modifiers.

Source: google/martian v2.1 `proxyutil/header.go`.
"""

import re
from typing import Final

from crossgate.components.martian.reasons import FAILED
from crossgate.flow.body import Body
from crossgate.golang.header_name import canonical_header_name
from crossgate.http.message import Fields
from crossgate.pipeline.failure import RefusedError

HOST: Final = b"host"
CONTENT_LENGTH: Final = b"content-length"
TRANSFER_ENCODING: Final = b"transfer-encoding"
_INTEGER: Final = re.compile(rb"[+-]?[0-9]{1,18}")
_BAD_VALUE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Message:
    """What requests and responses have in common. `fields` have lower-case names. `length` None: not known."""

    def __init__(self, fields: Fields, body: bytes | Body, length: int | None) -> None:
        self.fields = fields
        self.body = body
        self.length = length

    def all(self, name: bytes) -> list[bytes]:
        """The values of a field; `name` is lower-case."""
        if name == CONTENT_LENGTH:
            return [b"%d" % self.length] if self.length else []
        return [value for known, value in self.fields if known == name]

    def get(self, name: bytes) -> bytes:
        """The first, empty where there is none."""
        return next(iter(self.all(name)), b"")

    def set(self, name: bytes, value: bytes) -> None:
        """Put one value in the place of all. Raises RefusedError."""
        if name == CONTENT_LENGTH:
            length = parse_integer(value, "ParseInt")
            self.length = None if length < 0 else length
        elif name != TRANSFER_ENCODING:
            self.check(name, value)
            self.fields = [field for field in self.fields if field[0] != name]
            self.fields.append((name, value))

    def add(self, name: bytes, value: bytes) -> None:
        """Put a value behind all. Raises RefusedError."""
        if name == CONTENT_LENGTH:
            if self.length:
                raise failed("proxyutil: illegal header multiple: Content-Length")
            self.set(name, value)
        elif name != TRANSFER_ENCODING:
            self.check(name, value)
            self.fields.append((name, value))

    def remove(self, name: bytes) -> None:
        """Take all values away."""
        if name == CONTENT_LENGTH:
            self.length = None
        else:
            self.fields = [field for field in self.fields if field[0] != name]

    def check(self, name: bytes, value: bytes) -> None:
        """Raise RefusedError for what cannot be written as a field."""

    def replace_body(self, body: bytes) -> None:
        """Put another in its place."""
        if isinstance(self.body, Body):
            self.body.abandon()
        self.body = body
        self.length = len(body)
        self.remove(b"content-encoding")


class Outgoing(Message):
    """A request. `path` and `query` are encoded, the query without its `?`; `host` is what Host says."""

    def __init__(
        self,
        method: bytes,
        scheme: str,
        authority: str,
        target: bytes,
        fields: Fields,
        body: bytes | Body,
        length: int | None,
    ) -> None:
        super().__init__(fields, body, length)
        self.method = method
        self.scheme = scheme
        self.authority = authority
        self.host = authority.encode()
        self.path, mark, self.query = target.partition(b"?")
        self._mark = mark
        self.stashed = b""
        self.is_answered_by_file = False

    @property
    def target(self) -> bytes:
        """The origin-form."""
        return self.path + (b"?" + self.query if self.query else self._mark)

    @property
    def url(self) -> bytes:
        """The whole URL."""
        return f"{self.scheme}://{self.authority}".encode() + self.target

    def all(self, name: bytes) -> list[bytes]:
        """See Message."""
        return ([self.host] if self.host else []) if name == HOST else super().all(name)

    def set(self, name: bytes, value: bytes) -> None:
        """See Message."""
        if name == HOST:
            self.host = value
        else:
            super().set(name, value)

    def add(self, name: bytes, value: bytes) -> None:
        """See Message."""
        if name == HOST and self.host:
            raise failed("proxyutil: illegal header multiple: Host")
        if name == HOST:
            self.host = value
        else:
            super().add(name, value)

    def remove(self, name: bytes) -> None:
        """See Message. Without a Host, the URL's is sent."""
        if name == HOST:
            self.host = b""
        else:
            super().remove(name)

    def check(self, name: bytes, value: bytes) -> None:
        """See Message: Go refuses to send a line break."""
        if _BAD_VALUE.search(value):
            verb = self.method.decode("latin-1").capitalize()
            shown = canonical_header_name(name.decode("latin-1"))
            url = self.url.decode("latin-1")
            raise failed(f'{verb} "{url}": net/http: invalid header field value for "{shown}"')


class Incoming(Message):
    """The response to a request."""

    def __init__(self, status: int, fields: Fields, body: bytes | Body, length: int | None, request: Outgoing) -> None:
        super().__init__(fields, body, length)
        self.status = status
        self.request = request


def parse_integer(text: bytes, function: str) -> int:
    """A decimal number as Go reads it. Raises RefusedError in its words."""
    if not _INTEGER.fullmatch(text):
        shown = text.decode("utf-8", "replace")
        raise failed(f'strconv.{function}: parsing "{shown}": invalid syntax')
    return int(text)


def failed(text: str) -> RefusedError:
    """What becomes of an exchange whose modifier fails. `text` is Martian's, or Go's."""
    return RefusedError(text, reason=FAILED, honest_status=500)
