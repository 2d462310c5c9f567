"""`python -m benchmarks.auth`: what a validator costs, in processor time of the gateway for each request.

One endpoint that forwards all fields (no-op, 14 fields of a browser) stands twice in one file: open, and behind
RS256 with keys from a file, issuer, audience and roles. Tokens go round: a thousand, all of which are remembered after
the first round, or more than are remembered, so that each is new when its turn comes. The open endpoint gets them, too.
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from benchmarks.gateway.measure import Measurement, drive
from benchmarks.gateway.processes import free_port, has_programs, started, two_cores
from benchmarks.gateway.stacks import ORIGIN, backend_command
from benchmarks.gateway.workloads import BODY, BROWSER
from crossgate.components.jwt.gate import REMEMBERED_TOKENS

ISSUER, AUDIENCE = "https://issuer.example.com/", "https://api.example.com"
ROWS = (("open", "/open", 1000), ("a thousand tokens", "/guarded", 1000), ("each token new", "/guarded", 0))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.auth", description=__doc__)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement (3)")
    parser.add_argument("--rounds", type=int, default=5, help="of all measurements (5)")
    options = parser.parse_args()
    if not has_programs():
        return 1
    ours, theirs = two_cores()
    key = rsa.generate_private_key(65537, 2048)
    print("making tokens ...", file=sys.stderr)
    tokens = [token(key, number) for number in range(REMEMBERED_TOKENS + REMEMBERED_TOKENS // 4)]
    results: dict[str, list[Measurement]] = {name: [] for name, _, _ in ROWS}
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        folder.chmod(0o755)
        backend, port = free_port(), free_port()
        running.enter_context(started(backend_command(folder, backend, BODY), backend, folder, theirs))
        config = folder / "krakend.json"
        config.write_text(json.dumps(configuration(folder, key, backend, port)))
        command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(config)]
        pid = running.enter_context(started(command, port, folder, ours))
        for number in range(options.rounds):
            for row, path, count in ROWS:
                script = folder / "wrk.lua"
                script.write_text(lua(tokens[:count] if count else tokens))
                arguments = ["-c32", "-s", str(script), f"http://127.0.0.1:{port}{path}"]
                if number == 0:
                    drive(arguments, pid, 1, theirs)  # so that what is remembered is
                results[row].append(drive(arguments, pid, options.seconds, theirs))
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    print_table(results)
    return 0


def configuration(folder: Path, key: rsa.RSAPrivateKey, backend: int, port: int) -> dict[str, Any]:
    members = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"keys": [members | {"kid": "a"}]}))
    validator = {
        "alg": "RS256",
        "jwk_local_path": str(keys),
        "disable_jwk_security": True,
        "issuer": ISSUER,
        "audience": [AUDIENCE],
        "roles": ["buyer"],
    }
    plain = {
        "output_encoding": "no-op",
        "input_headers": ["*"],
        "backend": [{"host": [f"http://127.0.0.1:{backend}"], "url_pattern": "/x"}],
    }
    return {
        "version": 3,
        "port": port,
        "listen_ip": "127.0.0.1",
        "extra_config": {
            "security/cors": {"allow_origins": [ORIGIN], "allow_headers": ["Authorization"]},
            "router": {"disable_access_log": True},
        },
        "endpoints": [
            plain | {"endpoint": "/open"},
            plain | {"endpoint": "/guarded", "extra_config": {"auth/validator": validator}},
        ],
    }


def token(key: rsa.RSAPrivateKey, number: int) -> str:
    claims = {"iss": ISSUER, "aud": [AUDIENCE], "sub": f"user-{number}", "exp": 4_102_444_800, "roles": ["buyer"]}
    return jwt.encode(claims, key, "RS256", headers={"kid": "a"})


def lua(tokens: list[str]) -> str:
    """Requests with the tokens in turn."""
    headers = "\n".join(
        f'wrk.headers["{name}"] = [[{value}]]' for name, value in ({"Origin": ORIGIN} | BROWSER).items()
    )
    listed = ",\n".join(f'"Bearer {one}"' for one in tokens)
    return f"""{headers}
local tokens = {{ {listed} }}
local turn = 0
request = function()
  turn = turn % #tokens + 1
  wrk.headers["Authorization"] = tokens[turn]
  return wrk.format()
end
"""


def print_table(results: dict[str, list[Measurement]]) -> None:
    print("\n| tokens | requests/s | µs CPU | of the gate | p99 ms | RSS MB |")
    print("|---|---|---|---|---|---|")
    open_us = [one.cpu_us for one in results["open"]]
    for row, many in results.items():
        gate = statistics.median([one.cpu_us - other for one, other in zip(many, open_us, strict=True)])
        shown = "" if row == "open" else f"{gate:.1f}"
        median = {name: statistics.median(getattr(one, name) for one in many) for name in ("per_second", "cpu_us")}
        p99 = statistics.median(one.p99_ms for one in many)
        rss = statistics.median(one.rss_mb for one in many)
        print(f"| {row} | {median['per_second']:.0f} | {median['cpu_us']:.1f} | {shown} | {p99:.1f} | {rss:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
