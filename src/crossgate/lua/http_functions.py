"""`http_response`: what a script gets where it calls somebody. Source: krakend-lua 2.13 `decorator/http.go`."""

from typing import Any

from crossgate.lua.arguments import NEED_ARGUMENTS, Arguments
from crossgate.lua.data_values import List, ScriptFaultError
from crossgate.lua.headers import Headers
from crossgate.lua.results import HANDLE, NO_RESULT, VALUE, Held, Result, text_of
from crossgate.lua.wire import Answer, Ask


class HttpAnswer:
    """What an http_response holds. Its body can be read again after it was closed, if it was read before."""

    __slots__ = ("answer", "is_closed", "was_read")

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.is_closed = self.was_read = False

    def open(self) -> Answer:
        """Raises ScriptFaultError once it is closed, where KrakenD panics."""
        if self.is_closed:
            raise ScriptFaultError("the response is closed")
        return self.answer


def http_new(api: Held, given: Arguments) -> Result:
    if given.count in (0, 2):
        raise ScriptFaultError("need 1, 3 or 4 arguments")
    url = given.text(1)
    if given.count == 1:
        ask = Ask("http", url, b"GET")
    else:
        headers = _native_headers(api, given[4]) if given.count == 4 else Headers([])
        ask = Ask("http", url, given.text(2), headers.lines(), given.text(3))
    return HANDLE, HttpAnswer(api.ask(ask)), b"http_response"


def _native_headers(api: Held, table: Any) -> Headers:
    """Of a native table: texts, and tables of them. Others are dropped, as in KrakenD."""
    headers = Headers([])
    try:
        native = api.native(table)
    except LookupError:
        return headers
    for key, value in native.items() if isinstance(native, dict) else ():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                headers.add(key.encode("utf-8", "surrogateescape"), item.encode("utf-8", "surrogateescape"))
    return headers


def http_status(_api: Held, given: Arguments) -> Result:
    return VALUE, _http(given).open().status


def http_headers(_api: Held, given: Arguments) -> Result:
    answer = _http(given)
    if given.count != 2:
        raise ScriptFaultError(NEED_ARGUMENTS)
    return VALUE, Headers(answer.open().headers).by_name.get(given.header(2), [b""])[0]


def http_header_list(_api: Held, given: Arguments) -> Result:
    answer = _http(given)
    if given.count != 2:
        raise ScriptFaultError(NEED_ARGUMENTS)
    values = Headers(answer.open().headers).by_name.get(given.header(2), [])
    return HANDLE, List(list(map(text_of, values))), b"luaList"


def http_body(_api: Held, given: Arguments) -> Result:
    answer = _http(given)
    if not answer.was_read:
        answer.open()
        answer.was_read = True
    return VALUE, answer.answer.body


def http_close(_api: Held, given: Arguments) -> Result:
    _http(given).is_closed = True
    return NO_RESULT


def _http(given: Arguments) -> HttpAnswer:
    held = given[1]
    if not isinstance(held, HttpAnswer):
        raise ScriptFaultError("response expected")
    return held
