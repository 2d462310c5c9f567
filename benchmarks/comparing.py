"""What `crossgate diff` costs: two files with many endpoints, some of them guarded, compared by the program as it is.

`python -m benchmarks.comparing [ENDPOINTS]` prints processor and wall seconds of reading one file (`check`) and of the
whole comparison, where nothing, one endpoint, or every endpoint is another.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_VALIDATOR = {"alg": "RS256", "jwk_url": "https://id.example.com/keys", "roles": ["customer"]}
_LIMIT = {"max_rate": 100, "client_max_rate": 5, "strategy": "ip"}


def configuration(count: int, timeout: str = "3s") -> dict[str, Any]:
    """With so many endpoints; every third has a validator and a limit."""
    endpoints = []
    for number in range(count):
        endpoint: dict[str, Any] = {
            "endpoint": f"/s{number // 20}/r{number}" + ("/{id}" if number % 2 else ""),
            "input_headers": ["X-Trace"],
            "timeout": timeout,
            "backend": [{"url_pattern": f"/r{number}" + ("/{id}" if number % 2 else ""), "deny": ["secret"]}],
        }
        if number % 3 == 0:
            endpoint["extra_config"] = {"auth/validator": _VALIDATOR, "qos/ratelimit/router": _LIMIT}
        endpoints.append(endpoint)
    cors = {"allow_origins": ["https://app.example.com"], "allow_methods": ["GET"]}
    return {
        "version": 3,
        "host": ["http://shop.internal:9000"],
        "extra_config": {"security/cors": cors},
        "endpoints": endpoints,
    }


def timed(*arguments: str) -> tuple[float, float]:
    """Processor and wall seconds of the program."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "crossgate.cli.main", *arguments], stdout=subprocess.DEVNULL, check=False)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    same, everywhere = configuration(count), configuration(count, "9s")
    one = configuration(count)
    del one["endpoints"][count // 2]["backend"][0]["deny"]
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, tree in (("old", same), ("same", same), ("one", one), ("everywhere", everywhere)):
            paths[name] = str(Path(folder) / f"{name}.json")
            Path(paths[name]).write_text(json.dumps(tree, indent=2))
        rows = [("check", timed("check", "-c", paths["old"]))]
        rows += [(f"diff, {name}", timed("diff", paths["old"], paths[name])) for name in ("same", "one", "everywhere")]
    for what, (processor, wall) in rows:
        print(f"{count} endpoints: {what:<16} {processor:5.1f} s of processor time, {wall:5.1f} s")


if __name__ == "__main__":
    main()
