"""Writes docs/support.md: every namespace and root key of KrakenD, and what crossgate does with it."""  # noqa: INP001

from pathlib import Path

from crossgate.components import COMPONENTS
from crossgate.config.component import namespaces_by_any_name
from crossgate.config.namespaces.table import NamespaceSpec
from crossgate.config.tables import SERVICE_KEYS

PATH = Path(__file__).parent / "support.md"
_NOT_RUN = {
    "tls": "refused",
    "client_tls": "refused",
    "async_agent": "refused",
    "plugin": "[accepted](components/plugins.md)",
    "use_h2c": "left out",
}
_OWN_DEVIATIONS = {"security/cors": "DEV-CORS-1 to -12", "proxy": "DEV-DATA-4, -10", "crossgate/log": "DEV-LOG-1"}
PAGES = {
    "security/cors": "cors.md",
    "crossgate/cors": "cors.md",
    "crossgate/drain": "running.md",
    "crossgate/errors": "listening.md",
    "crossgate/log": "logs.md",
    "crossgate/server": "listening.md",
    "telemetry/gelf": "running.md",
    "telemetry/logging": "running.md",
    "telemetry/logstash": "running.md",
}
_INTRO = """# What of KrakenD runs

Made from the code by `make docs`. *refused*: crossgate does not start, since leaving it out would be unsafe; with
`--allow-unsupported` what depends on it answers 501. *left out*: crossgate starts, and says so in a warning.
[Deviations](deviations.md) explains the codes, [options](options/README.md) has the keys of each.
"""


def support_text() -> str:
    """The page."""
    parts = {namespace.name: part for part in COMPONENTS for namespace in part.namespaces}
    specs = dict.fromkeys(namespaces_by_any_name(COMPONENTS).values())
    rows = [_row(spec, parts.get(spec.name)) for spec in sorted(specs, key=lambda spec: spec.name)]
    heading = (
        "| namespace | in version 2 files | stands at | crossgate | deviations | since |\n|---|---|---|---|---|---|"
    )
    keys = [
        f"| `{key.name}` | {f'`{key.old}`' if key.old else 'none' if key.since3 else 'the same'} | "
        f"{_NOT_RUN.get(key.name, 'runs')} |"
        for key in SERVICE_KEYS.keys
    ]
    root = "| root key | in version 2 files | crossgate |\n|---|---|---|"
    return "\n".join([_INTRO, heading, *rows, "", root, *keys, ""])


def _row(spec: NamespaceSpec, part: object) -> str:
    name = f"`{spec.name}`"
    page = f"components/{part.name}.md" if part is not None else PAGES.get(spec.name, "")
    if page:
        name = f"[{name}]({page})"
    deviations = ", ".join(part.deviations) if part is not None else _OWN_DEVIATIONS.get(spec.name, "")
    fate = "runs" if spec.run else "refused" if spec.guard else "left out"
    if deviations:
        fate += " with deviations"
    since = (part.since if part is not None else "0.1.0") if spec.run else ""
    old = ", ".join([f"`{name}`" for name in spec.old]) or "none"
    return f"| {name} | {old} | {', '.join(spec.scopes)} | {fate} | {deviations} | {since} |"


if __name__ == "__main__":
    PATH.write_text(support_text(), encoding="utf-8")
