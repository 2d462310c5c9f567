"""A process that from here on reads no file but its own program, writes none, connects to nobody and starts nothing.

The second line of defence for texts of strangers, whose explanation needs none of that. Python's audit events are the
doors; they cannot be opened again. Knows no texts.
"""

import os
import resource
import ssl
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

CPU_SECONDS = 45
MEMORY_BYTES = 1024 * 1024 * 1024
_CLOSED = (
    "os.exec", "os.fork", "os.kill", "os.link", "os.mkdir", "os.posix_spawn", "os.putenv", "os.remove", "os.rename",
    "os.rmdir", "os.setxattr", "os.spawn", "os.startfile", "os.symlink", "os.system", "os.truncate", "os.utime",
    "os.chdir", "os.chflags", "os.chmod", "os.chown", "os.getxattr", "os.listxattr", "pty.spawn", "shutil.",
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname",
    "socket.getnameinfo", "socket.sendmsg", "socket.sendto", "subprocess.Popen", "tempfile.", "urllib.Request",
    "webbrowser.open", "ctypes.", "sqlite3.", "fcntl.", "signal.pthread_kill", "sys.addaudithook",
)  # fmt: skip
_OF_PATHS = frozenset(("open", "os.listdir", "os.scandir"))
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class DoorError(PermissionError):
    """What was tried is not done here."""


def close_doors() -> None:
    """From here on. What is open stays open: standard input and output."""
    os.environ.clear()
    sys.dont_write_bytecode = True
    _bound(resource.RLIMIT_CPU, CPU_SECONDS)
    _bound(resource.RLIMIT_AS, MEMORY_BYTES)
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_CORE, 0)
    # OpenSSL opens files itself, which no event tells of.
    for name in ("load_cert_chain", "load_default_certs", "load_verify_locations", "set_default_verify_paths"):
        setattr(ssl.SSLContext, name, _refuse)
    roots = _program()

    def watch(event: str, given: tuple[Any, ...]) -> None:
        if event in _OF_PATHS:
            _check_path(event, given, roots)
        elif event.startswith(_CLOSED):
            raise DoorError(1, f"{event} is not done here")

    sys.addaudithook(watch)


def _bound(kind: int, most: int) -> None:
    """Less than what holds already is left as it is; systems without a limit of that kind have none."""
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _program() -> tuple[str, ...]:
    """Where the program itself is: modules are loaded when they are needed."""
    import crossgate

    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [*map(sysconfig.get_path, names), *sys.path, str(Path(crossgate.__file__).parent)]
    return tuple({os.path.realpath(folder) + os.sep for folder in folders if folder})


def _check_path(event: str, given: tuple[Any, ...], roots: tuple[str, ...]) -> None:
    path = given[0]
    if isinstance(path, int):
        return  # a descriptor, which somebody was given
    if event == "open" and isinstance(given[2], int) and given[2] & _WRITES:
        raise DoorError(1, "nothing is written here")
    name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else "."
    if not (os.path.realpath(name) + os.sep).startswith(roots):
        raise DoorError(1, "files are not read here")


def _refuse(*_: object, **__: object) -> NoReturn:
    raise DoorError(1, "files are not read here")
