"""The client of Redis: in front of a real one, and in front of what is none."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme
import uvloop
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from crossgate.config.secret import Secret
from crossgate.metrics.registry import Registry
from crossgate.redis.client import LATE_BATCHES, RedisClient, Script
from crossgate.redis.dial import tls_context
from crossgate.redis.failure import RedisAwayError, RedisError, RedisLateError, RedisRefusalError
from crossgate.redis.link import MAX_ANSWER_BYTES
from crossgate.redis.store import StoreConfig, StoreTls
from tests.support.arrived import arrived
from tests.support.children import free_port
from tests.support.redis_server import RedisServer, needs_redis, redis_server

PATIENT = 10.0


@asynccontextmanager
async def client(config: StoreConfig, log: logging.Logger | None = None) -> AsyncIterator[RedisClient]:
    made = RedisClient(config, log or logging.getLogger("tests.redis"), Random(1), Registry())
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def pretender(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Something on a port that is no Redis."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def config(server: RedisServer | int, **keys: Any) -> StoreConfig:
    port = server if isinstance(server, int) else server.port
    return StoreConfig(port=port, **({"timeout_seconds": PATIENT} | keys))


def run(test: Awaitable[None]) -> None:
    async def whole() -> None:
        await test

    uvloop.run(whole())


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with redis_server(tmp_path) as running:
        yield running


@needs_redis
def test_any_bytes_go_there_and_come_back(server: RedisServer) -> None:
    async def test() -> None:
        async with client(config(server)) as redis:
            for key in (b"", b"\x00\r\n$5\r\n", bytes(range(256)), b"x" * 70_000):
                await arrived(redis.ask("SET", key, key))
                assert await arrived(redis.ask("GET", key)) == key
            assert await arrived(redis.ask("GET", "nothing")) is None

    run(test())


@needs_redis
def test_what_is_asked_within_one_turn_goes_out_together(server: RedisServer) -> None:
    async def test() -> None:
        async with client(config(server, pool_size=1)) as redis:
            before = sum(redis.times.counts)
            answers = await asyncio.gather(*[arrived(redis.ask("INCR", "n")) for _ in range(500)])
            assert answers == list(range(1, 501))
            assert sum(redis.times.counts) - before == 1

    run(test())


@needs_redis
def test_a_script_that_redis_does_not_know_is_sent_along(server: RedisServer) -> None:
    script = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")

    async def test() -> None:
        async with client(config(server)) as redis:
            for expected in (2, 4):
                assert await arrived(redis.run(script, ("n",), (2,))) == expected
            server.ask("SCRIPT", "FLUSH")
            assert await arrived(redis.run(script, ("n",), (2,))) == 6

    run(test())


@needs_redis
def test_a_refusal_is_an_error_of_that_command_alone(server: RedisServer) -> None:
    async def test() -> None:
        async with client(config(server)) as redis:
            await arrived(redis.ask("SET", "text", "a"))
            with pytest.raises(RedisRefusalError, match="WRONGTYPE"):
                await arrived(redis.ask("LPUSH", "text", "b"))
            assert await arrived(redis.ask("GET", "text")) == b"a"
            assert redis.is_up

    run(test())


@needs_redis
def test_it_is_told_once_that_redis_is_away_and_once_that_it_is_back(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        async with client(config(server, pool_size=3)) as redis:
            await until(lambda: len(redis._links) == 3)
            server.kill()
            await until(lambda: not redis.is_up)
            with pytest.raises(RedisAwayError):
                await arrived(redis.ask("GET", "a"))
            server.start()
            await until(lambda: redis.is_up)
            assert await arrived(redis.ask("SET", "a", 1)) == b"OK"

    with caplog.at_level(logging.INFO):
        run(test())
    said = [record.getMessage() for record in caplog.records]
    assert len([text for text in said if "it is away" in text]) == 1
    assert len([text for text in said if "it is back" in text]) == 1


@needs_redis
def test_who_waits_when_redis_is_killed_is_told(server: RedisServer) -> None:
    async def test() -> None:
        async with client(config(server)) as redis:
            waiting = asyncio.create_task(arrived(redis.ask("BLPOP", "never", 0)))
            await until(lambda: any(link.waiting for link in redis._links))
            server.kill()
            with pytest.raises(RedisAwayError):
                await waiting

    run(test())


@needs_redis
def test_a_socket_of_this_machine_will_do(tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"

    async def test() -> None:
        async with client(StoreConfig(socket_path=str(path), timeout_seconds=PATIENT)) as redis:
            assert await arrived(redis.ask("SET", "a", 1)) == b"OK"
        async with client(StoreConfig(socket_path=str(tmp_path / "no.sock"))) as redis:
            assert not redis.is_up

    with redis_server(tmp_path, "--unixsocket", str(path)):
        run(test())


@needs_redis
def test_a_real_redis_with_tls_is_trusted_by_its_certificate(tmp_path: Path) -> None:
    authority, port = trustme.CA(), free_port()
    issued = authority.issue_cert("127.0.0.1")
    ca, certificate, key = (tmp_path / name for name in ("ca.pem", "certificate.pem", "key.pem"))
    authority.cert_pem.write_to_path(ca)
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    files = {"cert-file": certificate, "key-file": key, "ca-cert-file": ca}
    arguments = [word for name, file in files.items() for word in (f"--tls-{name}", str(file))]

    async def test() -> None:
        tls = StoreTls((str(ca),), without_system=True, client_pairs=((str(certificate), str(key)),))
        async with client(config(port, tls=tls)) as redis:
            assert await arrived(redis.ask("SET", "a", 1)) == b"OK"
        async with client(config(port, tls=StoreTls((str(ca),)))) as redis:
            assert not redis.is_up, "it wants a certificate"

    with redis_server(tmp_path, "--tls-port", str(port), *arguments):
        run(test())


def test_a_start_without_redis_is_a_start() -> None:
    async def test() -> None:
        async with client(StoreConfig(port=1)) as redis:
            assert not redis.is_up
            with pytest.raises(RedisAwayError):
                await arrived(redis.ask("GET", "a"))

    run(test())


@needs_redis
@pytest.mark.parametrize(("user", "password"), [("", "wrong-secret"), ("nobody", "wrong-secret"), ("", "")])
def test_a_wrong_password_is_told_without_it(
    tmp_path: Path, user: str, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(port: int) -> None:
        async with client(config(port, user=user, password=Secret(password))) as redis:
            assert not redis.is_up

    with redis_server(tmp_path, "--requirepass", "right-secret") as running:
        run(test(running.port))
    text = caplog.text
    assert "WRONGPASS" in text or "NOAUTH" in text
    assert "secret" not in text


@needs_redis
def test_the_right_password_user_database_and_name_are_used(tmp_path: Path) -> None:
    async def test(port: int) -> None:
        async with client(config(port, password=Secret("right"), database=3, client_name="gate", user="default")) as it:
            await arrived(it.ask("SET", "a", 1))
            info = await arrived(it.ask("CLIENT", "INFO"))
            assert b" name=gate " in info
            assert b" db=3 " in info

    with redis_server(tmp_path, "--requirepass", "right") as running:
        run(test(running.port))


@needs_redis
@pytest.mark.parametrize(
    ("setting", "value", "code"), [("maxmemory", "1", "OOM"), ("replicaof", "127.0.0.1 1", "READONLY")]
)
def test_a_redis_that_cannot_write_counts_as_away_until_it_can(
    server: RedisServer, setting: str, value: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    def switch(on: bool) -> None:
        if setting == "replicaof":
            server.ask(*(["REPLICAOF", *value.split()] if on else ["REPLICAOF", "NO", "ONE"]))
        else:
            server.ask("CONFIG", "SET", setting, value if on else "0")

    async def test() -> None:
        async with client(config(server)) as redis:
            switch(True)
            with pytest.raises(RedisRefusalError, match=code):
                await arrived(redis.ask("SET", "a", 1))
            assert not redis.is_up
            switch(False)
            await until(lambda: redis.is_up)
            assert await arrived(redis.ask("SET", "a", 1)) == b"OK"

    run(test())
    assert caplog.text.count("it is away") == 1


@needs_redis
def test_what_redis_refuses_is_told_once_for_each_kind(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with client(config(server)) as redis:
            server.ask("LPUSH", "list", "a")
            for command in ("GET", "GET", "INCRBY", "GET"):
                with pytest.raises(RedisRefusalError):
                    await arrived(redis.ask(command, "list"))
            assert redis.is_up

    run(test())
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "it does not do what it is asked: WRONGTYPE" in said[0]
    assert "it does not do what it is asked: ERR wrong number" in said[1]


GARBAGE = [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x01\x00", b"*-5\r\n", b"$-7\r\n", b":1:2\r\n", b"\r\n\r\n"]


@pytest.mark.parametrize("said", GARBAGE)
def test_something_that_does_not_speak_the_protocol_counts_as_away(said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(said * 3)
        await reader.read()

    async def test() -> None:
        async with pretender(talk) as port, client(StoreConfig(port=port, timeout_seconds=0.2)) as redis:
            assert not redis.is_up

    run(test())


@pytest.mark.parametrize("said", [b"-LOADING Redis is loading\r\n", b"-OOM no\r\n", b"-READONLY no\r\n", b"-ERR ?\r\n"])
def test_one_that_refuses_the_first_write_counts_as_away(said: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            writer.write(said)

    async def test() -> None:
        async with pretender(talk) as port, client(StoreConfig(port=port, timeout_seconds=PATIENT)) as redis:
            assert not redis.is_up

    run(test())
    assert said[1:-2].decode() in caplog.text


async def _ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The first answer of a Redis."""
    await reader.readuntil(b"60000\r\n")
    writer.write(b"+OK\r\n")


