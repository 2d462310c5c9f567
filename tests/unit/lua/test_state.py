"""What scripts can do in a state, and what they cannot."""

from typing import Any

import pytest

from crossgate.lua.data_values import ScriptFaultError
from crossgate.lua.state import MAX_PRINTED_LINES, ScriptError, State
from crossgate.lua.wire import Answer, Ask, Changes, RequestParts, ResponseParts

DATA = b'{"a":1,"big":9007199254740993,"f":2.50,"l":[1,2,3],"n":null,"o":{"k":"v"}}'


def answered(ask: Ask) -> Answer:
    return Answer(DATA if ask.what == "data" else b"the body")


def run(pre: str = "", post: str = "", *, opens_libs: bool = False, is_ctx: bool = False) -> tuple[Changes, list[str]]:
    """What scripts changed and printed."""
    state = State(answered, opens_libs=opens_libs)
    headers = [(b"X-A", b"1"), (b"X-A", b"2")]
    state.begin(RequestParts(is_ctx, b"GET", b"/a", b"/a?q=1", b"host", {b"q": [b"1"]}, {b"Id": b"7"}, headers))
    if pre:
        state.run(pre.encode(), [("pre-script", pre.encode())])
    if post:
        state.answered(ResponseParts(True, 0, [], b""))
        state.run(post.encode(), [("post-script", post.encode())])
    return state.api.take_changes(), [line.decode() for line in state.printed]


def shown(expression: str, **keys: Any) -> str:
    """What a script prints of an expression."""
    return run(f"print({expression})", **keys)[1][0]


def fault(script: str, **keys: Any) -> str:
    with pytest.raises(ScriptError) as caught:
        run(script, **keys)
    return str(caught.value)


def test_a_script_that_changes_nothing_sends_nothing_back() -> None:
    changes, printed = run("local r = request.load(); r:headers('x-a'); r:body()", "response.load():data():get('a')")
    assert changes == Changes()
    assert printed == []


def test_numbers_that_nobody_touches_keep_their_literals() -> None:
    changes, _ = run(post="response.load():data():set('new', 1)")
    assert changes.data == DATA[:-1].replace(b'"o"', b'"new":1,"o"') + b"}"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1/3", "0.3333333333333333"),
        ("1e15", "1000000000000000"),
        ("1e20", "1e+20"),
        ("tonumber('1e3')", "nil"),
        ("tonumber(' 0x1F ')", "31"),
        ("tonumber('zz', 36)", "1295"),
        ("select('#', luaTable.new():get('missing'))", "0"),
        ("type(luaNil.new()), luaNil.new() == nil", "userdata\tfalse"),
        ("pcall(error, 'boom')", "false\t<string>:1: boom"),
        ("type(string), type(io), type(os), type(coroutine)", "nil\tnil\tnil\tnil"),
        ("getmetatable(request.load()), getmetatable('')", "false\tfalse"),
    ],
)
def test_values_are_those_of_krakend(expression: str, text: str) -> None:
    assert shown(expression) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("'%q', 'a\"\\n'", '"a\\"\\n"'),
        ("'%s %s', 'a'", "a %!s(MISSING)"),
        ("'%d|%5.2f|%05d|%%|%x', 3.7, 3.14159, 7, 255", "3| 3.14|00007|%|ff"),
        ("'%s', 1/3", "0.3333333333333333"),
    ],
)
def test_formats_are_those_of_go(pattern: str, text: str) -> None:
    assert shown(f"string.format({pattern})", opens_libs=True) == text


def test_a_format_that_fails_says_where_the_script_called_it() -> None:
    text = "bad argument #2 to format (number expected, got table) (pre-script:L2)"
    assert fault("local a\nstring.format('%d', {})", opens_libs=True) == text


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("error('x')", "x (pre-script:L1)"),
        ("local a = 1\nnofunc()", "attempt to call a non-function object (pre-script:L2)"),
        ("response.load()", "attempt to index a non-table object(nil) with key 'load' (pre-script:L1)"),
        ("('x'):rep(3)", "attempt to index a non-table object(string) with key 'rep' (pre-script:L1)"),
        ("tostring()", "bad argument #1 to tostring (value expected) (pre-script:L1)"),
        ("luaTable.new():set(true, 1)", "bad argument #2 to set (string expected, got boolean) (pre-script:L1)"),
        ("luaTable.new():set('a', request.load():nope())", "attempt to call a non-function object (pre-script:L1)"),
        ("luaTable.new():get()", "need arguments (pre-script:L1)"),
        ("error({})", "(error object is a table value)"),
        ("error('no place', 0)", "no place"),
    ],
)
def test_errors_read_as_krakends_do(script: str, text: str) -> None:
    assert fault(script) == text


@pytest.mark.parametrize(
    ("call", "status", "content_type"),
    [
        ("custom_error('m', 418)", 418, ""),
        ("custom_error('m', 418, 'text/x')", 418, "text/x"),
        ("custom_error('m')", 0, ""),
        ("custom_error('m', 99)", 0, ""),
        ("custom_error('m', 1000)", 0, ""),
        ("custom_error('m', -5)", 0, ""),
        ("custom_error('m', 0/0)", 0, ""),
        ("custom_error('m', 1e300)", 0, ""),
        ("error('m || 404')", 404, ""),
        ("error('m || 404x')", 0, ""),
    ],
)
def test_an_error_names_a_status_only_where_it_is_one(call: str, status: int, content_type: str) -> None:
    """DEV-LUA-3."""
    with pytest.raises(ScriptError) as caught:
        run(call)
    assert (caught.value.failed.status, caught.value.failed.content_type) == (status, content_type)


