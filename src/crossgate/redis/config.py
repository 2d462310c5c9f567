"""`crossgate/redis`, and `redis` as files of KrakenD Enterprise have it: which Redis there are, by name.

Source: the public schema of KrakenD Enterprise 2.12 (`redis.json`).
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, TypeGuard
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.report import Report
from crossgate.config.secret import Secret
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.redis.store import DEFAULT_PORT, OnFailure, StoreConfig, Stores, StoreTls

OWN = "crossgate/redis"
POOLS = "redis"
SHAREABLE = ("limits", "cache", "revocations")
ON_FAILURE: tuple[OnFailure, ...] = ("local", "allow", "refuse")
OWN_KEYS = KeyTable(
    f'"{OWN}"',
    Manner.OWN,
    (
        Key("url", Kind.TEXT, "Where Redis is: redis://, rediss:// or unix://."),
        Key("address", Kind.TEXT, "The same as host:port, without TLS."),
        Key("user", Kind.TEXT, "Who the gateway is to Redis."),
        Key("password", Kind.TEXT, "The password; better in `password_env`."),
        Key("password_env", Kind.TEXT, "The environment variable that has the password."),
        Key("database", Kind.INTEGER, "The number of the database.", 0, minimum=0),
        Key("prefix", Kind.TEXT, "What all keys begin with.", "crossgate:"),
        Key("pool_size", Kind.INTEGER, "Connections of each worker.", 2, minimum=1),
        Key("timeout", Kind.DURATION, "Most that a request waits for Redis.", "50ms"),
        Key("connect_timeout", Kind.DURATION, "Most that making a connection takes.", "1s"),
        Key("ca_file", Kind.TEXT, "Certificates that are trusted beside the system's."),
        Key("certificate_file", Kind.TEXT, "The gateway's own certificate."),
        Key("key_file", Kind.TEXT, "The key of that certificate."),
        Key("share", Kind.TEXTS, "What all gateways share: limits, cache, revocations.", choices=SHAREABLE),
        Key("on_failure", Kind.TEXT, "What limits do without Redis.", "local", choices=ON_FAILURE),
    ),
)
TLS_KEYS = KeyTable(
    "the TLS of a connection pool",
    Manner.EXACT,
    (
        Key("allow_insecure_connections", Kind.BOOLEAN, "Trust any certificate.", False),
        Key("ca_certs", Kind.TEXTS, "Files with certificates that are trusted beside the system's."),
        Key("disable_system_ca_pool", Kind.BOOLEAN, "Trust none of the system's.", False),
        Key("client_certs", Kind.OBJECTS, "The gateway's own: `certificate` and `private_key` are files."),
        *(
            Key(name, Kind.ANY, "Read and not needed: TLS 1.2 or later, with what OpenSSL finds safe.")
            for name in ("min_version", "max_version", "curve_preferences", "cipher_suites")
        ),
    ),
)
POOL_KEYS = KeyTable(
    "a connection pool",
    Manner.EXACT,
    (
        Key("address", Kind.TEXT, "Where Redis is: host:port."),
        Key("db", Kind.INTEGER, "The number of the database.", 0),
        Key("database", Kind.INTEGER, "The same, as KrakenD's documentation had it once."),
        Key("name", Kind.TEXT, "What limits call it."),
        Key("user_name", Kind.TEXT, "Who the gateway is to Redis."),
        Key("password", Kind.TEXT, "The password."),
        Key("client_name", Kind.TEXT, "What Redis calls the connections."),
        Key("dial_timeout", Kind.DURATION, "Most that making a connection takes.", "5s"),
        Key("pool_size", Kind.INTEGER, "Connections of each worker.", 2),
        Key("tls", Kind.OBJECT, "TLS towards this Redis, as in `client_tls`.", inner=TLS_KEYS),
        *(
            Key(name, Kind.ANY, "Read and not needed: a few connections carry all commands.")
            for name in ("pool_timeout", "max_active_conns", "max_idle_conns", "min_idle_conns", "conn_max_idle_time")
        ),
        Key("conn_max_life_time", Kind.ANY, "Read and not needed."),
        *(
            Key(name, Kind.ANY, "Read and not needed: nobody waits for a second attempt.")
            for name in ("max_retries", "min_retry_backoff", "max_retry_backoff")
        ),
        Key("opentelemetry", Kind.ANY, "Read and not needed: metrics tell of every Redis."),
    ),
)
POOLS_KEYS = KeyTable(
    f'"{POOLS}"',
    Manner.EXACT,
    (
        Key("connection_pools", Kind.OBJECTS, "Each Redis, with a name of its own.", inner=POOL_KEYS),
        Key("clusters", Kind.OBJECTS, "Not run: crossgate does not talk to Redis clusters."),
    ),
)
NAMESPACES = (
    ComponentNamespace(OWN, "A Redis by which gateways share limits and more.", {"service": OWN_KEYS}),
    ComponentNamespace(POOLS, "Redis by name, for limits that are shared.", {"service": POOLS_KEYS}),
)
_EE = "the community edition ignores it"
_SECOND = 1_000_000_000
_MOST_CONNECTIONS = 64


def stores_of(section: Section) -> Stores | None:
    """What the service's section says, for who needs it and is not to tell of it."""
    return decode_stores(replace(section, report=Report(), closed=[]))


