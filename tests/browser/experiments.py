"""From a case to an experiment of the lab: its policy compiled, its replies made. Knows no browser."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crossgate.cors import ABSENT, CorsPolicy, decode_service_cors
from crossgate.demo.lab import Experiment
from crossgate.diagnostics import Severity
from crossgate.http.message import Fields, Request, Response
from tests.browser.case import PLAIN, Case, Policy, Reply
from tests.browser.places import Places

COOKIE_NAME = "who"


def make_experiment(case: Case, token: str, places: Places) -> Experiment:
    """What answers under `/x/TOKEN/`. Raises ValueError for a policy that must not run."""
    names = {
        "page": places.origin(case.where),
        "page_host": urlsplit(places.page_url(case.where)).netloc,
        "gateway": places.target("address"),
        "gateway_host": urlsplit(places.target("address")).netloc,
        "other": places.target("name"),
        "here": f"/x/{token}/",
    }
    replies = {rest.encode(): _response(reply, names) for rest, reply in case.replies.items()}
    preflight = _response(case.preflight, names)
    policy = None if case.policy is None else compile_policy(case.policy, names["page"])

    def answer(request: Request, rest: bytes) -> Response:
        prepared = preflight if request.method == b"OPTIONS" else replies.get(rest, _NOWHERE)
        return Response(prepared.status, list(prepared.fields), prepared.body, from_backend="lab")

    return Experiment(policy, answer)


def warm_up_case() -> Case:
    """What pages call before their cases: it sets the cookie, and its preflights may be kept."""
    return Case("warm-up", _WARM_UP_POLICY, (), replies={"": _COOKIE_REPLY})


def compile_policy(policy: Policy, page_origin: str) -> CorsPolicy | None:
    """The policy as the gateway's configuration decoder makes it; None where CORS is off."""
    decoded = decode_service_cors(
        ABSENT if policy.block is None else _fill(policy.block, page_origin),
        ABSENT if policy.crossgate is None else _fill(policy.crossgate, page_origin),
        config_version=policy.version,
    )
    errors = [found for found in decoded.diagnostics if found.severity is Severity.ERROR]
    if errors:
        raise ValueError(f"{policy}: {errors[0]}")
    return decoded.default


def _fill(value: Any, page_origin: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _fill(item, page_origin) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, page_origin) for item in value]
    return value.replace("{page}", page_origin) if isinstance(value, str) else value


def _response(reply: Reply, names: Mapping[str, str]) -> Response:
    fields: Fields = []
    for name, value in reply.headers:
        for placeholder, meaning in names.items():
            value = value.replace(f"{{{placeholder}}}", meaning)
        fields.append((name.lower().encode(), value.encode("latin-1")))
    return Response(reply.status, fields, reply.body.encode())


_NOWHERE = Response(404, [(b"content-type", b"text/plain")], b"nowhere")
_COOKIE = f"{COOKIE_NAME}=visitor; Path=/; SameSite=None; Secure"
_COOKIE_REPLY = Reply(200, (*PLAIN.headers, ("Set-Cookie", _COOKIE)))
_WARM_UP_POLICY = Policy(
    {"allow_origins": ["{page}"], "allow_methods": ["PUT"], "allow_credentials": True, "max_age": "600s"}
)