@pytest.mark.parametrize("piece", [b"", b"$1000000\r\n", b"*9000000\r\n"])
def test_one_that_begins_to_answer_and_never_ends_is_given_up(piece: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _ok(reader, writer)
        while await reader.read(1000):
            writer.write(piece)

    async def test() -> None:
        async with pretender(talk) as port, client(config(port, pool_size=1)) as redis:
            redis.config = replace(redis.config, timeout_seconds=0.05)
            for _ in range(LATE_BATCHES):
                with pytest.raises(RedisLateError):
                    await arrived(redis.ask("GET", "a"))
            with pytest.raises(RedisAwayError):
                redis.begin(("GET", "a"))  # at once: nobody waits
            assert redis._errors["late"].value == LATE_BATCHES
            assert redis._errors["away"].value == 1

    run(test())


@pytest.mark.parametrize(
    "said",
    [b":1\r\n:2\r\n", b"$%d\r\n" % (1 << 40) + b"x" * (MAX_ANSWER_BYTES + 1), b"+" + b"x" * (MAX_ANSWER_BYTES + 1)],
)
def test_one_that_says_more_than_was_asked_is_given_up(said: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _ok(reader, writer)
        await reader.read(1000)
        writer.write(said)
        await reader.read()

    async def test() -> None:
        async with pretender(talk) as port, client(config(port, pool_size=1)) as redis:
            with suppress(RedisError):
                assert await arrived(redis.ask("GET", "a")) == 1
            await until(lambda: not redis.is_up)

    run(test())


@pytest.mark.parametrize(("named", "trusted"), [("127.0.0.1", True), ("other.example", True), ("127.0.0.1", False)])
def test_tls_checks_the_name_and_who_signed(
    tmp_path: Path, named: str, trusted: bool, caplog: pytest.LogCaptureFixture
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(named).configure_cert(context)
    file = tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(file)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _ok(reader, writer)
        await reader.read()

    async def test() -> None:
        async with pretender(talk, context) as port, client(config(port, tls=StoreTls((str(file),)))) as redis:
            assert redis.is_up == (trusted and named == "127.0.0.1")

    run(test())
    assert ("certificate does not hold" in caplog.text) == (not trusted or named != "127.0.0.1")


def test_an_encrypted_key_is_an_error_and_no_question_at_the_terminal(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("gateway")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    private = load_pem_private_key(issued.private_key_pem.bytes(), None)
    encrypted = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a password"))
    key.write_bytes(encrypted)
    with pytest.raises(ssl.SSLError):
        tls_context(StoreTls(client_pairs=((str(certificate), str(key)),)))
    key.write_bytes(issued.private_key_pem.bytes())
    assert tls_context(StoreTls(client_pairs=((str(certificate), str(key)),))).check_hostname
    assert not tls_context(StoreTls(is_insecure=True)).check_hostname


def test_a_file_without_certificates_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "empty.pem"
    file.write_text("nothing")

    async def test() -> None:
        async with client(StoreConfig(port=1, tls=StoreTls((str(file),)))) as redis:
            assert not redis.is_up

    run(test())
    assert "it is away" in caplog.text
