"""One backend. Source: lura v2 `config/config.go`, initBackendDefaults and initBackendURLMappings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from crossgate.config.decode.context import Context, check_choice, cut, header_name
from crossgate.config.decode.object_fields import ObjectFields
from crossgate.config.document import BackendNode
from crossgate.config.fields import Fields
from crossgate.config.hosts import SHORT_PORT, InvalidHostError, clean_host
from crossgate.config.model import BackendConfig
from crossgate.config.namespaces.backend_http import decode_backend_http
from crossgate.config.namespaces.proxy import decode_backend_proxy
from crossgate.config.tables import BACKEND_ENCODINGS, BACKEND_KEYS
from crossgate.config.url_paths import clean_path
from crossgate.diagnostics.path import child


def decode_backend(
    raw: Mapping[str, Any], path: str, index: int, endpoint_method: str, *, forced_no_op: bool, context: Context
) -> BackendNode:
    """One backend. `endpoint_method` is the endpoint's method, in capitals."""
    report, version = context.report, context.version
    fields = ObjectFields(raw, path, BACKEND_KEYS, version, report, context.names)
    extra = context.extra_config(fields, "backend")
    proxy = decode_backend_proxy(extra.counting.get("proxy"), version, report)
    http = decode_backend_http(
        extra.counting.get("backend/http"), extra.counting.get("backend/http/client"), version, report
    )
    url_pattern = clean_path(fields.text("url_pattern"))
    components, closed = context.decode_components("backend", path, extra, url_path=url_pattern)
    _report_ignored(fields)
    if "url_pattern" not in fields.keys:
        message = 'this backend has no "url_pattern", so it is called on /'
        report.note("CFG221", path, message, hint='write "url_pattern": "/" if that is meant', krakend="calls /")
    config = BackendConfig(
        index=index,
        hosts=_hosts(fields, context),
        url_pattern=url_pattern,
        method=fields.text("method").upper() or endpoint_method,
        encoding="no-op" if forced_no_op else _encoding(fields),
        is_collection=fields.boolean("is_collection"),
        target=fields.text("target"),
        allow=fields.texts("allow"),
        deny=fields.texts("deny"),
        mapping=_mapping(fields),
        group=fields.text("group"),
        input_headers=tuple([header_name(name) for name in fields.texts("input_headers")]) or None,
        input_query_strings=fields.texts("input_query_strings") or None,
        sd=_service_discovery(fields),
        sd_scheme=fields.text("sd_scheme") or "http",
        flatmap=proxy.flatmap,
        shadow=proxy.shadow,
        shadow_timeout_seconds=proxy.shadow_timeout_seconds,
        return_error_details=http.return_error_details,
        return_error_code=http.return_error_code,
        send_body_on_redirect=http.send_body_on_redirect,
        components=components,
        wrapped_by=tuple([name for name in components if name in context.decoders.wrapping_calls]),
        guarded_by=tuple([name for name in components if name in context.decoders.guarding_calls]),
    )
    closed_by = extra.unsupported + closed + (context.https_closed_by if _calls_https(config) else ())
    if closed_by:
        config = replace(config, unsupported=closed_by)
    return BackendNode(path, raw, fields.keys, extra.counting, frozenset(fields.broken), config=config)


def _calls_https(config: BackendConfig) -> bool:
    if config.sd == "dns":
        return config.sd_scheme.lower() == "https"
    return any(host.lower().startswith("https:") for host in config.hosts)


def _hosts(fields: Fields, context: Context) -> tuple[str, ...]:
    """The backend's hosts, cleaned unless the file says otherwise; the service's where it names none."""
    verbatim = fields.boolean("disable_host_sanitize")
    hosts = fields.texts("host")
    if not hosts:
        return () if "host" in fields.broken else context.hosts
    return hosts if verbatim else clean_hosts(hosts, fields, "host")


_AS_A_HOST: Final = 'write "http://name:port", with no path and no user name; or set "disable_host_sanitize": true'
_AS_IT_IS: Final = 'KrakenD knows no port of one digit: set "disable_host_sanitize": true'


def clean_hosts(hosts: tuple[str, ...], fields: Fields, name: str) -> tuple[str, ...]:
    """The hosts that can be cleaned; the others are reported."""
    cleaned: list[str] = []
    is_list = isinstance(fields.get(name), list)
    for position, host in enumerate(hosts):
        try:
            whole, dropped = clean_host(host)
            if not dropped:
                cleaned.append(whole)
                continue
            path = child(fields.at(name), position) if is_list else fields.at(name)
        except InvalidHostError:
            path = child(fields.at(name), position) if is_list else fields.at(name)
            fields.broke(name)
            fields.report.error(
                "CFG212",
                path,
                f'"{cut(host)}" is not a host',
                hint=_AS_A_HOST if SHORT_PORT.search(host) is None else _AS_IT_IS,
                krakend=f"refuses to start: host {cut(host)} not valid: invalid host",
            )
            continue
        message = f'"{cut(dropped)}" does not belong in a host and is dropped: what is left is {whole}'
        fields.report.warning("CFG203", path, message, hint=f'write "{whole}"', krakend="drops it silently")
        cleaned.append(whole)
    return tuple(cleaned)


def _encoding(fields: Fields) -> str:
    """The decoder's name. KrakenD looks it up in lower case, and takes json for what it does not know."""
    written = fields.text("encoding")
    encoding = written.lower()
    check_choice(fields, "encoding", encoding, BACKEND_ENCODINGS, "decodes json")
    return encoding if encoding in BACKEND_ENCODINGS and encoding != "fast-json" else "json"


def _mapping(fields: Fields) -> dict[str, str]:
    return {source: target.partition(".")[0] for source, target in fields.text_map("mapping").items()}


def _service_discovery(fields: Fields) -> Literal["static", "dns"]:
    name = fields.text("sd")
    check_choice(fields, "sd", name, ("static", "dns"), "takes the hosts as they are")
    return "dns" if name == "dns" else "static"


def _report_ignored(fields: Fields) -> None:
    """Keys that are checked and then have no effect, since the endpoint's hold."""
    fields.nanoseconds("timeout")
    fields.integer("concurrent_calls")
    if fields.get("concurrent_calls") is not None and "concurrent_calls" not in fields.broken:
        fields.report.warning(
            "CFG217",
            fields.at("concurrent_calls"),
            "concurrent_calls has no effect in a backend: the endpoint's value counts",
            hint="move it to the endpoint",
            krakend="ignores it silently",
            on_key=True,
        )
