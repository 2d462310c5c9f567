"""Validators with a real issuer beside them: keys that rotate, and an issuer that is slow, down, or lies.

Real files whose guards are only these are started with it, and let in who they say.
"""

import asyncio
import base64
import contextlib
import functools
import hashlib
import json
import logging
import lzma
import ssl
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import uvloop
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway
from crossgate.jose.key_source import BUCKET_SIZE, REFILL_SECONDS
from crossgate.plan import Identity, compile_plan
from crossgate.plan.stages import EndpointStage
from tests.support.oidc_provider import OidcProvider
from tests.support.recorded import Mock, ask

with lzma.open(Path(__file__).parents[1] / "data" / "corpus_auth.json.xz", "rt") as _file:
    FILES: dict[str, dict[str, Any]] = json.load(_file)
VALIDATORS = ("auth/validator", "github.com/devopsfaith/krakend-jose/validator")


def live(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **keys: Any) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(60):
                await test(*args, **keys)

        uvloop.run(bounded())

    return run


class Stage:
    """A gateway, its backend, its issuer, and the clock of the gateway."""

    def __init__(self, provider: OidcProvider, mock: Mock) -> None:
        self.provider = provider
        self.mock = mock
        self.gateway: RunningGateway
        self.passed = 0.0
        self.log: list[str] = []

    async def get(self, path: str, token: str | None = None, method: str = "GET", *fields: list[str]) -> dict[str, Any]:
        headers = [["User-Agent", "Mozilla/5.0"], *([["Authorization", f"Bearer {token}"]] if token else [])]
        return await ask(self.gateway.port, {"method": method, "target": path, "headers": [*headers, *fields]})

    async def status(self, path: str, token: str | None = None, method: str = "GET") -> int:
        return int((await self.get(path, token, method))["status"])

    async def pass_time(self, seconds: float) -> None:
        """Time passes at once; what is due then happens in the sweeps that follow."""
        self.passed += seconds
        await asyncio.sleep(0.1)

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def staged(make: Callable[[OidcProvider, Mock], dict[str, Any]]) -> AsyncIterator[Stage]:
    provider, mock = OidcProvider(), Mock({})
    async with provider.listening(), mock.listening():
        stage = Stage(provider, mock)
        loaded = load_text(json.dumps(make(provider, mock)).encode(), components=COMPONENTS)
        assert loaded.config is not None, [found.message for found in loaded.diagnostics]
        logger = logging.Logger("issuers")  # noqa: LOG001 # one of its own
        handler = logging.Handler()
        handler.emit = lambda record: stage.log.append(record.getMessage())  # type: ignore[method-assign]
        logger.addHandler(handler)
        stage.gateway = await start_gateway(
            loaded.config,
            ServeOptions(port=0, components=COMPONENTS),
            environ={},
            logger=logger,
            clock=lambda: time.monotonic() + stage.passed,
            wall_clock=lambda: time.time() + stage.passed,
        )
        try:
            yield stage
        finally:
            await stage.gateway.close()


def guarded(**keys: Any) -> Callable[[OidcProvider, Mock], dict[str, Any]]:
    def make(provider: OidcProvider, mock: Mock) -> dict[str, Any]:
        validator = {"alg": "RS256", "jwk_url": f"{provider.issuer}/jwks", "disable_jwk_security": True, "cache": True}
        validator |= {"cache_duration": 100, "operation_debug": True} | keys
        backend = [{"host": [f"http://127.0.0.1:{mock.port}"], "url_pattern": "/x"}]
        endpoint = {"endpoint": "/a", "backend": backend, "extra_config": {"auth/validator": validator}}
        cors = {"security/cors": {"allow_origins": ["https://a.example"], "allow_headers": ["Authorization"]}}
        return {"version": 3, "listen_ip": "127.0.0.1", "extra_config": cors, "endpoints": [endpoint]}

    return make


@live
async def test_a_key_that_is_new_is_found_at_once_and_one_that_is_gone_ends_with_its_set() -> None:
    async with staged(guarded()) as stage:
        provider = stage.provider
        old = provider.token()
        assert await stage.status("/a", old) == 200
        provider.rotate()
        new = provider.token()
        assert await stage.status("/a", new) == 200
        assert provider.fetches == 2
        assert await stage.status("/a", old) == 401  # the set that has the new one lacks the old one


@live
async def test_keys_are_renewed_before_they_expire_while_somebody_uses_them() -> None:
    async with staged(guarded()) as stage:
        token = stage.provider.token()
        assert await stage.status("/a", token) == 200
        await stage.pass_time(80)
        await stage.until(lambda: stage.provider.fetches == 2)
        await stage.pass_time(40)  # past the end of the first set: nobody has to wait
        assert await stage.status("/a", token) == 200
        assert stage.provider.fetches == 2


@live
async def test_nobody_is_let_in_with_keys_that_have_expired_while_the_issuer_is_down() -> None:
    async with staged(guarded()) as stage:
        token = stage.provider.token()
        assert await stage.status("/a", token) == 200
        stage.provider.mode = "down"
        await stage.pass_time(90)
        assert await stage.status("/a", token) == 200  # they still hold
        await stage.pass_time(20)
        assert await stage.status("/a", token) == 401
        stage.provider.mode = "fine"
        await stage.pass_time(60)
        assert await stage.status("/a", token) == 200


