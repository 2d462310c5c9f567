"""nginx, twice: as the backend of everybody, and as the proxy that ratios refer to."""

from pathlib import Path

from benchmarks.gateway.tokens import key_set
from benchmarks.gateway.workloads import BODY, GZIPPED, ORIGIN


def backend_command(folder: Path, port: int) -> list[str]:
    """The backend. It answers from its configuration, so that it opens no file for a request."""
    server = b"""
        server { listen 127.0.0.1:%d backlog=4096; default_type application/json;
                 location = /gzip-json { add_header Content-Encoding gzip; return 200 %b; }
                 location = /jwk { return 200 %b; }
                 location / { return 200 %b; } }""" % (port, _quoted(GZIPPED), _quoted(key_set()), _quoted(BODY))
    return _nginx(folder / "backend", server, access_logs=False)


def proxy_command(folder: Path, port: int, backend: int, *, access_logs: bool) -> list[str]:
    """The proxy, with CORS as people write it by hand. It gathers log lines as long as crossgate does."""
    servers = f"""
        map $http_origin $allowed {{ default ""; "{ORIGIN}" $http_origin; }}
        upstream backend {{ server 127.0.0.1:{backend}; keepalive 512; keepalive_requests 1000000000; }}
        server {{ listen 127.0.0.1:{port} backlog=4096;
                 location / {{
                     if ($request_method = OPTIONS) {{
                         add_header Access-Control-Allow-Origin $allowed;
                         add_header Access-Control-Allow-Methods "GET, POST, PUT";
                         add_header Access-Control-Allow-Headers "Authorization, Content-Type";
                         add_header Access-Control-Max-Age 600;
                         add_header Vary "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
                         return 204; }}
                     proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
                     proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Host $http_host;
                     add_header Access-Control-Allow-Origin $allowed always; add_header Vary Origin always; }} }}"""
    return _nginx(folder / "nginx", servers.encode(), access_logs=access_logs)


def _nginx(folder: Path, servers: bytes, *, access_logs: bool) -> list[str]:
    folder.mkdir(exist_ok=True)
    log = f"access_log {folder}/access.log combined buffer=64k flush=200ms;" if access_logs else "access_log off;"
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    general = f"""
        daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
        worker_rlimit_nofile 20000; events {{ worker_connections 16384; }}
        http {{ {log} client_body_temp_path {folder}/body; {temporary} keepalive_requests 1000000000;"""
    (folder / "nginx.conf").write_bytes(general.encode() + servers + b"}\n")
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _quoted(text: bytes) -> bytes:
    """As a word of nginx's configuration, which may be any bytes without a dollar sign."""
    if b"$" in text:
        raise ValueError(f"nginx would take that for a variable: {text!r}")
    return b"'" + text.replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"
