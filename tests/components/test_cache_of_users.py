"""Caches behind guards: whom a backend is told of by the gateway is not given what was made for another."""

import asyncio
import base64
import json
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jwt
import pytest

from crossgate.flow.fiber import Fiber
from crossgate.plugins import Forward, Request, Response, Setup
from tests.support.component_gateway import NOW, gateway_of
from tests.support.oidc_provider import FAR
from tests.support.pipeline import request, result

SECRET = b"0123456789abcdef0123456789abcdef"
FRESH = [
    (b"date", formatdate(NOW, usegmt=True).encode()),
    (b"cache-control", b"max-age=60"),
    (b"content-type", b"application/json"),
]
KEYS = [{"key": "ann", "roles": ["staff", "admin"]}, {"key": "bob", "roles": ["staff", "user"]}]


def file(guard: str, at_endpoint: Any, at_service: Any, *listed: str, encoding: str) -> dict[str, Any]:
    kept = {"host": ["http://b"], "url_pattern": "/x", "encoding": encoding, "extra_config": {"qos/http-cache": {}}}
    at = {
        "endpoint": "/e",
        "output_encoding": encoding,
        "input_headers": list(listed),
        "backend": [kept],
        "extra_config": {guard: at_endpoint},
    }
    return {"version": 3, "extra_config": {guard: at_service} if at_service else {}, "endpoints": [at]}


def calls_made(config: dict[str, Any], *clients: Sequence[tuple[str, str]]) -> list[int]:
    """How often the backend had been called once each client had its answer."""
    return asyncio.run(_calls_made(config, clients))


async def _calls_made(config: dict[str, Any], clients: Sequence[Sequence[tuple[str, str]]]) -> list[int]:
    gateway = gateway_of(config, {"/x": (200, b"{}", FRESH)})
    made = []
    for fields in clients:
        fiber = Fiber(gateway.pipe.respond(request("/e", fields=fields))).start()
        while not fiber.done.settled:  # of plugins that are async
            await asyncio.sleep(0)
        assert result(fiber).status == 200
        made.append(len(gateway.backend.calls))
    return made


@pytest.mark.parametrize("encoding", ["json", "no-op"])
def test_keys_of_other_roles_have_answers_of_their_own(encoding: str) -> None:  # DEV-CACHE-1
    ring = {"identifier": "X-Key", "propagate_role": "X-Role", "keys": KEYS}
    ann, bob = [("X-Key", "ann")], [("X-Key", "bob")]
    by_role = file("auth/api-keys", {"roles": ["admin", "user"]}, ring, "X-Role", encoding=encoding)
    assert calls_made(by_role, ann, bob, ann, bob) == [1, 2, 2, 2]
    of_one_role = file("auth/api-keys", {"roles": ["staff"]}, ring, "X-Role", encoding=encoding)
    assert calls_made(of_one_role, ann, bob) == [1, 1]
    untold = file("auth/api-keys", {}, ring, encoding=encoding)
    assert calls_made(untold, ann, bob) == [1, 1]


def test_keys_that_the_backend_sees_have_answers_of_their_own() -> None:  # DEV-CACHE-1
    config = file("auth/api-keys", {}, {"identifier": "X-Key", "keys": KEYS}, "X-Key", encoding="json")
    assert calls_made(config, [("X-Key", "ann")], [("X-Key", "bob")], [("X-Key", "ann")]) == [1, 2, 2]


def test_users_of_whom_claims_tell_the_backend_have_answers_of_their_own(tmp_path: Path) -> None:  # DEV-CACHE-1
    key = {"kty": "oct", "kid": "k", "alg": "HS256", "k": base64.urlsafe_b64encode(SECRET).decode().rstrip("=")}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key]}))
    validator = {
        "alg": "HS256",
        "jwk_local_path": str(tmp_path / "keys.json"),
        "disable_jwk_security": True,
        "propagate_claims": [["sub", "X-User"]],
    }

    def user(name: str) -> list[tuple[str, str]]:
        token = jwt.encode({"sub": name, "exp": FAR}, SECRET, "HS256", headers={"kid": "k"})
        return [("Authorization", f"Bearer {token}")]

    config = file("auth/validator", validator, None, "X-User", encoding="json")
    assert calls_made(config, user("ann"), user("bob"), user("ann")) == [1, 2, 2]


class Tenant:
    """Tells the backend which tenant a request is of; who brings that along keeps it."""

    def __init__(self, setup: Setup) -> None:
        pass

    def gate(self, request: Request) -> None:
        key = request.headers.get("X-Key", "")
        if key == "nobody":
            del request.headers["X-Tenant"]
        elif key:
            request.headers["X-Tenant"] = key

    modify_request = gate

    async def execute(self, request: Request, send: Forward) -> Response:
        self.gate(request)
        return await send(request)


PLACES = {
    "before the router": ("plugin/http-server", "service", ["tenant"]),
    "around the endpoint": ("plugin/req-resp-modifier", "endpoint", ["tenant"]),
    "around the call": ("plugin/req-resp-modifier", "backend", ["tenant"]),
    "in the client's place": ("plugin/http-client", "backend", "tenant"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("encoding", ["json", "no-op"])
def test_what_a_plugin_says_of_a_request_keeps_answers_apart(place: str, encoding: str) -> None:  # DEV-CACHE-1
    namespace, scope, names = PLACES[place]
    config = file("crossgate/plugins", None, None, "X-Tenant", "X-Key", encoding=encoding)
    config["extra_config"] = {"crossgate/plugins": {"modules": {"tenant": f"{__name__}:Tenant"}}}
    [endpoint] = config["endpoints"]
    endpoint["extra_config"] = {}
    at = {"service": config, "endpoint": endpoint, "backend": endpoint["backend"][0]}[scope]
    at["extra_config"][namespace] = {"name": names}
    own, other = [("X-Tenant", "own")], [("X-Tenant", "other")]
    red, blue = [("X-Key", "red")], [("X-Key", "blue")]
    nobody = [("X-Tenant", "own"), ("X-Key", "nobody")]
    # Until a plugin says something of it, the field is the client's, and for the backend to name in Vary.
    made = calls_made(config, own, other, red, blue, red, blue, own, other, nobody, nobody)
    assert made == [1, 1, 2, 3, 3, 3, 4, 5, 6, 6]
