"""The smallest change that lets a refused request pass, in words of the request and the file at hand.

Where nothing more exact is safe to say, the reason's own remedy stands. Knows reasons and what was asked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from crossgate.components.api_keys.config import KeyDemand
from crossgate.config.document import Document, EndpointNode, Namespace
from crossgate.config.model import EndpointConfig
from crossgate.config.setting import Setting
from crossgate.diagnostics.path import child, parse_path
from crossgate.explain.asked import AskedRequest
from crossgate.explain.token_changes import token_change
from crossgate.explain.wording import MOST, and_, cut, either
from crossgate.http.reason import Reason
from crossgate.plan.routes import SERVED_METHODS
from crossgate.testing.answered import Answered

_PREFIX = re.compile(r"^\[ENDPOINT: [^\]]*\]\s*(?:jsonschema validation failed\s*)?[|\s]*(?:-\s+)?")
_BOTS, _HTTP = "security/bot-detector", "security/http"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is known of a refusal. `same_path` are the endpoints with the request's path and another method.

    `item` is the path of the item of a list that refused, empty where there is none or nobody knows.
    """

    reason: Reason
    asked: AskedRequest
    answered: Answered
    endpoint: EndpointConfig | None
    node: EndpointNode | None
    document: Document
    same_path: tuple[EndpointConfig, ...] = ()
    item: str = ""


def change_for(refusal: Refusal) -> tuple[str, str]:
    """What there is to say about this very request, and the change; either may be empty."""
    code = refusal.reason.code
    remedy = refusal.reason.remedy
    match code:
        case "route.none":
            return _no_route(refusal)
        case "route.method":
            return _no_method(refusal)
        case "host.not-answered":
            return "", f'Add "{refusal.asked.host}" to allowed_hosts, or use one of its hosts.'
        case "bot.detected":
            return _bot(refusal)
        case "key.missing":
            return _no_key(refusal)
        case "cel.request" | "token.refused":
            return _expression(refusal)
        case "limit.unnamed":
            return _unnamed(refusal)
        case "request.malformed" | "path.invalid" | "path.unsafe-value" | "path.invalid-url":
            return _said(refusal), remedy
        case "schema.invalid":
            return _said(refusal), "Send a body that matches the schema, or change the schema."
        case "plugin.refused" | "lua.failed":
            return _said(refusal), remedy
    if code.startswith("token."):
        return token_change(code, remedy, refusal.asked, refusal.endpoint)
    if code == "key.role" and refusal.node is not None:
        roles = _words(_value(refusal, "auth/api-keys", "roles"))
        return f"The endpoint requires {either(roles)}." if roles else "", remedy
    return "", remedy


def setting_for(refusal: Refusal) -> Setting | None:
    """The change as a value of the file, where it is one and weakens nothing but what refused."""
    match refusal.reason.code:
        case "host.not-answered":
            space = _space(refusal, _HTTP)
            if space is None or space.value.get("allowed_hosts_are_regex"):
                return None
            return _with_more(refusal, _HTTP, ("allowed_hosts",), refusal.asked.host)
        case "bot.detected":
            agent = next(iter(refusal.asked.values("user-agent")), "")
            if agent:
                return _with_more(refusal, _BOTS, ("allow", "allowlist"), agent)
            space = _space(refusal, _BOTS)
            return None if space is None else Setting(child(space.path, "empty_user_agent_is_bot"), False)
    return None


def _with_more(refusal: Refusal, namespace: str, keys: Sequence[str], item: str) -> Setting | None:
    """A list with one item more, under the first of the keys that is there, else under the first."""
    space = _space(refusal, namespace)
    if space is None:
        return None
    key = next((key for key in keys if key in space.value), keys[0])
    listed = space.value.get(key, [])
    return Setting(child(space.path, key), [*listed, item]) if isinstance(listed, list) else None


def _space(refusal: Refusal, name: str) -> Namespace | None:
    """The nearest namespace of that name which is an object."""
    nodes = (refusal.node, refusal.document.service)
    found = next((node.namespaces[name] for node in nodes if node is not None and name in node.namespaces), None)
    return found if found is not None and isinstance(found.value, Mapping) else None


def _no_route(refusal: Refusal) -> tuple[str, str]:
    """The closest path that takes the method; one of another method only where no other is close."""
    path, method = refusal.asked.target.partition("?")[0], refusal.asked.method
    close, methods = _suggestion(path, method, refusal.document)
    if close and method in methods and _filled(close, path) == path:
        how = "Percent-escapes are decoded before an endpoint is looked for" if "%" in path else "It has dot segments"
        return f"It looks like {close}. {how}, and what is left is another path.", f"Request {close} without them."
    if close and method in methods:
        return f"The closest path in the file is {close}.", f"Request {close}, or add an endpoint {path}."
    new = f"an endpoint {path}" if method == "GET" else f'an endpoint {path} with "method": "{method}"'
    takes = either(methods)
    detail = f"The closest path in the file is {close}, for {takes}." if close else ""
    if method not in SERVED_METHODS:
        use = f"Request {close} with {takes}" if close else f"Use another method, and add an endpoint {path}"
        return f"{detail} {_no_such(method)}".strip(), f"{use}."
    return detail, f"Request {close} with {takes}, or add {new}." if close else f"Add {new}."


