"""Rate limits of a gateway with several workers: they hold for the gateway, not for each worker."""

import json
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.process import gateway
from tests.support.scripted_backend import scripted_backend

REQUESTS = 120


def status(port: int, path: str, **fields: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=fields)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            found: int = answer.status
            return found
    except urllib.error.HTTPError as error:
        return error.code


def test_a_limit_holds_for_all_workers_together(tmp_path: Path) -> None:
    limits = {
        "/all": {"max_rate": 1, "capacity": 40, "every": "24h"},
        "/each": {
            "client_max_rate": 1, "client_capacity": 30, "every": "24h", "strategy": "header", "key": "X-Client",
        },
    }  # fmt: skip
    with scripted_backend({}) as backend:
        calls = {"qos/ratelimit/proxy": {"max_rate": 1, "capacity": 50, "every": "24h"}}
        one = {"host": [f"http://{backend.authority}"], "url_pattern": "/x"}
        endpoints = [
            {"endpoint": path, "backend": [one], "extra_config": {"qos/ratelimit/router": limit}}
            for path, limit in limits.items()
        ]
        endpoints.append({"endpoint": "/calls", "backend": [{**one, "extra_config": calls}]})
        file = tmp_path / "krakend.json"
        file.write_text(json.dumps({"version": 3, "endpoints": endpoints}))
        with gateway(file, "--workers", "2") as running:
            # Each request has a connection of its own, and the system spreads those over the workers.
            of_all = [status(running.port, "/all") for _ in range(REQUESTS)]
            assert (of_all.count(200), of_all.count(503)) == (40, REQUESTS - 40)
            for client in ("a", "b"):
                of_one = [status(running.port, "/each", **{"X-Client": client}) for _ in range(REQUESTS)]
                assert (of_one.count(200), of_one.count(429)) == (30, REQUESTS - 30)
            of_calls = [status(running.port, "/calls") for _ in range(REQUESTS)]
            assert (of_calls.count(200), of_calls.count(500)) == (50, REQUESTS - 50)
