"""The requests of the reference gateway to one backend, as Go's HTTP client makes them, redirects followed."""

import gzip
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes, urljoin, urlsplit

from tests.support.reference_data import FailedError, Keys
from tests.support.reference_http import Answered, Asked, Fields, read_answer, words

HOP_BY_HOP = (
    b"close connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding"
    b" upgrade"
).split()
MAX_REQUESTS = 10


@dataclass
class Call:
    """One request to a backend. `fields` are in the order of their names, those of one name as they came.

    `framing` says how the body goes out: none, length or chunked; empty where it depends on what came when.
    """

    method: str
    url: str
    fields: Fields
    body: bytes
    framing: str

    @property
    def target(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")


class BackendCalls:
    """Calls one backend for one request. `made` are the calls, `pattern` is its URL pattern as errors show it."""

    def __init__(self, endpoint: Keys, backend: Keys, agent: str, answer: Callable[[Call], bytes]) -> None:
        self._endpoint = endpoint
        self._backend = backend
        self._agent = agent.encode()
        self._answer = answer
        self.method = backend.get("method") or endpoint.get("method", "GET")
        self.pattern = re.sub(r"\{(\w)(\w*)\}", lambda m: f"{{{{.{m[1].upper()}{m[2]}}}}}", backend["url_pattern"])
        self.made: list[Call] = []

    def make(self, asked: Asked, params: dict[str, bytes]) -> Answered:
        """The last answer. Raises FailedError."""
        url = self._backend["host"][0] + self._target(asked, params)
        fields = self._fields(asked)
        asks_gzip = self.method != "HEAD" and not {b"accept-encoding", b"range"} & {name for name, _ in fields}
        if asks_gzip:
            fields.append((b"accept-encoding", b"gzip"))
        first = Call(self.method, url, by_name(fields), asked.body, self._framing(asked))
        answer = self._send(first)
        while (following := self._redirected(first, answer)) is not None:
            if len(self.made) == MAX_REQUESTS:
                raise FailedError
            answer = self._send(following)
        if asks_gzip and (answer.first(b"content-encoding") or b"").lower() == b"gzip" and answer.body:
            answer.body, answer.is_framed = gzip.decompress(answer.body), False
            answer.fields = [field for field in answer.fields if field[0] != b"content-encoding"]
        return answer

    def _send(self, call: Call) -> Answered:
        self.made.append(call)
        return read_answer(self._answer(call), call.method.encode())

    # -- URL

    def _target(self, asked: Asked, params: dict[str, bytes]) -> str:
        path, mark, query = self._backend["url_pattern"].encode().partition(b"?")
        for name, value in params.items():
            path = path.replace(b"{%b}" % name.encode(), value)
            query = query.replace(b"{%b}" % name.encode(), re.sub(rb"[^!-~]|[#&+;=]", _escaped, value))
        if re.fullmatch(rb"[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]/%]*", path) is None:
            path = quote_from_bytes(path, safe="$&+,/:;=@").encode()
        more = self._query(asked)
        if more:
            query, mark = (query + b"&" if query else b"") + more, b"?"
        return (path + mark + query).decode()

    def _query(self, asked: Asked) -> bytes:
        """What goes on of the client's query, written anew: names in order."""
        pairs: list[tuple[bytes, bytes]] = []
        for pair in (asked.query or b"").split(b"&"):
            if pair and b";" not in pair and not re.search(rb"%(?![0-9A-Fa-f]{2})", pair):
                name, _, value = pair.replace(b"+", b" ").partition(b"=")
                pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
        for listed in (self._endpoint.get("input_query_strings", []), self._backend.get("input_query_strings", ["*"])):
            pairs = [pair for pair in pairs if "*" in listed or pair[0].decode("latin-1") in listed]
        pairs.sort(key=lambda pair: pair[0])
        return b"&".join(_form(name) + b"=" + _form(value) for name, value in pairs)

    # -- fields

    def _fields(self, asked: Asked) -> Fields:
        listed = [name.lower().encode() for name in self._endpoint.get("input_headers", [])] or [b"content-type"]
        stops = {*HOP_BY_HOP, *words(asked.all(b"connection"))}
        stops |= {b"host", b"content-length", b"expect"}
        passed = dict.fromkeys([name for name, _ in asked.fields if b"*" in listed or name in listed])
        sent = {name: asked.all(name) for name in passed if name not in stops}
        sent[b"x-forwarded-for"] = [client_address(asked)]
        sent[b"x-forwarded-host"] = [asked.host]
        sent[b"x-forwarded-via" if b"user-agent" in sent else b"user-agent"] = [self._agent]
        for_backend = [name.lower().encode() for name in self._backend.get("input_headers", ["*"])]
        if b"*" not in for_backend:
            sent = {name: values for name, values in sent.items() if name in for_backend}
            if b"user-agent" not in for_backend:
                sent[b"user-agent"] = [b"Go-http-client/1.1"]
        return [(name, value) for name, values in sent.items() for value in values]

    # -- body

    def _framing(self, asked: Asked) -> str:
        if not asked.body:
            if asked.framing == "chunked":
                return ""
            return "length" if self.method in ("POST", "PUT", "PATCH") else "none"
        for listed in (self._endpoint.get("input_headers", []), self._backend.get("input_headers", ["*"])):
            if not {"*", "content-length"} & {name.lower() for name in listed}:
                return "chunked"
        return asked.framing

    # -- redirects

    def _redirected(self, first: Call, answer: Answered) -> Call | None:
        """The next request where one is asked for that can be made."""
        last = self.made[-1]
        location = answer.first(b"location")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            return None
        method, body, framing = last.method, last.body, last.framing
        if answer.status in (301, 302, 303):
            method = "HEAD" if method == "HEAD" else "GET"
            body, framing = b"", "none"
        elif body:
            return None
        fields = [field for field in first.fields if body or not field[0].startswith(b"content-")]
        if all(name != b"referer" for name, _ in fields):
            fields.append((b"referer", last.url.encode()))
        return Call(method, urljoin(last.url, location.decode()), by_name(fields), body, framing)


def by_name(fields: Fields) -> Fields:
    """In the order of names; what has one name stays in order."""
    return sorted(fields, key=lambda field: field[0])


def client_address(asked: Asked) -> bytes:
    """The first of X-Forwarded-For, else of X-Real-IP, if all of it are addresses; else the socket's."""
    for name in (b"x-forwarded-for", b"x-real-ip"):
        parts = [part.strip().decode("latin-1") for part in (asked.first(name) or b"").split(b",")]
        try:
            for part in parts:
                ipaddress.ip_address(part)
        except ValueError:
            continue
        return parts[0].encode()
    return b"127.0.0.1"


def _form(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=" ").replace(" ", "+").encode()


def _escaped(match: re.Match[bytes]) -> bytes:
    return b"%%%02X" % match[0][0]
