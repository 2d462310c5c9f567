"""The root of the file. Source: lura v2 `config/config.go`, Init and initGlobalParams."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from crossgate.config.component import ConfigComponent, namespaces_by_any_name
from crossgate.config.convert import go_type
from crossgate.config.decode.alike import Alike
from crossgate.config.decode.backend import clean_hosts
from crossgate.config.decode.context import Context, check_choice, cut
from crossgate.config.decode.decoders import Decoders
from crossgate.config.decode.endpoint import decode_endpoint
from crossgate.config.decode.root_guards import RootFields, report_not_run
from crossgate.config.document import Document, EndpointNode, Node
from crossgate.config.fields import Fields
from crossgate.config.model import NOTHING, LimitsConfig, ServiceConfig, UpstreamConfig
from crossgate.config.namespaces.cors import decode_cors
from crossgate.config.namespaces.drain import decode_drain
from crossgate.config.namespaces.errors import decode_errors
from crossgate.config.namespaces.log import decode_log
from crossgate.config.namespaces.router import decode_router
from crossgate.config.namespaces.server import decode_server
from crossgate.config.read_file import NotedFiles
from crossgate.config.report import Report
from crossgate.config.tables import ENDPOINT_ENCODINGS, SERVICE_KEYS

_SECOND = 1_000_000_000
_ENDPOINT_HINT = 'write {"endpoint": "/path", "backend": [{"url_pattern": "/path"}]}'


def decode_service(
    tree: Mapping[str, Any],
    version: Literal[2, 3],
    report: Report,
    *,
    overlaid: Mapping[str, str],
    allow_unsupported: bool = False,
    components: Sequence[ConfigComponent] = (),
    environ: Mapping[str, str] = NOTHING,
    preview: bool = False,
    serving: bool = True,
    read_file: NotedFiles,
    is_elsewhere: bool = False,
    like: Document | None = None,
) -> Document:
    """The whole file. `overlaid` names the root keys that come from environment variables.

    `preview`: a version 4 file, read as version 3. `serving`, `is_elsewhere`, `like`: see load_text. `read_file` reads
    what the file names; it raises OSError.
    """
    context = Context(
        version,
        report,
        allow_unsupported,
        decoders=Decoders(components, NOTHING),
        names=namespaces_by_any_name(components),
        environ=environ,
        read_file=read_file,
        is_elsewhere=is_elsewhere,
        preview=preview,
    )
    fields = RootFields(tree, "$", SERVICE_KEYS, version, report, context.names, overlaid)
    context = replace(context, timeout_ns=fields.nanoseconds("timeout") or 2 * _SECOND)
    extra = context.extra_config(fields, "service")
    of_service, closed = context.decode_components("service", "$", extra)
    cors = decode_cors(extra.counting, version, report)
    encoding = fields.text("output_encoding")
    check_choice(fields, "output_encoding", encoding, ENDPOINT_ENCODINGS, "falls back to another encoding")
    context = replace(
        context,
        disable_rest=fields.boolean("disable_rest"),
        cache_ttl_ns=fields.nanoseconds("cache_ttl"),
        output_encoding=encoding,
        hosts=clean_hosts(fields.texts("host"), fields, "host"),
        cors=cors,
        of_service=of_service,
        decoders=Decoders(components, of_service),
        closed_by=extra.unsupported + closed,
        https_closed_by=report_not_run(fields, allow_unsupported=allow_unsupported, preview=preview, serving=serving),
    )
    router = decode_router(extra.counting.get("router"), version, report)
    limits = decode_server(extra.counting.get("crossgate/server"), version, report)
    endpoints = _endpoints(fields, context, None if like is None else Alike(like, context, extra.counting))
    own_policies = [endpoint.config.cors for endpoint in endpoints]
    config = ServiceConfig(
        version=version,
        name=fields.text("name"),
        port=_port(fields),
        listen_ip=_listen_ip(fields),
        endpoints=tuple([endpoint.config for endpoint in endpoints if endpoint.served]),
        cors=cors.default,
        cors_debug=any(policy.config.debug for policy in (cors.default, *own_policies) if policy is not None),
        router=router,
        limits=_limits(fields, limits),
        upstream=_upstream(fields),
        error_style=decode_errors(extra.counting.get("crossgate/errors"), version, report),
        log=decode_log(extra.counting, version, report),
        debug_endpoint=fields.boolean("debug_endpoint"),
        echo_endpoint=fields.boolean("echo_endpoint"),
        max_shutdown_wait_seconds=_seconds(fields, "max_shutdown_wait_time"),
        drain_delay_seconds=decode_drain(extra.counting.get("crossgate/drain"), version, report),
        unsupported=extra.unsupported + closed,
        components=of_service,
    )
    fields.integer("version")
    fields.boolean("sequential_start")
    fields.nanoseconds("dialer_fallback_delay")
    fields.nanoseconds("dialer_keep_alive")
    service = Node("$", tree, fields.keys, extra.counting, frozenset(fields.broken))
    return Document(version, tree, service, config, endpoints, cors, context.disable_rest, context)


def _endpoints(fields: Fields, context: Context, alike: Alike | None) -> tuple[EndpointNode, ...]:
    nodes = []
    for position, (path, item) in enumerate(fields.objects("endpoints")):
        if isinstance(item, dict):
            known = None if alike is None else alike.node(item, path, position)
            nodes.append(decode_endpoint(item, path, position, context) if known is None else known)
            continue
        krakend = "panics at start" if item is None else f"refuses to start: expected a map, got '{go_type(item)}'"
        context.report.error("CFG202", path, "an endpoint must be an object", hint=_ENDPOINT_HINT, krakend=krakend)
    return tuple(nodes)


def _port(fields: Fields) -> int:
    port = fields.integer("port")
    if 0 <= port <= 65_535:
        return port or 8080
    fields.report.error(
        "CFG215",
        fields.at("port"),
        "a port must be a number from 1 to 65535",
        hint="write 8080, for example",
        krakend=f"ends at once: listen tcp: address {port}: invalid port",
    )
    return 8080


def _listen_ip(fields: Fields) -> str:
    address = fields.text("listen_ip")
    if not address:
        return ""
    if not _is_address(address):
        fields.broke("listen_ip")
        fields.report.error(
            "CFG218",
            fields.at("listen_ip"),
            f'"{cut(address)}" is not an IP address',
            hint="write an address such as 127.0.0.1, or leave it out to listen on all",
            krakend=f"refuses to start: invalid ip address {cut(address)}",
        )
        return ""
    if fields.version == 2:
        # DEVIATION(DEV-CONF-2): KrakenD 1.4 does not know listen_ip. Who wrote it wants fewer interfaces, not all.
        message = 'crossgate listens on this address only, although KrakenD 1.4 does not know "listen_ip"'
        fields.report.note("CFG224", fields.at("listen_ip"), message, krakend="1.4 ignores it and listens everywhere")
    return address


def _is_address(text: str) -> bool:
    """Whether Go's net.ParseIP takes it: no zones."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _limits(fields: Fields, limits: LimitsConfig) -> LimitsConfig:
    """KrakenD's own root keys, where given, win over `crossgate/server`. Zero is KrakenD's way not to give one."""
    head_bytes = fields.integer("max_header_bytes")
    return replace(
        limits,
        max_head_bytes=head_bytes if head_bytes > 0 else limits.max_head_bytes,
        header_timeout_seconds=_seconds(fields, "read_header_timeout") or limits.header_timeout_seconds,
        idle_timeout_seconds=_seconds(fields, "idle_timeout") or limits.idle_timeout_seconds,
        write_timeout_seconds=_seconds(fields, "write_timeout") or limits.write_timeout_seconds,
        read_timeout_seconds=_seconds(fields, "read_timeout"),
    )


