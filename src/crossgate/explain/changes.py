"""The smallest change that lets a refused request pass, in words of the request and the file at hand.

Where nothing more exact is safe to say, the reason's own remedy stands. Knows reasons and what was asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import msgspec

from crossgate.components.jwt.model import Validator
from crossgate.config.document import Document, EndpointNode, Namespace
from crossgate.config.model import EndpointConfig
from crossgate.config.setting import Setting
from crossgate.diagnostics.path import child
from crossgate.explain.asked import AskedRequest
from crossgate.explain.keys import issuer_of, parts_of, token_of, validator_of
from crossgate.explain.sizes import has_long_head, head_of
from crossgate.http.reason import Reason
from crossgate.plan.routes import SERVED_METHODS
from crossgate.testing.answered import Answered

_MANY = 5
_BOTS, _HTTP = "security/bot-detector", "security/http"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is known of a refusal. `same_path` are the endpoints with the request's path and another method."""

    reason: Reason
    asked: AskedRequest
    answered: Answered
    endpoint: EndpointConfig | None
    node: EndpointNode | None
    document: Document
    same_path: tuple[EndpointConfig, ...] = ()


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
        case "request.head-too-large":
            return _head(refusal)
        case "request.malformed" | "path.invalid" | "path.unsafe-value" | "path.invalid-url":
            return _said(refusal), remedy
        case "cel.request" | "schema.invalid" | "plugin.refused" | "lua.failed":
            return _said(refusal), remedy
    if code.startswith("token."):
        return _token(refusal)
    if code == "key.role" and refusal.node is not None:
        roles = _words(_value(refusal, "auth/api-keys", "roles"))
        return f"The endpoint requires {_either(roles)}." if roles else "", remedy
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
    if close and method in methods:
        return f"The closest path in the file is {close}.", f"Request {close}, or add an endpoint {path}."
    new = f"an endpoint {path}" if method == "GET" else f'an endpoint {path} with "method": "{method}"'
    takes = _either(methods)
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
    if not close:
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
    detail = f"{path} accepts {_and(methods)}, not {asked}." if methods else ""
    if asked not in SERVED_METHODS:
        use = f"Use {_either(methods)}." if methods else refusal.reason.remedy
        return f"{detail} {_no_such(asked)}".strip(), use
    use = f"Use {_either(methods)}, or add" if methods else "Add"
    return detail, f'{use} an endpoint {path} with "method": "{asked}".'


def _head(refusal: Refusal) -> tuple[str, str]:
    """Bytes or fields, whichever are too many."""
    limits, (size_bytes, count) = refusal.document.config.limits, head_of(refusal.asked)
    is_long = has_long_head(refusal.asked, limits)
    if is_long is None:
        return "", refusal.reason.remedy
    if is_long:
        detail = f"Its request line and headers have {size_bytes} bytes; {limits.max_head_bytes} are accepted."
        return detail, (
            "Send shorter headers (large cookies are the usual cause), or raise `max_header_bytes` of the service or "
            "`max_head_bytes` of `crossgate/server`."
        )
    detail = f"It has {count} headers; {limits.max_headers} are accepted."
    return detail, "Send fewer headers, or raise `max_headers` of `crossgate/server`."


def _bot(refusal: Refusal) -> tuple[str, str]:
    agents = refusal.asked.values("user-agent")
    if not agents or not agents[0]:
        return "The request has no User-Agent.", 'Send a User-Agent, or set "empty_user_agent_is_bot" to false.'
    return f'The User-Agent is "{agents[0]}".', f'Add "{agents[0]}" to "allow", or correct the pattern that matches it.'


def _token(refusal: Refusal) -> tuple[str, str]:
    """What the token says against what is asked."""
    code, remedy = refusal.reason.code, refusal.reason.remedy
    validator = None if refusal.endpoint is None else validator_of(refusal.endpoint)
    if validator is None:
        return "", remedy
    if code == "token.missing":
        either = f", or a cookie {validator.cookie}" if validator.cookie else ""
        name = validator.field.title()
        scheme = " as Bearer TOKEN" if name == "Authorization" else ""
        return f"The validator looks for it in {name}{either}.", f"Send a token in {name}{scheme}."
    token = token_of(refusal.asked, validator)
    header, claims = parts_of(token)
    if not token:
        return _wanted_of_token(code, validator), remedy
    issuer = issuer_of(validator, claims) or validator.issuers[0]
    match code:
        case "token.alg":
            return (
                f'The token is signed with {_shown(header.get("alg"))}, the validator requires "{issuer.algorithm}".',
                remedy,
            )
        case "token.issuer" | "token.issuer-unknown":
            wanted = _either([f'"{one.issuer}"' for one in validator.issuers if one.issuer][:_MANY])
            return f"The token's iss is {_shown(claims.get('iss'))}, the validator requires {wanted}.", remedy
        case "token.audience":
            wanted = _and([f'"{one}"' for one in issuer.audience][:_MANY])
            return f"The token's aud is {_shown(claims.get('aud'))}, the validator requires {wanted}.", remedy
        case "token.expired":
            return f"It expired {_time(claims.get('exp'))}.", remedy
        case "token.not-yet":
            return f"It is valid from {_time(claims.get('nbf'))}.", remedy
        case "token.from-the-future":
            return f"Its iat says it was issued {_time(claims.get('iat'))}.", remedy
        case "token.key":
            return f"The token names the key {_shown(header.get('kid'))}.", remedy
        case "token.role" | "token.scope":
            needed = validator.roles if code == "token.role" else validator.scopes
            if needed is not None:
                has = _shown(_claim(claims, needed.key, is_nested=needed.is_nested))
                words = _and(needed.words[:_MANY]) if needed.wants_all else _either(needed.words[:_MANY])
                return f"The claim {needed.key} is {has}; required: {words}.", remedy
    return "", remedy


def _wanted_of_token(code: str, validator: Validator) -> str:
    """What is asked for, where the token itself is not at hand."""
    needed = {"token.role": validator.roles, "token.scope": validator.scopes}.get(code)
    if needed is None:
        return ""
    words = needed.words[:_MANY]
    return f"Required in the claim {needed.key}: {_and(words) if needed.wants_all else _either(words)}."


def _claim(claims: Mapping[str, Any], key: str, *, is_nested: bool) -> Any:
    value: Any = claims
    for name in key.split(".") if is_nested else [key]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _said(refusal: Refusal) -> str:
    """What the gateway says itself, in its log or its answer."""
    log = [line for line in refusal.answered.log if "evaluator" in line or "[" in line]
    text = refusal.answered.body.decode("utf-8", "replace").strip()
    return " ".join((log[-1] if log else text).split())[:400]


def _value(refusal: Refusal, namespace: str, key: str) -> Any:
    space = None if refusal.node is None else refusal.node.namespaces.get(namespace)
    return space.value.get(key) if space is not None and isinstance(space.value, Mapping) else None


def _words(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)][:_MANY] if isinstance(value, list) else []


def _either(words: Sequence[str]) -> str:
    return _joined(words, "or")


def _and(words: Sequence[str]) -> str:
    return _joined(words, "and")


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return words[0] if words else "nothing"
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 200 else text[:200] + "..."


def _time(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"at {_shown(value)}"
    try:
        return datetime.fromtimestamp(value, UTC).strftime("at %Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"at {_shown(value)}"
