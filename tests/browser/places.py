"""Where things are in one sitting: the page origins and the names of the gateway's server. Opens nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.browser.case import Where
from tests.browser.launch import FOREIGN_NAME


@dataclass(frozen=True)
class Places:
    """The ports of a sitting, and what they make of a case's words."""

    page_ports: Mapping[Where, int]
    gateway_port: int

    def page_url(self, where: Where) -> str:
        """The origin of the page itself; of a sandboxed frame, that of the page around it."""
        scheme = "https" if where == "tls" else "http"
        host = {"name": "localhost", "subdomain": "app.localhost"}.get(where, "127.0.0.1")
        return f"{scheme}://{host}:{self.page_ports[where]}"

    def origin(self, where: Where) -> str:
        """The origin as the browser sends it."""
        return "null" if where == "sandboxed" else self.page_url(where)

    def target(self, host: str) -> str:
        """The gateway's origin, by address or by a name."""
        name = {"name": "localhost", "foreign": FOREIGN_NAME}.get(host, "127.0.0.1")
        return f"http://{name}:{self.gateway_port}"
