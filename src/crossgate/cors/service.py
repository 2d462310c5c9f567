"""The CORS policies of a whole configuration file: KrakenD's block with `crossgate/cors` laid over it.

Knows both namespaces' objects and which policy an endpoint has; does not know files or where an object stands in one,
but for the paths it is told.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from crossgate.cors.block import Findings, json_name
from crossgate.cors.config import ConfigError, OriginGrammar
from crossgate.cors.keys import nearest_name
from crossgate.cors.krakend import decode_krakend_values
from crossgate.cors.lint import lint_crossgate_object, lint_krakend_block
from crossgate.cors.namespace import NOTHING_ASKED, Layer, decode_layer
from crossgate.cors.policy import CorsPolicy
from crossgate.cors.rules.written import NameLookups
from crossgate.diagnostics import Diagnostic
from crossgate.diagnostics.path import child

ABSENT: Any = object()
"""A namespace that the file does not have."""


_MOST_KNOWN = 64
_POLICIES_HINT = 'write {"NAME": {"allow_origins": ["https://app.example.com"]}}'


class ServiceCors:
    """What a file says about CORS. Made by `decode_service_cors`.

    `default` is None where CORS is off, and where `diagnostics` has errors. `policies` are the named ones that are
    without errors.
    """

    __slots__ = (
        "_base",
        "_inherited",
        "_known",
        "_layers",
        "_lookups",
        "_version",
        "default",
        "diagnostics",
        "policies",
    )

    def __init__(
        self,
        default: CorsPolicy | None,
        policies: Mapping[str, CorsPolicy],
        diagnostics: tuple[Diagnostic, ...],
        *,
        base: Layer,
        layers: Mapping[str, Layer],
        inherited: Mapping[str, Any],
        config_version: Literal[2, 3],
        lookups: NameLookups,
    ) -> None:
        self.default = default
        self.policies = MappingProxyType(dict(policies))
        self.diagnostics = diagnostics
        self._base = base
        self._layers = layers
        self._inherited = inherited
        self._version = config_version
        self._lookups = lookups
        self._known: dict[str, CorsPolicy] = {}  # of endpoints, by their objects; those without diagnostics

    def for_endpoint(self, obj: Any, *, path: str = "$") -> CorsPolicy:
        """The policy of an endpoint with this `crossgate/cors` object, warnings in its `diagnostics`.

        `policy` chooses a named policy, other keys adjust it, or else the default one. Raises ConfigError. Errors of
        the service's own objects are not repeated.
        """
        text = _text_of(obj)
        known = self._known.get(text)
        if known is not None and text:
            return known
        findings = Findings()
        base = self._chosen(obj, path, findings)
        layer = decode_layer(obj, path, findings, base=base, elsewhere=("policy",))
        found = findings.diagnostics
        if isinstance(obj, Mapping):
            found += lint_crossgate_object(obj, self._version, path, self._below(obj), self._lookups)
        if findings.has_errors:
            raise ConfigError(tuple(found))
        policy = CorsPolicy.from_config(layer.over(base).config(self._version), tuple(found))
        if not found and text and len(self._known) < _MOST_KNOWN:
            self._known[text] = policy
        return policy

    def _chosen(self, obj: Any, path: str, findings: Findings) -> Layer:
        if not isinstance(obj, Mapping) or "policy" not in obj:
            return self._base
        return _named(obj["policy"], self._layers, child(path, "policy"), findings) or self._base

    def _below(self, obj: Mapping[Any, Any]) -> Mapping[str, Any]:
        """What an endpoint's object inherits, as written."""
        name = obj.get("policy")
        policies = self._inherited.get("policies")
        chosen = policies.get(name) if isinstance(policies, Mapping) and isinstance(name, str) else None
        return {**self._inherited, **chosen} if isinstance(chosen, Mapping) else self._inherited


def _text_of(obj: Any) -> str:
    """An object as text, which tells true from 1; empty where JSON has no words for it."""
    try:
        return json.dumps(obj)
    except (TypeError, ValueError, RecursionError):
        return ""


