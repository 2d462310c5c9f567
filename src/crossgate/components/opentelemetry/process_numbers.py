"""Numbers of a process, as Prometheus' client libraries have them: from /proc, nothing where there is none.

Source: prometheus/client_golang `process_collector.go`.
"""

import os
import resource
from collections.abc import Callable
from pathlib import Path

from crossgate.metrics.registry import Registry

_PROC = Path("/proc/self")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


def show_process(registry: Registry) -> None:
    """Have the registry read them: of several processes their sum, but for limits and beginnings."""

    def shown(name: str, text: str, read: Callable[[], float], *, kind: str = "gauge", largest: bool = False) -> None:
        def safely() -> list[tuple[tuple[str, ...], float]]:
            try:
                return [((), read())]
            except (OSError, ValueError, IndexError):
                return []

        registry.read_at_scrape(
            name, text, "counter" if kind == "counter" else "gauge", (), safely, takes_largest=largest
        )

    shown("process_cpu_seconds_total", "Processor time, of user and system.", _cpu_seconds, kind="counter")
    shown("process_resident_memory_bytes", "Memory that is resident.", lambda: int(_statm()[1]) * _PAGE)
    shown("process_virtual_memory_bytes", "Memory that is mapped.", lambda: int(_statm()[0]) * _PAGE)
    shown("process_open_fds", "File descriptors in use.", lambda: sum(1 for _ in (_PROC / "fd").iterdir()))
    shown("process_max_fds", "File descriptors a process may have.", _max_files, largest=True)
    shown("process_start_time_seconds", "When the youngest process began.", _start_seconds, largest=True)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _statm() -> list[str]:
    return (_PROC / "statm").read_text().split()


def _max_files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _start_seconds() -> float:
    ticks = int((_PROC / "stat").read_text().rpartition(")")[2].split()[19])
    lines = Path("/proc/stat").read_text().splitlines()
    booted = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    return booted + ticks / _TICKS
