"""The smallest change to a CORS configuration that lets a request pass, tried out on the engine and priced.

A change is offered only if the browsers then let the page read the response. Knows configurations as values; where
they stand in a file is its callers' business.
"""

from dataclasses import dataclass, replace
from typing import Any

from crossgate.cors.advice import FREE, Fix, cost_of_header, cost_of_origin
from crossgate.cors.config import CorsConfig, OriginGrammar, Upstream
from crossgate.cors.decision import Reason
from crossgate.cors.explain import (
    Backdrop,
    PolicyChoice,
    asked_method,
    asked_names,
    decide,
    deciding_request,
    explain,
    field,
)
from crossgate.cors.fetch import FetchRequest, ParseUrl, Step, WireRequest, parse_url
from crossgate.cors.fetch.safelist import SAFELISTED_METHODS
from crossgate.cors.fetch.url import parse_origin
from crossgate.cors.judge import Judgement
from crossgate.cors.near_miss import nearest_entry
from crossgate.cors.policy import CorsPolicy
from crossgate.cors.refusal import active_part, missing_names

MAX_CHANGES = 6
_MAX_LISTED = 12


@dataclass(frozen=True, slots=True)
class _Edit:
    fix: Fix
    part: CorsConfig  # what becomes of the part that holds for the origin


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes that are needed together, in order, and the rule they belong to (None: the policy's own keys).

    `config` is the policy with all of them made.
    """

    fixes: tuple[Fix, ...]
    part: int | None
    config: CorsConfig

    def values(self) -> dict[str, Any]:
        """What each key that is changed is to be, as a file has it."""
        config = self.config if self.part is None else self.config.rules[self.part]
        values = {
            "allow_origins": list(config.allow_origins),
            "allow_methods": list(config.allow_methods),
            "allow_headers": list(config.allow_headers),
            "allow_credentials": config.allow_credentials,
            "options_passthrough": config.options_passthrough,
            "options_success_status": config.preflight_status,
            "report_only": config.report_only,
            "upstream": config.upstream.value,
        }
        return {fix.key: values[fix.key] for fix in self.fixes if fix.key in values}


def find_remedy(
    policy: CorsPolicy,
    request: FetchRequest,
    backdrop: Backdrop,
    choose: PolicyChoice | None = None,
    parse: ParseUrl = parse_url,
) -> Remedy | None:
    """The changes to one policy that let a blocked request pass; None where none do.

    `choose` says which requests have that policy; without it all have.
    """
    config = policy.config
    edited = policy

    def current(wire: WireRequest) -> CorsPolicy | None:
        chosen = policy if choose is None else choose(wire)
        return edited if chosen is policy else chosen

    fixes: list[Fix] = []
    index: int | None = None
    for _ in range(MAX_CHANGES):
        judgement = explain(current, request, backdrop, parse).judgement
        if judgement.allowed:
            return Remedy(tuple(fixes), index, config)
        wire = deciding_request(judgement.primary)
        if wire is None or current(wire) is not edited:
            return None
        index, part = active_part(config, field(wire, b"origin").encode("latin-1"))
        edit = _propose(config, part, wire, judgement)
        if edit is None:
            return None
        fixes.append(edit.fix)
        config = _with_part(config, index, edit.part)
        edited = CorsPolicy.from_config(config)
    return None


def _with_part(config: CorsConfig, index: int | None, part: CorsConfig) -> CorsConfig:
    if index is None:
        return part
    return replace(config, rules=(*config.rules[:index], part, *config.rules[index + 1 :]))


def _propose(config: CorsConfig, part: CorsConfig, wire: WireRequest, judgement: Judgement) -> _Edit | None:
    decision = decide(CorsPolicy.from_config(config), wire)
    includes = judgement.primary.request.credentials == "include"
    origin = field(wire, b"origin")
    if config.report_only:
        fix = Fix(
            "Set report_only to false.",
            "The policy then holds: origins that it does not list are refused.",
            "report_only",
        )
        return _Edit(fix, replace(config, report_only=False))
    match decision.reason:
        case Reason.ORIGIN_NOT_LISTED:
            return _allow_origin(part, origin, includes=includes)
        case Reason.METHOD_NOT_LISTED:
            return _allow_method(part, asked_method(wire))
        case Reason.HEADER_NOT_LISTED:
            spelled = {name.lower(): name for name, _ in judgement.primary.request.headers}
            names = [spelled.get(name, name) for name in missing_names(part, asked_names(wire))]
            return _allow_headers(part, names, origin)
    if not decision.allowed:
        return None
    match judgement.decided_by.step:
        case Step.ALLOW_ORIGIN | Step.PREFLIGHT_ALLOW_ORIGIN if decision.reason is Reason.ANY_ORIGIN and includes:
            return _name_the_origin(part, origin)
        case Step.ALLOW_ORIGIN if config.upstream is not Upstream.STRIP:
            fix = Fix(
                'Set upstream to "strip", so that this policy answers.',
                "What the backend says about CORS no longer counts.",
                "upstream",
            )
            return _Edit(fix, replace(part, upstream=Upstream.STRIP))
        case Step.ALLOW_CREDENTIALS | Step.PREFLIGHT_ALLOW_CREDENTIALS if not part.allow_credentials:
            cost = cost_of_origin(origin, with_credentials=True)
            fix = Fix(
                f"Set allow_credentials to true. It then holds for all of allow_origins{_count(part)}.",
                cost,
                "allow_credentials",
            )
            return _Edit(fix, replace(part, allow_credentials=True))
        case Step.PREFLIGHT_STATUS | Step.PREFLIGHT_REDIRECT if part.options_passthrough:
            fix = Fix(
                "Set options_passthrough to false, so that the gateway answers preflights.", FREE, "options_passthrough"
            )
            return _Edit(fix, replace(part, options_passthrough=False))
        case Step.PREFLIGHT_STATUS | Step.PREFLIGHT_REDIRECT if not 200 <= part.preflight_status <= 299:
            fix = Fix("Set options_success_status to 204.", FREE, "options_success_status")
            return _Edit(fix, replace(part, preflight_status=204))
        case _:
            return None


def _count(part: CorsConfig) -> str:
    return f" ({len(part.allow_origins)} entries)" if len(part.allow_origins) > 1 else ""


def _allow_origin(part: CorsConfig, origin: str, *, includes: bool) -> _Edit | None:
    if origin != "null" and parse_origin(origin) != origin:
        return None
    cost = cost_of_origin(origin, with_credentials=includes and part.allow_credentials)
    if part.origin_grammar is OriginGrammar.SAFE and origin == "null":
        return None
    near = nearest_entry(part.allow_origins, origin)
    if near is not None and near.replace:
        entries = (*part.allow_origins[: near.item], origin, *part.allow_origins[near.item + 1 :])
        fix = Fix(f'Write "{origin}" instead of "{near.entry}" in allow_origins.', cost, "allow_origins", near.item)
    else:
        entries = (*part.allow_origins, origin)
        fix = Fix(f'Add "{origin}" to allow_origins.', cost, "allow_origins")
    return _Edit(fix, replace(part, allow_origins=entries))


def _name_the_origin(part: CorsConfig, origin: str) -> _Edit:
    entries = tuple(entry for entry in part.allow_origins if entry != "*")
    entries = entries if origin in entries else (*entries, origin)
    cost = (
        "Other origins than these are refused from then on, also without credentials: list each that is to pass. "
        + cost_of_origin(origin, with_credentials=True)
    )
    fix = Fix(f"Write {_listed(entries)} for allow_origins instead of allowing every origin.", cost, "allow_origins")
    return _Edit(fix, replace(part, allow_origins=entries, any_origin=False))


def _allow_method(part: CorsConfig, method: str) -> _Edit | None:
    item = next((i for i, known in enumerate(part.allow_methods) if known.upper() == method), None)
    cost = f"Pages of the allowed origins can then cause {method} requests: be sure that each checks who may."
    if method in SAFELISTED_METHODS:
        cost = f"Pages of the allowed origins can then read the answers to {method} requests."
    if item is not None:
        methods = (*part.allow_methods[:item], method, *part.allow_methods[item + 1 :])
        fix = Fix(f'Write "{method}" in capitals in allow_methods.', cost, "allow_methods", item)
    elif method.upper() in part.allow_methods:
        return None  # the script's letter case is wrong, and the endpoint would not know the method either
    else:
        methods = (*part.allow_methods, method)
        fix = Fix(f"Add {method} to allow_methods: {_listed(methods)}.", cost, "allow_methods")
    return _Edit(fix, replace(part, allow_methods=methods))


def _allow_headers(part: CorsConfig, names: list[str], origin: str) -> _Edit | None:
    if not names:
        return None
    headers = (*part.allow_headers, *names)
    cost = " ".join(dict.fromkeys(cost_of_header(name, origin) for name in names))
    fix = Fix(f"Add {', '.join(names)} to allow_headers: {_listed(headers)}.", cost, "allow_headers")
    return _Edit(fix, replace(part, allow_headers=headers))


def _listed(values: tuple[str, ...]) -> str:
    """A list as it is to be written; of a long one only the end, where the change is."""
    shown = [f'"{value}"' for value in values]
    if len(shown) > _MAX_LISTED:
        shown = ["...", *shown[-3:]]
    return f"[{', '.join(shown)}]"
