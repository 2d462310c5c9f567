"""Revocations over HTTP: made at one worker, obeyed by all, and only by who has the token."""

import base64
import http.client
import json
import socket
from pathlib import Path
from typing import Any

import jwt
import pytest

from crossgate.components.jwt.revocations import MIN_ENTRIES, RevocationTable, revoked_by
from tests.support.process import backend, gateway
from tests.support.redis_server import needs_redis, redis_server
from tests.support.waiting import wait_until

SECRET = b"0123456789abcdef0123456789abcdef"
KEYS = {"keys": [{"kty": "oct", "kid": "a", "k": base64.urlsafe_b64encode(SECRET).rstrip(b"=").decode()}]}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def token(jti: str) -> dict[str, str]:
    return {"Authorization": "Bearer " + jwt.encode({"jti": jti}, SECRET, "HS256", headers={"kid": "a"})}


def ask(port: int, method: str, path: str, body: Any = None, secret: str = "letmein") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    text = json.dumps(body) if body is not None else None
    connection.request(method, path, text, {"Authorization": f"Bearer {secret}"})
    status = connection.getresponse().status
    connection.close()
    return status


def configuration(folder: Path, host: str, port: int, redis: str = "") -> Path:
    (folder / "keys.json").write_text(json.dumps(KEYS))
    (folder / "token").write_text("letmein\n")
    validator = {"alg": "HS256", "jwk_local_path": str(folder / "keys.json"), "disable_jwk_security": True}
    config: dict[str, Any] = {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "extra_config": {
            "auth/revoker": {"N": 10, "P": 0.1, "hash_name": "optimal", "TTL": 60, "token_keys": ["jti"]},
            "crossgate/revoker": {"listen": f"127.0.0.1:{port}", "token_file": str(folder / "token")},
        },
        "endpoints": [
            {
                "endpoint": "/a",
                "backend": [{"host": [host], "url_pattern": "/x"}],
                "extra_config": {"auth/validator": validator},
            }
        ],
    }
    if redis:
        config["extra_config"]["crossgate/redis"] = {"url": redis, "timeout": "10s"}
    path = folder / f"krakend-{port}.json"
    path.write_text(json.dumps(config))
    return path


@pytest.mark.parametrize("workers", [(), ("--workers", "3")])
def test_a_revocation_reaches_every_worker_and_is_only_taken_with_the_token(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    port = free_port()
    with backend() as host, gateway(configuration(tmp_path, host.url, port), *workers) as running:
        assert running.ask("GET", "/a", token("one"))[0] == 200  # remembered from here on
        assert ask(port, "POST", "/revocations", {"key": "jti", "value": "one"}, secret="guess") == 401
        assert ask(port, "GET", "/revocations/jti/one", secret="") == 401
        assert ask(port, "GET", "/revocations/jti/one") == 404
        assert running.ask("GET", "/a", token("one"))[0] == 200
        assert ask(port, "POST", "/revocations", {"key": "jti", "value": "one", "ttl": "1h"}) == 204
        assert ask(port, "GET", "/revocations/jti/one") == 200
        # Each on a connection of its own, so that the kernel hands them to different workers.
        assert {running.ask("GET", "/a", token("one"))[0] for _ in range(24)} == {401}
        assert running.ask("GET", "/a", token("two"))[0] == 200
        for wrong in ({"key": "jti"}, {"key": "jti", "value": 1}, {"key": "a", "value": "b", "ttl": "x"}, [], "x"):
            assert ask(port, "POST", "/revocations", wrong) == 400
        assert ask(port, "GET", "/elsewhere") == 404


@needs_redis
def test_gateways_on_one_redis_tell_each_other_and_one_that_starts_learns_all(tmp_path: Path) -> None:
    one, other, third = free_port(), free_port(), free_port()
    with redis_server(tmp_path) as redis, backend() as host:

        def file(port: int) -> Path:
            return configuration(tmp_path, host.url, port, redis.url)

        with gateway(file(one)) as first, gateway(file(other), "--workers", "2") as second:
            assert second.ask("GET", "/a", token("s3cret"))[0] == 200
            assert ask(one, "POST", "/revocations", {"key": "jti", "value": "s3cret", "ttl": "1h"}) == 204
            assert first.ask("GET", "/a", token("s3cret"))[0] == 401
            wait_until(lambda: ask(other, "GET", "/revocations/jti/s3cret") == 200)
            assert {second.ask("GET", "/a", token("s3cret"))[0] for _ in range(8)} == {401}
            assert second.ask("GET", "/a", token("another"))[0] == 200
            assert "s3cret" not in redis.ask("XRANGE", "crossgate:revocations", "-", "+")
            # What is not one of ours is stepped over.
            redis.ask("XADD", "crossgate:revocations", "*", "d", "short", "u", "nan")
            redis.ask("XADD", "crossgate:revocations", "*", "x", "")
            assert ask(other, "POST", "/revocations", {"key": "jti", "value": "b", "ttl": "1h"}) == 204
            wait_until(lambda: ask(one, "GET", "/revocations/jti/b") == 200)
            with gateway(file(third)) as late:
                assert late.ask("GET", "/a", token("s3cret"))[0] == 401
                assert late.ask("GET", "/a", token("b"))[0] == 401
                assert late.ask("GET", "/__ready", {})[0] == 200
            redis.kill()
            second.wait_for_log("it is away")
            assert ask(other, "POST", "/revocations", {"key": "jti", "value": "c", "ttl": "1h"}) == 503
            assert ask(other, "GET", "/revocations/jti/c") == 200, "it holds here"
            with gateway(file(third)) as late:
                assert late.ask("GET", "/__ready", {})[0] == 503
                redis.start()
                wait_until(lambda: late.ask("GET", "/__ready", {})[0] == 200)
            # It came back without its memory, and is used again.
            first.wait_for_log("it is back")
            assert ask(one, "POST", "/revocations", {"key": "jti", "value": "d", "ttl": "1h"}) == 204
            wait_until(lambda: ask(other, "GET", "/revocations/jti/d") == 200)


def test_a_revocation_ends_when_its_time_is_over() -> None:
    table = RevocationTable(1)
    table.add("jti", "a", until=10.0, now=0.0)
    assert table.has("jti", "a", now=9.0)
    assert not table.has("jti", "a", now=10.0)
    assert not table.has("jti", "b", now=0.0)
    assert not table.has("sub", "a", now=0.0)


def test_a_full_table_forgets_what_would_be_forgotten_next() -> None:
    table = RevocationTable(1)
    table.add("jti", "soon", until=1.5, now=0.0)
    for number in range(3 * MIN_ENTRIES):
        table.add("jti", str(number), until=1000.0 + number, now=0.0)
    kept = sum(table.has("jti", str(number), now=0.0) for number in range(3 * MIN_ENTRIES))
    assert MIN_ENTRIES * 0.9 < kept <= MIN_ENTRIES


def test_only_claims_that_are_texts_count() -> None:
    table = RevocationTable(1)
    table.add("jti", "1", until=10.0, now=0.0)
    is_revoked = revoked_by(table, ["jti", "sub"], lambda: 0.0)
    assert is_revoked({"jti": "1"})
    assert not is_revoked({"jti": 1})
    assert not is_revoked({"sub": "1"})
    assert not is_revoked({})
