"""`crossgate cors explain`: what a browser makes of a request to a gateway with this configuration, and why."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from crossgate.cli.configuration import add_configuration_argument, load_to_explain
from crossgate.cli.cors_backdrop import Backdrop, owner_of
from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.cors_report import show
from crossgate.cli.cors_request import Asked, add_request_arguments, read_requests, usage_error
from crossgate.cli.cors_verdict import LocatedFix, Verdict
from crossgate.cli.cors_where import find_key, ignored_block, inherited_value, krakend_namespace
from crossgate.components import all_components
from crossgate.config import Loaded
from crossgate.config.document import Document, EndpointNode
from crossgate.config.model import ServiceConfig
from crossgate.config.setting import Setting
from crossgate.cors import CorsPolicy, Reason
from crossgate.cors.advice import Fix, advise, cost_of_origin, in_capitals, set_once
from crossgate.cors.explain import Explanation, explain
from crossgate.cors.fetch import FetchRequest, WireRequest, WireResponse
from crossgate.cors.fetch.safelist import is_forbidden_header, normalize_method
from crossgate.cors.remedy import find_remedy
from crossgate.diagnostics import Span
from crossgate.diagnostics.path import child
from crossgate.probe.url_standard import parse_standard_url


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "explain",
        help="say whether a browser blocks a request to this configuration, and why",
        description="Nothing is sent. Exit code 0: the page may read the response. 3: it may not. 2: the command line "
        "makes no sense or the configuration has errors.",
    )
    add_configuration_argument(parser)
    parser.add_argument("--url", default="", metavar="URL", help="the URL that the script fetches, or its path")
    add_request_arguments(parser)
    parser.set_defaults(handler=explain_request)


def explain_request(namespace: argparse.Namespace) -> int:
    """The verb's exit code."""
    found = load_to_explain(namespace.config)
    if found is None:
        return 2
    loaded, config, document = found
    try:
        asked = read_requests(namespace, base_url=f"http://localhost:{config.port}")
    except UsageError as error:
        return usage_error(error)
    explainer = CorsExplainer(loaded, config, document)
    return show([explainer.verdict(one) for one in asked], namespace.format, verbose=namespace.verbose)


def _with_status(backdrop: Backdrop, status: int) -> Callable[[WireRequest], WireResponse]:
    """The backdrop, with an endpoint's status as it is known."""

    def respond(request: WireRequest) -> WireResponse:
        found = backdrop(request)
        is_of_endpoint = not request.is_preflight and found.status == 200
        return replace(found, status=status) if status and is_of_endpoint else found

    return respond


