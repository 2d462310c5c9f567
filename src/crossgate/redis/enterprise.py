"""`redis` as files of KrakenD Enterprise have it: pools of connections and clusters, by name.

Source: the public schema of KrakenD Enterprise 2.12 (`redis.json`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.secret import Secret
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.redis.place import by_address, check_file
from crossgate.redis.store import StoreConfig, Stores, StoreTls

POOLS = "redis"
MOST_CONNECTIONS = 64
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
_OF_CONNECTIONS = (
    Key("name", Kind.TEXT, "What limits call it."),
    Key("user_name", Kind.TEXT, "Who the gateway is to Redis."),
    Key("password", Kind.TEXT, "The password."),
    Key("client_name", Kind.TEXT, "What Redis calls the connections."),
    Key("dial_timeout", Kind.DURATION, "Most that making a connection takes.", "5s"),
    Key("pool_size", Kind.INTEGER, "Connections of each worker, in a cluster to each member.", 2),
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
)
POOL_KEYS = KeyTable(
    "a connection pool",
    Manner.EXACT,
    (
        Key("address", Kind.TEXT, "Where Redis is: host:port."),
        Key("db", Kind.INTEGER, "The number of the database.", 0),
        Key("database", Kind.INTEGER, "The same, as KrakenD's documentation had it once."),
        *_OF_CONNECTIONS,
    ),
)
CLUSTER_KEYS = KeyTable(
    "a cluster",
    Manner.EXACT,
    (
        Key("addresses", Kind.TEXTS, "Members of the cluster, as host:port: they tell of the others."),
        *_OF_CONNECTIONS,
        Key("max_redirects", Kind.ANY, "Read and not needed: a question is led on as far as its time goes."),
        *(
            Key(name, Kind.ANY, "Read and not needed: whoever counts asks the primaries.")
            for name in ("read_only", "route_by_latency", "route_randomly")
        ),
    ),
)
POOLS_KEYS = KeyTable(
    f'"{POOLS}"',
    Manner.EXACT,
    (
        Key("connection_pools", Kind.OBJECTS, "Each Redis, with a name of its own.", inner=POOL_KEYS),
        Key("clusters", Kind.OBJECTS, "Each cluster, with a name of its own.", inner=CLUSTER_KEYS),
    ),
)
_EE = "the community edition ignores it"
_SECOND = 1_000_000_000


def decode_pools(section: Section) -> Stores:
    """Each pool and each cluster, by name."""
    namespace = section.namespaces[POOLS]
    if not isinstance(namespace.value, dict):
        section.close(POOLS, namespace.path, f'"{POOLS}" must be an object', krakend=_EE)
        return Stores({})
    fields = section.guard_fields(POOLS, POOLS_KEYS, krakend=_EE)
    found: dict[str, StoreConfig] = {}
    for key, table in (("connection_pools", POOL_KEYS), ("clusters", CLUSTER_KEYS)):
        for path, item in fields.objects(key):
            if not isinstance(item, dict):
                section.close(POOLS, path, f"{table.title} is an object", krakend=_EE)
                continue
            store = _store(section, section.sub_fields(POOLS, item, path, table, krakend=_EE), path)
            if store is not None and store.name in found:
                section.close(POOLS, path, f'two of these are called "{store.name[:80]}"', krakend=_EE)
            elif store is not None:
                found[store.name] = store
    return Stores(found)


def _store(section: Section, fields: Fields, path: str) -> StoreConfig | None:
    is_cluster = fields.table is CLUSTER_KEYS
    key = "addresses" if is_cluster else "address"
    name, addresses = fields.text("name"), fields.texts("addresses") if is_cluster else (fields.text("address"),)
    if not name or not any(addresses):
        section.close(POOLS, path, f'{fields.table.title} needs a "name" and "{key}"', krakend=_EE)
        return None
    try:
        places = [by_address(address) for address in addresses]
    except ValueError:
        section.close(POOLS, fields.at(key), "this does not say where Redis is: write host:6379", krakend=_EE)
        return None
    tls = fields.object("tls")
    return replace(
        places[0],
        name=name,
        cluster=tuple([(each.host, each.port) for each in places]) if is_cluster else (),
        tls=None if tls is None else _tls(section, fields.at("tls"), tls),
        user=fields.text("user_name"),
        password=Secret(fields.text("password")),
        database=0 if is_cluster else max(0, fields.integer("db") or fields.integer("database")),
        client_name=fields.text("client_name"),
        pool_size=min(fields.integer("pool_size") or 2, MOST_CONNECTIONS),
        connect_seconds=(fields.nanoseconds("dial_timeout") or 5 * _SECOND) / _SECOND,
    )


def _tls(section: Section, path: str, item: Mapping[str, Any]) -> StoreTls:
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
            check_file(section, POOLS, place, file)
    files = fields.texts("ca_certs")
    for position, file in enumerate(files):
        check_file(section, POOLS, child(fields.at("ca_certs"), position), file)
    return StoreTls(files, fields.boolean("disable_system_ca_pool"), tuple(pairs), is_insecure)
