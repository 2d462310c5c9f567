"""`luaTable`, `luaList` and `luaNil`. Source: krakend-lua 2.13 `decorator/`."""

from crossgate.lua.arguments import NEED_ARGUMENTS, Arguments
from crossgate.lua.data_values import List, ScriptFaultError, Table
from crossgate.lua.results import HANDLE, NIL, NO_RESULT, VALUE, Held, Result, shown


def table_new(_api: Held, _given: Arguments) -> Result:
    return HANDLE, Table({}), b"luaTable"


def table_get(_api: Held, given: Arguments) -> Result:
    items = _table(given, 2).items
    key = given.key(2)
    return shown(items[key]) if key in items else NO_RESULT


def table_set(api: Held, given: Arguments) -> Result:
    items = _table(given, 3).items
    key = given.key(2)
    try:
        items[key] = api.native(given[3])
    except LookupError:
        return NO_RESULT
    api.touch()
    return NO_RESULT


def table_len(_api: Held, given: Arguments) -> Result:
    return VALUE, len(_table(given).items)


def table_keys(_api: Held, given: Arguments) -> Result:
    return HANDLE, List(sorted(_table(given).items)), b"luaList"


def table_del(api: Held, given: Arguments) -> Result:
    _table(given, 2).items.pop(given.key(2), None)
    api.touch()
    return NO_RESULT


def table_key_exists(_api: Held, given: Arguments) -> Result:
    return VALUE, given.key(2) in _table(given, 2).items


def list_new(_api: Held, _given: Arguments) -> Result:
    return HANDLE, List([]), b"luaList"


def list_get(_api: Held, given: Arguments) -> Result:
    try:
        return shown(_list(given, 2).get(given.integer(2)))
    except LookupError:
        return NO_RESULT


def list_set(api: Held, given: Arguments) -> Result:
    items, index = _list(given, 3), given.integer(2)
    if index < 0:
        return NO_RESULT
    try:
        value = api.native(given[3])
    except LookupError:
        value = items.items[index] if index < items.length else None
    items.set(index, value)
    api.touch()
    return NO_RESULT


def list_len(_api: Held, given: Arguments) -> Result:
    return VALUE, _list(given).length


def list_del(api: Held, given: Arguments) -> Result:
    _list(given, 2).delete(given.integer(2))
    api.touch()
    return NO_RESULT


def nil_new(_api: Held, _given: Arguments) -> Result:
    return (NIL,)


def _table(given: Arguments, count: int = 0) -> Table:
    if count and given.count != count:
        raise ScriptFaultError(NEED_ARGUMENTS)
    held = given[1]
    if not isinstance(held, Table):
        raise ScriptFaultError("luaTable expected")
    return held


def _list(given: Arguments, count: int = 0) -> List:
    if count and given.count != count:
        raise ScriptFaultError(NEED_ARGUMENTS)
    held = given[1]
    if not isinstance(held, List):
        raise ScriptFaultError("luaList expected")
    return held