def decode_stores(section: Section) -> Stores | None:
    """The Redis of a file; None where there is none."""
    present = [name for name in (OWN, POOLS) if name in section.namespaces]
    if not present:
        return None
    if find_spec("hiredis") is None:
        message, hint = "this needs the hiredis library, which is not installed", "pip install crossgate[redis]"
        section.close(present[0], section.namespaces[present[0]].path, message, hint=hint)
        return None
    stores = _pools(section) if POOLS in section.namespaces else Stores({})
    return _own(section, stores) if OWN in section.namespaces else stores


# ---- crossgate/redis


def _own(section: Section, stores: Stores) -> Stores:
    namespace = section.namespaces[OWN]
    if not isinstance(namespace.value, dict):
        section.close(OWN, namespace.path, f'"{OWN}" must be an object')
        return stores
    fields = section.guard_fields(OWN, OWN_KEYS)

    def refuse(key: str, message: str, hint: str = "") -> None:
        section.close(OWN, fields.at(key), message, hint=hint)

    config = _place(section, fields, refuse)
    timeout, connect = fields.nanoseconds("timeout", 50_000_000), fields.nanoseconds("connect_timeout", _SECOND)
    pool_size, database = fields.integer("pool_size", 2), fields.integer("database", config.database)
    for key, value in (("timeout", timeout), ("connect_timeout", connect), ("pool_size", pool_size)):
        if value <= 0:
            refuse(key, f'"{key}" must be more than zero')
    if database < 0:
        refuse("database", '"database" must not be negative')
    if pool_size > _MOST_CONNECTIONS:
        refuse("pool_size", f'"pool_size" must be at most {_MOST_CONNECTIONS}', "a few connections carry all commands")
    shared = fields.texts("share") if "share" in fields.keys else ("limits", "revocations")
    for position, what in enumerate(shared):
        if what not in SHAREABLE:
            message = f'gateways cannot share "{what[:80]}"'
            section.close(OWN, child(fields.at("share"), position), message, hint=f"write of {', '.join(SHAREABLE)}")
    on_failure = fields.text("on_failure") or "local"
    if on_failure not in ON_FAILURE:
        refuse("on_failure", f'"on_failure" must be one of {", ".join(ON_FAILURE)}')
    own = replace(
        config,
        user=fields.text("user") or config.user,
        password=_password(section, fields, config.password, refuse),
        database=database,
        prefix=fields.text("prefix") if "prefix" in fields.keys else config.prefix,
        pool_size=pool_size,
        timeout_seconds=timeout / _SECOND,
        connect_seconds=connect / _SECOND,
        tls=_own_tls(section, fields, config.tls, refuse),
    )
    # Enterprise's pools do not say how long a request waits for them.
    pools = {name: replace(pool, timeout_seconds=own.timeout_seconds) for name, pool in stores.by_name.items()}
    return replace(stores, by_name=pools, own=own, shared=frozenset(shared), on_failure=_on_failure(on_failure))


def _on_failure(text: str) -> OnFailure:
    return next((known for known in ON_FAILURE if known == text), "local")


def _place(section: Section, fields: Fields, refuse: Any) -> StoreConfig:
    url, address = fields.text("url"), fields.text("address")
    if bool(url) == bool(address):
        message = 'write either "url" or "address"' if url else f'"{OWN}" does not say where Redis is'
        section.close(OWN, fields.path, message, hint='write "url": "redis://127.0.0.1:6379"')
        return StoreConfig()
    try:
        return _by_url(urlsplit(url)) if url else _by_address(address)
    except ValueError:
        # Not what is wrong with it: a URL may have a password.
        known = "redis://host:6379, rediss://host:6379 or unix:///path" if url else "host:6379"
        refuse("url" if url else "address", f"this does not say where Redis is: write {known}")
        return StoreConfig()


def _by_url(parts: SplitResult) -> StoreConfig:
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


def _by_address(address: str) -> StoreConfig:
    """Raises ValueError."""
    parts = urlsplit(f"//{address}")
    if not _is_host(parts.hostname) or parts.path or parts.query or parts.fragment or "@" in address:
        raise ValueError
    return StoreConfig(host=parts.hostname, port=DEFAULT_PORT if parts.port is None else parts.port)


def _is_host(name: str | None) -> TypeGuard[str]:
    return name is not None and name != "" and name.isprintable() and " " not in name