@live
async def test_an_issuer_that_is_down_at_the_start_is_asked_again_by_the_first_request() -> None:
    def make(provider: OidcProvider, mock: Mock) -> dict[str, Any]:
        provider.mode = "down"
        return guarded()(provider, mock)

    async with staged(make) as stage:
        await stage.until(lambda: stage.provider.fetches > 0)
        assert await stage.status("/a", stage.provider.token()) == 401
        stage.provider.mode = "fine"
        assert await stage.status("/a", stage.provider.token()) == 200


@live
async def test_a_slow_issuer_is_asked_once_however_many_wait() -> None:
    def make(provider: OidcProvider, mock: Mock) -> dict[str, Any]:
        provider.mode = "slow"
        return guarded()(provider, mock)

    async with staged(make) as stage:
        token = stage.provider.token()
        waiting = [asyncio.ensure_future(stage.status("/a", token)) for _ in range(20)]
        await stage.until(lambda: stage.provider.fetches == 1)
        assert await stage.status("/a") == 401  # who has no token does not wait
        stage.provider.release.set()
        assert set(await asyncio.gather(*waiting)) == {200}
        assert stage.provider.fetches == 1


@live
async def test_unknown_keys_cannot_be_used_to_hammer_the_issuer() -> None:
    async with staged(guarded()) as stage:
        await stage.status("/a", stage.provider.token())
        before = stage.provider.fetches
        known = stage.provider.token()
        key = generate_private_key(65537, 2048)  # one for all names: to make one takes long
        began = time.monotonic()
        for _ in range(5 * BUCKET_SIZE):
            stage.provider.rotate(keeps_old=True, key=key)  # a name that the gateway has not seen
            forged = stage.provider.impostors_token()
            assert await stage.status("/a", forged) == 401
        refilled = (time.monotonic() - began) / REFILL_SECONDS
        assert stage.provider.fetches - before <= BUCKET_SIZE + 2 + refilled
        assert await stage.status("/a", known) == 200


@pytest.mark.parametrize("mode", ["failing", "garbage"])
@live
async def test_what_is_no_sound_answer_brings_no_keys(mode: str) -> None:
    def make(provider: OidcProvider, mock: Mock) -> dict[str, Any]:
        provider.mode = mode
        return guarded()(provider, mock)

    async with staged(make) as stage:
        assert await stage.status("/a", stage.provider.token()) == 401
        assert stage.mock.seen == []


@live
async def test_a_token_that_was_remembered_ends_when_its_key_is_another_one() -> None:
    async with staged(guarded()) as stage:
        token = stage.provider.token()
        assert await stage.status("/a", token) == 200
        stage.provider.mode = "lying"
        await stage.pass_time(80)
        await stage.until(lambda: stage.provider.fetches == 2)
        await stage.until(lambda: len(stage.mock.seen) > 0)
        assert await stage.status("/a", token) == 401


@live
async def test_a_token_that_was_remembered_ends_when_it_expires() -> None:
    async with staged(guarded()) as stage:
        token = stage.provider.token(exp=int(time.time()) + 50)
        assert await stage.status("/a", token) == 200
        await stage.pass_time(52)
        assert await stage.status("/a", token) == 401


@live
async def test_preflights_need_no_token_and_refusals_carry_cors_fields() -> None:
    origin = ["Origin", "https://a.example"]
    async with staged(guarded(roles=["admin"])) as stage:
        wanted = [["Access-Control-Request-Method", "GET"], ["Access-Control-Request-Headers", "authorization"]]
        preflight = await stage.get("/a", None, "OPTIONS", origin, *wanted)
        assert preflight["status"] == 204
        for token, status in ((None, 401), (stage.provider.token(roles=["guest"]), 403)):
            refused = await stage.get("/a", token, "GET", origin)
            assert refused["status"] == status
            assert ["access-control-allow-origin", "https://a.example"] in refused["headers"]


@live
async def test_no_token_reaches_a_log() -> None:
    async with staged(guarded(issuer="https://somebody.else")) as stage:
        token = stage.provider.token()
        assert await stage.status("/a", token) == 401
        assert any("another issuer" in line for line in stage.log)
        assert not any(part in line for line in stage.log for part in token.split("."))


@live
async def test_in_honest_style_a_refusal_says_what_is_wrong() -> None:
    def make(provider: OidcProvider, mock: Mock) -> dict[str, Any]:
        tree = guarded(roles=["admin"])(provider, mock)
        tree["extra_config"]["crossgate/errors"] = {"style": "http"}
        return tree

    async with staged(make) as stage:
        challenges = {
            None: (401, 'Bearer realm="crossgate"'),
            "x.y.z": (401, 'error="invalid_token"'),
            stage.provider.token(exp="soon"): (401, "error_description=\"'exp' is no number\""),
            stage.provider.token(roles=[]): (403, 'error="insufficient_scope"'),
        }
        for token, (status, text) in challenges.items():
            refused = await stage.get("/a", token)
            fields = dict(map(tuple, refused["headers"]))
            assert refused["status"] == status
            assert text in fields["www-authenticate"]
            assert json.loads(refused["body"])["status"] == status