def decode_service_cors(
    krakend: Any = ABSENT,
    crossgate: Any = ABSENT,
    *,
    config_version: Literal[2, 3],
    krakend_path: str = "$",
    crossgate_path: str = "$",
    lookups: NameLookups | None = None,
) -> ServiceCors:
    """Decodes the objects of both namespaces; ABSENT is one that the file does not have.

    Never raises: errors are among the diagnostics, so that the endpoints' objects can be looked at all the same.
    """
    lookups = lookups or NameLookups()
    findings = Findings()
    base, enabled = NOTHING_ASKED, False
    if krakend is not ABSENT:
        values = decode_krakend_values(krakend, config_version, krakend_path, findings)
        findings.diagnostics += lint_krakend_block(krakend, config_version, krakend_path, lookups)
        if values is not None:
            base, enabled = Layer(values, OriginGrammar.KRAKEND), True
    inherited: Mapping[str, Any] = krakend if isinstance(krakend, Mapping) else {}
    layers: dict[str, Layer] = {}
    default = base
    if crossgate is not ABSENT:
        read = _ServiceObject(crossgate, crossgate_path, base, findings)
        layers, default = read.layers, read.default
        enabled = enabled or read.enables
        if isinstance(crossgate, Mapping):
            findings.diagnostics += _lint_service_object(crossgate, config_version, crossgate_path, inherited, lookups)
            inherited = {**inherited, **crossgate}
    broken = findings.has_errors
    return ServiceCors(
        CorsPolicy.from_config(default.config(config_version)) if enabled and not broken else None,
        {} if broken else {n: CorsPolicy.from_config(layer.config(config_version)) for n, layer in layers.items()},
        tuple(findings.diagnostics),
        base=default,
        layers=layers,
        inherited=inherited,
        config_version=config_version,
        lookups=lookups,
    )


class _ServiceObject:
    """The service's `crossgate/cors`: named policies, the default's name, and keys that hold for all of them.

    `layers` and `default` are whole: laid over what is below. `enables` says that the object itself asks for CORS.
    """

    _ELSEWHERE = ("policies", "default")

    def __init__(self, obj: Any, path: str, base: Layer, findings: Findings) -> None:
        own = decode_layer(obj, path, findings, base=base, elsewhere=self._ELSEWHERE)
        self.default = own.over(base)
        self.layers: dict[str, Layer] = {}
        self.enables = bool(own.values) or own.rules is not None
        if not isinstance(obj, Mapping):
            return
        policies = obj.get("policies", {})
        policies_path = child(path, "policies")
        if not isinstance(policies, Mapping):
            findings.error(
                "COR118", policies_path, f"policies must be an object, not {json_name(policies)}", hint=_POLICIES_HINT
            )
            policies = {}
        common = self.default
        for name, policy in policies.items():
            layer = decode_layer(policy, child(policies_path, str(name)), findings, base=common)
            self.layers[str(name)] = layer.over(common)
        if "default" in obj:
            chosen = _named(obj["default"], self.layers, child(path, "default"), findings)
            self.default = chosen or self.default
            self.enables = True


def _named(name: Any, layers: Mapping[str, Layer], path: str, findings: Findings) -> Layer | None:
    if isinstance(name, str) and name in layers:
        return layers[name]
    if not isinstance(name, str):
        message = f"the name of a policy must be a string, not {json_name(name)}"
        findings.error("COR118", path, message, hint="write the name of one of the policies in double quotes")
        return None
    meant = nearest_name(name, tuple(layers))
    hint = f'write "{meant}"' if meant else "define it under `policies` in the crossgate/cors of the service"
    findings.error("COR119", path, f'there is no policy named "{name}"', hint=hint)
    return None


def _lint_service_object(
    obj: Mapping[Any, Any],
    config_version: Literal[2, 3],
    path: str,
    inherited: Mapping[str, Any],
    lookups: NameLookups,
) -> list[Diagnostic]:
    found = lint_crossgate_object(obj, config_version, path, inherited, lookups)
    policies = obj.get("policies")
    if isinstance(policies, Mapping):
        below = {**inherited, **obj}
        for name, policy in policies.items():
            if isinstance(policy, Mapping):
                place = child(child(path, "policies"), str(name))
                found += lint_crossgate_object(policy, config_version, place, below, lookups)
    return found
