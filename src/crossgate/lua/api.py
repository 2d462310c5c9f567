"""The functions that a script has beside Lua's: `request`, `response`, `ctx`, `luaTable`, `luaList`, `http_response`.

Each takes `Arguments` and gives a kind and a value (`Result`). Source: krakend-lua 2.13 `proxy/`, `router/gin/`,
`decorator/`.
"""

from typing import Any

from crossgate.golang.json_text import decode_json, encode_json
from crossgate.golang.url import encode_query, parse_query
from crossgate.lua import data_functions, http_functions
from crossgate.lua.arguments import NEED_ARGUMENTS, Arguments
from crossgate.lua.data_values import ScriptFaultError, Table, check_size
from crossgate.lua.headers import Headers
from crossgate.lua.results import HANDLE, NO_RESULT, VALUE, Function, Natives, Request, Result, text_of
from crossgate.lua.wire import Ask, Changes, RequestParts, ResponseParts


class Api:
    """The functions for one request. `ask` reaches the worker, `native` converts tables of Lua's own."""

    def __init__(self, ask: Request, native: Natives) -> None:
        self.ask = ask
        self.native = native
        self.changes = Changes()
        self.request: RequestParts | None = None
        self.headers = Headers([])
        self._query_cache: dict[bytes, list[bytes]] | None = None
        self._request_body: bytes | None = None
        self.response: ResponseParts | None = None
        self.response_headers = Headers([])
        self._response_body: bytes | None = None
        self._data: dict[str, Any] | None = None
        self._data_changed = False

    def take_request(self, parts: RequestParts) -> None:
        """The request that `request` or `ctx` is."""
        self.request = parts
        self.headers = Headers(parts.headers)

    def take_response(self, parts: ResponseParts) -> None:
        """The response that `response` is from now on."""
        self.response = parts
        self.response_headers = Headers(parts.headers)

    def take_changes(self) -> Changes:
        """What has changed since it was last asked for. Raises ScriptFaultError where data are no JSON any more."""
        changes, self.changes = self.changes, Changes()
        if self.headers.changed:
            self.headers.changed = False
            changes.headers = self.headers.lines()
        if self.response_headers.changed:
            changes.response_headers = self.response_headers.lines()
        if self._data_changed and self._data is not None:
            check_size(self._data)
            changes.data = encode_json(self._data)
        return changes

    def touch(self) -> None:
        """See Held."""
        self._data_changed = self._data is not None

    # of `request` and `ctx`

    def _parts(self) -> RequestParts:
        if self.request is None:
            raise ScriptFaultError("request expected")
        return self.request

    def method(self, given: Arguments) -> Result:
        parts = self._parts()
        if given.count == 1:
            return VALUE, parts.method
        parts.method = self.changes.method = given.text(2)
        return NO_RESULT

    def path(self, given: Arguments) -> Result:
        parts = self._parts()
        if given.count == 1:
            return VALUE, parts.path
        parts.path = given.text(2)
        return NO_RESULT

    def url(self, given: Arguments) -> Result:
        parts = self._parts()
        if given.count == 1:
            return VALUE, parts.url
        parts.url = self.changes.url = given.text(2)
        return NO_RESULT

    def host(self, given: Arguments) -> Result:
        parts = self._parts()
        if given.count == 1:
            return VALUE, parts.host
        parts.host = self.changes.host = given.text(2)
        return NO_RESULT

    def query(self, given: Arguments) -> Result:
        parts = self._parts()
        if given.count == 1:
            return VALUE, encode_query(parts.query)
        parts.query = self.changes.query = parse_query(given.text(2))
        return NO_RESULT

    def ctx_query(self, given: Arguments) -> Result:
        parts = self._parts()
        path, _, raw = parts.url.partition(b"?")
        if given.count == 2:
            if self._query_cache is None:
                self._query_cache = parse_query(raw)
            return VALUE, self._query_cache.get(given.text(2), [b""])[0]
        if given.count == 3:
            query = parse_query(raw)
            query[given.text(2)] = [given.text(3)]
            parts.url = self.changes.url = path + b"?" + encode_query(query)
            return NO_RESULT
        raise ScriptFaultError(NEED_ARGUMENTS)

    def params(self, given: Arguments) -> Result:
        parts = self._parts()
        if given.count == 1:
            copied = {text_of(name): text_of(value) for name, value in parts.params.items()}
            return HANDLE, Table(copied), b"luaTable"
        if given.count == 2:
            return VALUE, parts.params.get(given.text(2), b"")
        if given.count == 3:
            parts.params[given.text(2)] = given.text(3)
            self.changes.params = parts.params
        return NO_RESULT

    def request_headers(self, given: Arguments) -> Result:
        if given.count == 1:
            copied = {text_of(name): list(map(text_of, values)) for name, values in self.headers.by_name.items()}
            return HANDLE, Table(copied), b"luaTable"
        return self.headers.one(given)

    def header_list(self, given: Arguments) -> Result:
        return self.headers.several(given)

    def body(self, given: Arguments) -> Result:
        if given.count == 2:
            self._request_body = self.changes.body = given.text(2)
            return NO_RESULT
        if self._request_body is None:
            self._request_body = self.ask(Ask("request-body")).body
        return VALUE, self._request_body

    # of `response`

    def _response(self) -> ResponseParts:
        if self.response is None:
            raise ScriptFaultError("response expected")
        return self.response

    def is_complete(self, given: Arguments) -> Result:
        parts = self._response()
        if given.count == 1:
            return VALUE, parts.is_complete
        parts.is_complete = self.changes.is_complete = given.boolean(2)
        return NO_RESULT

    def status_code(self, given: Arguments) -> Result:
        parts = self._response()
        if given.count == 1:
            return VALUE, parts.status
        parts.status = self.changes.status = given.integer(2)
        return NO_RESULT

    def response_header(self, given: Arguments) -> Result:
        if given.count == 1:
            raise ScriptFaultError(NEED_ARGUMENTS)
        if given.count == 2:
            return VALUE, self.response_headers.by_name.get(given.text(2), [b""])[0]
        return self.response_headers.one(given)

    def response_header_list(self, given: Arguments) -> Result:
        return self.response_headers.several(given)

    def response_body(self, given: Arguments) -> Result:
        if given.count == 2:
            self._response_body = self.changes.response_body = given.text(2)
            return NO_RESULT
        if self._response_body is None:
            self._response_body = self.ask(Ask("response-body")).body
        return VALUE, self._response_body

    def data(self, _given: Arguments) -> Result:
        if self._data is None:
            raw = self._response().data or self.ask(Ask("data")).body
            self._data = decode_json(raw) or {}
        return HANDLE, Table(self._data), b"luaTable"


