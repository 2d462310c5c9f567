"""`crossgate explain`: what a configuration answers a request, and why: the way, the reason, the line, the change."""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from crossgate.cli.colour import wants_colour
from crossgate.cli.configuration import add_configuration_argument, load_to_explain
from crossgate.cli.cors_explain import CorsExplainer
from crossgate.cli.cors_recorded import UsageError, from_recorded
from crossgate.cli.cors_request import Asked, usage_error
from crossgate.cli.cors_verdict import Verdict
from crossgate.cli.explain_har import of_the_gateway
from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.cli.explain_show import Shown, render_json, render_text
from crossgate.cli.terminal import columns_of
from crossgate.cli.testing_places import cors_place
from crossgate.components import all_components
from crossgate.components.component import StartError
from crossgate.config import Loaded
from crossgate.config.document import Document
from crossgate.config.model import ServiceConfig
from crossgate.config.uncollected import uncollected
from crossgate.cors.fetch import FetchRequest, UrlError
from crossgate.explain.asked import AskedRequest
from crossgate.explain.explainer import Explainer
from crossgate.explain.explanation import Explanation
from crossgate.explain.untrusted import Untrusted
from crossgate.probe.url_standard import parse_standard_origin, parse_standard_url

PASSES, WRONG_USAGE, REFUSED = 0, 2, 3
"""Exit codes."""
_UNSIGNED = "The token's signature was not checked"
_MAX_KEY_BYTES = 4 * 1024 * 1024


def add_parser(verbs: "argparse._SubParsersAction[Any]") -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "explain",
        help="explain how the gateway answers a request, and why",
        description="Nothing is sent. Exit code 0: the request passes. 3: it is refused, or a page may not read the "
        "response. 2: the command line is wrong or the configuration has errors.",
    )
    add_configuration_argument(parser)
    add_request_arguments(parser)
    parser.add_argument("--jwk", metavar="FILE", help="the key set that the gateway would fetch")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show more: bodies, each CORS check, requests that pass"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people or for programs")
    parser.set_defaults(handler=explain)


@uncollected()
def explain(namespace: argparse.Namespace) -> int:
    """The verb's exit code."""
    found = load_to_explain(namespace.config)
    if found is None:
        return WRONG_USAGE
    loaded, config, _ = found
    try:
        asked = read_requests(namespace, base_url=f"http://localhost:{config.port}")
        keys = None if namespace.jwk is None else _key_set(namespace.jwk)
        of_gateway = namespace.har is not None and not namespace.url
        shown = explained(found, asked, os.environ, keys, with_cookies=namespace.credentials, of_gateway=of_gateway)
    except UsageError as error:
        return usage_error(error)
    except (StartError, OSError) as error:
        return usage_error(error)
    if namespace.format == "json":
        text = render_json(shown)
    else:
        colour, columns = wants_colour(sys.stdout, os.environ), columns_of(sys.stdout)
        text = render_text(shown, loaded.sources, colour=colour, columns=columns, verbose=namespace.verbose)
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
    return REFUSED if any(one.is_refused for one in shown) else PASSES


def explained(
    found: tuple[Loaded, ServiceConfig, Document],
    asked: list[AskedRequest],
    environ: Mapping[str, str],
    keys: bytes | None = None,
    *,
    with_cookies: bool,
    untrusted: Untrusted | None = None,
    of_gateway: bool = False,
) -> list[Shown]:
    """What becomes of requests, and what pages get to see. `keys` and `untrusted`: see Explainer.

    With `of_gateway`, those to other hosts are left out. Of very many, the first are explained.

    Raises UsageError, and what a component finds wrong with its configuration.
    """
    loaded, config, document = found
    times = [one.at_seconds for one in asked if one.at_seconds is not None]
    now_seconds = min(times, default=time.time())
    shown = []
    parts = all_components()
    with Explainer(loaded, config, document, parts, environ, now_seconds, keys, cors_place, untrusted) as explainer:
        asked = of_the_gateway(asked, explainer.takes if of_gateway else lambda _: True)
        is_of_page = [bool(one.origin) and one.logged is None for one in asked]
        cors = CorsExplainer(loaded, config, document) if any(is_of_page) else None
        for one, asks_page in zip(asked, is_of_page, strict=True):
            verdict = None
            explanation = explainer.explain(one)
            if cors is not None and asks_page:
                try:
                    verdict = _verdict(cors, one, _status_of(explanation), with_cookies=with_cookies)
                except UsageError as error:
                    if len(asked) == 1:
                        raise
                    note = f"What a page gets to see was not judged: {error}."
                    explanation = replace(explanation, notes=(*explanation.notes, note))
            shown.append(Shown(explanation if untrusted is not None else _with_hint(explanation), verdict))
    return shown


def _with_hint(explanation: Explanation) -> Explanation:
    """Say how the key set would be given, where that was not judged."""

    def hinted(note: str) -> str:
        return f"{note} Give them with --jwk FILE." if note.startswith(_UNSIGNED) else note

    return replace(explanation, notes=tuple(map(hinted, explanation.notes)))


def _status_of(explanation: Explanation) -> int:
    """What the gateway refuses it with; 0 where it does not, or only keeps it from the page."""
    is_refused = explanation.answer == "refused" and not explanation.reason.startswith("cors.")
    return explanation.status if is_refused else 0


def _verdict(cors: CorsExplainer, asked: AskedRequest, status: int, *, with_cookies: bool) -> Verdict:
    """What `cors explain` says of it; `status` as there. Raises UsageError."""
    try:
        url = parse_standard_url(asked.url)
        origin = parse_standard_origin(asked.origin)
    except UrlError as error:
        raise UsageError(f"no page can ask so: {asked.url} or {asked.origin} {error}") from None
    recorded = from_recorded(asked.method, str(url), asked.fields, has_body=asked.body is not None)
    request = FetchRequest(
        origin=origin,
        url=recorded.url,
        method=recorded.method,
        headers=recorded.headers,
        credentials="include" if with_cookies or recorded.cookie else "same-origin",
        mode="cors",
        has_body=recorded.has_body,
    )
    return cors.verdict(Asked(request, recorded.notes), status)


def _key_set(path: str) -> bytes:
    """A file's keys, as a set: one key alone is taken, too. Raises UsageError."""
    try:
        data = Path(path).read_bytes()[:_MAX_KEY_BYTES]
        value = msgspec.json.decode(data)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is no key set: {error}") from None
    if isinstance(value, dict) and isinstance(value.get("keys"), list):
        return data
    if isinstance(value, dict) and isinstance(value.get("kty"), str):
        return json.dumps({"keys": [value]}).encode()
    raise UsageError(f'{path} is no key set: write {{"keys": [...]}}')
