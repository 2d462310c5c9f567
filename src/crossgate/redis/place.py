"""Where a file says that a Redis is: URLs, addresses, and the files of its certificates."""

from typing import TypeGuard
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from crossgate.config.secret import Secret
from crossgate.config.section import Section
from crossgate.redis.store import DEFAULT_PORT, StoreConfig, StoreTls


def by_url(parts: SplitResult) -> StoreConfig:
    """Raises ValueError."""
    user, password = unquote(parts.username or ""), Secret(unquote(parts.password or ""))
    if parts.scheme == "unix" and parts.path:
        database = int(parse_qs(parts.query).get("db", ["0"])[0])
        return StoreConfig(socket_path=unquote(parts.path), user=user, password=password, database=database)
    if parts.scheme not in ("redis", "rediss") or not _is_host(parts.hostname) or parts.query or parts.fragment:
        raise ValueError
    database = int(parts.path.strip("/") or 0)
    tls = StoreTls() if parts.scheme == "rediss" else None
    port = DEFAULT_PORT if parts.port is None else parts.port
    return StoreConfig(host=parts.hostname, port=port, user=user, password=password, database=database, tls=tls)


def by_address(address: str) -> StoreConfig:
    """Raises ValueError."""
    parts = urlsplit(f"//{address}")
    if not _is_host(parts.hostname) or parts.path or parts.query or parts.fragment or "@" in address:
        raise ValueError
    return StoreConfig(host=parts.hostname, port=DEFAULT_PORT if parts.port is None else parts.port)


def _is_host(name: str | None) -> TypeGuard[str]:
    return name is not None and name != "" and name.isprintable() and " " not in name


def check_file(section: Section, name: str, path: str, file: str) -> None:
    """Read it once, so that a file that is not there prevents the start, and one that changes is seen."""
    try:
        section.read_file(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        section.close(name, path, f"the file cannot be read: {reason}")
