"""Which endpoints answer nobody who does not bring a token, and what to say about that where CORS is explained.

Asks components what they want to see; does not know what becomes of it.
"""

from collections.abc import Sequence

from crossgate.components import Component, Credential
from crossgate.config.model import EndpointConfig
from crossgate.cors import CorsPolicy
from crossgate.http.message import Request


def missing_credential(
    request: Request, components: Sequence[Component], endpoint: EndpointConfig
) -> Credential | None:
    """What the endpoint wants and the request does not bring; None where it brings all, whatever the values."""
    for part in components:
        wanted = part.credential(endpoint.components[part.name]) if part.name in endpoint.components else None
        if wanted is not None and not _brings(request, wanted):
            return wanted
    return None


def about_credential(credential: Credential, policy: CorsPolicy | None) -> str:
    """A note: that the endpoint refuses, and whether pages could do something about it."""
    either = f", or a cookie {credential.cookie}" if credential.cookie else ""
    note = (
        f"The endpoint answers {credential.status} to requests without a token in {credential.field}{either}: that is "
        "the answer shown here."
    )
    if policy is not None and not _allows(policy, credential.field):
        note += f" A page cannot send {credential.field} until allow_headers lists it."
    return note


def _brings(request: Request, credential: Credential) -> bool:
    names = {name.lower() for name, value in request.fields if value}
    return credential.field.lower().encode() in names or (bool(credential.cookie) and b"cookie" in names)


def _allows(policy: CorsPolicy, name: str) -> bool:
    return any(
        config.any_header or name.lower() in [listed.lower() for listed in config.allow_headers]
        for config in (policy.config, *policy.config.rules)
    )