# ---- key servers by https


@contextlib.asynccontextmanager
async def key_server(provider: OidcProvider, certificate: trustme.LeafCert) -> AsyncIterator[int]:
    """The provider's keys by https, on a port of its own."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            text = provider.key_set().encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text)
            writer.write(head + text)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def pin_of(certificate: trustme.LeafCert) -> str:
    public = load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes()).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.mark.parametrize(
    ("has_ca", "pin", "status"), [(True, "", 200), (False, "", 401), (True, "right", 200), (True, "wrong", 401)]
)
@live
async def test_a_key_server_has_to_show_a_certificate_that_is_trusted_and_the_pinned_key(
    has_ca: bool, pin: str, status: int, tmp_path: Path
) -> None:
    authority = trustme.CA()
    certificate, other = authority.issue_cert("127.0.0.1"), authority.issue_cert("127.0.0.1")
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    issuer = OidcProvider()
    async with key_server(issuer, certificate) as port:
        keys: dict[str, Any] = {"jwk_url": f"https://127.0.0.1:{port}/jwks", "disable_jwk_security": False}
        if has_ca:
            keys["jwk_local_ca"] = str(ca_file)
        if pin:
            keys["jwk_fingerprints"] = [pin_of(certificate if pin == "right" else other)]
        async with staged(guarded(**keys)) as stage:
            assert await stage.status("/a", issuer.token()) == status


def test_a_guard_that_cannot_be_built_closes_what_it_was_to_guard_where_that_was_asked_for() -> None:
    bad = {"security/bot-detector": {"patterns": ["("]}}
    endpoints = [{"endpoint": path, "backend": [{"host": ["http://a.example"], "url_pattern": "/"}]} for path in "ab"]
    for tree, closed in (
        ({"version": 3, "extra_config": bad, "endpoints": endpoints}, [True, True]),
        ({"version": 3, "endpoints": [endpoints[0] | {"extra_config": bad}, endpoints[1]]}, [True, False]),
    ):
        text = json.dumps(tree).encode()
        assert load_text(text, components=COMPONENTS).config is None
        loaded = load_text(text, components=COMPONENTS, allow_unsupported=True)
        assert loaded.config is not None
        plan = compile_plan(loaded.config, identity=Identity.own("0"))
        assert [EndpointStage.REFUSE in endpoint.stages for endpoint in plan.endpoints] == closed


# ---- real files


def objects(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from objects(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from objects(item)


def rehosted(name: str) -> Callable[[OidcProvider, Mock], dict[str, Any]]:
    """A real file with its hosts and issuers on loopback."""

    def make(provider: OidcProvider, mock: Mock) -> dict[str, Any]:
        tree = json.loads(json.dumps(FILES[name])) | {"listen_ip": "127.0.0.1"}
        for part in objects(tree):
            for key in ("jwk_url", "jwk-url"):
                if key in part:
                    part[key] = f"{provider.issuer}/jwks"
                    part["disable_jwk_security"] = True
            if "issuer" in part:
                part["issuer"] = provider.issuer
            if isinstance(part.get("host"), list | str):
                part["host"] = [f"http://127.0.0.1:{mock.port}"]
            part.pop("sd", None)
        return tree

    return make


def claims_for(validator: dict[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = {"aud": validator.get("audience", [])}
    if validator.get("roles"):
        steps = validator.get("roles_key", "roles").split(".") if validator.get("roles_key_is_nested") else []
        value: Any = validator["roles"][:1]
        for step in reversed(steps[1:]):
            value = {step: value}
        claims[steps[0] if steps else validator.get("roles_key", "roles")] = value
    return claims


@pytest.mark.parametrize("name", sorted(FILES))
@live
async def test_a_real_file_lets_in_whom_it_says_and_nobody_else(name: str) -> None:
    async with staged(rehosted(name)) as stage:
        asked = 0
        for endpoint in FILES[name]["endpoints"]:
            found = [endpoint.get("extra_config", {}).get(namespace) for namespace in VALIDATORS]
            validator = next((value for value in found if value), None)
            path = "/".join("1" if part.startswith("{") else part for part in endpoint["endpoint"].split("/"))
            method = endpoint.get("method", "GET")
            if validator is None or "*" in path:
                continue
            asked += 1
            claims = claims_for(validator)
            stage.mock.seen.clear()
            assert await stage.status(path, None, method) == 401
            assert await stage.status(path, stage.provider.impostors_token(**claims), method) == 401
            if claims["aud"]:
                assert await stage.status(path, stage.provider.token(**{**claims, "aud": "other"}), method) == 401
            if validator.get("roles"):
                assert await stage.status(path, stage.provider.token(aud=claims["aud"]), method) == 403
            assert stage.mock.seen == []
            await stage.get(path, stage.provider.token(**claims), method)
            assert stage.mock.seen != []
        assert asked or name in ("063", "084")
