"""The gateway, said plainly: from a configuration, the bytes of a client's connection and what backends answer, what
backends are asked and what the client gets.

The yardstick of the real one, which shares nothing with it but the CORS engine: no pieces, no time, no connections, no
memory; every request by itself, every step one after the other. Knows endpoints with one backend or several side by
side; no gates, sequences, shadows or static data. Written from KrakenD's observed behaviour and docs/deviations.md.
"""

import gzip
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from crossgate.cors import CorsPolicy
from tests.support import gin_routes
from tests.support.reference_calls import HOP_BY_HOP, BackendCalls, Call
from tests.support.reference_data import (
    FailedError,
    InOrder,
    Keys,
    Literal,
    decoded,
    manipulated,
    merged,
    rendered,
)
from tests.support.reference_http import Answered, Asked, Fields, read_requests, words

PLAIN = b"text/plain; charset=utf-8"
MAYBE = None


@dataclass
class Exchange:
    """One request, what it led to, and its response.

    `bodies` are those that it may have, `None` for any. `stays` says whether the connection does: None where that
    depends on what came when. `is_yaml` where only the meaning of the body is foretold.
    """

    asked: Asked
    calls: list[Call] = field(default_factory=list)
    status: int = 0
    fields: Fields = field(default_factory=list)
    bodies: list[bytes] | None = None
    stays: bool | None = True
    is_yaml: bool = False

    def respond(self, status: int, fields: Fields, body: bytes = b"") -> None:
        self.status, self.fields, self.bodies = status, fields, [body]


