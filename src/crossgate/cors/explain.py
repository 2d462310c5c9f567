"""Both sides of a cross-origin request: what a policy answers, what the browsers make of it, and what decided.

Runs the same `decide` as the gateway. Knows no files: keys are named as in a CORS configuration, whoever holds it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from crossgate.cors.config import CorsConfig
from crossgate.cors.decision import Decision, Reason
from crossgate.cors.edits import HANDS_OFF
from crossgate.cors.fetch import FetchRequest, ParseUrl, Step, Trace, WireRequest, WireResponse, parse_url
from crossgate.cors.judge import Judgement, judge
from crossgate.cors.near_miss import nearest_entry
from crossgate.cors.policy import CorsPolicy
from crossgate.cors.refusal import active_part, missing_names, why_refused

Backdrop = Callable[[WireRequest], WireResponse]
"""What stands behind CORS: the answer of the router, endpoint or application, before any edit."""

PolicyChoice = Callable[[WireRequest], CorsPolicy | None]
"""Which policy decides a request; None where CORS is off."""


@dataclass(frozen=True, slots=True)
class Because:
    """What in the configuration decided: a key, perhaps an item of its list, and one sentence.

    `part` is the index of the rule that holds for the origin, None for the policy's own keys.
    """

    key: str
    text: str
    item: int | None = None
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The outcome. `policy` and `decision` are those for the request that decided.

    Both are None if no request was sent, if it was not cross-origin, or if CORS is off.
    """

    judgement: Judgement
    policy: CorsPolicy | None
    decision: Decision | None
    because: Because | None


class PolicyResponder:
    """Answers the browser model as a gateway does that has these policies."""

    def __init__(self, choose: PolicyChoice, backdrop: Backdrop) -> None:
        self._choose = choose
        self._backdrop = backdrop

    def __call__(self, request: WireRequest) -> WireResponse:
        """The response's head."""
        policy = self._choose(request)
        if policy is None:
            return self._backdrop(request)
        decision = decide(policy, request)
        if decision.preflight_status is not None:
            return WireResponse(decision.preflight_status, tuple(decision.edits.apply([])))
        behind = self._backdrop(request)
        return WireResponse(behind.status, tuple(decision.edits.apply(behind.fields, policy.config.upstream.value)))


def decide(policy: CorsPolicy, request: WireRequest) -> Decision:
    """The engine's decision about a request of the model."""
    return policy.decide(request.method.encode("latin-1"), request.fields)


def explain(
    choose: PolicyChoice, request: FetchRequest, backdrop: Backdrop, parse: ParseUrl = parse_url
) -> Explanation:
    """Why a page may or may not read the response. Never raises for what the request contains."""
    judgement = judge(request, PolicyResponder(choose, backdrop), parse=parse)
    wire = deciding_request(judgement.primary)
    policy = choose(wire) if wire is not None else None
    if wire is None or policy is None or judgement.primary.response_type == "basic":
        return Explanation(judgement, None, None, None)
    decision = decide(policy, wire)
    return Explanation(judgement, policy, decision, _because(policy.config, wire, decision, judgement))


def deciding_request(trace: Trace) -> WireRequest | None:
    """The request whose answer decided: the last one sent."""
    return trace.exchanges[-1].request if trace.exchanges else None


def field(request: WireRequest, name: bytes) -> str:
    """A request field's value as text; empty where it is absent."""
    return next((value.decode("latin-1") for known, value in request.fields if known == name), "")


def asked_method(request: WireRequest) -> str:
    """The method that the engine looks at."""
    return field(request, b"access-control-request-method") if request.is_preflight else request.method


def asked_names(request: WireRequest) -> list[bytes]:
    """The values of a preflight's Access-Control-Request-Headers lines."""
    return [value for name, value in request.fields if name == b"access-control-request-headers"]


def _because(config: CorsConfig, wire: WireRequest, decision: Decision, judgement: Judgement) -> Because | None:
    origin = field(wire, b"origin")
    index, part = active_part(config, origin.encode("latin-1", "replace"))
    key, text, item = _key_of(config, part, origin, wire, decision, judgement)
    return Because(key, text, item, index) if key else None


