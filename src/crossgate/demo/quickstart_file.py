"""The example configuration, moved to the demo's ports. Does not know what the configuration means otherwise."""

import json
from typing import Any

from crossgate.shipped_files import shipped_folder

EXAMPLE_PORT = 8080


def demo_configuration(port: int, *, version: int = 2) -> bytes:
    """The example of that configuration version as JSON, with the gateway on `port` and only on loopback.

    Where the example names the sample backend (8081) or the page (8082) it now says port + 1 and port + 2.
    """
    name = "krakend.json" if version == 2 else "krakend-v3.json"
    data = json.loads((shipped_folder("quickstart") / name).read_bytes())
    data = _move(data, port - EXAMPLE_PORT)
    data["port"] = port
    data["listen_ip"] = "127.0.0.1"
    return json.dumps(data, indent=2).encode()


def _move(value: Any, by: int) -> Any:
    """The value with every loopback URL's port moved."""
    if isinstance(value, dict):
        return {key: _move(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_move(item, by) for item in value]
    if isinstance(value, str):
        for example_port in (EXAMPLE_PORT + 1, EXAMPLE_PORT + 2):
            for host in ("127.0.0.1", "localhost"):
                if value == f"http://{host}:{example_port}":
                    return f"http://{host}:{example_port + by}"
    return value
