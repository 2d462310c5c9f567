"""Client credentials as a component: what happens to calls of a backend before they are made."""

from typing import Any

from crossgate.components.client_credentials.config import NAMESPACE, decode_client
from crossgate.components.client_credentials.token_source import TokenSource
from crossgate.components.component import Component, Part, Surroundings
from crossgate.config.section import Section
from crossgate.http.message import UpstreamRequest
from crossgate.pipeline.go_client import Prepare
from crossgate.plan import BackendPlan, EndpointPlan, Plan


class ClientCredentials(Component):
    """The component."""

    name = "client_credentials"
    namespaces = (NAMESPACE,)
    stands_alone = True
    deviations = ("DEV-OAUTH-1", "DEV-OAUTH-2")

    def decode_backend(self, section: Section) -> Any:
        """A ClientConfig, or None."""
        return decode_client(section)

    def remembers(self, value: Any) -> bool:  # noqa: ARG002
        """Tokens."""
        return True

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's tokens."""
        return _Tokens(plan, surroundings)


class _Tokens(Part):
    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        self._agent = plan.identity.http_client
        self._around = surroundings
        self._sources: list[TokenSource] = []

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        return True

    def prepare(self, value: Any, endpoint: EndpointPlan, backend: BackendPlan) -> Prepare | None:  # noqa: ARG002
        around = self._around
        source = TokenSource(value, around.send, around.timers, self._agent)
        self._sources.append(source)

        async def authorize(request: UpstreamRequest) -> None:
            authorization = await source.authorization(request)
            fields = [field for field in request.fields if field[0].lower() != b"authorization"]
            request.fields = [(b"Authorization", authorization), *fields]

        return authorize

    async def stop(self) -> None:
        for source in self._sources:
            source.stop()