class ReferenceGateway:
    """`answer` gives the bytes with which a backend answers a call. `own` are policies by endpoint path and method."""

    def __init__(
        self,
        config: Keys,
        policy: CorsPolicy | None,
        own: dict[tuple[str, str], CorsPolicy],
        answer: Callable[[Call], bytes],
        version: str,
    ) -> None:
        router = config.get("extra_config", {}).get("router", {})
        self._shows_errors = router.get("return_error_msg", False)
        self._policy = policy
        self._own = own
        self._answer = answer
        self._agent = f"KrakenD Version {version}"
        self._version: Fields = [(b"x-krakend", b"Version " + version.encode())]
        self._incomplete: Fields = [*self._version, (b"x-krakend-completed", b"false")]
        self._routes: dict[str, dict[str, Keys]] = {"GET": {"/__health": {}}}
        for endpoint in config["endpoints"]:
            pattern = re.sub(r"\{(\w+)\}", r":\1", endpoint["endpoint"])
            self._routes.setdefault(endpoint.get("method", "GET"), {})[pattern] = endpoint

    def serve(self, data: bytes) -> list[Exchange]:
        """What becomes of a connection, as far as it is answered."""
        exchanges = []
        for asked in read_requests(data):
            exchange = Exchange(asked, stays=asked.stays)
            exchanges.append(exchange)
            from_backend, policy = self._take(exchange)
            if asked.framing == "chunked" and exchange.stays and not exchange.calls:
                exchange.stays = MAYBE  # whether a body that nobody reads is there already is a matter of time
            if policy is not None:
                edits = policy.decide(asked.method, asked.fields).edits
                upstream = policy.config.upstream.value if from_backend else "strip"
                exchange.fields = edits.apply(exchange.fields, upstream)
            if exchange.stays is False:
                break
        return exchanges

    def _take(self, exchange: Exchange) -> tuple[bool, CorsPolicy | None]:
        """Answer one request. Gives whether the answer's fields are a backend's, and the policy that holds."""
        asked = exchange.asked
        method, path = asked.method.decode(), unquote_to_bytes(asked.path)
        found = self._find(method, path)
        policy = self._policy_of(asked, method, path)
        if asked.refusal is not None:
            fields = [(b"content-type", PLAIN), (b"x-content-type-options", b"nosniff")]
            exchange.respond(asked.refusal.status, fields, asked.refusal.text.encode())
            if asked.refusal.status == 400:
                exchange.bodies = [asked.refusal.text.encode(), b"400 Bad Request"]
            return False, policy
        if policy is not None:
            status = policy.decide(asked.method, asked.fields).preflight_status
            if status is not None:
                exchange.respond(status, [])
                return False, policy
        if asked.path == b"*":
            exchange.respond(200, [])
        elif found is None:
            self._respond_unrouted(exchange, method, path)
        else:
            return self._respond_routed(exchange, *found), policy
        return False, policy

    # -- routes

    def _find(self, method: str, path: bytes) -> tuple[Keys, dict[str, bytes]] | None:
        routes = self._routes.get(method, {})
        found = gin_routes.look_up(list(routes), path.decode("latin-1")) if routes else gin_routes.Outcome()
        if not found.route:
            return None
        values = [value.encode("latin-1") for value in found.values]
        return routes[found.route], dict(zip(re.findall(r":(\w+)", found.route), values, strict=True))

    def _redirect(self, method: str, path: bytes) -> bytes | None:
        """Where a path without a route leads to: its slash turned, or cleaned and in the letter case of a route."""
        routes, text = list(self._routes.get(method, {})), path.decode("latin-1")
        if not routes or text == "/":
            return None
        if gin_routes.look_up(routes, text).turns_slash:
            return path[:-1] if path.endswith(b"/") and len(path) > 1 else path + b"/"
        fixed = gin_routes.fold(routes, clean(text))
        return None if fixed is None else fixed.encode("latin-1")

    def _others(self, method: str, path: bytes) -> list[str]:
        return [other for other in self._routes if other != method and self._find(other, path)]

    def _policy_of(self, asked: Asked, method: str, path: bytes) -> CorsPolicy | None:
        """The policy of the route that the answer is about."""
        if not self._own:
            return self._policy
        if method == "OPTIONS" and asked.first(b"origin") is not None:
            wanted = asked.first(b"access-control-request-method")
            method = method if wanted is None else wanted.decode("latin-1")
        for _ in range(4):
            found = self._find(method, path)
            redirect = None if found else self._redirect(method, path)
            if redirect is not None:
                path = clean(redirect.decode("latin-1")).encode("latin-1")
                continue
            if found is None and (others := self._others(method, path)):
                method = others[0]
                found = self._find(method, path)
            if found is None:
                return self._policy
            return self._own.get((found[0].get("endpoint", ""), method), self._policy)
        return self._policy

    def _respond_unrouted(self, exchange: Exchange, method: str, path: bytes) -> None:
        location = self._redirect(method, path)
        others = self._others(method, path)
        if location is not None:
            self._respond_redirect(exchange, method, location)
        elif others:
            allow = ", ".join(others).encode()
            fields = [*self._incomplete, (b"content-type", b"text/plain"), (b"allow", allow)]
            exchange.respond(405, fields, b"405 method not allowed")
        else:
            exchange.respond(404, [*self._incomplete, (b"content-type", b"text/plain")], b"404 page not found")

    def _respond_redirect(self, exchange: Exchange, method: str, path: bytes) -> None:
        query = exchange.asked.query
        location = quote_from_bytes(clean(path.decode("latin-1")).encode("latin-1"), safe="$&+,/:;=@")
        location += "" if query is None else "?" + query.decode("latin-1")
        fields = [(b"location", location.encode())]
        if method != "GET":
            exchange.respond(307, fields)
            return
        shown = html.escape(location).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        fields.append((b"content-type", b"text/html; charset=utf-8"))
        exchange.respond(301, fields, f'<a href="{shown}">Moved Permanently</a>.\n\n'.encode())

    # -- endpoints

    def _respond_routed(self, exchange: Exchange, endpoint: Keys, params: dict[str, bytes]) -> bool:
        patterns = [backend["url_pattern"].partition("?")[0] for backend in endpoint["backend"]]
        for name, value in params.items():
            fault = fault_of_parameter(value, is_in_path=any(f"{{{name}}}" in pattern for pattern in patterns))
            if fault:
                exchange.respond(400, [(b"content-type", PLAIN)], b"error: " + fault.encode())
                return False
        outcomes: list[tuple[Any, bool]] = []
        failures: list[FailedError] = []
        for backend in endpoint["backend"]:
            calls = BackendCalls(endpoint, backend, self._agent, self._answer)
            try:
                answer = calls.make(exchange.asked, params)
                if endpoint.get("output_encoding") == "no-op":
                    exchange.calls = calls.made
                    self._pass_on(exchange, answer)
                    return True
                outcomes.append(taken(calls, endpoint, backend, answer))
            except FailedError as failure:
                failures.append(failure)
            exchange.calls += calls.made
        if outcomes:
            is_single = len(endpoint["backend"]) == 1
            self._render(exchange, endpoint, outcomes if is_single else merged(outcomes, len(endpoint["backend"])))
        else:
            self._fail(exchange, failures, is_single=len(endpoint["backend"]) == 1)
        return False

    def _pass_on(self, exchange: Exchange, answer: Answered) -> None:
        dropped = {*HOP_BY_HOP, b"content-length", *words([v for n, v in answer.fields if n == b"connection"])}
        passed = [(name, value) for name, value in answer.fields if name not in dropped]
        exchange.respond(answer.status, self._incomplete + passed, answer.body)
        if exchange.asked.version == b"1.0" and not answer.is_framed and exchange.stays:
            exchange.stays = MAYBE  # HTTP/1.0 knows no chunks: a body whose length is not known yet ends with it

    def _fail(self, exchange: Exchange, failures: list[FailedError], *, is_single: bool) -> None:
        exchange.respond(failures[0].status if is_single else 500, [*self._incomplete])
        if not self._shows_errors:
            return
        bodies = [failure.body for failure in failures if failure.body is not None]
        content_type = failures[0].content_type if is_single else b""
        if not is_single:  # told as one text, in which bytes that are no UTF-8 are shown as such
            bodies = [body.decode("utf-8", "replace").encode() for body in bodies]
        is_foretold = len(bodies) == len(failures)
        exchange.bodies = [b"\n".join(order) for order in permutations(bodies)] if is_foretold else None
        if exchange.bodies is None or exchange.bodies[0]:
            exchange.fields.append((b"content-type", content_type or PLAIN))

    def _render(self, exchange: Exchange, endpoint: Keys, outcomes: list[tuple[Any, bool]]) -> None:
        output, accept = endpoint.get("output_encoding", "json"), exchange.asked.first(b"accept") or b""
        data, is_complete = outcomes[0]
        fields = [*self._incomplete]
        if data and is_complete:
            fields = [*self._version, (b"x-krakend-completed", b"true")]
            if seconds := int(endpoint.get("cache_ttl", "0s").removesuffix("s")):
                fields.append((b"cache-control", b"public, max-age=%d" % seconds))
        content_type, _ = rendered(output, data, accept)
        exchange.status, exchange.fields = 200, [*fields, (b"content-type", content_type)]
        exchange.bodies = [rendered(output, data, accept)[1] for data, _ in outcomes]
        exchange.is_yaml = b"yaml" in content_type


