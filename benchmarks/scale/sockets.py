"""Which connections a process holds, as the kernel tells."""

import resource
from pathlib import Path

_ESTABLISHED = "01"


def connections_of(pid: int, port: int) -> int:
    """How many connections to that port of its own the process has open."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].partition(":")[2], 16) == port and fields[3] == _ESTABLISHED:
            inodes.add(f"socket:[{fields[9]}]")
    return sum(_target(descriptor) in inodes for descriptor in Path(f"/proc/{pid}/fd").iterdir())


def most_connections(wanted: int) -> int:
    """As many as this process, and one that it starts, may open, but for the few that they need besides."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return min(wanted, most - 200)


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ""  # it was closed meanwhile
