"""What expressions read: requests, responses and claims as KrakenD shows them, and how large that is.

DEVIATION(DEV-CEL-2): data nested deeper than MAX_DEPTH are not evaluated, which fails the check.

Source of the names and types: krakend-cel v2 `internal/parser.go`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from crossgate.cel.cost import UNIT_BYTES, VALUE
from crossgate.golang.header_name import canonical_header_name
from crossgate.golang.number import Number, number_text
from crossgate.http.message import Fields
from crossgate.pipeline.proxy import BackendCall, ProxyRequest, ProxyResponse, Query

VARIABLES: Mapping[str, str] = {
    "req_method": "string",
    "req_path": "string",
    "req_params": "texts",
    "req_headers": "lists",
    "req_querystring": "lists",
    "resp_completed": "bool",
    "resp_metadata_status": "int",
    "resp_metadata_headers": "lists",
    "resp_data": "data",
    "JWT": "data",
    "now": "string",
}

MAX_DEPTH = 128
"""Of data: the engine walks them by recursion, in a stack that nobody guards."""

Members = frozenset[str] | None
"""The members of an object that are read; None: it as a whole."""

Reads = Mapping[str, Members]
_T = TypeVar("_T")


class TooDeepError(Exception):
    """Data that are nested deeper than MAX_DEPTH."""


class Variables:
    """Values by the names of variables, ready for the engine, and their `size` (`cost.py`)."""

    __slots__ = ("size", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.size = 0.0

    def request(self, call: ProxyRequest, reads: Reads) -> None:
        """What is read of a request: the client's, or the one that a backend is about to get."""
        values = self.values
        method, path = call.incoming.method, call.incoming.path
        if isinstance(call, BackendCall):
            method, path = call.method, call.path
        for name, members in reads.items():
            if name == "req_method":
                values[name] = self._text(method)
            elif name == "req_path":
                values[name] = self._text(path)
            elif name == "req_params":
                params = _chosen(call.params, members)
                values[name] = {self._text(key): self._text(value) for key, value in params.items()}
            elif name == "req_headers":
                values[name] = self._request_fields(call, members)
            elif name == "req_querystring":
                values[name] = self._query(call.query, members)

    def response(self, response: ProxyResponse, reads: Reads, static: Mapping[str, Any]) -> None:
        """What is read of a response: numbers are their texts, but in what `static` data lie over it."""
        values = self.values
        for name, members in reads.items():
            if name == "resp_data":
                values[name] = self._data(response.data or {}, members, static)
            elif name == "resp_completed":
                values[name] = response.is_complete
            elif name == "resp_metadata_status":
                values[name] = response.status
            elif name == "resp_metadata_headers":
                canonical = [(canonical_header_name(key.decode("latin-1")), value) for key, value in response.fields]
                values[name] = self._fields([(key.encode("latin-1"), value) for key, value in canonical], members)

    def claims(self, claims: Mapping[str, Any], members: Members) -> None:
        """What is read of claims."""
        self.values["JWT"] = self._value(_chosen(claims, members), _double, 0)

    def now(self, seconds: float) -> None:
        """The time, in seconds since the epoch."""
        moment = datetime.fromtimestamp(seconds, UTC)
        fraction = f".{moment.microsecond // 1000:03}".rstrip("0").rstrip(".")
        self.values["now"] = f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"

    def _text(self, value: bytes | str) -> str:
        self.size += VALUE + len(value) / UNIT_BYTES
        return value if isinstance(value, str) else value.decode("utf-8", "replace")

    def _request_fields(self, call: ProxyRequest, members: Members) -> dict[str, list[str]]:
        found = self._fields(call.fields, members)
        if (members is None or "Content-Length" in members) and call.content_length is not None:
            found["Content-Length"] = [self._text(str(call.content_length))]
        return found

    def _fields(self, fields: Fields, members: Members) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        if members is not None:
            for member in members:
                wanted = member.encode("utf-8", "replace")
                values = [self._text(value) for name, value in fields if name == wanted]
                if values:
                    found[member] = values
            return found
        for name, value in fields:
            text = self._text(value)
            known = found.get(key := self._text(name))
            if known is None:
                found[key] = [text]
            else:
                known.append(text)
        return found

    def _query(self, query: Query, members: Members) -> dict[str, list[str]]:
        chosen = query
        if members is not None:
            names = [member.encode("utf-8", "replace") for member in members]
            chosen = {name: query[name] for name in names if name in query}
        return {self._text(name): [self._text(value) for value in values] for name, values in chosen.items()}

    def _data(self, data: Mapping[str, Any], members: Members, static: Mapping[str, Any]) -> Any:
        names = data.keys() if members is None else members & data.keys()
        out = {}
        for name in names:
            number = _double if name in static and static[name] == data[name] else number_text
            out[self._text(name)] = self._value(data[name], number, 1)
        return out

    def _value(self, value: Any, number: Callable[[Any], Any], depth: int) -> Any:
        if isinstance(value, str):
            self.size += VALUE + len(value) / UNIT_BYTES
            return value
        self.size += VALUE
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Mapping):
            if depth >= MAX_DEPTH:
                raise TooDeepError(f"the data are nested deeper than {MAX_DEPTH}")
            return {self._text(name): self._value(item, number, depth + 1) for name, item in value.items()}
        if isinstance(value, list | tuple):
            if depth >= MAX_DEPTH:
                raise TooDeepError(f"the data are nested deeper than {MAX_DEPTH}")
            return [self._value(item, number, depth + 1) for item in value]
        return number(value)


def _chosen(values: Mapping[str, _T], members: Members) -> Mapping[str, _T]:
    return values if members is None else {name: values[name] for name in members if name in values}


def _double(value: Any) -> float:
    try:
        return float(bytes(value)) if isinstance(value, Number) else float(value)
    except OverflowError:
        return float("inf")
