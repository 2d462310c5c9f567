"""Root keys that crossgate does not run: TLS on either side, agents, plugins, h2c.

Knows which of them may be left out and what that closes.
"""

from typing import Any

from crossgate.config.convert import ConversionError, to_boolean
from crossgate.config.fields import Fields

_HTTPS_CLOSED = "endpoints with https backends answer 501"


def report_not_run(fields: Fields, *, allow_unsupported: bool) -> tuple[str, ...]:
    """Report them. The result are those that guard https backends, as written.

    `tls` is refused whatever is allowed: what was to be encrypted never goes out in the clear.
    """
    if fields.get("tls") is not None and not _is_disabled(fields.get("tls")):
        message = (
            f'crossgate does not run "{fields.keys["tls"]}" yet, and never serves in the clear what is to have TLS'
        )
        hint = "end TLS in a proxy in front, and remove the key"
        fields.report.error("CFG403", fields.at("tls"), message, hint=hint, krakend="runs it", on_key=True)
    for name, closes in (("client_tls", f": {_HTTPS_CLOSED}"), ("async_agent", ": it is skipped")):
        if fields.get(name) is None or (name == "async_agent" and fields.get(name) == []):
            continue
        message = f'crossgate does not run "{fields.keys[name]}" yet'
        if allow_unsupported:
            fields.report.warning("CFG403", fields.at(name), message + closes, krakend="runs it", on_key=True)
            continue
        message += ", and it is unsafe to leave out"
        hint = f"remove it, or start with --allow-unsupported{closes}"
        fields.report.error("CFG403", fields.at(name), message, hint=hint, krakend="runs it", on_key=True)
    for name in ("plugin", "use_h2c"):
        value = fields.object(name) if name == "plugin" else fields.boolean(name)
        if value:
            message = f'crossgate does not run "{name}"; it is left out'
            fields.report.warning("CFG405", fields.at(name), message, krakend="runs it", on_key=True)
    client_tls = fields.keys.get("client_tls")
    return () if client_tls is None or fields.get("client_tls") is None else (client_tls,)


def _is_disabled(tls: Any) -> bool:
    """Whether the file itself switches TLS off: then plain HTTP is what it asks for, and KrakenD serves it."""
    if not isinstance(tls, dict):
        return False
    given = [value for key, value in tls.items() if key.lower() == "disabled"]
    try:
        return bool(given) and all(to_boolean(value)[0] for value in given)
    except ConversionError:
        return False
