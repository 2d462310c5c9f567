"""What people paste where a CORS block belongs: the block, the lines around it, or the whole file, in any format.

Finds the policy in it and says what was taken. Knows files and fragments of them; no page and no HTTP.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crossgate.config import Loaded, load_text
from crossgate.config.host_names import name_lookups
from crossgate.config.source import Format, parse
from crossgate.cors import ConfigError, CorsPolicy
from crossgate.diagnostics import Diagnostic, Severity

Version = Literal[2, 3]
_NAMES: dict[str, Version] = {"security/cors": 3, "github_com/devopsfaith/krakend-cors": 2}
_OWN = "crossgate/cors"
_KEY_OF_JSON = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*:')
_TABLE_OF_TOML = re.compile(r"^\s*\[[^\[\]\n]+\]\s*$|^\s*[\w\"'.-]+\s*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pasted:
    """`policy` is None where CORS is off, and where there are errors among the `diagnostics`.

    `block` is KrakenD's block, where that is all of the policy; None if it is part of more, or was not found. `note`
    says what was taken where the text was more than a block.
    """

    policy: CorsPolicy | None
    diagnostics: tuple[Diagnostic, ...]
    version: Version
    block: Mapping[str, Any] | None = None
    note: str = ""

    @property
    def starts(self) -> bool:
        """Whether a gateway would start with it."""
        return not any(found.severity is Severity.ERROR for found in self.diagnostics)


def read_pasted(text: str, version: Version) -> Pasted:
    """The policy in a text; `version` is for a block alone, since all else says it. Never raises."""
    text, kind = _complete(text)
    parsed = parse(text.encode("utf-8", "replace"), name="policy", format=kind)
    tree = parsed.tree
    if not isinstance(tree, Mapping):
        found = tuple(parsed.findings) or (_no_object(),)
        return Pasted(None, found, version)
    if "version" in tree or "endpoints" in tree:
        return _of_file(
            load_text(text.encode("utf-8", "replace"), format=kind, allow_unsupported=True, serving=False), version
        )
    extra = tree.get("extra_config", tree)
    if isinstance(extra, Mapping) and (named := [name for name in _NAMES if name in extra]):
        name = next((name for name in named if _NAMES[name] == version), named[0])
        return _of_block(extra[name], _NAMES[name], f"Taken is what stands under {name}.")
    if isinstance(extra, Mapping) and _OWN in extra:
        return _of_file(load_text(_around(extra, version), allow_unsupported=True, serving=False), version)
    return _of_block(tree, version, "")


def _complete(text: str) -> tuple[str, Format]:
    """The text as a document, and its format. A key with its value, cut out of a file, gets its braces back."""
    text = text.strip().removeprefix("\ufeff")
    if not text.startswith("{") and _KEY_OF_JSON.match(text):
        return "{" + text.rstrip().rstrip(",") + "}", Format.JSON
    kind = format_of(text)
    return text.rstrip(",") if kind is Format.JSON and text.endswith("},") else text, kind


def format_of(text: str) -> Format:
    """The format that a document seems to have."""
    text = text.strip().removeprefix("\ufeff")
    if text.startswith(("{", "[")) and not _TABLE_OF_TOML.match(text):
        return Format.JSON
    return Format.TOML if _TABLE_OF_TOML.search(text) else Format.YAML


def _around(extra: Mapping[str, Any], version: Version) -> bytes:
    return json.dumps({"version": version, "extra_config": extra, "endpoints": []}).encode()


def _of_block(block: Any, version: Version, note: str) -> Pasted:
    try:
        policy = CorsPolicy.from_krakend(block, config_version=version, lookups=name_lookups())
    except ConfigError as error:
        return Pasted(None, error.diagnostics, version, _object(block), note)
    if not policy.config.enabled:
        note = f"{note} KrakenD 1.4 takes an empty block for absent: CORS is off.".strip()
        return Pasted(None, policy.diagnostics, version, _object(block), note)
    return Pasted(policy, policy.diagnostics, version, _object(block), note)


def _object(block: Any) -> Mapping[str, Any] | None:
    return block if isinstance(block, Mapping) else None


def _of_file(loaded: Loaded, version: Version) -> Pasted:
    """The service's policy of a whole file."""
    document = loaded.document
    if document is None:
        return Pasted(None, loaded.diagnostics, version)
    version = 2 if document.version == 2 else 3
    about_cors = tuple(found for found in loaded.diagnostics if found.code.startswith("COR"))
    service = document.service
    block = service.namespaces.get("security/cors")
    own = service.namespaces.get(_OWN)
    endpoints = sum(_OWN in endpoint.namespaces for endpoint in document.endpoints)
    more = f" {endpoints} of its endpoints have policies of their own, which are left aside." if endpoints else ""
    if own is None and block is not None:
        return _of_block(block.value, version, f"A whole file: taken is its CORS block, under {block.written}.{more}")
    if loaded.config is None:
        return Pasted(None, about_cors if own is not None and about_cors else loaded.diagnostics, version)
    if loaded.config.cors is None:
        note = f"A whole file, and it has no CORS block for all endpoints: no CORS header is set.{more}"
        return Pasted(None, about_cors, version, None, note)
    return Pasted(loaded.config.cors, about_cors, version, None, f"A whole file: taken is the service's policy.{more}")


def _no_object() -> Diagnostic:
    return Diagnostic("COR101", Severity.ERROR, "$", "a CORS block is an object", "paste the object, or the whole file")
