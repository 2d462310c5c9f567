"""A backend's call made into the question of a GraphQL server.

Source: lura 2.13 `proxy/graphql.go`.
"""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from crossgate.components.graphql.config import Operation
from crossgate.components.graphql.reasons import BAD_VARIABLES
from crossgate.golang.json_parser import JsonError, parse_document
from crossgate.golang.json_text import encode_json
from crossgate.golang.number import Number, with_float64_numbers
from crossgate.golang.url import encode_query
from crossgate.pipeline.failure import RefusedError
from crossgate.pipeline.proxy import BackendCall, Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.request_body import read_request_body
from crossgate.pipeline.target import add_query

MAX_EXPLAINED_BYTES = 64 * 1024
"""Of a body that is no JSON, up to which it is said where."""

_OF_THE_OPERATION = frozenset((b"query", b"operationName", b"variables", b"extensions"))
_JSON = (b"Content-Type", b"application/json")
_decoder = msgspec.json.Decoder()


class Asking:
    """What stands around a backend's calls. The method, the body and Content-Type are the operation's."""

    def __init__(self, operation: Operation, proxy: Proxy) -> None:
        self._operation = operation
        self._proxy = proxy
        self._query = operation.query.encode("utf-8", "replace")
        self._name = operation.name.encode("utf-8", "replace")
        head = b'{"query":' + encode_json(operation.query)
        if operation.name:
            head += b',"operationName":' + encode_json(operation.name)
        self._head = head
        self._constant = b"" if operation.parameters or operation.kind == "mutation" else self._body({})

    async def __call__(self, call: ProxyRequest) -> ProxyResponse:
        """See Proxy. Raises RefusedError where a mutation's body is no object."""
        assert isinstance(call, BackendCall)  # noqa: S101 # around calls there are no others
        operation = self._operation
        if operation.kind == "mutation":
            given = _object(await read_request_body(call.body))
        else:
            given = {
                name: call.params.get(parameter, b"").decode("utf-8", "surrogateescape")
                for name, parameter in operation.parameters.items()
            }
        if not _OF_THE_OPERATION.isdisjoint(call.query):
            call.target = _without_operation(call.target)
        call.fields = [field for field in call.fields if field[0] != b"Content-Type"]
        call.method = operation.method.encode()
        if operation.method == "GET":
            self._ask_by_url(call, given)
        else:
            call.fields.append(_JSON)
            call.body = self._constant or self._body(given)
            call.is_sized = True
        return await self._proxy(call)

    def _body(self, given: Mapping[str, Any]) -> bytes:
        variables = {**self._operation.variables, **given}
        return self._head + (b',"variables":' + encode_json(variables) if variables else b"") + b"}"

    def _ask_by_url(self, call: BackendCall, given: Mapping[str, Any]) -> None:
        """DEVIATION(DEV-GQL-1): KrakenD makes the URL first, and asks nothing."""
        parts = {b"query": [self._query]}
        if self._name:
            parts[b"operationName"] = [self._name]
        variables = {**self._operation.variables, **given}
        if variables:
            parts[b"variables"] = [encode_json(variables)]
        call.target = add_query(call.target, encode_query(parts))
        call.body = b""


def _without_operation(target: bytes) -> bytes:
    """DEVIATION(DEV-GQL-4): KrakenD hands on a client's `query` where `input_query_strings` lists it, or all. Servers
    that look into the URL first, as many do, would run that.
    """
    path, _, query = target.partition(b"?")
    kept = [pair for pair in query.split(b"&") if pair.partition(b"=")[0] not in _OF_THE_OPERATION]
    return path + b"?" + b"&".join(kept) if kept else path


def _object(body: bytes) -> dict[str, Any]:
    """The fields of a body; numbers go through float64. DEVIATION(DEV-GQL-3): `null` has none; KrakenD may panic."""
    try:
        value = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value = _explained(body)
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = "array" if isinstance(value, list) else "string" if isinstance(value, str) else None
        kind = kind or ("bool" if isinstance(value, bool) else "number")
        raise _refused(f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}")
    try:
        _check_numbers(value)
        found: dict[str, Any] = with_float64_numbers(value)
    except RecursionError:
        raise _refused("json: exceeded max depth") from None
    return found


def _explained(body: bytes) -> Any:
    if len(body) > MAX_EXPLAINED_BYTES:
        raise _refused("the body is no JSON")
    try:
        return parse_document(body)
    except JsonError as error:
        raise _refused(str(error)) from None


def _check_numbers(value: Any) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _check_numbers(item)
    elif isinstance(value, list):
        for item in value:
            _check_numbers(item)
    elif isinstance(value, Number) and not math.isfinite(float(bytes(value))):
        raise _refused(f"json: cannot unmarshal number {bytes(value).decode()} into Go value of type float64")


def _refused(text: str) -> RefusedError:
    return RefusedError(text, reason=BAD_VARIABLES, status=500, honest_status=400)
