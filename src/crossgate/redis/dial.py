"""Making a connection that is good for use: reached, trusted, let in, and able to write in time."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from crossgate.flow.fiber import Signal
from crossgate.redis.failure import RedisAwayError, RedisRefusalError
from crossgate.redis.link import Batch, Link, pack
from crossgate.redis.store import StoreConfig, StoreTls

_ALIVE_MILLISECONDS = 60_000


async def dial(config: StoreConfig, make: Callable[[], Link], tls: ssl.SSLContext | None, key: str = "") -> Link:
    """A link on which a command that writes was answered within `config.timeout_seconds`. Raises RedisError.

    So one that is loading its data, full, read-only, or too slow to be of use counts as away. Without a `key` to write,
    whoever lets us in will do.
    """
    try:
        async with asyncio.timeout(config.connect_seconds):
            link = await _connect(config, make, tls)
    except TimeoutError:
        raise RedisAwayError("it cannot be reached in time") from None
    except (OSError, ssl.SSLError) as error:
        raise RedisAwayError(_reason(error)) from None
    try:
        await _greet(config, link, key)
    except BaseException as error:
        link.lose("it could not be used")
        if isinstance(error, TimeoutError):
            raise RedisAwayError(f"it does not answer within {config.timeout_seconds * 1000:.0f} ms") from None
        raise
    return link


async def _connect(config: StoreConfig, make: Callable[[], Link], tls: ssl.SSLContext | None) -> Link:
    loop = asyncio.get_running_loop()
    if config.socket_path:
        return (await loop.create_unix_connection(make, config.socket_path))[1]
    name = config.host if tls is not None else None
    return (await loop.create_connection(make, config.host, config.port, ssl=tls, server_hostname=name))[1]


async def _greet(config: StoreConfig, link: Link, key: str) -> None:
    password = config.password.reveal()
    async with asyncio.timeout(config.connect_seconds):
        if password:
            await ask_alone(link, "AUTH", config.user, password) if config.user else await ask_alone(
                link, "AUTH", password
            )
        if config.client_name:
            with suppress(RedisRefusalError):  # a name is for people; not everybody may give himself one
                await ask_alone(link, "CLIENT", "SETNAME", config.client_name)
        if config.database:
            await ask_alone(link, "SELECT", config.database)
    if key:
        async with asyncio.timeout(config.timeout_seconds):
            await ask_alone(link, "SET", key, 1, "PX", _ALIVE_MILLISECONDS)


async def ask_alone(link: Link, *words: str | int) -> Any:
    """One answer, awaited by a task and not by a fiber."""
    signal: Signal[Any] = Signal()
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    signal.wait_with(lambda: None if arrived.done() else arrived.set_result(None))
    link.send(pack(words), Batch([signal], 0.0))
    await arrived
    return signal.result()


def tls_context(config: StoreTls) -> ssl.SSLContext:
    """The context. Raises OSError, or ValueError where a file has no certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not config.without_system:
        context.load_default_certs()
    for path in config.ca_files:
        context.load_verify_locations(path)
    for certificate, key in config.client_pairs:
        context.load_cert_chain(certificate, key, password=_no_password)
    if config.is_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _no_password() -> bytes:
    """Without it OpenSSL would ask whoever sits at the terminal for that of an encrypted key."""
    return b""


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold: {error.verify_message}"
    return error.strerror or str(error) or type(error).__name__
