"""The `crossgate/cors` namespace: policies laid over KrakenD's block key by key, with rules by origin.

Knows how one object becomes a layer and how layers become a CorsConfig; does not know which endpoint it is for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from crossgate.cors.block import Findings, decode_values, is_list, json_name, report_wrapped
from crossgate.cors.config import CorsConfig, OriginGrammar, Upstream
from crossgate.cors.krakend import assemble
from crossgate.cors.safe_origins import check_safe_origins
from crossgate.diagnostics.path import child

UPSTREAM_HINT = "strip removes the upstream's own CORS headers, pass keeps them, prefer keeps them where they are sound"
_POLICY_KEYS = ("rules", "upstream", "report_only")


@dataclass(frozen=True, slots=True)
class Layer:
    """Valid values, to be laid over those of another layer.

    `rules` are None where the object has none to say, else the values of each rule.
    """

    values: Mapping[str, Any]
    origin_grammar: OriginGrammar
    rules: tuple[Mapping[str, Any], ...] | None = None
    upstream: Upstream | None = None
    report_only: bool | None = None

    def over(self, base: "Layer") -> "Layer":
        """This layer's keys, and the base's where it is silent.

        A list of origins without rules of its own lets no rule of the base stand: those would allow further origins.
        """
        own_origins = "allow_origins" in self.values
        inherited_rules = () if own_origins else base.rules
        return Layer(
            {**base.values, **self.values},
            self.origin_grammar if own_origins else base.origin_grammar,
            inherited_rules if self.rules is None else self.rules,
            self.upstream or base.upstream,
            base.report_only if self.report_only is None else self.report_only,
        )

    def config(self, config_version: Literal[2, 3]) -> CorsConfig:
        """The policy of all layers together."""
        rules = tuple(
            assemble({**self.values, **rule}, config_version, origin_grammar=OriginGrammar.SAFE)
            for rule in self.rules or ()
        )
        return assemble(
            self.values,
            config_version,
            origin_grammar=self.origin_grammar,
            upstream=self.upstream or Upstream.STRIP,
            report_only=bool(self.report_only),
            rules=rules,
        )


NOTHING_ASKED = Layer({}, OriginGrammar.SAFE)
"""The layer under `crossgate/cors` where KrakenD's block is absent: nobody is allowed anything yet."""


def decode_layer(obj: Any, path: str, findings: Findings, *, base: Layer, elsewhere: tuple[str, ...] = ()) -> Layer:
    """The layer of one POLICY object. `elsewhere` are keys that its place has besides. Problems go into `findings`."""
    start = len(findings.diagnostics)
    layer = _decode_layer(obj, path, findings, base, elsewhere)
    findings.without_krakend(start)
    return layer


def _decode_layer(obj: Any, path: str, findings: Findings, base: Layer, elsewhere: tuple[str, ...]) -> Layer:
    if not isinstance(obj, Mapping):
        hint = 'write {"allow_origins": ["https://app.example.com"]}'
        findings.error("COR101", path, f"a CORS policy must be an object, not {json_name(obj)}", hint=hint)
        return NOTHING_ASKED
    if report_wrapped(obj, path, findings):
        return NOTHING_ASKED
    values = decode_values(obj, path, findings, elsewhere=(*_POLICY_KEYS, *elsewhere))
    values = _checked(values, base.values, path, findings)
    layer = Layer(
        values,
        OriginGrammar.SAFE,
        upstream=_decode_upstream(obj, path, findings),
        report_only=_decode_report_only(obj, path, findings),
    )
    if "rules" not in obj:
        return layer
    return replace(layer, rules=_decode_rules(obj["rules"], child(path, "rules"), layer.over(base), findings))


def _decode_rules(rules: Any, path: str, owner: Layer, findings: Findings) -> tuple[Mapping[str, Any], ...]:
    if not is_list(rules):
        hint = 'write [{"allow_origins": ["https://app.example.com"]}]'
        findings.error("COR112", path, f"rules must be a list of objects, not {json_name(rules)}", hint=hint)
        return ()
    decoded: list[Mapping[str, Any]] = []
    for index, rule in enumerate(rules):
        place = child(path, index)
        if not isinstance(rule, Mapping):
            hint = 'write {"allow_origins": ["https://app.example.com"]}'
            findings.error("COR112", place, f"a rule must be an object, not {json_name(rule)}", hint=hint)
            continue
        values = decode_values(rule, place, findings)
        if "allow_origins" not in rule:
            message = "this rule has no allow_origins, so it applies to nobody"
            findings.error("COR113", place, message, hint="list the origins that it is for")
        decoded.append(_checked(values, owner.values, place, findings))
    return tuple(decoded)


def _checked(values: dict[str, Any], inherited: Mapping[str, Any], path: str, findings: Findings) -> dict[str, Any]:
    """The values without what the safe grammar refuses. `*` and credentials never come together here."""
    if not check_safe_origins(values.get("allow_origins", ()), path, findings):
        del values["allow_origins"]
        return values
    any_origin = "*" in values.get("allow_origins", inherited.get("allow_origins", ()))
    if not any_origin or not values.get("allow_credentials", inherited.get("allow_credentials", False)):
        return values
    if values.get("allow_credentials"):
        findings.error(
            "COR115",
            child(path, "allow_credentials"),
            "credentials cannot be allowed to any origin: browsers refuse `*` for a request with credentials",
            hint="list the origins that need credentials, perhaps in a rule of their own",
        )
    elif "allow_origins" in values:
        findings.warn(
            "COR116",
            child(path, "allow_origins"),
            "any origin is allowed here, so the inherited allow_credentials is turned off",
            hint='make it plain: "allow_credentials": false',
        )
        values["allow_credentials"] = False
    return values


def _decode_upstream(obj: Mapping[Any, Any], path: str, findings: Findings) -> Upstream | None:
    if "upstream" not in obj:
        return None
    value = obj["upstream"]
    if isinstance(value, str) and value in tuple(Upstream):
        return Upstream(value)
    shown = repr(value) if isinstance(value, str) else json_name(value)
    findings.error(
        "COR117", child(path, "upstream"), f"upstream must be strip, pass or prefer, not {shown}", hint=UPSTREAM_HINT
    )
    return None


def _decode_report_only(obj: Mapping[Any, Any], path: str, findings: Findings) -> bool | None:
    if "report_only" not in obj:
        return None
    value = obj["report_only"]
    if isinstance(value, bool):
        return value
    message = f"report_only must be true or false, not {json_name(value)}"
    findings.error("COR104", child(path, "report_only"), message, hint="write true or false")
    return None
