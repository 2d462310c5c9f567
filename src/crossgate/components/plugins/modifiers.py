"""`plugin/req-resp-modifier`: plugins around what an endpoint lets through and answers, or around one backend's call.

Requests are changed in the order of the list, answers, too. Does not know how functions are called.

Source: lura v2 `proxy/plugin.go`.
"""

from collections.abc import Callable, Sequence

from crossgate.components.plugins.calling import Function
from crossgate.components.plugins.plain_data import given_back, plain
from crossgate.components.plugins.translate import (
    checked_authority,
    checked_method,
    checked_path,
    checked_query,
    checked_status,
    end_to_end,
    refused,
)
from crossgate.flow.body import Body
from crossgate.golang.url import encode_query, parse_query
from crossgate.http.message import Fields
from crossgate.http.message import Request as Incoming
from crossgate.pipeline.backend import read_answer
from crossgate.pipeline.forward import CanonicalNames
from crossgate.pipeline.proxy import BackendCall, Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.request_body import read_request_body
from crossgate.plugins import Answer, Headers, Refusal, Request

ClientIp = Callable[[Incoming], str]
_NAMES = CanonicalNames()


def build_modified(
    proxy: Proxy, requests: Sequence[Function], responses: Sequence[Function], client_ip: ClientIp, *, is_no_op: bool
) -> Proxy:
    """The proxy with modifiers around it. `is_no_op`: its answers are bodies, not data.

    DEVIATION(DEV-PLUGIN-3): answers of which parts are missing are modified, too. KrakenD passes those on as they are.
    """

    async def modified(call: ProxyRequest) -> ProxyResponse:
        try:
            if requests:
                call = await _changed_request(call, requests, client_ip)
            response = await proxy(call)
            if responses:
                try:
                    await _change_response(response, responses, is_no_op=is_no_op)
                except BaseException:
                    response.discard()
                    raise
        except Refusal as refusal:
            raise refused(refusal) from None
        return response

    return modified


async def _changed_request(call: ProxyRequest, functions: Sequence[Function], client_ip: ClientIp) -> ProxyRequest:
    if not isinstance(call, BackendCall):
        call = call.copy()
    if any(function.needs_body for function in functions):
        call.body = await read_request_body(call.body)
    seen = _seen_call(call, client_ip)
    before = seen.method, seen.url, dict(seen.params)
    for function in functions:
        found = await function.result(seen)
        if found is not None:
            raise function.wrong(found, "None")
    try:
        if isinstance(call, BackendCall):
            _take_call(call, seen, before[2])
        else:
            _take_request(call, seen, before)
    except (ValueError, TypeError, AttributeError) as error:
        raise functions[-1].failed(error) from None
    return call


def _seen_call(call: ProxyRequest, client_ip: ClientIp) -> Request:
    incoming = call.incoming
    if isinstance(call, BackendCall):
        method, target, host, scheme = call.method, call.target, call.authority, call.scheme
    else:
        query = encode_query(call.query)
        method, target = incoming.method, incoming.path + (b"?" + query if query else b"")
        host, scheme = incoming.host.decode("latin-1"), "http"
    return Request(
        method.decode("latin-1"),
        target.decode("latin-1"),
        Headers.of_lines(call.fields),
        call.body if isinstance(call.body, bytes) else None,
        host=host,
        scheme=scheme,
        client_ip=lambda: client_ip(incoming),
        peer_ip=incoming.peer_host,
        params={name: value.decode("utf-8", "surrogateescape") for name, value in call.params.items()},
    )


def _take_request(call: ProxyRequest, seen: Request, before: tuple[str, str, dict[str, str]]) -> None:
    """What was changed of what an endpoint lets through. Raises ValueError."""
    query = seen.written_query()
    method, url, params = before
    if seen.method != method or seen.url.partition("?")[0] != url.partition("?")[0]:
        raise ValueError("method, host and path of an endpoint's request are not what backends get: change those there")
    if query != url.partition("?")[2]:
        call.query = parse_query(checked_query(query))
    _take_params(call, seen, params)
    _take_fields_and_body(call, seen)


def _take_call(call: BackendCall, seen: Request, params: dict[str, str]) -> None:
    """What was changed of a backend's call. Raises ValueError."""
    call.method = checked_method(seen.method)
    if seen.scheme not in ("http", "https"):
        raise ValueError("the scheme is http or https")
    call.scheme, call.authority = seen.scheme, checked_authority(seen.host)
    query = checked_query(seen.written_query())
    call.target = checked_path(seen.path) + (b"?" + query if query else b"")
    _take_params(call, seen, params)
    _take_fields_and_body(call, seen)


def _take_params(call: ProxyRequest, seen: Request, before: dict[str, str]) -> None:
    if seen.params != before:
        call.params = {name: value.encode("utf-8", "surrogateescape") for name, value in seen.params.items()}


def _take_fields_and_body(call: ProxyRequest, seen: Request) -> None:
    if seen.headers.changed:
        call.fields = _canonical(end_to_end(seen.headers.lines()))
    if seen.body_changed:
        if isinstance(call.body, Body):
            call.body.abandon()
        call.body = seen.body
        call.fields = list(call.fields)  # says that the call is another than the client's


def _canonical(lines: Fields) -> Fields:
    return [(_NAMES(name), value) for name, value in lines]


async def _change_response(response: ProxyResponse, functions: Sequence[Function], *, is_no_op: bool) -> None:
    body = response.body
    if is_no_op and isinstance(body, Body) and any(function.needs_body for function in functions):
        body = response.body = await read_answer(body)
    answer = Answer(
        plain(response.data or {}),
        is_complete=response.is_complete,
        status=response.status,
        headers=Headers.of_lines(response.fields if is_no_op else response.added or []),
        body=None if isinstance(body, Body) else body or b"",
    )
    for function in functions:
        found = await function.result(answer)
        if found is not None:
            raise function.wrong(found, "None")
    try:
        _take_answer(response, answer, is_no_op=is_no_op)
    except (ValueError, TypeError, AttributeError) as error:
        raise functions[-1].failed(error) from None


def _take_answer(response: ProxyResponse, answer: Answer, *, is_no_op: bool) -> None:
    response.data = given_back(answer.data)
    if type(answer.is_complete) is not bool:
        raise TypeError("is_complete is True or False")
    response.is_complete = answer.is_complete
    if answer.status != response.status:
        response.status = checked_status(answer.status)
    lines = answer.headers.lines()
    if is_no_op and (answer.headers.changed or answer.body_changed):
        response.fields = end_to_end(lines)
    elif answer.headers.changed:
        response.added = end_to_end(lines)
    if answer.body_changed:
        response.discard()
        response.body = answer.body
