"""The three namespaces of Lua scripts, which have the same keys.

Source: krakend-lua 2.13 `config.go`. DEVIATION(DEV-LUA-1): what KrakenD drops in silence, or fails on request by
request, closes what the script was to look at: KrakenD lets requests pass without it.
"""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.lua.wire import Script

ENDPOINT, PROXY, BACKEND = "modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend"

_SOURCES = Key("sources", Kind.TEXTS, "Files that are run before `pre`, in order: mostly functions for it.")
_MD5 = Key("md5", Kind.TEXT_MAP, "The MD5 digest of each source that must not change, by its name in `sources`.")
_LIVE = Key("live", Kind.BOOLEAN, "Read the sources anew for each request, for while they are written.", False)
_OPEN = Key(
    "allow_open_libs",
    Kind.BOOLEAN,
    "Let scripts use string, math, os, io, coroutine and debug, and load files.",
    False,
)
_PRE = Key("pre", Kind.TEXT, "The script that runs before the request goes on.")
_POST = Key("post", Kind.TEXT, "The script that runs with the response.")
_SKIP = Key("skip_next", Kind.BOOLEAN, "Do not call what is behind it: `post` makes the response.", False)

_OF_REQUESTS = KeyTable(ENDPOINT, Manner.EXACT, (_SOURCES, _PRE, _LIVE, _OPEN, _MD5))
_AROUND = (_SOURCES, _PRE, _POST, _LIVE, _OPEN, _SKIP, _MD5)
_NO_EFFECT = (
    Key("post", Kind.TEXT, "Has no effect here: there is no response yet."),
    Key("skip_next", Kind.BOOLEAN, "Has no effect here."),
)
KEYS = {
    ENDPOINT: KeyTable(ENDPOINT, Manner.EXACT, (*_OF_REQUESTS.keys, *_NO_EFFECT)),
    PROXY: KeyTable(PROXY, Manner.EXACT, _AROUND),
    BACKEND: KeyTable(BACKEND, Manner.EXACT, _AROUND),
}
NAMESPACES = (
    ComponentNamespace(
        ENDPOINT,
        "A script that looks at requests before they reach the endpoint, and may change or refuse them.",
        {"service": KEYS[ENDPOINT], "endpoint": KEYS[ENDPOINT]},
    ),
    ComponentNamespace(PROXY, "Scripts around all backends of an endpoint together.", {"endpoint": KEYS[PROXY]}),
    ComponentNamespace(BACKEND, "Scripts around the calls of one backend.", {"backend": KEYS[BACKEND]}),
)
_OPEN_DOOR = "starts, and lets requests pass without the script"
_FAILS = "starts, and answers 500 to each request"


@dataclass(frozen=True, slots=True)
class Scripts:
    """One object's scripts. `uses_data`: they may look at decoded data."""

    script: Script
    skips_next: bool = False
    uses_data: bool = False

    @property
    def runs_before(self) -> bool:
        """Whether there is anything to run before the request goes on."""
        return bool(self.script.pre or self.script.sources)


@dataclass(frozen=True, slots=True)
class EndpointScripts:
    """Those of an endpoint: before it, and around its backends."""

    before: Scripts | None
    around: Scripts | None


def decode_endpoint_scripts(section: Section) -> EndpointScripts | None:
    """An endpoint's; None where it has none."""
    before, around = decode_scripts(section, ENDPOINT), decode_scripts(section, PROXY)
    return None if before is None and around is None else EndpointScripts(before, around)


def decode_scripts(section: Section, name: str) -> Scripts | None:
    """The scripts of one namespace; None where it is absent, or has nothing to run."""
    namespace = section.namespaces.get(name)
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(name, namespace.path, f'"{name}" must be an object', krakend=_OPEN_DOOR)
        return None
    if find_spec("lupa") is None:
        message = "this needs the Lua library, which is not installed"
        section.close(name, namespace.path, message, hint="pip install crossgate[lua]")
        return None
    fields = section.guard_fields(name, KEYS[name], krakend=_OPEN_DOOR)
    pre, post, live = fields.text("pre"), fields.text("post"), fields.boolean("live")
    opens_libs = fields.boolean("allow_open_libs")
    sources = _sources(section, name, fields, live=live)
    if name == ENDPOINT:
        post = ""
    for key, text in (("pre", pre), ("post", post)):
        _check_syntax(section, name, fields.at(key), text.encode("utf-8", "surrogatepass"))
    skips_next = fields.boolean("skip_next") and name != ENDPOINT
    if not (pre or post or sources or skips_next):
        return None
    encoded = pre.encode("utf-8", "replace"), post.encode("utf-8", "replace")
    script = Script(sources, *encoded, live, opens_libs)
    texts = b"\n".join((*encoded, *(text for _, text in sources)))
    return Scripts(script, skips_next, live or b"data" in texts)


def _sources(section: Section, name: str, fields: Fields, *, live: bool) -> tuple[tuple[str, bytes], ...]:
    """The sources that can be read, with their texts; none are kept of those that are live."""
    found: dict[str, bytes] = {}
    sources: list[tuple[str, bytes]] = []
    for position, path in enumerate(fields.texts("sources")):
        at = child(fields.at("sources"), position)
        try:
            text = section.read_file(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            if live:
                section.refuses_everybody(at, f"the source cannot be read: {reason}", krakend=_FAILS)
                sources.append((path, b""))
            else:
                section.close(name, at, f"the source cannot be read: {reason}", krakend=_FAILS)
            continue
        found[path] = text
        sources.append((path, b"" if live else text))
        _check_syntax(section, name, at, text)
    digests = fields.text_map("md5")
    for path, wanted in digests.items():
        at = child(fields.at("md5"), path)
        if live:
            message = "sources that are read anew for each request cannot be held to a digest"
            section.close(name, at, message, hint='remove "live" or "md5"', krakend="does not look at the digest")
        elif path not in found:
            section.close(name, at, "this is none of the sources", krakend=_OPEN_DOOR)
        elif hashlib.md5(found[path], usedforsecurity=False).hexdigest() != wanted.lower():
            message = "the source is not the one that this is the digest of"
            section.close(name, at, message, krakend=_OPEN_DOOR)
    return tuple(sources)


def _check_syntax(section: Section, name: str, path: str, text: bytes) -> None:
    from crossgate.lua.syntax import syntax_fault

    fault = syntax_fault(text)
    if fault:
        section.close(name, path, f"this is not Lua 5.1: {fault}", krakend=_FAILS)
