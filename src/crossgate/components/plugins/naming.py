"""Which plugins a file names, and what gives each of them: the file itself, crossgate, or an installed distribution.

Looks names up; imports nothing that is not crossgate's, so that a file can be checked by who would not run it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Literal

GROUP = "crossgate.plugins"

OWN: Mapping[str, str] = {
    "ip-filter": "crossgate.components.plugins.own.ip_filter:IpFilter",
    "no-redirect": "crossgate.components.plugins.own.no_redirect:NoRedirect",
    "krakend-redirect": "crossgate.components.plugins.own.no_redirect:NoRedirect",
    "response-schema-validator": "crossgate.components.plugins.own.response_schema:ResponseSchemaValidator",
    "static-filesystem": "crossgate.components.plugins.own.static_filesystem:StaticFilesystem",
    "url-rewrite": "crossgate.components.plugins.own.url_rewrite:UrlRewrite",
    "virtualhost": "crossgate.components.plugins.own.virtualhost:VirtualHost",
}
"""KrakenD's own plugins, as far as its public documentation defines them."""
SERVES_FOLDER = "static-filesystem"
"""The one of them that looks at the machine it runs on."""

TARGET = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\Z")
"""`package.module:factory`."""


@dataclass(frozen=True, slots=True)
class Named:
    """One plugin at one place: what makes it, and what it is told. `block` is the whole block as JSON text.

    `origin` is where its name was found, `path` where it stands in the file.
    """

    name: str
    target: str
    origin: Literal["file", "own", "installed"]
    place: Literal["service", "endpoint", "backend"]
    url_path: str
    path: str = field(compare=False)
    block: str = field(repr=False)
    folder: str = ""


def find(name: str, modules: Mapping[str, str]) -> tuple[str, Literal["file", "own", "installed"]] | None:
    """What gives a plugin of that name: the file's own word first, then crossgate's, then those installed.

    Raises ValueError where two distributions give it.
    """
    if name in modules:
        return modules[name], "file"
    if name in OWN:
        return OWN[name], "own"
    found = installed().get(name, ())
    if len(found) > 1:
        raise ValueError(f"several installed distributions give it: {', '.join(found)}")
    return (found[0], "installed") if found else None


@lru_cache(maxsize=1)
def installed() -> Mapping[str, tuple[str, ...]]:
    """What installed distributions give, by name. Reads their metadata once; imports none of them."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in entry_points(group=GROUP):
        known = found.get(entry.name, ())
        if entry.value not in known:
            found[entry.name] = (*known, entry.value)
    return found
