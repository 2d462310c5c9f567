-- What a state is before a script runs in it: Lua 5.1 made as alike KrakenD's gopher-lua as it can be, without what
-- reaches outside or ends the process, and the functions of ours in the shapes that scripts expect.
--
-- Everything is kept in locals: a script may replace any global. Errors carry the line of the script that caused them.

local invoke, note, number_text, classes, makers, loads, seed, opens_libs = ...

local getinfo, setmeta = debug.getinfo, debug.setmetatable
local type, select, pcall, throw, rawset = type, select, pcall, error, rawset
local next, setmetatable, getmetatable, newproxy = next, setmetatable, getmetatable, newproxy
local text_of, number_of, load_text, load_pieces = tostring, tonumber, loadstring, load
local format, find, match, join, byte = string.format, string.find, string.match, table.concat, string.byte
local gsub = string.gsub
local globals = _G

math.randomseed(seed)
math.huge = 1.7976931348623157e308

-- Errors

local function position(nth)
  local level = 2
  while true do
    local info = getinfo(level, "Sl")
    if not info then
      return ""
    end
    if info.source == "=<string>" and info.currentline > 0 then
      nth = nth - 1
      if nth == 0 then
        return format("<string>:%d: ", info.currentline)
      end
    end
    level = level + 1
  end
end

local function raise(message)
  throw(position(1) .. message, 0)
end

function error(message, level)
  level = number_of(level) or 1
  if level > 0 and (type(message) == "string" or type(message) == "number") then
    throw(position(level) .. message, 0)
  end
  throw(message, 0)
end

local function refused(what)
  return function()
    raise(what .. " is not available")
  end
end

-- nil, numbers, booleans and functions have no fields, and say which was asked for
for _, value in next, { "nil", 0, true, type } do
  local of = value
  if of == "nil" then
    of = nil
  end
  local function fails(_, key)
    raise(format("attempt to index a non-table object(%s) with key '%s'", type(of), text_of(key)))
  end
  setmeta(of, { __index = fails, __newindex = fails, __metatable = false })
end

-- Values

local function tostring(...)
  if select("#", ...) == 0 then
    raise("bad argument #1 to tostring (value expected)")
  end
  local value = ...
  if type(value) == "number" then
    return number_text(value)
  end
  return text_of(value)
end
globals.tostring = tostring

function tonumber(...)
  local value, base = ...
  if select("#", ...) == 1 and type(value) == "string" and not find(value, ".", 1, true) then
    if not (match(value, "^%s*[-+]?%d+%s*$") or match(value, "^%s*[-+]?0[xX]%x+%s*$")) then
      return nil
    end
  elseif base == nil then
    return number_of(value)
  else
    return number_of(value, base)
  end
  return number_of(value)
end

function print(...)
  local texts = {}
  for index = 1, select("#", ...) do
    texts[index] = tostring((select(index, ...)))
  end
  note(join(texts, "\t"))
end

-- Programs: text only, since a precompiled one can do anything

function loadstring(text, name)
  if type(text) == "string" and byte(text, 1) == 27 then
    return nil, "precompiled chunks are not loaded"
  end
  return load_text(text, name or "=<string>")
end