def _no_such(method: str) -> str:
    return f"No endpoint can have the method {method}."


def suggested_path(asked: AskedRequest, document: Document) -> tuple[str, str] | None:
    """The path and method that a request is told to use where no endpoint has its path; None where it is told none."""
    path = asked.target.partition("?")[0]
    close, methods = _suggestion(path, asked.method, document)
    if not close or (_filled(close, path) == path and asked.method in methods):
        return None
    return _filled(close, path), asked.method if asked.method in methods else methods[0]


def _suggestion(path: str, method: str, document: Document) -> tuple[str, list[str]]:
    """The closest path and its methods: one that takes the method, or else any; empty where none is close."""
    served = [node.config for node in document.endpoints if node.served]
    for methods in ({method}, {one.method for one in served}):
        close = _closest(path, [one.path for one in served if one.method in methods])
        if close:
            return close, [one.method for one in served if one.path == close]
    return "", []


def _closest(path: str, paths: Sequence[str]) -> str:
    """The one that is most like a path; empty where none is."""
    known = list(dict.fromkeys(paths))
    folded = [one for one in known if one.lower().rstrip("/") == path.lower().rstrip("/")]
    by_likeness = {_filled(one, path): one for one in reversed(known[:10_000])}
    close = folded or [by_likeness[one] for one in get_close_matches(path, by_likeness, n=1, cutoff=0.6)]
    return close[0] if close else ""


def _filled(pattern: str, path: str) -> str:
    """A pattern with the path's own segments in the place of its parameters."""
    own = path.split("/")
    parts = pattern.split("/")
    return "/".join(
        own[position] if part.startswith("{") and position < len(own) else part for position, part in enumerate(parts)
    )


def _no_method(refusal: Refusal) -> tuple[str, str]:
    methods = [one.method for one in refusal.same_path]
    path = refusal.same_path[0].path if refusal.same_path else refusal.asked.target.partition("?")[0]
    asked = refusal.asked.method
    detail = f"{path} accepts {and_(methods)}, not {asked}." if methods else ""
    if asked not in SERVED_METHODS:
        use = f"Use {either(methods)}." if methods else refusal.reason.remedy
        return f"{detail} {_no_such(asked)}".strip(), use
    use = f"Use {either(methods)}, or add" if methods else "Add"
    return detail, f'{use} an endpoint {path} with "method": "{asked}".'


def _no_key(refusal: Refusal) -> tuple[str, str]:
    """Where keys are looked for."""
    demand = None if refusal.endpoint is None else refusal.endpoint.components.get("api_keys")
    if not isinstance(demand, KeyDemand):
        return "", refusal.reason.remedy
    name = demand.identifier
    if demand.strategy == "query_string":
        return "", f"Send a key in the query string: ?{name}=KEY."
    return "", f"Send a key in the header {name}{', as Bearer KEY' if name.lower() == 'authorization' else ''}."


def _expression(refusal: Refusal) -> tuple[str, str]:
    """The expression, where it is known which it was."""
    found: Any = refusal.document.service.raw
    for step in parse_path(refusal.item) if refusal.item else ():
        found = found[step]
    text = found.get("check_expr") if isinstance(found, Mapping) else None
    if not isinstance(text, str):
        return "", refusal.reason.remedy
    about = "a token" if refusal.reason.code == "token.refused" else "a request"
    return f"It has to be true: {cut(text)}", f"Send {about} for which the expression is true, or change it."


def _unnamed(refusal: Refusal) -> tuple[str, str]:
    """What names a client there."""
    limits = [node for node in (refusal.node, refusal.document.service) if node is not None]
    for node in limits:
        for name, space in node.namespaces.items():
            value = space.value if name.startswith("qos/ratelimit/") and isinstance(space.value, Mapping) else {}
            key = value.get("key")
            if value.get("strategy") == "header" and isinstance(key, str) and not refusal.asked.values(key):
                return f"The limit counts clients by the header {key}.", f"Send the header {key}."
    return "", refusal.reason.remedy


def _bot(refusal: Refusal) -> tuple[str, str]:
    agents = refusal.asked.values("user-agent")
    if not agents or not agents[0]:
        return "The request has no User-Agent.", 'Send a User-Agent, or set "empty_user_agent_is_bot" to false.'
    return f'The User-Agent is "{agents[0]}".', f'Add "{agents[0]}" to "allow", or correct the pattern that matches it.'


def _said(refusal: Refusal) -> str:
    """What the gateway says itself, in its log or its answer."""
    log = [line for line in refusal.answered.log if "evaluator" in line or "[" in line]
    text = refusal.answered.body.decode("utf-8", "replace").strip()
    said = " ".join(_PREFIX.sub("", log[-1] if log else text).split())[:400]
    return f"It said: {said}" if said else ""


def _value(refusal: Refusal, namespace: str, key: str) -> Any:
    space = None if refusal.node is None else refusal.node.namespaces.get(namespace)
    return space.value.get(key) if space is not None and isinstance(space.value, Mapping) else None


def _words(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)][:MOST] if isinstance(value, list) else []