def taken(call: BackendCalls, endpoint: Keys, backend: Keys, answer: Answered) -> tuple[Any, bool]:
    """A backend's answer as data, and whether they are complete. Raises FailedError."""
    options = backend.get("extra_config", {}).get("backend/http", {})
    body, content_type = answer.body, answer.first(b"content-type") or b""
    if backend.get("encoding") == "no-op":
        return {}, True
    if answer.status not in (200, 201):
        if name := options.get("return_error_details"):
            details: dict[str, Any] = InOrder() if endpoint["output_encoding"] == "json" else {}
            details["http_status_code"] = Literal(answer.status)
            if body:
                details["http_body"] = body.decode("utf-8", "replace")
            if content_type:
                details["http_body_encoding"] = content_type.decode("latin-1")
            return {f"error_{name}": details}, False
        if options.get("return_error_code"):
            raise FailedError(body, answer.status, content_type)
        text = f"invalid status code {answer.status} [{call.method} {call.pattern}]: {call.made[-1].url}"
        raise FailedError(text.encode())
    if answer.first(b"content-encoding") == b"gzip":
        try:
            body = gzip.decompress(body)
        except (OSError, EOFError):
            raise FailedError from None
    return manipulated(backend, decoded(backend, body)), True


def fault_of_parameter(value: bytes, *, is_in_path: bool) -> str:
    """Why a request is refused for the decoded value of a path parameter."""
    bad = re.search(rb"%(?![0-9A-Fa-f]{2}).{0,2}", value)
    if bad is not None:
        return f'invalid URL escape "{bad[0].decode()}"'
    if b"%" in value or b"?" in value or b"#" in value:
        return "encoded url params"
    if value in (b".", b".."):
        return "a parameter is a dot segment"
    if is_in_path and b"\\" in value:
        return "a parameter with a slash or a backslash does not fit into a path"
    return ""


def clean(path: str) -> str:
    """Without empty and dot segments."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and segments[-1] in ("", ".") else "")