def _key_of(
    config: CorsConfig, part: CorsConfig, origin: str, wire: WireRequest, decision: Decision, judgement: Judgement
) -> tuple[str, str, int | None]:
    """The key, the sentence, and the item of the key's list where there is one."""
    if decision.edits is HANDS_OFF or config.report_only:
        return "report_only", "The policy is in report-only mode: it decides and changes no response.", None
    match decision.reason:
        case Reason.ORIGIN_NOT_LISTED | Reason.ORIGIN_MALFORMED | Reason.ORIGIN_TOO_LONG:
            return _origin_refused(part, origin)
        case Reason.METHOD_NOT_LISTED:
            return _method_refused(part, asked_method(wire))
        case Reason.HEADER_NOT_LISTED:
            listed = _first_few(part.allow_headers) or "nothing"
            return (
                "allow_headers",
                f"allow_headers lists {listed} and not {', '.join(missing_names(part, asked_names(wire)))}.",
                None,
            )
        case (
            Reason.HEADER_NOT_LOWER_CASE
            | Reason.HEADER_REPEATED
            | Reason.HEADERS_NOT_SORTED
            | Reason.HEADERS_MALFORMED
            | Reason.HEADERS_TOO_LONG
        ):
            why = why_refused(config, wire.method.encode("latin-1"), wire.fields, decision)
            return "allow_headers", f"The names that the preflight asks for are refused: {why}.", None
        case Reason.OPTIONS_NOT_ANSWERED:
            return "allow_methods", "KrakenD 1.4 adds nothing to an OPTIONS request that is no preflight.", None
        case _ if decision.allowed:
            return _granted(config, part, origin, decision, judgement)
        case _:
            return "", "", None


def _origin_refused(part: CorsConfig, origin: str) -> tuple[str, str, int | None]:
    near = nearest_entry(part.allow_origins, origin)
    if near is not None:
        return "allow_origins", f'allow_origins[{near.item}] is "{near.entry}", which {near.why}.', near.item
    listed = _first_few(part.allow_origins) or "none"
    return "allow_origins", f"allow_origins lists {listed}, and not {origin}.", None


def _first_few(values: tuple[str, ...], limit: int = 10) -> str:
    shown = ", ".join(values[:limit])
    return shown if len(values) <= limit else f"{shown} and {len(values) - limit} more"


def _method_refused(part: CorsConfig, method: str) -> tuple[str, str, int | None]:
    item = next((i for i, known in enumerate(part.allow_methods) if known.upper() == method.upper()), None)
    if item is not None:
        written = part.allow_methods[item]
        text = f'allow_methods[{item}] is "{written}" and the request\'s method {method}: letter case counts.'
        return "allow_methods", text, item
    listed = _first_few(part.allow_methods)
    literal = "; its * is taken literally" if "*" in part.allow_methods else ""
    return "allow_methods", f"allow_methods lists {listed} and not {method}{literal}.", None


def _granted(
    config: CorsConfig, part: CorsConfig, origin: str, decision: Decision, judgement: Judgement
) -> tuple[str, str, int | None]:
    """The policy said yes. If the browser says no all the same, some other key is why."""
    if judgement.allowed:
        return _by_what(part, origin, decision)
    match judgement.decided_by.step:
        case Step.ALLOW_ORIGIN | Step.PREFLIGHT_ALLOW_ORIGIN if decision.reason is Reason.ANY_ORIGIN:
            item = part.allow_origins.index("*") if "*" in part.allow_origins else None
            text = "allow_origins allows every origin, so the answer is *, which browsers refuse with credentials."
            return "allow_origins", text, item
        case Step.ALLOW_ORIGIN if config.upstream.value != "strip":
            return (
                "upstream",
                f"upstream is {config.upstream.value}: the backend's word counts, and is taken here to be missing.",
                None,
            )
        case Step.ALLOW_CREDENTIALS | Step.PREFLIGHT_ALLOW_CREDENTIALS:
            return "allow_credentials", "allow_credentials is not true, and the request includes credentials.", None
        case Step.PREFLIGHT_ALLOW_METHODS:
            return "allow_methods", "KrakenD 1.4 allows the method in any letter case and answers it in capitals.", None
        case Step.PREFLIGHT_ALLOW_HEADERS:
            return "allow_headers", "KrakenD 1.4 answers header names without their odd characters.", None
        case Step.PREFLIGHT_STATUS if decision.preflight_status is None:
            return "options_passthrough", "options_passthrough leaves the preflight to the router.", None
        case Step.PREFLIGHT_STATUS:
            status = part.preflight_status
            return "options_success_status", f"options_success_status is {status}; it must be 200 to 299.", None
        case _:
            return "", "", None


def _by_what(part: CorsConfig, origin: str, decision: Decision) -> tuple[str, str, int | None]:
    if decision.reason is Reason.ANY_ORIGIN:
        item = part.allow_origins.index("*") if "*" in part.allow_origins else None
        return "allow_origins", "allow_origins allows every origin.", item
    for item, entry in enumerate(part.allow_origins):
        if "*" not in entry and entry.lower() != origin:
            continue  # it can match nothing but itself
        alone = CorsPolicy.from_config(_only(part, entry))
        if alone.decide(b"GET", [(b"origin", origin.encode("latin-1"))]).reason is decision.reason:
            return "allow_origins", f'allow_origins[{item}], "{entry}", covers {origin}.', item
    return "allow_origins", f"allow_origins covers {origin}.", None


def _only(part: CorsConfig, entry: str) -> CorsConfig:
    return replace(part, allow_origins=(entry,), any_origin=False, rules=(), allow_methods=("GET",), allow_headers=())
