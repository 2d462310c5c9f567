"""What frames of the call stack tell about those who stand outside of a middleware.

Knows frames and their code (CPython's, from 3.11 on); does not know any protocol.
"""

import dis
from collections.abc import Iterator
from types import FrameType

_VARARGS = 0x04  # inspect.CO_VARARGS
_HANDLER_BEGINS = dis.opmap["PUSH_EXC_INFO"]


def arguments_of(frame: FrameType) -> Iterator[tuple[str, object]]:
    """The positional arguments as they are now, in order, each with its name; those of `*names` with that one."""
    code, values = frame.f_code, frame.f_locals
    for name in code.co_varnames[: code.co_argcount]:
        yield name, values.get(name)
    if code.co_flags & _VARARGS:
        name = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        rest = values.get(name)
        for value in rest if isinstance(rest, tuple) else ():
            yield name, value


def handler_of(frame: FrameType) -> int | None:
    """Where in the frame's code the `except`, `finally` or `with` around its present call begins to handle.

    None if the frame has nothing around the call: what is raised goes by.
    """
    code = frame.f_code
    for entry in dis.Bytecode(code).exception_entries:  # type: ignore[attr-defined] # typeshed lacks it
        if entry.start <= frame.f_lasti < entry.end and code.co_code[entry.target] == _HANDLER_BEGINS:
            return int(entry.target)
    return None


def handler_uses(frame: FrameType, name: str) -> bool:
    """Whether that handler reads a local name. Compilers put handlers last, so those after it count too."""
    begin = handler_of(frame)
    if begin is None:
        return False
    return any(
        instruction.offset >= begin
        and instruction.opname.startswith("LOAD_")
        and name in (instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,))
        for instruction in dis.get_instructions(frame.f_code)
    )
