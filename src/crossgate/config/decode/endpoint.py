"""One endpoint with its backends. Source: lura v2 `config/config.go`, initEndpoints and validate."""

from collections.abc import Mapping
from typing import Any

from crossgate.config.convert import go_type
from crossgate.config.decode.backend import decode_backend
from crossgate.config.decode.context import Context, check_choice, cut, header_name
from crossgate.config.decode.object_fields import ObjectFields
from crossgate.config.document import BackendNode, EndpointNode
from crossgate.config.fields import Fields
from crossgate.config.model import EndpointConfig
from crossgate.config.namespaces.cors import decode_endpoint_cors
from crossgate.config.namespaces.proxy import decode_endpoint_proxy
from crossgate.config.tables import ENDPOINT_ENCODINGS, ENDPOINT_KEYS, METHODS
from crossgate.config.url_paths import clean_path, endpoint_params, endpoint_placeholders, is_refused_path


def decode_endpoint(raw: Mapping[str, Any], path: str, index: int, context: Context) -> EndpointNode:
    """One endpoint; what cannot be read is reported and has its default."""
    report, version = context.report, context.version
    files_before = context.read_file.count
    fields = ObjectFields(raw, path, ENDPOINT_KEYS, version, report, context.names)
    url_path = clean_path(fields.text("endpoint"))
    method = _method(fields)
    encoding = fields.text("output_encoding")
    check_choice(fields, "output_encoding", encoding, ENDPOINT_ENCODINGS, "falls back to another encoding")
    encoding = encoding or context.output_encoding or "json"
    extra = context.extra_config(fields, "endpoint")
    proxy = decode_endpoint_proxy(extra.counting.get("proxy"), version, report)
    cors = None
    if context.cors is not None:
        cors = decode_endpoint_cors(context.cors, extra.counting.get("crossgate/cors"), report)
    _check_path(fields, url_path, context)
    if "endpoint" not in fields.keys:
        report.note(
            "CFG221",
            path,
            'this endpoint has no "endpoint", so its path is /',
            hint='write "endpoint": "/"',
            krakend="serves /",
        )
    backends = _backends(fields, url_path, method, encoding, context)
    params = endpoint_params(url_path, disable_rest=context.disable_rest)
    components, closed = context.decode_components(
        "endpoint",
        path,
        extra,
        backends=tuple([backend.config for backend in backends]),
        params=params,
        url_path=url_path,
    )
    config = EndpointConfig(
        index=index,
        path=url_path,
        method=method,
        backends=tuple([backend.config for backend in backends]),
        params=params,
        timeout_seconds=_nanoseconds(fields, "timeout", context.timeout_ns) / 1e9,
        cache_ttl_seconds=_nanoseconds(fields, "cache_ttl", context.cache_ttl_ns) / 1e9,
        output_encoding=encoding,
        concurrent_calls=max(1, fields.integer("concurrent_calls")),
        input_headers=tuple([header_name(name) for name in fields.texts("input_headers")]),
        input_query_strings=fields.texts("input_query_strings"),
        sequential=proxy.sequential,
        sequential_propagated_params=proxy.propagated_params,
        static=proxy.static,
        flatmap=proxy.flatmap,
        cors=cors,
        unsupported=context.closed_by + extra.unsupported + closed,
        components=components,
        answered_by=next((name for name in components if name in context.decoders.answering), ""),
        wrapped_by=tuple([name for name in components if name in context.decoders.wrapping]),
        modified_by=tuple([name for name in components if name in context.decoders.modifying]),
    )
    return EndpointNode(
        path,
        raw,
        fields.keys,
        extra.counting,
        frozenset(fields.broken),
        config=config,
        backends=backends,
        placeholders=endpoint_placeholders(url_path, disable_rest=context.disable_rest),
        served=method in METHODS,
        reads_files=context.read_file.count > files_before,
    )


def _method(fields: Fields) -> str:
    written = fields.text("method")
    method = written.upper() or "GET"
    if method not in METHODS:
        fields.report.warning(
            "CFG213",
            fields.at("method"),
            f'the endpoint does not exist: endpoints cannot have the method "{cut(written)}"',
            hint=f"write one of {', '.join(METHODS)}",
            krakend="logs `Unsupported method` and starts without the endpoint",
            failing=(fields.path,),
        )
    return method


def _check_path(fields: Fields, url_path: str, context: Context) -> None:
    if "endpoint" in fields.broken or not is_refused_path(url_path, context.version):
        return
    fields.broke("endpoint")
    method = fields.text("method") if isinstance(fields.get("method"), str) else ""
    reserved = "*" not in url_path
    fields.report.error(
        "CFG211",
        fields.at("endpoint"),
        "this path is reserved for the gateway itself" if reserved else "nothing can follow a `*` in a path",
        hint="choose another path" if reserved else "use a parameter for the segment: /{name}",
        krakend=f"refuses to start: ignoring the '{cut(method)} {cut(url_path)}' endpoint, since it is invalid!!!",
    )


def _backends(fields: Fields, url_path: str, method: str, encoding: str, context: Context) -> tuple[BackendNode, ...]:
    report = context.report
    items = fields.objects("backend")
    if not items and "backend" not in fields.broken:
        written = fields.get("method") if isinstance(fields.get("method"), str) else ""
        report.error(
            "CFG214",
            fields.at("backend"),
            "an endpoint needs at least one backend",
            hint='add "backend": [{"host": ["http://name:port"], "url_pattern": "/"}]',
            krakend=f"refuses to start: ignoring the '{cut(written)} {cut(url_path)}' endpoint, "
            "since it has 0 backends defined!",
        )
    backends = []
    for position, (path, item) in enumerate(items):
        if not isinstance(item, dict):
            report.error(
                "CFG202",
                path,
                "a backend must be an object",
                hint='write {"host": ["http://name:port"], "url_pattern": "/"}',
                krakend="panics at start"
                if item is None
                else f"refuses to start: expected a map, got '{go_type(item)}'",
            )
            continue
        forced = encoding == "no-op" and len(items) == 1
        backends.append(decode_backend(item, path, position, method, forced_no_op=forced, context=context))
    return tuple(backends)


def _nanoseconds(fields: Fields, name: str, inherited: int) -> int:
    """A duration; zero inherits."""
    return fields.nanoseconds(name) or inherited