class CorsExplainer:
    """Explains requests to one configuration."""

    def __init__(self, loaded: Loaded, config: ServiceConfig, document: Document) -> None:
        self._loaded = loaded
        self._config = config
        self._document = document
        self._backdrop = Backdrop(config, all_components())

    def verdict(self, asked: Asked, status: int = 0) -> Verdict:
        """The outcome of one request, its reason and fixes located in the file.

        `status` is what the endpoint answers where somebody knows; 0: it is taken to succeed.
        """
        request = asked.request
        landing = self._backdrop.land(
            normalize_method(request.method),
            request.url,
            tuple([(name.lower().encode("latin-1", "replace"), b"x") for name, _ in request.headers]),
            credentials=request.credentials == "include",
        )
        respond = _with_status(self._backdrop, status)
        explanation = explain(self._backdrop.policy_for, request, respond, parse_standard_url)
        node = owner_of(self._document, explanation.policy, landing.endpoint)
        notes = [*asked.notes, *filter(None, [landing.note])]
        if explanation.judgement.primary.response_type == "basic":
            return Verdict(explanation.judgement, (), tuple(notes))
        if explanation.policy is None or not explanation.policy.config.enabled:
            return self._without_cors(explanation, request, notes)
        return self._with_policy(explanation.policy, explanation, request, node, notes)

    def _with_policy(
        self,
        policy: CorsPolicy,
        explanation: Explanation,
        request: FetchRequest,
        node: EndpointNode | None,
        notes: list[str],
    ) -> Verdict:
        because = explanation.because
        text, path = "", ""
        if because is not None:
            found = find_key(self._document, node, because.key, rule=because.part, item=because.item)
            text = because.text if found.is_set else f"{because.text} The file does not set {because.key}: {_DEFAULT}."
            path = found.path
        span = self._loaded.locate(path) if path else None
        notes += self._inherited_credentials(node, None if because is None else because.part)
        fixes = self._fixes(policy, explanation, request, node)
        return Verdict(
            explanation.judgement, fixes, tuple(notes), text, path, span, self._text_of(span), explanation.decision
        )

    def _inherited_credentials(self, node: EndpointNode | None, rule: int | None) -> list[str]:
        """Credentials are granted by what a policy says, and also by what it leaves out."""
        found = inherited_value(self._document, node, "allow_credentials", rule)
        if found is None or found.value is not True:
            return []
        span = self._loaded.locate(found.path)
        said = f"{found.who} does not set allow_credentials and inherits true from {span.file}:{span.line}"
        return [f"{said}: its origins may send cookies and read what comes back. Set it to false if that is not meant."]

    def _fixes(
        self, policy: CorsPolicy, explanation: Explanation, request: FetchRequest, node: EndpointNode | None
    ) -> tuple[LocatedFix, ...]:
        if explanation.judgement.allowed:
            return ()
        remedy = find_remedy(policy, request, self._backdrop, self._backdrop.policy_for, parse_standard_url)
        in_page = _in_page(explanation, request)
        if remedy is None:
            return _alternatives(in_page or advise(explanation.judgement))
        located = []
        values = remedy.values()
        for fix in remedy.fixes:
            found = find_key(self._document, node, fix.key, rule=remedy.part, item=fix.item)
            whole = find_key(self._document, node, fix.key, rule=remedy.part)
            path = whole.path if whole.is_set else child(whole.path, fix.key)
            setting = Setting(path, values[fix.key]) if fix.key in values else None
            located.append(LocatedFix(fix, found.path, self._loaded.locate(found.path), setting=setting))
        return (*located, *(LocatedFix(fix, alternative=True) for fix in in_page))

    def _without_cors(self, explanation: Explanation, request: FetchRequest, notes: list[str]) -> Verdict:
        """The file has no CORS block that counts."""
        judgement = explanation.judgement
        namespace = krakend_namespace(self._document.version)
        path = self._document.service.at("extra_config")
        text = f"The file has no {namespace} in the service's extra_config, so the gateway sets no CORS header."
        block = ignored_block(self._document)
        if block is not None:
            path = block[1]
            text = f"{block[0]} {block[2]}."
        if judgement.allowed:
            return Verdict(judgement, (), tuple(notes))
        fixes: list[LocatedFix] = []
        if judgement.primary.exchanges:
            needed = _block_text(request)
            cost = cost_of_origin(request.origin, with_credentials=request.credentials == "include")
            change = f'Add to the service\'s extra_config: "{namespace}": {needed}'
            if block is not None and block[0] == namespace and path.startswith("$.endpoints"):
                change = f"Move {block[0]} to the service's extra_config, for all endpoints."
            fixes.append(LocatedFix(Fix(change, cost), path, self._loaded.locate(path)))
        else:
            fixes += _alternatives(advise(judgement))
        if not judgement.primary.exchanges:
            return Verdict(judgement, tuple(fixes), tuple(notes))
        span = self._loaded.locate(path)
        return Verdict(judgement, tuple(fixes), tuple(notes), text, path, span, self._text_of(span))

    def _text_of(self, span: Span | None) -> str:
        """The text that a span points into: of a template perhaps, or of its settings."""
        return "" if span is None else self._loaded.sources.get(span.file, "")


_DEFAULT = "the default holds"


def _alternatives(fixes: Sequence[Fix]) -> tuple[LocatedFix, ...]:
    return tuple(LocatedFix(fix, alternative=number > 0) for number, fix in enumerate(fixes))


def _in_page(explanation: Explanation, request: FetchRequest) -> tuple[Fix, ...]:
    """What the page itself could do instead."""
    decision = explanation.decision
    if decision is not None and decision.reason is Reason.METHOD_NOT_LISTED:
        return tuple(in_capitals(normalize_method(request.method)))
    if decision is not None and decision.reason is Reason.HEADER_REPEATED:
        return (set_once(tuple(_repeated(request))),)
    return tuple(fix for fix in advise(explanation.judgement) if fix.in_page)


def _repeated(request: FetchRequest) -> list[str]:
    names = [name.lower() for name, _ in request.headers]
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def _block_text(request: FetchRequest) -> str:
    block: dict[str, Any] = {
        "allow_origins": [request.origin],
        "allow_methods": sorted({"GET", "HEAD", "POST", normalize_method(request.method)}),
        "allow_headers": sorted({name for name, value in request.headers if not is_forbidden_header(name, value)})
        or ["Content-Type"],
    }
    if request.credentials == "include":
        block["allow_credentials"] = True
    return json.dumps(block)
