"""`auth/client-credentials` as a file has it. Source: krakend-oauth2-clientcredentials `oauth2.go`."""

from dataclasses import dataclass

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.secret import Secret
from crossgate.config.section import Section

NAME = "auth/client-credentials"
KEYS = KeyTable(
    NAME,
    Manner.EXACT,
    (
        Key("client_id", Kind.TEXT, "Who the gateway is to the issuer."),
        Key("client_secret", Kind.TEXT, "Its secret there."),
        Key("token_url", Kind.TEXT, "Where tokens are got."),
        Key("scopes", Kind.TEXT, "Scopes to ask for, parted by commas."),
        Key("is_disabled", Kind.BOOLEAN, "Do without a token after all.", False),
        Key("endpoint_params", Kind.ANY, "Further values of the form, as lists by name.", shape="object of lists"),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Gets tokens of the gateway's own for a backend.", {"backend": KEYS})


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """How tokens are got. `scope` is as it goes into the form."""

    client_id: str
    client_secret: Secret
    token_url: str
    scope: str
    params: tuple[tuple[str, tuple[str, ...]], ...]


def decode_client(section: Section) -> ClientConfig | None:
    """The client of a backend; None where it has none, or none that can be built.

    DEVIATION(DEV-OAUTH-1): KrakenD calls the backend without a token where the namespace is no object.
    """
    namespace = section.namespaces.get(NAME)
    if namespace is None or namespace.value is None:
        return None
    if not isinstance(namespace.value, dict):
        message = f'"{NAME}" must be an object'
        section.close(NAME, namespace.path, message, krakend="calls the backend without a token")
        return None
    fields = section.guard_fields(NAME, KEYS, krakend="panics at start, or ignores it")
    if fields.boolean("is_disabled"):
        return None
    params = fields.get("endpoint_params") or {}
    if not isinstance(params, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in params.values()
    ):
        path, message = fields.at("endpoint_params"), '"endpoint_params" must be an object of lists of texts'
        section.close(NAME, path, message, krakend="panics at start")
        params = {}
    return ClientConfig(
        fields.text("client_id"),
        Secret(fields.text("client_secret")),
        fields.text("token_url"),
        " ".join(fields.text("scopes").split(",")),
        tuple([(name, tuple(values)) for name, values in params.items()]),
    )
