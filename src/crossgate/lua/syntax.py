"""Whether a text is Lua, before anybody runs it. Does not run it either."""

import re

_PLACE = re.compile(r"\A<string>:(\d+): (.*)\Z", re.DOTALL)
PRECOMPILED = b"\x1b"


def syntax_fault(text: bytes) -> str:
    """Why a text is no Lua, with its line; empty where it is."""
    import lupa.lua51 as lua51

    if text.startswith(PRECOMPILED):
        return "precompiled chunks are not loaded"
    runtime = lua51.LuaRuntime(encoding=None, unpack_returned_tuples=True, register_eval=False, register_builtins=False)
    found = runtime.globals()[b"loadstring"](text, b"=<string>")
    if not isinstance(found, tuple):
        return ""
    fault = bytes(found[1]).decode("utf-8", "replace")
    match = _PLACE.match(fault)
    return f"line {match[1]}: {match[2]}" if match else fault