@pytest.mark.parametrize("value", ["1/0", "-1/0", "0/0", "{a = 0/0}", "{{1/0}}"])
def test_a_number_that_json_does_not_know_is_an_error(value: str) -> None:
    """DEV-LUA-4."""
    assert fault(f"luaTable.new():set('a', {value})").startswith("json: unsupported value")


def test_a_list_grows_where_krakend_has_room_left_and_fails() -> None:
    """DEV-LUA-7."""
    changes, _ = run(post="local d = response.load():data(); local l = d:get('l'); l:set(3, 'x'); d:set('l', l)")
    assert changes.data is not None
    assert b'"l":[1,2,3,"x"]' in changes.data


@pytest.mark.parametrize("name", ["dofile", "loadfile", "require"])
def test_files_are_loaded_only_where_libraries_are_open(name: str) -> None:
    """DEV-LUA-9."""
    assert fault(f"{name}('x')") == f"{name} is not available (pre-script:L1)"
    assert "is not available" not in shown(f"pcall({name}, '/nowhere.lua')", opens_libs=True)


@pytest.mark.parametrize(
    "call", ["os.exit(1)", "os.execute('true')", "io.popen('true')", "os.setlocale('C')", "package.loadlib('a', 'b')"]
)
def test_nothing_that_ends_or_leaves_the_process_is_there_even_with_open_libraries(call: str) -> None:
    assert fault(call, opens_libs=True).endswith("is not available (pre-script:L1)")


@pytest.mark.parametrize(
    "expression",
    [
        "rawget(_G, 'python')",
        "package.loaded.python",
        "debug.getregistry",
        "debug.sethook",
        "debug.getupvalue(request.load().body, 1)",
        "debug.getupvalue(tostring, 1)",
        "loadstring('\\27Lua')",
        "load((function() local t = {'\\27', 'Lua'} local i = 0 return function() i = i + 1 return t[i] end end)())",
    ],
)
def test_python_and_the_machine_below_are_out_of_reach(expression: str) -> None:
    assert shown(expression, opens_libs=True).startswith("nil")


def test_what_a_function_of_ours_holds_is_not_shown_by_its_environment_or_locals() -> None:
    script = """
    local seen = {}
    for level = 1, 20 do
      local info = debug.getinfo(level, 'f')
      if not info then break end
      for index = 1, 20 do
        local name, value = debug.getlocal(level, index)
        if name and type(value) == 'userdata' then seen[#seen + 1] = name end
      end
    end
    print(#seen)
    """
    assert run(script, opens_libs=True)[1] == ["0"]


def test_states_share_nothing() -> None:
    run("leaked = 1; string.leaked = 1; getmetatable('').__index.leaked = 1; table.leaked = 1", opens_libs=True)
    assert shown("leaked, string.leaked, table.leaked, ('').leaked", opens_libs=True) == "nil\tnil\tnil\tnil"


def test_globals_live_from_pre_to_post_and_functions_of_ours_are_put_back() -> None:
    _, printed = run("kept = 1; request = nil; custom_error = nil", "print(kept, type(request), type(custom_error))")
    assert printed == ["1\ttable\tfunction"]


def test_what_is_printed_is_bounded() -> None:
    _, printed = run("for i = 1, 1e4 do print(i) end; local s = 'x' for i = 1, 16 do s = s .. s end print(s)")
    assert len(printed) == MAX_PRINTED_LINES


@pytest.mark.parametrize(
    "script",
    [
        "local t = {} while true do t[#t + 1] = {} end",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "pcall(function() local s = 'x' while true do s = s .. s end end) local s = 'x' while true do s = s .. s end",
        "local function f() return 1 + f() end f()",
        "luaList.new():set(2000000, 1)",
        "local t = {} for i = 1, 1e4 do t = {t} end luaTable.new():set('a', t)",
    ],
)
def test_memory_and_depth_are_bounded(script: str) -> None:
    assert any(word in fault(script) for word in ("not enough memory", "stack overflow", "more than", "too deeply"))


@pytest.mark.parametrize(
    "script",
    [
        "d:set('self', d)",
        "local l = luaList.new(); l:set(0, 1); l:set(0, l); d:set('l', l)",
        "local t = d; for i = 1, 40 do local u = luaTable.new(); u:set('a', t); u:set('b', t); t = u end d:set('t', t)",
    ],
)
def test_data_without_an_end_are_an_error(script: str) -> None:
    with pytest.raises(ScriptFaultError, match="hold themselves"):
        run(post=f"local d = response.load():data(); {script}")


def test_the_query_of_ctx_is_remembered_and_params_are_copies() -> None:
    _, printed = run(
        "local c = ctx.load(); local a = c:query('q'); c:query('q', 'new'); c:params():set('Id', 'x');"
        "print(a, c:query('q'), c:url(), c:params('Id'), c:host())",
        is_ctx=True,
    )
    assert printed == ["1\t1\t/a?q=new\t7\thost"]
