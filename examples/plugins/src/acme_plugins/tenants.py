"""Only known tenants come in, and backends are told which one it is."""

from crossgate.plugins import Request, Response, Setup


class Tenants:
    def __init__(self, setup: Setup) -> None:
        self.tenants: dict[str, str] = setup.config["tenants"]

    def gate(self, request: Request) -> Response | None:
        tenant = self.tenants.get(request.headers.get("X-Api-Key", ""))
        if tenant is None:
            return Response(401, {"Content-Type": "application/json"}, '{"error": "unknown key"}')
        request.headers["X-Tenant"] = tenant
        return None
