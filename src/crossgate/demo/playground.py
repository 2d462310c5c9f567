"""The page's two questions: make a server with this policy, and explain this call.

A policy that the page sends becomes an experiment in the lab; calls to it and to the demo's gateway can be explained,
calls to anybody else cannot. Does not know HTTP.
"""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from crossgate.cors import CorsPolicy
from crossgate.cors.advice import Fix, advise
from crossgate.cors.config import CorsConfig
from crossgate.cors.explain import explain
from crossgate.cors.fetch import FetchRequest, WireRequest, WireResponse
from crossgate.cors.remedy import find_remedy
from crossgate.demo.explanation import CallError, browser_of, decode_call, explain_call
from crossgate.demo.lab import Experiment, Lab
from crossgate.demo.own_process import OwnProcess
from crossgate.http.message import Fields, Request, Response
from crossgate.probe.url_standard import parse_standard_url

MAX_EXPERIMENTS = 256
MAX_POLICY_CHARACTERS = 500_000
POLICY_FAILING = "This policy takes too {} to read here: try it with `crossgate check`."
"""Where nobody could read it."""

_ANSWER = b'{"note": "the answer of the playground\'s backend"}'
_FIELDS: Fields = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-request-id", b"42"),
]
_OWN_CORS: Fields = [(b"access-control-allow-origin", b"*"), (b"access-control-allow-credentials", b"true")]


Way = Callable[[FetchRequest, bytes], Awaitable[dict[str, Any]]]
"""From a call and its body to the way at the gateway: routes, gates, the reason code and its line, as plain data."""


class Playground:
    """What stands behind the page. `policy` is the gateway's (None: not known), `lab_url` the lab's origin.

    `has_page` says which codes and browsers' errors have a page that explains them; `policies` reads what
    is pasted, and `way`, where it is known, says what the gateway makes of a call.
    """

    def __init__(
        self,
        gateway_url: str,
        policy: CorsPolicy | None,
        lab: Lab,
        lab_url: str,
        has_page: Callable[[str], bool],
        policies: OwnProcess,
        way: Way | None = None,
    ) -> None:
        self._way = way
        self._policies = policies
        self._has_page = has_page
        self._gateway_url = gateway_url
        self._policy = policy
        self._lab = lab
        self._lab_url = lab_url
        self._tokens = map(str, itertools.count(1))
        self._blocks: dict[str, Any] = {}  # the policies' text, read; the oldest go as the lab's do

    async def prepare(self, data: Any) -> dict[str, Any]:
        """The URL of a server with the policy that an object describes, None where the policy must not run.

        The policy is a block, a part of a file that has one, or a whole file; `note` and `block` say what was taken.

        Raises CallError where the object describes none.
        """
        text, version, backend_cors = _decode_prepare(data)
        pasted = await self._policies.ask({"policy": text, "version": version})
        for found in pasted["diagnostics"]:
            found["page"] = f"/rules/{found['code']}" if self._has_page(found["code"]) else None
        answer: dict[str, Any] = {
            "url": None,
            "diagnostics": pasted["diagnostics"],
            "more_diagnostics": pasted["more_diagnostics"],
            "note": pasted["note"],
            "version": pasted["version"],
            "block": pasted["block"] if pasted["note"] else None,  # what to go on with, where the text was more than it
        }
        if not pasted["starts"]:
            return answer
        config = pasted["config"]
        policy = None if config is None else CorsPolicy.from_config(msgspec.convert(config, CorsConfig))
        token = next(self._tokens)
        if len(self._blocks) >= MAX_EXPERIMENTS:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[token] = pasted["block"]
        self._lab.install(token, Experiment(policy, _backend(with_cors=backend_cors)))
        return {**answer, "url": f"{self._lab_url}/x/{token}/"}

    async def explain(self, data: Any, user_agent: bytes) -> dict[str, Any]:
        """What travels in the call that a JSON object describes, the model's checks and verdict, and the fixes.

        Raises CallError where the object describes no call that may be made.
        """
        allowed_origins = (self._gateway_url, self._lab_url)
        request, body = decode_call(data, allowed_origins)
        token = self._token_of(request)
        experiment = self._lab.find(token)
        policy = self._policy if experiment is None else experiment.policy
        sent = None if experiment is None else [seen.method.decode("latin-1") for seen in experiment.seen]
        explained = await explain_call(request, body, browser_of(user_agent), allowed_origins)
        explained["browser_sent"] = sent
        error = explained["chromium_error"] or ""
        explained["error_page"] = f"/errors/{error}" if error and self._has_page(error) else None
        if self._way is not None and experiment is None and request.url.startswith(f"{self._gateway_url}/"):
            explained["way"] = way = await self._way(request, body)
            code = way["reason"] or ""
            way["reason_page"] = f"/reasons/{code}" if code and self._has_page(code) else None
        if policy is not None:
            explained.update(_advise(policy, request, self._blocks.get(token)))
        return explained

    def _token_of(self, request: FetchRequest) -> str:
        """The experiment's token; empty for calls to the gateway."""
        prefix = f"{self._lab_url}/x/"
        return request.url.removeprefix(prefix).partition("/")[0] if request.url.startswith(prefix) else ""


def _decode_prepare(data: Any) -> tuple[str, Any, bool]:
    if not isinstance(data, Mapping):
        raise CallError("A policy is described by an object.")
    text, version = data.get("policy"), data.get("version")
    if not isinstance(text, str) or len(text) > MAX_POLICY_CHARACTERS:
        raise CallError("The policy is no text, or too long.")
    if version not in (2, 3):
        raise CallError("The configuration version is 2 or 3.")
    return text, version, data.get("backend_cors") is True


def _backend(*, with_cors: bool) -> Any:
    fields = _FIELDS + (_OWN_CORS if with_cors else [])

    def answer(_: Request, __: bytes) -> Response:
        return Response(200, list(fields), _ANSWER, from_backend="the playground's backend")

    return answer


def _advise(policy: CorsPolicy, request: FetchRequest, block: Any) -> dict[str, Any]:
    """What in the policy decides, and what would let a blocked call pass; the changed block where there is one."""
    explanation = explain(lambda _: policy, request, _backdrop, parse_standard_url)
    because = "" if explanation.because is None else explanation.because.text
    if explanation.judgement.allowed:
        return {"because": because, "fixes": [], "fixed_block": None}
    general = advise(explanation.judgement)
    remedy = find_remedy(policy, request, _backdrop, parse=parse_standard_url)
    if remedy is None:
        return {"because": because, "fixes": list(map(_show_fix, general)), "fixed_block": None}
    fixes = [*remedy.fixes, *(fix for fix in general if fix.in_page)]
    fixed = {**block, **remedy.values()} if isinstance(block, dict) else None
    return {"because": because, "fixes": list(map(_show_fix, fixes)), "fixed_block": fixed}


def _backdrop(_: WireRequest) -> WireResponse:
    return WireResponse(200, tuple(_FIELDS))


def _show_fix(fix: Fix) -> dict[str, Any]:
    return {"change": fix.change, "cost": fix.cost, "key": fix.key}
