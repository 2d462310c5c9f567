"""Field lines as scripts see them: values by canonical name. Knows nothing of requests."""

from typing import Any

from crossgate.golang.header_name import canonical_header_name
from crossgate.golang.number import Number, float64_text
from crossgate.lua.arguments import NEED_ARGUMENTS, Arguments
from crossgate.lua.data_values import List, ScriptFaultError
from crossgate.lua.results import HANDLE, NO_RESULT, VALUE, Result, text_of
from crossgate.lua.wire import Lines


class Headers:
    """Of one message; `changed` once a script set any."""

    __slots__ = ("by_name", "changed")

    def __init__(self, lines: Lines) -> None:
        self.by_name: dict[bytes, list[bytes]] = {}
        self.changed = False
        for name, value in lines:
            self.by_name.setdefault(name, []).append(value)

    def add(self, name: bytes, value: bytes) -> None:
        """One line more."""
        canonical = canonical_header_name(name.decode("latin-1")).encode("latin-1")
        self.by_name.setdefault(canonical, []).append(value)

    def lines(self) -> Lines:
        """All lines."""
        return [(name, value) for name, values in self.by_name.items() for value in values]

    def one(self, given: Arguments) -> Result:
        """`headers(name)`, `headers(name, value)`; nil deletes."""
        if given.count == 2:
            return VALUE, self.by_name.get(given.header(2), [b""])[0]
        if given.count == 3:
            name = given.header(2)
            if given[3] is None:
                self.by_name.pop(name, None)
            else:
                self.by_name[name] = [given.text(3)]
            self.changed = True
        return NO_RESULT

    def several(self, given: Arguments) -> Result:
        """`headerList(name)`, `headerList(name, luaList)`."""
        if given.count == 1:
            raise ScriptFaultError(NEED_ARGUMENTS)
        if given.count == 2:
            values = self.by_name.get(given.header(2), [])
            return HANDLE, List(list(map(text_of, values))), b"luaList"
        if given.count == 3:
            items = given[3]
            if not isinstance(items, List):
                raise ScriptFaultError("invalid header value, must be a luaList")
            self.by_name[given.header(2)] = [_printed(item) for item in items.items[: items.length]]
            self.changed = True
        return NO_RESULT


def _printed(item: Any) -> bytes:
    """Go's `%s` of an item."""
    if isinstance(item, str):
        return item.encode("utf-8", "surrogateescape")
    if item is None:
        return b"%!s(<nil>)"
    if isinstance(item, bool):
        return b"%%!s(bool=%b)" % str(item).lower().encode()
    if isinstance(item, Number):
        return b"%%!s(float64=%b)" % bytes(item)
    if isinstance(item, int | float):
        return f"%!s(int={float64_text(float(item))})".encode()
    return b"%!s()"
