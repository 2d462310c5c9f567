"""One process that makes what makes Lua hosts, so that each gateway of a thousand tests has its own without waiting."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from crossgate.lua import hosts
from crossgate.lua.host import serve_orders

FOLDER_BYTES = 1024


@contextlib.contextmanager
def shared_lua_makers(folder: Path) -> Iterator[None]:
    """Gateways that are started meanwhile have their hosts by copies of one process. `folder` holds its socket."""
    path = folder / "makers"
    command = [sys.executable, "-m", "tests.support.lua_makers", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it listens

        def begin() -> tuple[socket.socket, None]:
            ours = socket.socket(socket.AF_UNIX)
            ours.connect(str(path))
            ours.sendall(str(Path.cwd()).encode().ljust(FOLDER_BYTES, b"\0"))  # where scripts find files
            return ours, None

        with patch.object(hosts, "begin_maker", begin):
            yield


def main(path: str) -> None:
    """Until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(16)
        print("listening", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.chdir(connection.recv(FOLDER_BYTES, socket.MSG_WAITALL).rstrip(b"\0"))
                serve_orders(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
