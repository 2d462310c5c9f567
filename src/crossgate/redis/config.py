"""`crossgate/redis`, and which Redis a file has altogether."""

from dataclasses import replace
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.report import Report
from crossgate.config.secret import Secret
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.redis.enterprise import MOST_CONNECTIONS, POOLS, POOLS_KEYS, decode_pools
from crossgate.redis.place import by_address, by_url, check_file
from crossgate.redis.store import OnFailure, StoreConfig, Stores, StoreTls

OWN = "crossgate/redis"
SHAREABLE = ("limits", "cache", "revocations")
ON_FAILURE: tuple[OnFailure, ...] = ("local", "allow", "refuse")
OWN_KEYS = KeyTable(
    f'"{OWN}"',
    Manner.OWN,
    (
        Key("url", Kind.TEXT, "Where Redis is: redis://, rediss:// or unix://."),
        Key("address", Kind.TEXT, "The same as host:port, without TLS."),
        Key("cluster", Kind.TEXTS, "In their place members of a cluster, as URLs or as host:port."),
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
NAMESPACES = (
    ComponentNamespace(OWN, "A Redis by which gateways share limits and more.", {"service": OWN_KEYS}),
    ComponentNamespace(POOLS, "Redis by name, for limits that are shared.", {"service": POOLS_KEYS}),
)
_SECOND = 1_000_000_000


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
    stores = decode_pools(section) if POOLS in section.namespaces else Stores({})
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
    if config.cluster and database:
        refuse("database", "a cluster has one database", 'remove "database"')
    if config.cluster and ("{" in fields.text("prefix") or "}" in fields.text("prefix")):
        refuse("prefix", "braces would put all keys into one slot of the cluster", "write a prefix without them")
    if pool_size > MOST_CONNECTIONS:
        refuse("pool_size", f'"pool_size" must be at most {MOST_CONNECTIONS}', "a few connections carry all commands")
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
    """By the one key that says where it is. A cluster's members have one user, password and TLS: those of the first."""
    written = [key for key in ("url", "address", "cluster") if fields.get(key)]
    if len(written) != 1:
        message = 'write one of "url", "address" and "cluster"' if written else f'"{OWN}" does not say where Redis is'
        section.close(OWN, fields.path, message, hint='write "url": "redis://127.0.0.1:6379"')
        return StoreConfig()
    key = written[0]
    try:
        if key == "cluster":
            return _cluster(fields)
        return by_url(urlsplit(fields.text("url"))) if key == "url" else by_address(fields.text("address"))
    except ValueError:
        # Not what is wrong with it: a URL may have a password.
        known = {
            "url": "redis://host:6379, rediss://host:6379 or unix:///path",
            "address": "host:6379",
            "cluster": '["redis://one:6379", "redis://two:6379"], all of them with TLS (rediss://) or none',
        }
        refuse(key, f"this does not say where Redis is: write {known[key]}")
        return StoreConfig()


def _cluster(fields: Fields) -> StoreConfig:
    """Raises ValueError."""
    members = [
        by_url(urlsplit(text)) if "://" in text else by_address(text) for text in fields.texts("cluster") if text
    ]
    first = members[0] if members else StoreConfig(socket_path="none")
    if any(each.socket_path or each.database or each.tls != first.tls for each in (first, *members)):
        raise ValueError
    return replace(first, cluster=tuple([(each.host, each.port) for each in members]))


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
            check_file(section, OWN, fields.at(name), fields.text(name))
    return StoreTls((ca,) if ca else (), client_pairs=((certificate, key),) if certificate and key else ())
