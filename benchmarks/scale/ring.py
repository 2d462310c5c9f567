"""Many different requests in turn, as a script for wrk. Does not know what they are for."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gateway.measure import Measurement, drive
from benchmarks.gateway.workloads import Workload, check

CONNECTIONS = 32

_SCRIPT = """
local ring = {%s}
local at = 0
request = function()
  at = at %% #ring + 1
  return ring[at]
end
"""


def check_ring(ring: Sequence[Workload], port: int) -> None:
    """Raise AssertionError unless each request gets its right answer."""
    for workload in ring:
        check(workload, port)


def measure_ring(
    ring: Sequence[Workload], port: int, pid: int, seconds: int, core: int | None, folder: Path
) -> Measurement:
    """As `measure`, with the requests of the ring one after the other, round and round."""
    script = folder / "ring.lua"
    script.write_text(_SCRIPT % ",\n".join(json.dumps(_text(workload)) for workload in ring))
    return drive([f"-c{CONNECTIONS}", "-s", str(script), f"http://127.0.0.1:{port}/"], pid, seconds, core)


def _text(workload: Workload) -> str:
    """ASCII without control characters other than line ends, which JSON writes as Lua reads them."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in workload.headers.items())
    return f"{workload.method} {workload.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n"
