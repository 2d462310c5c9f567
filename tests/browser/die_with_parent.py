"""Becomes another program that the kernel kills as soon as the process that started it is gone.

`python die_with_parent.py PARENT_PID PROGRAM ARGUMENT…`: a program of its own rather than a function between fork and
exec, which would be unsafe where there are threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Never returns."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # gone before the line above
        sys.exit(1)
    os.execv(command[0], command)


main(int(sys.argv[1]), sys.argv[2:])
