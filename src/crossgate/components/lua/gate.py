"""`modifier/lua-endpoint`: a script that looks at a request before its endpoint, and may change or refuse it.

Source: krakend-lua 2.13 `router/gin/lua.go`.
"""

from crossgate.components.lua.field_values import fault_of_fields, is_value
from crossgate.components.lua.reasons import TIMEOUT
from crossgate.components.lua.running import Runner, reason_of
from crossgate.flow.fiber import Flow
from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.golang.url import UrlError, path_unescape
from crossgate.http.gate import GateView, Verdict
from crossgate.http.message import Request, Response, refusal
from crossgate.http.reason import BODY_BROKEN, BODY_TOO_LARGE
from crossgate.lua.session import ScriptFailedError
from crossgate.lua.wire import Answer, Ask, Changes, RequestParts
from crossgate.pipeline.deadline import effective_timeout_seconds
from crossgate.pipeline.failure import RequestBodyBrokenError, RequestBodyTooLargeError
from crossgate.pipeline.forward import CanonicalNames
from crossgate.pipeline.request_body import read_request_body

_NOT_HEADERS = frozenset((b"host", b"transfer-encoding"))


class LuaGate:
    """The gate. DEVIATION(DEV-LUA-2): the script has the endpoint's timeout; KrakenD waits for it for ever."""

    reads: frozenset[bytes] = frozenset()
    params: tuple[str, ...] = ()

    def __init__(self, runner: Runner, timers: Timers, seconds: float, *, is_service: bool = False) -> None:
        self._runner = runner
        self._timers = timers
        self._seconds = effective_timeout_seconds(seconds)
        self._is_service = is_service
        self._canonical = CanonicalNames()

    def __call__(self, view: GateView) -> Flow[Verdict]:
        """See Gate."""
        return self._judge(view)

    async def _judge(self, view: GateView) -> Verdict:
        request = view.whole()
        body = [request.body]

        async def fetch(_ask: Ask) -> Answer:
            body[0] = read = await read_request_body(body[0])
            return Answer(read)

        running = self._runner.session(fetch)
        try:
            changes = await self._timers.within(self._seconds, running.begin(self._parts(view, request)))
        except ScriptFailedError as error:
            return self._refusal(error)
        except DeadlineExceededError:
            return refusal(500, TIMEOUT)
        except RequestBodyTooLargeError:
            return refusal(413, BODY_TOO_LARGE)
        except RequestBodyBrokenError:
            return refusal(400, BODY_BROKEN)
        finally:
            running.close()
        return self._changed(view, request, body[0] if changes.body is None else changes.body, changes)

    def _parts(self, view: GateView, request: Request) -> RequestParts:
        url = request.path if request.query is None else request.path + b"?" + request.query
        params = {name.encode(): value for name, value in view.values().items()}
        headers = [(self._canonical(name), value) for name, value in request.fields if name not in _NOT_HEADERS]
        return RequestParts(True, request.method, b"", url, request.host, {}, params, headers)

    def _refusal(self, error: ScriptFailedError) -> Response:
        """Bodies are empty. The service's script cannot choose a status."""
        content_type = error.content_type.encode("latin-1", "replace")
        reason = reason_of(error)
        if self._is_service:
            return refusal(500, reason)
        fields = [(b"content-type", content_type)] if content_type and is_value(content_type) else []
        return refusal(error.status or 500, reason, fields)

    def _changed(self, view: GateView, request: Request, body: object, changes: Changes) -> Verdict:
        """Put what the script did into the request. What is no HTTP is an error of the script's."""
        path, query = request.path, request.query
        if changes.url is not None:
            try:
                path, query = _path_and_query(changes.url)
            except UrlError as error:
                return self._refusal(ScriptFailedError(str(error)))
        host = request.host if changes.host is None else changes.host
        method = request.method if changes.method is None else changes.method
        fault = fault_of_fields([*(changes.headers or ()), (b"Host", host), (b"X-Method", method)])
        if fault:
            failed = ScriptFailedError(fault)
            self._runner.failed(failed)
            return self._refusal(failed)
        for name, value in (changes.params or {}).items():
            view.give_param(name.decode("utf-8", "replace"), value)
        if body is not request.body or changes.url is not None or host != request.host or method != request.method:
            made = Request(
                method,
                path,
                query,
                request.fields,
                body,  # type: ignore[arg-type] # the request's own, or bytes
                request.has_body or changes.body is not None,
                host,
                request.peer_host,
                request.version,
                request.track,
            )
            view.replace(made)
        if changes.headers is not None:
            self._set_fields(view, request, changes.headers)
        return None

    def _set_fields(self, view: GateView, request: Request, headers: list[tuple[bytes, bytes]]) -> None:
        before: dict[bytes, list[bytes]] = {}
        for name, value in request.fields:
            if name not in _NOT_HEADERS:
                before.setdefault(name, []).append(value)
        after: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            after.setdefault(name.lower(), []).append(value)
        for name in {**before, **after}:
            if before.get(name) != after.get(name) and name not in _NOT_HEADERS:
                view.set_field(name, *after.get(name, ()))


def _path_and_query(url: bytes) -> tuple[bytes, bytes | None]:
    """What a text says where it is a URL. Raises UrlError."""
    if any(byte < 0x20 or byte == 0x7F for byte in url):
        raise UrlError("net/url: invalid control character in URL")
    text = url.partition(b"#")[0]
    path, mark, query = text.partition(b"?")
    scheme, separator, rest = path.partition(b"://")
    if separator and scheme.isalpha():
        path = b"/" + rest.partition(b"/")[2]
    path_unescape(path)
    return path, query if mark else None