def _upstream(fields: Fields) -> UpstreamConfig:
    dns_cache_ttl = _seconds(fields, "dns_cache_ttl")
    if 0 < dns_cache_ttl < 1:
        fields.report.warning(
            "CFG217", fields.at("dns_cache_ttl"), "less than a second has no effect: 30s is used", krakend="ignores it"
        )
    return UpstreamConfig(
        max_idle_connections=max(0, fields.integer("max_idle_connections")),
        max_idle_connections_per_host=fields.integer("max_idle_connections_per_host") or 250,
        idle_connection_timeout_seconds=_seconds(fields, "idle_connection_timeout"),
        dialer_timeout_seconds=_seconds(fields, "dialer_timeout"),
        response_header_timeout_seconds=_seconds(fields, "response_header_timeout"),
        expect_continue_timeout_seconds=_seconds(fields, "expect_continue_timeout"),
        disable_keep_alives=fields.boolean("disable_keep_alives"),
        disable_compression=fields.boolean("disable_compression"),
        allow_insecure_connections=fields.boolean("allow_insecure_connections"),
        dns_cache_ttl_seconds=dns_cache_ttl if dns_cache_ttl >= 1 else 30.0,
    )


def _seconds(fields: Fields, name: str) -> float:
    """A duration that means none where it is zero or negative, as in Go's net/http."""
    return max(0, fields.nanoseconds(name)) / 1e9