_OF_REQUEST: dict[str, Function] = {
    "method": Api.method,
    "path": Api.path,
    "query": Api.query,
    "url": Api.url,
    "params": Api.params,
    "headers": Api.request_headers,
    "headerList": Api.header_list,
    "body": Api.body,
}
FUNCTIONS: dict[str, dict[str, Function]] = {
    "request": _OF_REQUEST,
    "ctx": {
        **{name: function for name, function in _OF_REQUEST.items() if name != "path"},
        "host": Api.host,
        "query": Api.ctx_query,
    },
    "response": {
        "isComplete": Api.is_complete,
        "statusCode": Api.status_code,
        "data": Api.data,
        "headers": Api.response_header,
        "headerList": Api.response_header_list,
        "body": Api.response_body,
    },
    "luaTable": {
        "get": data_functions.table_get,
        "set": data_functions.table_set,
        "len": data_functions.table_len,
        "keys": data_functions.table_keys,
        "del": data_functions.table_del,
        "keyExists": data_functions.table_key_exists,
    },
    "luaList": {
        "get": data_functions.list_get,
        "set": data_functions.list_set,
        "len": data_functions.list_len,
        "del": data_functions.list_del,
    },
    "luaNil": {},
    "http_response": {
        "statusCode": http_functions.http_status,
        "headers": http_functions.http_headers,
        "headerList": http_functions.http_header_list,
        "body": http_functions.http_body,
        "close": http_functions.http_close,
    },
}
"""The methods of each class, by the names that scripts use."""

MAKERS: dict[str, Function] = {
    "luaTable": data_functions.table_new,
    "luaList": data_functions.list_new,
    "luaNil": data_functions.nil_new,
    "http_response": http_functions.http_new,
}
"""What `new` of a class does; of the others, `load` gives the one there is."""
