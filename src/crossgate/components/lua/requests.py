"""Requests as `request` shows them to scripts, and what scripts do to them.

Source: krakend-lua 2.13 `proxy/request.go`. Around an endpoint, method, path and URL have no effect; around a backend's
call, path, query and parameters have none, since the URL is there already.
"""

from urllib.parse import urlsplit

from crossgate.components.lua.field_values import fault_of_fields, trimmed
from crossgate.golang.url import UrlError, go_quote, path_unescape, request_target
from crossgate.http.message import changed_names
from crossgate.lua.session import ScriptFailedError
from crossgate.lua.wire import Changes, RequestParts
from crossgate.pipeline.proxy import BackendCall, ProxyRequest


def request_parts(call: ProxyRequest) -> RequestParts:
    """The request of an endpoint, or of one backend."""
    if isinstance(call, BackendCall):
        method, path = call.method, call.path
        url = f"{call.scheme}://{call.authority}".encode() + call.target
    else:
        method, url = call.incoming.method, b""
        try:
            path = path_unescape(call.incoming.path)
        except UrlError:
            path = call.incoming.path
    params = {name.encode("utf-8", "surrogateescape"): value for name, value in call.params.items()}
    return RequestParts(False, method, path, url, b"", call.query, params, call.fields)


def change_request(call: ProxyRequest, changes: Changes) -> None:
    """Put what a script did into a request. Raises ScriptFailedError where that is no HTTP."""
    if changes.headers is not None:
        fields = trimmed([field for field in changes.headers if field[0] != b"Host"])
        fault = fault_of_fields(fields)
        if fault:
            raise ScriptFailedError(fault)
        call.told |= changed_names(call.fields, fields)
        call.fields = fields
    if changes.body is not None:
        call.body = changes.body
    if isinstance(call, BackendCall):
        if changes.method is not None:
            call.method = changes.method
        if changes.url is not None:
            _ask_elsewhere(call, changes.url.decode("utf-8", "replace"))
        return
    if changes.query is not None:
        call.query = changes.query
    if changes.params is not None:
        call.params.update({name.decode("utf-8", "surrogateescape"): value for name, value in changes.params.items()})


def _ask_elsewhere(call: BackendCall, url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ScriptFailedError(f"parse {go_quote(url)}: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        verb = call.method.decode("latin-1").capitalize()
        raise ScriptFailedError(f'{verb} {go_quote(url)}: unsupported protocol scheme "{parts.scheme}"')
    written = parts.path + ("?" + parts.query if parts.query else "")
    try:
        call.target = request_target(written.encode("utf-8", "surrogateescape"))
    except UrlError as error:
        raise ScriptFailedError(str(error)) from error
    call.scheme, call.authority = parts.scheme, parts.netloc.rpartition("@")[2]
