"""`plugin/req-resp-modifier`: plugins around what an endpoint lets through and answers, or around one backend's call.

Requests are changed in the order of the list, answers, too. Does not know how functions are called.

Source: lura v2 `proxy/plugin.go`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from crossgate.components.plugins.calling import Function
from crossgate.components.plugins.plain_data import given_back, plain
from crossgate.components.plugins.reasons import REFUSED
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
from crossgate.http.hop_by_hop import HOP_BY_HOP
from crossgate.http.message import Fields, changed_names
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
    seen = _SeenCall(call, client_ip)
    for function in functions:
        found = await function.result(seen)
        if found is not None:
            raise function.wrong(found, "None")
    try:
        if isinstance(call, BackendCall):
            _take_call(call, seen)
        else:
            _take_request(call, seen)
    except (ValueError, TypeError, AttributeError) as error:
        raise functions[-1].failed(error) from None
    return call


class _SeenCall(Request):
    """A call as plugins see it: what few of them look at is left to `__getattr__`."""

    __slots__ = ("_call", "_came", "_find_client")

    def __init__(self, call: ProxyRequest, client_ip: ClientIp) -> None:
        if isinstance(call, BackendCall):
            method, host, scheme = call.method, call.authority, call.scheme
            path, _, query = call.target.partition(b"?")
            self.query_string = query.decode("latin-1")
        else:
            incoming = call.incoming
            method, path, host, scheme = incoming.method, incoming.path, incoming.host.decode("latin-1"), "http"
        self.method = method.decode("latin-1")
        self.path = path.decode("latin-1")
        self.host = host
        self.scheme = scheme
        self.headers = Headers.of_message(_Fields(call))
        self._body = call.body if isinstance(call.body, bytes) else None
        self.body_changed = False
        self._query = None
        self._call = call
        self._find_client = client_ip
        self._came = self.method, self.path, host, scheme

    def __getattr__(self, name: str) -> Any:
        call = self._call
        match name:
            case "query_string":
                value: Any = encode_query(call.query).decode("latin-1")
            case "params":
                value = _decoded_params(call)
            case "peer_ip":
                value = call.incoming.peer_host
            case "_client_ip":
                value = self._find_client(call.incoming)
            case _:
                raise AttributeError(name)
        setattr(self, name, value)
        return value

    def leads_where_it_did(self) -> bool:
        """Whether method, host and path are as they came."""
        return (self.method, self.path, self.host, self.scheme) == self._came

    def has(self, name: str) -> bool:
        """Whether somebody has looked at what is left to `__getattr__`."""
        try:
            object.__getattribute__(self, name)
        except AttributeError:
            return False
        return True


class _Fields:
    """The fields of a call as Headers want them; they are not changed."""

    __slots__ = ("_call",)

    def __init__(self, call: ProxyRequest) -> None:
        self._call = call

    @property
    def fields(self) -> Fields:
        """All of them."""
        return self._call.fields

    def first(self, name: bytes) -> bytes | None:
        """The first value of that lower-case name."""
        return next((value for known, value in self._call.fields if known.lower() == name), None)


def _decoded_params(call: ProxyRequest) -> dict[str, str]:
    return {name: value.decode("utf-8", "surrogateescape") for name, value in call.params.items()}


def _take_request(call: ProxyRequest, seen: _SeenCall) -> None:
    """What was changed of what an endpoint lets through. Raises ValueError."""
    if not seen.leads_where_it_did():
        raise ValueError("method, host and path of an endpoint's request are not what backends get: change those there")
    if seen.has("query_string"):
        query = checked_query(seen.written_query())
        if query != encode_query(call.query):
            call.query = parse_query(query)
    _take_params(call, seen)
    _take_fields_and_body(call, seen)


def _take_call(call: BackendCall, seen: _SeenCall) -> None:
    """What was changed of a backend's call. Raises ValueError."""
    query = seen.written_query()
    if not seen.leads_where_it_did() or query != call.target.partition(b"?")[2].decode("latin-1"):
        call.method = checked_method(seen.method)
        if seen.scheme not in ("http", "https"):
            raise ValueError("the scheme is http or https")
        call.scheme, call.authority = seen.scheme, checked_authority(seen.host)
        query_octets = checked_query(query)
        call.target = checked_path(seen.path) + (b"?" + query_octets if query_octets else b"")
    _take_params(call, seen)
    _take_fields_and_body(call, seen)


def _take_params(call: ProxyRequest, seen: _SeenCall) -> None:
    if seen.has("params") and seen.params != _decoded_params(call):
        call.params = {name: value.encode("utf-8", "surrogateescape") for name, value in seen.params.items()}


def _take_fields_and_body(call: ProxyRequest, seen: _SeenCall) -> None:
    headers = seen.headers
    if headers.changed:
        edits, before = headers.edits, call.fields
        if edits is not None and HOP_BY_HOP.isdisjoint(edits) and b"content-length" not in edits:
            made = _canonical(list(edits.items()))
            call.fields = [field for field in before if field[0].lower() not in edits] + made
            call.told |= frozenset(edits)
        else:
            call.fields = _canonical(end_to_end(headers.lines()))
            call.told |= changed_names(before, call.fields)
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
        response.reason = REFUSED if response.status >= 400 else None
    lines = answer.headers.lines()
    if is_no_op and (answer.headers.changed or answer.body_changed):
        response.fields = end_to_end(lines)
    elif answer.headers.changed:
        response.added = end_to_end(lines)
    if answer.body_changed:
        response.discard()
        response.body = answer.body
