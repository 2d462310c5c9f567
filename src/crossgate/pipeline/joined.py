"""What components bring to the endpoints of one worker, as far as endpoints have to know.

Knows the shapes in which a component joins; does not know any component.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from crossgate.flow.fiber import Flow
from crossgate.http.gate import Gate
from crossgate.http.message import Response
from crossgate.pipeline.front import Front
from crossgate.pipeline.go_client import Client, Prepare, Send
from crossgate.pipeline.proxy import Proxy, ProxyRequest
from crossgate.pipeline.respond import Handler
from crossgate.plan import BackendPlan, EndpointPlan, Plan

Answer = Callable[[ProxyRequest], Flow[Response]]
"""From what an endpoint lets through to its whole response. Raises nothing that a backend causes."""


class Joined(Protocol):
    """The components of a file, built."""

    def may_wait(self, endpoint: EndpointPlan) -> bool:
        """Whether an endpoint may be built when it is first asked, as far as it is up to components."""

    def service_gates(self) -> Sequence[Gate]:
        """Gates before every route but health, and before the answers where there is no route. Outermost first."""

    def endpoint_gates(self, endpoint: EndpointPlan) -> Sequence[Gate]:
        """Gates of one endpoint, behind those of the service. Outermost first."""

    def around_handler(self, endpoint: EndpointPlan, handler: Handler) -> Handler:
        """An endpoint, its gates included, with what stands around it."""

    def endpoint_answer(self, endpoint: EndpointPlan, proxy: Proxy) -> Answer | None:
        """What makes an endpoint's response in the place of its rendering; None where nothing does."""

    def prepare(self, endpoint: EndpointPlan, backend: BackendPlan) -> Sequence[Prepare]:
        """What happens to a backend's calls before they are made, in order."""

    def around_send(self, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:
        """What sends a backend's requests, each hop of a redirect on its own, with what stands around it."""

    def around_call(self, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:
        """A backend's call with what stands around it, decoding included: from a BackendCall on."""

    def guarded(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:
        """What calls a backend behind those guards of its calls that do not look at them."""

    def around_client(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:
        """What calls a backend, redirects followed, with what stands around it."""

    def around_endpoint(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """All backends of an endpoint together, with what stands around them."""

    def around_merged(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:
        """An endpoint's backends or shadows, merged but without static data, with what stands around them."""

    def follows_redirects(self, backend: BackendPlan) -> bool:
        """Whether redirects of a backend are followed, as Go's client does it."""

    def front(self) -> Front | None:
        """What stands before the router."""


class NothingJoined:
    """No components. Refuses plans that need some, so that nobody runs a guarded endpoint without its guard."""

    def __init__(self, plan: Plan) -> None:
        """Raises ValueError where the plan needs components."""
        names = set(plan.components)
        for endpoint in plan.endpoints:
            names.update(endpoint.config.components)
            for backend in (*endpoint.backends, *endpoint.shadows):
                names.update(backend.config.components)
        if names:
            raise ValueError(f"the plan needs components that are not there: {', '.join(sorted(names))}")

    def may_wait(self, endpoint: EndpointPlan) -> bool:  # noqa: ARG002
        """It may."""
        return True

    def service_gates(self) -> Sequence[Gate]:
        """None."""
        return ()

    def endpoint_gates(self, endpoint: EndpointPlan) -> Sequence[Gate]:  # noqa: ARG002
        """None."""
        return ()

    def around_handler(self, endpoint: EndpointPlan, handler: Handler) -> Handler:  # noqa: ARG002
        """Nothing."""
        return handler

    def endpoint_answer(self, endpoint: EndpointPlan, proxy: Proxy) -> Answer | None:  # noqa: ARG002
        """None."""
        return None

    def prepare(self, endpoint: EndpointPlan, backend: BackendPlan) -> Sequence[Prepare]:  # noqa: ARG002
        """None."""
        return ()

    def around_call(self, endpoint: EndpointPlan, backend: BackendPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """Nothing."""
        return proxy

    def guarded(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:  # noqa: ARG002
        """Nothing."""
        return client

    def around_send(self, endpoint: EndpointPlan, backend: BackendPlan, send: Send) -> Send:  # noqa: ARG002
        """Nothing."""
        return send

    def around_client(self, endpoint: EndpointPlan, backend: BackendPlan, client: Client) -> Client:  # noqa: ARG002
        """Nothing."""
        return client

    def around_endpoint(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """Nothing."""
        return proxy

    def around_merged(self, endpoint: EndpointPlan, proxy: Proxy) -> Proxy:  # noqa: ARG002
        """Nothing."""
        return proxy

    def follows_redirects(self, backend: BackendPlan) -> bool:  # noqa: ARG002
        """They are."""
        return True

    def front(self) -> Front | None:
        """Nothing."""
        return None