function load(pieces, name)
  local texts = {}
  while true do
    local piece = pieces()
    if piece == nil or piece == "" then
      break
    end
    texts[#texts + 1] = piece
  end
  return loadstring(join(texts), name)
end

table.foreach, table.foreachi, table.setn = nil, nil, nil
package.loadlib = refused("package.loadlib")
package.cpath = ""
package.path = "./?.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua"
package.loaders[4] = nil
package.loaders[3] = nil
package.loaded.python = nil
python = nil
gcinfo = nil
_GOPHER_LUA_VERSION = "GopherLua 0.1"
_printregs = function() end

local function quoted(text)
  return '"' .. gsub(text, '[%c"\\]', function(character)
    local short = ({ ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
      ["\t"] = "\\t", ["\v"] = "\\v", ['"'] = '\\"', ["\\"] = "\\\\" })[character]
    return short or format("\\x%02x", byte(character))
  end) .. '"'
end

-- As Go's Sprintf where C's differs
function string.format(pattern, ...)
  local values, count, used = { ... }, select("#", ...), 0
  local ended, text = pcall(gsub, pattern, "%%([^%a%%]*)([%a%%])", function(flags, verb)
    if verb == "%" then
      return "%"
    end
    used = used + 1
    local value = values[used]
    if used > count then
      return "%!" .. verb .. "(MISSING)"
    elseif verb == "q" then
      return quoted(tostring(value))
    elseif verb == "s" then
      return format("%" .. flags .. "s", tostring(value))
    end
    return format("%" .. flags .. verb, value)
  end)
  if not ended then
    raise((gsub(gsub(text, "^%[crossgate%]:%d+: ", ""), "#2 to", "#" .. used + 1 .. " to")))
  end
  return text
end

if opens_libs then
  for _, name in next, { "execute", "exit", "setlocale", "setenv" } do
    os[name] = refused("os." .. name)
  end
  io.popen = refused("io.popen")
  channel = { make = refused("channel.make"), select = refused("channel.select") }
  string.__index = string
  local upvalue, set_upvalue = debug.getupvalue, debug.setupvalue
  local function only_scripts(inner)
    return function(function_, ...)
      if type(function_) == "function" and getinfo(function_, "S").source == "=[crossgate]" then
        return nil
      end
      return inner(function_, ...)
    end
  end
  debug.getupvalue, debug.setupvalue = only_scripts(upvalue), only_scripts(set_upvalue)
  debug.sethook, debug.gethook, debug.getregistry, debug.debug = nil, nil, nil, nil
else
  dofile, loadfile, require = refused("dofile"), refused("loadfile"), refused("require")
  for _, name in next, { "string", "math", "os", "io", "coroutine", "debug" } do
    globals[name] = nil
    package.loaded[name] = nil
  end
  setmeta("", {
    __index = function(_, key)
      raise(format("attempt to index a non-table object(string) with key '%s'", text_of(key)))
    end,
    __metatable = false,
  })
end

-- Functions of ours. Objects are userdata without anything in them; what they stand for is kept here.

local held = setmetatable({}, { __mode = "k" })
local protos = {}
local VALUE, NOTHING, NIL, HANDLE = 1, 2, 3, 4

local function wrap(inner, class)
  local object = newproxy(protos[class])
  held[object] = inner
  return object
end

local function unwrap(value)
  if type(value) == "userdata" then
    local inner = held[value]
    if inner ~= nil then
      return inner
    end
  end
  return value
end

local function finish(kind, value, class)
  if kind == VALUE then
    return value
  elseif kind == NOTHING then
    return
  elseif kind == HANDLE then
    return wrap(value, class)
  elseif kind == NIL then
    return wrap(loads.null, "luaNil")
  end
  return raise(value)
end

local function calling(name, shown)
  return function(...)
    local a, b, c, d, e = ...
    return finish(invoke(name, shown, select("#", ...), unwrap(a), unwrap(b), unwrap(c), unwrap(d), unwrap(e)))
  end
end

for class, names in next, classes do
  local proto = newproxy(true)
  local meta = getmetatable(proto)
  local methods = {}
  for _, name in next, names do
    methods[name] = calling(class .. "." .. name, name)
  end
  meta.__index = methods
  meta.__metatable = false
  protos[class] = proto
end

local function custom_error(...)
  local kind, text = invoke("custom_error", "custom_error", select("#", ...), ...)
  return raise(text)
end

local function register(...)
  rawset(globals, "custom_error", custom_error)
  for class in next, makers do
    rawset(globals, class, { new = calling(class .. ".new", "new") })
  end
  for index = 1, select("#", ...) do
    local class = select(index, ...)
    local the_one = wrap(loads.null, class)
    rawset(globals, class, {
      load = function()
        return the_one
      end,
    })
  end
end

local function run(chunk)
  local ended, problem = pcall(chunk)
  if ended then
    return
  end
  if type(problem) == "string" then
    return problem
  end
  return "(error object is a " .. type(problem) .. " value)"
end

local function compile(text)
  if byte(text, 1) == 27 then
    return nil, "precompiled chunks are not loaded"
  end
  return load_text(text, "=<string>")
end

return compile, run, register, held
