"""One Lua state: it runs the scripts of one request and is thrown away. Used in a host, which bounds its time.

What a script can reach is in `prelude.lua`; of Python it reaches functions it cannot look into.
"""

import os
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import lupa.lua51 as lua51

from crossgate.lua.api import FUNCTIONS, MAKERS, Api
from crossgate.lua.arguments import NEED_ARGUMENTS, Arguments
from crossgate.lua.data_values import NULL, List, ScriptFaultError, Table, as_list, from_lua_number
from crossgate.lua.failures import SEPARATOR, failure
from crossgate.lua.number_text import number_text
from crossgate.lua.results import FAULT, VALUE, Function, Request
from crossgate.lua.wire import Failed, RequestParts, ResponseParts

MAX_LUA_BYTES = 64 * 1024 * 1024
"""What one state may hold."""

MAX_PRINTED_LINES = 100
MAX_PRINTED_BYTES = 1024
MAX_DEPTH = 200

_TYPES = ((bool, "boolean"), (bytes, "string"), ((int, float), "number"), (type(None), "nil"))


class ScriptError(Exception):
    """A script ended in an error: `failed` says how."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.text)
        self.failed = failed


@cache
def _prelude() -> bytes:
    """Precompiled."""
    runtime = _runtime()
    text = files(__package__).joinpath("prelude.lua").read_bytes()
    library = runtime.globals()
    chunk = library[b"loadstring"](text, b"=[crossgate]")
    assert not isinstance(chunk, tuple), chunk[1]  # noqa: S101 # ours is Lua
    return bytes(library[b"string"][b"dump"](chunk))


def _runtime() -> Any:
    def nothing(_object: Any, _name: Any, _is_setting: bool) -> str:
        raise AttributeError

    return lua51.LuaRuntime(
        encoding=None,
        unpack_returned_tuples=True,
        register_eval=False,
        register_builtins=False,
        attribute_filter=nothing,
        max_memory=MAX_LUA_BYTES,
    )


def _functions() -> dict[bytes, Function]:
    found = {f"{group}.{name}".encode(): one for group, some in FUNCTIONS.items() for name, one in some.items()}
    found.update({f"{name}.new".encode(): one for name, one in MAKERS.items()})
    return found


_FUNCTIONS = _functions()


class State:
    """See above. `ask` reaches the worker."""

    def __init__(self, ask: Request, *, opens_libs: bool) -> None:
        self.opens_libs = opens_libs
        self.printed: list[bytes] = []
        self._names: list[bytes] = []
        self._runtime = runtime = _runtime()
        library = runtime.globals()
        table = runtime.table_from
        classes = table({group.encode(): table(list(map(str.encode, some))) for group, some in FUNCTIONS.items()})
        makers = table({name.encode(): True for name in MAKERS})
        self._compile, self._run, self._register, self._held = library[b"loadstring"](_prelude())(
            self._invoke,
            self._note,
            number_text,
            classes,
            makers,
            table({b"null": NULL}),
            int.from_bytes(os.urandom(3), "big"),
            opens_libs,
        )
        self._type = library[b"type"]
        self.api = Api(ask, self._native)

    def close(self) -> None:
        """End it, which runs what scripts left to be run then. Lua and this would else hold each other for ever."""
        self.__dict__.clear()

    def begin(self, request: RequestParts) -> None:
        """The request that scripts see."""
        self.api.take_request(request)
        self._names = [b"ctx" if request.is_ctx else b"request"]

    def answered(self, response: ResponseParts) -> None:
        """The response that they see, too, from now on."""
        self.api.take_response(response)
        self._names.append(b"response")

    def run(self, text: bytes, loaded: Sequence[tuple[str, bytes]]) -> None:
        """Run a script. `loaded` are the texts in which a line that is told stands. Raises ScriptError."""
        try:
            self._register(*self._names)
            compiled = self._compile(text)
            problem = self._run(compiled) if not isinstance(compiled, tuple) else compiled[1]
        except lua51.LuaMemoryError:
            problem = b"not enough memory"
        except lua51.LuaError as error:
            problem = str(error).encode("utf-8", "replace")
        if problem is not None:
            message, status, content_type = failure(bytes(problem).decode("utf-8", "replace"), loaded)
            raise ScriptError(Failed(message, status, content_type, self.printed))

    def _invoke(self, name: bytes, shown: bytes, count: int, *values: Any) -> Any:
        """What Lua calls. Raises nothing that a script could hold on to."""
        given = Arguments(shown.decode(), count, values, self._type_of)
        try:
            if name == b"custom_error":
                return VALUE, _custom_error(given)
            return _FUNCTIONS[name](self.api, given)
        except ScriptFaultError as error:
            return FAULT, str(error).encode("utf-8", "surrogateescape")
        except RecursionError:
            return FAULT, b"the value is nested too deeply"
        except MemoryError:
            return FAULT, b"not enough memory"

    def _note(self, line: bytes) -> None:
        if len(self.printed) < MAX_PRINTED_LINES:
            self.printed.append(line[:MAX_PRINTED_BYTES])

    def _type_of(self, value: Any) -> str:
        for kinds, name in _TYPES:
            if isinstance(value, kinds):
                return name
        return "userdata" if isinstance(value, (Table, List)) or value is NULL else bytes(self._type(value)).decode()

    def _native(self, value: Any) -> Any:
        """What a value that is set is as data. A table at the top is an object, whatever its keys."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return from_lua_number(value)
        return self._member(value, depth=0)

    def _member(self, value: Any, depth: int) -> Any:
        if isinstance(value, bool):
            return value
        if isinstance(value, bytes):
            return value.decode("utf-8", "replace")
        if isinstance(value, (int, float)):
            return (
                int(value) if value == value and abs(value) < 2**63 and value == int(value) else from_lua_number(value)
            )
        if isinstance(value, Table):
            return value.items
        if isinstance(value, List):
            return value.whole()
        if value is NULL:
            return None
        kind = lua51.lua_type(value)
        if kind == "userdata":
            inner = self._held[value]
            if inner is None:
                raise LookupError
            return self._member(inner, depth)
        if kind != "table":
            raise LookupError
        if depth > MAX_DEPTH:
            raise ScriptFaultError("the value is nested too deeply")
        items: dict[str, Any] = {}
        for key, item in value.items():
            try:
                items[_key(key)] = self._member(item, depth + 1)
            except LookupError:
                continue
        return as_list(items) if depth else items


def _key(key: Any) -> str:
    if isinstance(key, bytes):
        return key.decode("utf-8", "replace")
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int | float):
        return number_text(key).decode()
    raise LookupError


def _custom_error(given: Arguments) -> bytes:
    if given.count == 0:
        return NEED_ARGUMENTS.encode()
    separator = SEPARATOR.encode()
    if given.count == 1:
        return given.text(1) + separator + b"-1"
    text = given.text(1) + separator + str(given.integer(2)).encode()
    return text if given.count == 2 else text + separator + given.text(3)