def _password(section: Section, fields: Fields, in_url: Secret, refuse: Any) -> Secret:
    variable, written = fields.text("password_env"), fields.text("password")
    if not variable:
        return Secret(written) if written else in_url
    if written:
        refuse("password", 'write either "password" or "password_env"')
    found = section.environ.get(variable, "")
    if not found:
        refuse("password_env", f"the environment variable {variable[:80]} is not set")
    return Secret(found)


def _own_tls(section: Section, fields: Fields, tls: StoreTls | None, refuse: Any) -> StoreTls | None:
    ca, certificate, key = (fields.text(name) for name in ("ca_file", "certificate_file", "key_file"))
    if not (ca or certificate or key):
        return tls
    if tls is None:
        refuse(
            "ca_file" if ca else "certificate_file" if certificate else "key_file", "this needs TLS", "write rediss://"
        )
        return None
    if bool(certificate) != bool(key):
        refuse("key_file" if key else "certificate_file", 'write both, "certificate_file" and "key_file"')
    for name in ("ca_file", "certificate_file", "key_file"):
        if fields.text(name):
            _check_file(section, OWN, fields.at(name), fields.text(name))
    return StoreTls((ca,) if ca else (), client_pairs=((certificate, key),) if certificate and key else ())


def _check_file(section: Section, name: str, path: str, file: str) -> None:
    """Read it once, so that a file that is not there prevents the start, and one that changes is seen."""
    try:
        section.read_file(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        section.close(name, path, f"the file cannot be read: {reason}")


# ---- redis


def _pools(section: Section) -> Stores:
    namespace = section.namespaces[POOLS]
    if not isinstance(namespace.value, dict):
        section.close(POOLS, namespace.path, f'"{POOLS}" must be an object', krakend=_EE)
        return Stores({})
    fields = section.guard_fields(POOLS, POOLS_KEYS, krakend=_EE)
    found: dict[str, StoreConfig] = {}
    for path, item in fields.objects("connection_pools"):
        if not isinstance(item, dict):
            section.close(POOLS, path, "a connection pool is an object", krakend=_EE)
            continue
        pool = _pool(section, path, item)
        if pool is not None and pool.name in found:
            section.close(POOLS, path, f'there are two pools called "{pool.name[:80]}"', krakend=_EE)
        elif pool is not None:
            found[pool.name] = pool
    clusters = {
        str(item["name"]): path
        for path, item in fields.objects("clusters")
        if isinstance(item, dict) and "name" in item
    }
    for path in clusters.values():
        section.report.warning("CFG405", path, "crossgate does not talk to Redis clusters", krakend=_EE)
    return Stores(found, clusters=frozenset(clusters))


def _pool(section: Section, path: str, item: Mapping[str, Any]) -> StoreConfig | None:
    fields = section.sub_fields(POOLS, item, path, POOL_KEYS, krakend=_EE)
    name, address = fields.text("name"), fields.text("address")
    if not name or not address:
        section.close(POOLS, path, 'a connection pool needs a "name" and an "address"', krakend=_EE)
        return None
    try:
        config = _by_address(address)
    except ValueError:
        section.close(POOLS, fields.at("address"), "this does not say where Redis is: write host:6379", krakend=_EE)
        return None
    tls = fields.object("tls")
    return replace(
        config,
        name=name,
        tls=None if tls is None else _pool_tls(section, fields.at("tls"), tls),
        user=fields.text("user_name"),
        password=Secret(fields.text("password")),
        database=max(0, fields.integer("db") or fields.integer("database")),
        client_name=fields.text("client_name"),
        pool_size=min(fields.integer("pool_size") or 2, _MOST_CONNECTIONS),
        connect_seconds=(fields.nanoseconds("dial_timeout") or 5 * _SECOND) / _SECOND,
    )


def _pool_tls(section: Section, path: str, item: Mapping[str, Any]) -> StoreTls:
    fields = section.sub_fields(POOLS, item, path, TLS_KEYS, krakend=_EE)
    is_insecure = fields.boolean("allow_insecure_connections")
    if is_insecure:
        message = "anybody on the way to Redis can read along and answer in its place"
        section.report.warning("CFG217", fields.at("allow_insecure_connections"), message, krakend="does so, too")
    pairs: list[tuple[str, str]] = []
    for place, pair in fields.objects("client_certs"):
        members = pair if isinstance(pair, dict) else {}
        certificate, key = str(members.get("certificate", "")), str(members.get("private_key", ""))
        if not (certificate and key):
            section.close(POOLS, place, 'write a "certificate" and its "private_key"', krakend=_EE)
            continue
        pairs.append((certificate, key))
        for file in (certificate, key):
            _check_file(section, POOLS, place, file)
    files = fields.texts("ca_certs")
    for position, file in enumerate(files):
        _check_file(section, POOLS, child(fields.at("ca_certs"), position), file)
    return StoreTls(files, fields.boolean("disable_system_ca_pool"), tuple(pairs), is_insecure)
