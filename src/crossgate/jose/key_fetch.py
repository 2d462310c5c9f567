"""A key set over HTTP: one bounded exchange with the issuer.

Knows what an answer has to be; does not know when to ask.

Source: krakend-jose `jwk_client.go`.

DEVIATION(DEV-JWT-3): KrakenD ignores the answer's status, follows redirects to any host, and has no bounds in time and
size.
"""

from base64 import b64encode
from collections.abc import Awaitable, Sequence
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.flow.timers import Timers
from crossgate.golang.url import UrlError, request_target
from crossgate.http.failure import UpstreamError
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse
from crossgate.jose.keys import Key, KeySetError, parse_key_set
from crossgate.pipeline.decode import DecodeError, gunzip
from crossgate.pipeline.go_client import Send

MAX_SET_BYTES = 1024 * 1024
FETCH_SECONDS = 10.0
MAX_REDIRECTS = 3
_TYPES = (b"application/json", b"application/jwk-set+json")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class KeyFetch:
    """Fetches the set of one URL. `name` is the URL without user and password."""

    def __init__(self, url: str, send: Send, timers: Timers, user_agent: str) -> None:
        """`user_agent` is how the gateway names itself. Raises ValueError for a URL that cannot be asked for."""
        parts = split_url(url)
        self._scheme = parts.scheme
        self._authority = parts.netloc.rpartition("@")[2]
        self._target = _target(parts.path, parts.query)
        self.name = f"{self._scheme}://{self._authority}{self._target.decode('ascii', 'replace')}"
        self._send = send
        self._timers = timers
        self._fields: Fields = [(b"User-Agent", user_agent.encode()), (b"Accept-Encoding", b"gzip")]
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._fields.insert(0, (b"Authorization", b"Basic " + b64encode(pair)))

    async def __call__(self) -> Sequence[Key]:
        """The keys. Raises KeySetError."""
        try:
            text = await self._timers.within(FETCH_SECONDS, self._read())
        except KeySetError:
            raise
        except UpstreamError as error:
            raise KeySetError(str(error)) from None
        except (BodyTooLargeError, DecodeError):
            raise KeySetError(f"the key set cannot be read, or is larger than {MAX_SET_BYTES} bytes") from None
        except Exception as error:  # noqa: BLE001 # a deadline, or a fault of ours: either way there are no keys
            raise KeySetError(str(error) or type(error).__name__) from None
        return parse_key_set(text, allows_tail=True)

    async def _read(self) -> bytes:
        target = self._target
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._ask(target)
            if response.status not in _REDIRECTS:
                break
            _drop(response)
            target = self._redirected(response.first(b"location") or b"")
        if response.status != 200:
            _drop(response)
            raise KeySetError(f"answers with status {response.status}")
        if not (response.first(b"content-type") or b"").startswith(_TYPES):
            _drop(response)
            raise KeySetError("answers with a Content-Type that is not that of a key set")
        body = response.body
        text = body if isinstance(body, bytes) else await body.read_all(MAX_SET_BYTES)
        if response.first(b"content-encoding") == b"gzip":
            text = gunzip(text, MAX_SET_BYTES)
        if len(text) > MAX_SET_BYTES:
            raise KeySetError(f"the key set is larger than {MAX_SET_BYTES} bytes")
        return text

    def _ask(self, target: bytes) -> Awaitable[UpstreamResponse]:
        return self._send(UpstreamRequest(b"GET", self._scheme, self._authority, target, list(self._fields)))

    def _redirected(self, location: bytes) -> bytes:
        """The target of a redirect to the same host; others are not followed."""
        parts = urlsplit(location.decode("utf-8", "replace"))
        is_here = (parts.scheme or self._scheme, parts.netloc or self._authority) == (self._scheme, self._authority)
        if not is_here or not parts.path.startswith("/"):
            raise KeySetError("redirects to another host")
        try:
            return _target(parts.path, parts.query)
        except ValueError:
            raise KeySetError("redirects to no URL") from None


@lru_cache(maxsize=256)
def split_url(url: str) -> SplitResult:
    """The parts of a URL of http or https. Raises ValueError for any other."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.netloc.isascii():
        raise ValueError("no URL of http or https")
    _ = parts.port  # raises where it is none
    _target(parts.path, parts.query)
    return parts


def _target(path: str, query: str) -> bytes:
    try:
        return request_target(((path or "/") + (f"?{query}" if query else "")).encode())
    except UrlError as error:
        raise ValueError(str(error)) from None


def _drop(response: UpstreamResponse) -> None:
    if isinstance(response.body, Body):
        response.body.abandon()
