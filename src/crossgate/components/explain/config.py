"""`crossgate/explain` as a file has it. Ours alone, so values of the wrong type are refused: nothing is shown then."""

from dataclasses import dataclass, field

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.secret import Secret
from crossgate.config.section import Section

NAME = "crossgate/explain"
KEYS = KeyTable(
    NAME,
    Manner.OWN,
    (
        Key("token_file", Kind.TEXT, "A file with the token that requests show in `X-Crossgate-Explain`.", ""),
        Key("loopback_only", Kind.BOOLEAN, "Show reasons to clients on this machine.", False),
    ),
)
NAMESPACE = ComponentNamespace(
    NAME, "Says why a request was refused, in `X-Crossgate-Reason`, to who may know.", {"service": KEYS}
)
LEAST_TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class ExplainConfig:
    """Who may see reasons: who has the token, clients on this machine, or both. `token` None: there is none."""

    token: Secret | None = field(repr=False)
    loopback_only: bool


def decode_explain(section: Section) -> ExplainConfig | None:
    """Who may see reasons; None where nobody may."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    fields = section.fields(NAME, KEYS)
    if fields is None:
        section.report.error(
            "CFG220", namespace.path, f'"{NAME}" must be an object', hint='write {"loopback_only": true}'
        )
        return None
    loopback_only, path = fields.boolean("loopback_only"), fields.text("token_file")
    token = None
    if path:
        try:
            text = section.read_file(path).decode("ascii").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not ASCII"
            section.report.error("CFG220", fields.at("token_file"), f"the token cannot be read: {reason}")
            return None
        if len(text) < LEAST_TOKEN_BYTES:
            message = f"the token has less than {LEAST_TOKEN_BYTES} characters"
            section.report.error("CFG220", fields.at("token_file"), message, hint="make one: openssl rand -hex 32")
            return None
        token = Secret(text)
    if token is None and not loopback_only:
        message = "this shows nothing to anybody"
        hint = 'write "loopback_only": true or "token_file": "…"'
        section.report.warning("CFG217", namespace.path, message, hint=hint, on_key=True)
        return None
    return ExplainConfig(token, loopback_only)
