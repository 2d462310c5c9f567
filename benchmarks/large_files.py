"""What the commands that read a configuration cost where it is large: each run by the program as it is.

`python -m benchmarks.large_files [ENDPOINTS]` prints a table in Markdown for files of several shapes: processor and
wall seconds, and the most memory. Every command is run twice, the shapes taking turns; the least is shown. With ten
thousand endpoints that takes some ten minutes; what is being measured is told on standard error.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import yaml

ROUNDS = 2
_OLD_NAMES = {
    "auth/validator": "github.com/devopsfaith/krakend-jose/validator",
    "qos/ratelimit/router": "github.com/devopsfaith/krakend-ratelimit/juju/router",
    "security/cors": "github_com/devopsfaith/krakend-cors",
    "input_headers": "headers_to_pass",
    "allow": "whitelist",
    "max_rate": "maxRate",
    "client_max_rate": "clientMaxRate",
}
_SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}


def plain(count: int) -> dict[str, Any]:
    """Endpoints with little to them; every third has a validator and a limit."""
    validator = {"alg": "RS256", "jwk_url": "https://id.example.com/keys", "roles": ["customer"]}
    guards = {
        "auth/validator": validator,
        "qos/ratelimit/router": {"max_rate": 100, "client_max_rate": 5, "strategy": "ip"},
    }
    return _service([_endpoint(number, guards if number % 3 == 0 else {}) for number in range(count)])


def guarded(count: int) -> dict[str, Any]:
    """Each endpoint with all kinds of guards, and no two with the same."""
    return _service([_endpoint(number, _guards(number)) for number in range(count)])


def _endpoint(number: int, guards: dict[str, Any]) -> dict[str, Any]:
    path = f"/r{number}" + ("/{id}" if number % 2 else "")
    endpoint: dict[str, Any] = {
        "endpoint": f"/s{number // 20}{path}",
        "method": "POST" if "validation/json-schema" in guards else "GET",
        "input_headers": ["X-Trace"],
        "timeout": "3s",
        "backend": [{"url_pattern": path, "allow": ["id", "name"]}],
    }
    return {**endpoint, "extra_config": guards} if guards else endpoint


def _guards(number: int) -> dict[str, Any]:
    return {
        "auth/validator": {
            "alg": "RS256",
            "jwk_url": f"https://id-{number % 50}.example.com/keys",
            "audience": [f"service-{number}"],
            "roles": [f"role-{number}", "admin"],
        },
        "crossgate/cors": {"allow_origins": [f"https://app-{number}.example.com"]},
        "qos/ratelimit/router": {"max_rate": 10 + number},
        "validation/cel": [{"check_expr": f"req_method == 'POST' && '{number}' != ''"}],
        "validation/json-schema": {**_SCHEMA, "maxProperties": number + 1},
    }


def _service(endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    cors = {"allow_origins": ["https://app.example.com"], "allow_methods": ["GET", "POST"]}
    return {
        "version": 3,
        "host": ["http://shop.internal:9000"],
        "extra_config": {"security/cors": cors},
        "endpoints": endpoints,
    }


def as_version_2(tree: Any) -> Any:
    """With the names of KrakenD 1.x."""
    if isinstance(tree, list):
        return [as_version_2(item) for item in tree]
    if isinstance(tree, dict):
        return {
            _OLD_NAMES.get(name, name): 2 if name == "version" else as_version_2(value) for name, value in tree.items()
        }
    return tree


def changed(tree: dict[str, Any], places: int) -> dict[str, Any]:
    """With that many endpoints changed, one after the other in another way, and one that is new in the middle."""
    new = copy.deepcopy(tree)
    endpoints = new["endpoints"]
    for number in range(places):
        endpoint = endpoints[number * (len(endpoints) // places)]
        backend = endpoint["backend"][0]
        match number % 4:
            case 0:
                endpoint["timeout"] = "9s"
            case 1:
                backend.pop("allow", backend.pop("whitelist", None))
            case 2:
                backend["url_pattern"] += "/more"
            case 3:
                endpoint.pop("extra_config", None)
    endpoints.insert(len(endpoints) // 2, {"endpoint": "/new", "backend": [{"url_pattern": "/new"}]})
    return new


def measured(*arguments: str, allowed: Sequence[int] = (0,)) -> tuple[float, float, float]:
    """Processor and wall seconds, and megabytes, of the program."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "crossgate.cli.main", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024


SHAPES: dict[str, tuple[Callable[[int], dict[str, Any]], str]] = {
    "plain": (plain, "json"),
    "plain, version 2": (lambda count: as_version_2(plain(count)), "json"),
    "plain, YAML": (plain, "yaml"),
    "guarded": (guarded, "json"),
}
"""Files by their names: what makes one of so many endpoints, and the suffix."""


def runs(folder: Path, shape: str, count: int) -> list[tuple[str, tuple[str, ...]]]:
    """The commands for a file of that shape, which is written into the folder."""
    make, suffix = SHAPES[shape]
    tree = make(count)
    paths = {}
    trees = {
        "old": tree,
        "dozen": changed(tree, 12),
        "hundreds": changed(tree, 400),
        "inherited": {**tree, "cache_ttl": "300s"},
    }
    for name, each in trees.items():
        text = json.dumps(each, indent=2) if suffix == "json" else yaml.dump(each, Dumper=yaml.CSafeDumper)
        paths[name] = str(folder / f"{name}.{suffix}")
        Path(paths[name]).write_text(text)
    suite = str(folder / "suite.test.yaml")
    return [
        ("`check`", ("check", "-c", paths["old"])),
        ("`explain`", ("explain", "-c", paths["old"], "--url", "/s0/r0")),
        ("`diff`, a dozen changes", ("diff", paths["old"], paths["dozen"])),
        ("`diff`, 400 changes", ("diff", paths["old"], paths["hundreds"])),
        ("`diff`, a root setting changed", ("diff", paths["old"], paths["inherited"])),
        ("`test --init`", ("test", "--init", "-c", paths["old"], suite)),
        ("`test`, what that wrote", ("test", "-c", paths["old"], suite)),
    ]


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    least: dict[tuple[str, str], tuple[float, float, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        commands = {}
        for shape in SHAPES:
            folder = Path(name) / shape.replace(", ", "-").replace(" ", "-")
            folder.mkdir()
            # In a process of its own: what ours had would count for the programs that it starts.
            with ProcessPoolExecutor(1) as writer:
                commands[shape] = writer.submit(runs, folder, shape, count).result()
        for number in range(1, ROUNDS + 1):
            for shape, some in commands.items():
                for what, arguments in some:
                    if "--init" in arguments:
                        Path(arguments[-1]).unlink(missing_ok=True)
                    print(f"round {number} of {ROUNDS}: {shape}: {what}", file=sys.stderr, flush=True)
                    found = measured(*arguments, allowed=(0, 1, 3, 4) if arguments[0] in ("diff", "explain") else (0,))
                    least[shape, what] = min(least.get((shape, what), found), found)
    print(f"{count} endpoints\n\n| file | command | CPU s | wall s | MB |\n|---|---|---|---|---|")
    for (shape, what), (processor, wall, megabytes) in least.items():
        print(f"| {shape} | {what} | {processor:.1f} | {wall:.1f} | {megabytes:.0f} |")


if __name__ == "__main__":
    main()
