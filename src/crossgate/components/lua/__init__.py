"""Lua scripts before endpoints, around them and around calls: `modifier/lua-*`."""

from crossgate.components.lua.component import Lua

__all__ = ["Lua"]
