"""Root keys that crossgate does not run: TLS on either side, agents, plugins, h2c.

Knows which of them may be left out and what that closes.
"""

from typing import Any

from crossgate.config.convert import ConversionError, to_boolean
from crossgate.config.decode.object_fields import ObjectFields
from crossgate.config.keys import is_comment
from crossgate.config.namespaces.astray import tls_meant
from crossgate.diagnostics.path import child

_HTTPS_CLOSED = "endpoints with https backends answer 501"


class RootFields(ObjectFields):
    """The keys of the root. `misspelt` leads from unknown keys to the TLS settings that they were meant to be."""

    def _unknown(self, written: str, name: str) -> None:
        if not self.tls_of(written):
            super()._unknown(written, name)

    def tls_of(self, written: str) -> str:
        """`tls` or `client_tls`, if an unknown key was meant to be one of them; empty if not."""
        return tls_meant(written, self.raw[written])

    @property
    def misspelt(self) -> dict[str, str]:
        """TLS settings under names that are not read, as written, with the names that are."""
        known = set(self.keys.values())
        unknown = [key for key in self.raw if key not in known and not is_comment(key)]
        return {key: meant for key in unknown if (meant := self.tls_of(key))}


def report_not_run(fields: RootFields, *, allow_unsupported: bool, preview: bool, serving: bool) -> tuple[str, ...]:
    """Report them. The result are those that guard https backends, as written. `preview`: a version 4 file.

    `tls` is refused whatever is allowed: what was to be encrypted never goes out in the clear. Only where nothing is
    served is that a warning.
    """
    if fields.get("tls") is not None and not _is_disabled(fields.get("tls")):
        message = (
            f'crossgate does not run "{fields.keys["tls"]}" yet, and never serves in the clear what is to have TLS'
        )
        hint = "end TLS in a proxy in front, and remove the key"
        report = fields.report.warning if allow_unsupported and not serving else fields.report.error
        report("CFG403", fields.at("tls"), message, hint=hint, krakend="runs it", on_key=True)
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
    if fields.object("plugin"):
        message = (
            "this says where KrakenD finds Go plugins; crossgate runs Python plugins, by the names that the file uses"
        )
        krakend = "3.0 has plugins in KrakenD Enterprise only" if preview else "loads what is there"
        fields.report.note("CFG405", fields.at("plugin"), message, krakend=krakend, on_key=True)
    if fields.boolean("use_h2c"):
        message = 'crossgate does not run "use_h2c"; it is left out'
        fields.report.warning("CFG405", fields.at("use_h2c"), message, krakend="runs it", on_key=True)
    client_tls = [fields.keys["client_tls"]] if fields.get("client_tls") is not None else []
    return (*client_tls, *_report_misspelt(fields, allow_unsupported=allow_unsupported))


def _report_misspelt(fields: RootFields, *, allow_unsupported: bool) -> list[str]:
    """TLS settings that nobody reads. Those of `client_tls` are the result."""
    closing = []
    for written, meant in fields.misspelt.items():
        path = child(fields.path, written)
        message, krakend = f'nothing reads "{written}"', "ignores it silently"
        hint = (
            f'did you mean "{meant}"?' if written != meant else "it came with KrakenD 2; remove it, or write version 3"
        )
        if meant == "client_tls":
            closing.append(written)
        if meant == "client_tls" and allow_unsupported:
            message += f": {_HTTPS_CLOSED}"
            fields.report.warning("CFG403", path, message, hint=hint, krakend=krakend, on_key=True)
        else:
            message += ", and it is unsafe to leave out"
            fields.report.error("CFG403", path, message, hint=hint, krakend=krakend, on_key=True)
    return closing


def _is_disabled(tls: Any) -> bool:
    """Whether the file itself switches TLS off: then plain HTTP is what it asks for, and KrakenD serves it."""
    if not isinstance(tls, dict):
        return False
    given = [value for key, value in tls.items() if key.lower() == "disabled"]
    try:
        return bool(given) and all(to_boolean(value)[0] for value in given)
    except ConversionError:
        return False
