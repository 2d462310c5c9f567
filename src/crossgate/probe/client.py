"""The probe's client: one request on one connection, its response's head and nothing more.

Everything is bounded: time for the whole probe, bytes of a head, interim responses, number of requests. No body is
sent or read. Whatever the server does, the outcome is a head or a reason.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from crossgate.cors.fetch import NetworkFailure, WireRequest, WireResponse, parse_url
from crossgate.cors.fetch.url import Url, loopback_host, potentially_trustworthy
from crossgate.probe.head import HeadError, looks_like_http, parse_head, split_head

_RECEIVE_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """`total_seconds` is for all requests of a probe together, `request_seconds` for each."""

    total_seconds: float = 30.0
    request_seconds: float = 10.0
    max_head_bytes: int = 262_144
    max_interim_responses: int = 8
    max_requests: int = 24


@dataclass(slots=True)
class ProbeClient:
    """Answers the browser model's requests from the network. Use one per probe: its time starts with the first request.

    `cookie` goes with requests that include credentials, to the first request's origin only. Answers are remembered, so
    that a second browser that asks the same costs no request.
    """

    user_agent: str
    limits: ProbeLimits = field(default_factory=ProbeLimits)
    verify: bool = True
    ca_file: str | None = None
    cookie: str = ""
    clock: Callable[[], float] = time.monotonic
    requests_sent: int = 0
    _ends_at: float | None = None
    _cookie_origin: str = ""
    _answers: dict[WireRequest, list[WireResponse | NetworkFailure]] = field(default_factory=dict)
    _taken: dict[WireRequest, int] = field(default_factory=dict)

    def begin(self) -> None:
        """A browser begins: what it asks first is answered as the last one was answered first."""
        self._taken.clear()

    def __call__(self, request: WireRequest) -> WireResponse | NetworkFailure:
        """The response's head. Never raises."""
        position = self._taken.get(request, 0)
        self._taken[request] = position + 1
        known = self._answers.setdefault(request, [])
        if position < len(known):
            return known[position]
        answer = self._send(request)
        known.append(answer)
        return answer

    def _send(self, request: WireRequest) -> WireResponse | NetworkFailure:
        now = self.clock()
        if self._ends_at is None:
            self._ends_at = now + self.limits.total_seconds
            self._cookie_origin = parse_url(request.url).origin
        if self.requests_sent >= self.limits.max_requests:
            return NetworkFailure(f"the probe stops after {self.limits.max_requests} requests")
        self.requests_sent += 1
        ends_at = min(self._ends_at, now + self.limits.request_seconds)
        url = parse_url(request.url)
        try:
            with contextlib.closing(self._connect(url, ends_at)) as connection:
                connection.settimeout(self._left(ends_at))
                connection.sendall(self._head(request, url))
                return self._receive(connection, ends_at)
        except TimeoutError:
            return NetworkFailure("the time for it ran out")
        except HeadError as error:
            return NetworkFailure(f"what came is not an HTTP response: {error}")
        except ssl.SSLCertVerificationError as error:
            return NetworkFailure(f"the certificate is not trusted: {error.verify_message.rstrip('.')}")
        except ssl.SSLError as error:
            return NetworkFailure(f"TLS failed: {(error.reason or 'no reason given').lower().replace('_', ' ')}")
        except ConnectionRefusedError:
            return NetworkFailure(f"{url.authority} refused the connection")
        except OSError as error:
            return NetworkFailure(f"the connection failed: {(error.strerror or str(error)).lower()}")

    def _left(self, ends_at: float) -> float:
        left = ends_at - self.clock()
        if left <= 0:
            raise TimeoutError
        return left

    def _connect(self, url: Url, ends_at: float) -> socket.socket:
        failure: OSError | None = None
        for address in _resolve(url, self._left(ends_at)):
            try:
                connection = socket.create_connection(address, timeout=self._left(ends_at))
            except OSError as error:
                failure = error
                continue
            if url.scheme == "http":
                return connection
            try:
                return self._tls().wrap_socket(connection, server_hostname=url.host.strip("[]"))
            except BaseException:
                connection.close()
                raise
        raise failure or OSError(f"{url.host} has no address")

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca_file)
        context.set_alpn_protocols(["http/1.1"])
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _head(self, request: WireRequest, url: Url) -> bytes:
        fields = [(b"host", url.authority.encode()), (b"connection", b"close"), *request.fields]
        names = {name for name, _ in fields}
        defaults = [
            (b"accept", b"*/*"),
            (b"user-agent", self.user_agent.encode("latin-1")),
            (b"accept-encoding", b"identity"),
        ]
        if potentially_trustworthy(url.origin):
            defaults += [(b"sec-fetch-mode", b"cors"), (b"sec-fetch-dest", b"empty")]
        fields += [pair for pair in defaults if pair[0] not in names]
        if request.credentials and self.cookie and url.origin == self._cookie_origin:
            fields.append((b"cookie", self.cookie.encode("latin-1", "replace")))
        if request.method in ("POST", "PUT", "PATCH"):
            fields.append((b"content-length", b"0"))
        lines = b"".join(_wire_name(name) + b": " + value + b"\r\n" for name, value in fields)
        return b"%s %s HTTP/1.1\r\n%s\r\n" % (request.method.encode("latin-1"), url.target.encode(), lines)

    def _receive(self, connection: socket.socket, ends_at: float) -> WireResponse:
        data = bytearray()
        searched = 0
        interim = 0
        while True:
            end = split_head(data, searched)
            if end is None:
                searched = len(data)
                self._receive_more(connection, data, ends_at)
                continue
            response = parse_head(end[0])
            if response.status >= 200:
                return response
            if response.status == 101:
                raise HeadError("it switches to another protocol")
            interim += 1
            if interim > self.limits.max_interim_responses:
                raise HeadError(f"more than {self.limits.max_interim_responses} interim responses came")
            del data[: end[1]]
            searched = 0

    def _receive_more(self, connection: socket.socket, data: bytearray, ends_at: float) -> None:
        if len(data) > self.limits.max_head_bytes:
            raise HeadError(f"its head has more than {self.limits.max_head_bytes} bytes")
        connection.settimeout(self._left(ends_at))
        piece = connection.recv(_RECEIVE_BYTES)
        if not piece:
            raise ConnectionAbortedError(
                "it ended before the answer's head was whole" if data else "it was closed at once"
            )
        data += piece
        if not looks_like_http(data):
            raise HeadError("it does not begin like HTTP/1")


def _wire_name(name: bytes) -> bytes:
    return b"-".join(part.capitalize() for part in name.split(b"-"))


def _resolve(url: Url, timeout_seconds: float) -> list[tuple[str, int]]:
    """The addresses of a host. The system's resolver knows no deadline, so it is waited for from outside."""
    host = url.host.strip("[]")
    if loopback_host(url.host) and host.endswith("localhost"):
        return [("127.0.0.1", url.port), ("::1", url.port)]  # as browsers do, whatever the resolver says
    found: list[tuple[str, int]] = []
    failures: list[OSError] = []

    def look_up() -> None:
        try:
            for *_, address in socket.getaddrinfo(host, url.port, type=socket.SOCK_STREAM):
                found.append((str(address[0]), url.port))
        except OSError as error:
            failures.append(error)
        except UnicodeError:
            failures.append(OSError(f"{host} is no host name"))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    if thread.is_alive():
        raise TimeoutError
    if failures:
        raise OSError(f"{host} has no address") from failures[0]
    return found[:8]
