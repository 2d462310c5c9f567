"""The keys of the service, of endpoints and of backends, in both versions.

Source: lura v2 `config/config.go` (ServiceConfig, EndpointConfig, Backend) and lura v1.4.1's.
"""

from crossgate.config.keys import Key, KeyTable, Kind, Manner

ENDPOINT_ENCODINGS = ("json", "json-collection", "fast-json", "yaml", "xml", "string", "negotiate", "no-op")
BACKEND_ENCODINGS = ("json", "safejson", "fast-json", "xml", "rss", "string", "no-op")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_T, _I, _B, _D, _L = Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN, Kind.DURATION, Kind.TEXTS

SERVICE_KEYS = KeyTable(
    "the root",
    Manner.CONVERT,
    (
        Key("version", _I, "The version of the file's format: 2 for KrakenD 1.x, 3 for 2.x, 4 for 3.0."),
        Key("name", _T, "A name for people."),
        Key("port", _I, "The port to listen on.", 8080),
        Key("listen_ip", _T, "The address to listen on; empty: all."),
        Key("host", _L, "Hosts of backends that name none."),
        Key("timeout", _D, "How long an endpoint may take where it does not say.", "2s"),
        Key("cache_ttl", _D, "max-age of complete answers where the endpoint does not say.", "0s"),
        Key(
            "output_encoding",
            _T,
            "Encoding of answers where the endpoint does not say.",
            "json",
            choices=ENDPOINT_ENCODINGS,
        ),
        Key("endpoints", Kind.OBJECTS, "The endpoints."),
        Key("extra_config", Kind.OBJECT, "Options of components, by namespace."),
        Key("disable_rest", _B, "Allow placeholders anywhere in endpoints.", False),
        Key("debug_endpoint", _B, "Serve /__debug/.", False, since3=True),
        Key("echo_endpoint", _B, "Serve /__echo/.", False, since3=True),
        Key("sequential_start", _B, "Register async agents one by one.", False, since3=True),
        Key("read_timeout", _D, "How long a request may take to arrive; 0s: for ever.", "0s"),
        Key("write_timeout", _D, "How long an answer may take to leave; 0s: for ever.", "0s"),
        Key("idle_timeout", _D, "How long a connection may be idle; 0s: for ever.", "0s"),
        Key("read_header_timeout", _D, "How long a request head may take to arrive; 0s: for ever.", "0s"),
        Key("max_header_bytes", _I, "Largest request head.", 1_000_000, since3=True),
        Key(
            "max_shutdown_wait_time",
            _D,
            "How long requests in flight may take at the end; 0s: for ever.",
            "0s",
            since3=True,
        ),
        Key("disable_keep_alives", _B, "A new connection to the backend for every request.", False),
        Key("disable_compression", _B, "Do not ask backends for gzip.", False),
        Key("max_idle_connections", _I, "Most idle connections to backends; 0: no limit.", 0),
        Key("max_idle_connections_per_host", _I, "Most idle connections to one backend host.", 250),
        Key("idle_connection_timeout", _D, "How long a connection to a backend may be idle.", "0s"),
        Key("response_header_timeout", _D, "How long a backend may take to begin its answer.", "0s"),
        Key("expect_continue_timeout", _D, "How long to wait for a 100 of a backend.", "0s"),
        Key("dialer_timeout", _D, "How long a connection to a backend may take.", "0s"),
        Key("dialer_fallback_delay", _D, "When IPv4 is tried beside IPv6.", "0s"),
        Key("dialer_keep_alive", _D, "The period of TCP keep-alive probes.", "0s"),
        Key("dns_cache_ttl", _D, "How long addresses from DNS are kept.", "30s", since3=True),
        Key("allow_insecure_connections", _B, "Do not check certificates of backends.", False),
        Key("use_h2c", _B, "HTTP/2 without TLS (not run by crossgate).", False, since3=True),
        Key("tls", Kind.OBJECT, "TLS of the listening side (not run by crossgate)."),
        Key("client_tls", Kind.OBJECT, "TLS towards backends (not run by crossgate).", since3=True),
        Key("async_agent", Kind.OBJECTS, "Consumers of queues (not run by crossgate).", since3=True),
        Key("plugin", Kind.OBJECT, "Where KrakenD finds Go plugins. crossgate runs Python plugins of the same names."),
    ),
)

ENDPOINT_KEYS = KeyTable(
    "an endpoint",
    Manner.CONVERT,
    (
        Key("endpoint", _T, "The path, with `{placeholders}` for whole segments."),
        Key("method", _T, "The method.", "GET", choices=METHODS),
        Key("backend", Kind.OBJECTS, "The backends whose answers make up this endpoint's."),
        Key("timeout", _D, "How long the endpoint may take.", "2s"),
        Key("cache_ttl", _D, "max-age of complete answers.", "0s"),
        Key("output_encoding", _T, "Encoding of the answer.", "json", choices=ENDPOINT_ENCODINGS),
        Key("concurrent_calls", _I, "How often every backend is called for one request.", 1),
        Key("input_headers", _L, "Request headers that reach the backends; `*`: all.", [], old="headers_to_pass"),
        Key(
            "input_query_strings", _L, "Query strings that reach the backends; `*`: all.", [], old="querystring_params"
        ),
        Key("extra_config", Kind.OBJECT, "Options of components, by namespace."),
    ),
)

BACKEND_KEYS = KeyTable(
    "a backend",
    Manner.CONVERT,
    (
        Key("url_pattern", _T, "The path on the backend, with `{placeholders}`."),
        Key("host", _L, "The hosts to choose from."),
        Key("method", _T, "The method; the endpoint's where it does not say.", choices=METHODS),
        Key("encoding", _T, "Encoding of the backend's answer.", "json", choices=BACKEND_ENCODINGS),
        Key("is_collection", _B, "The answer is a list.", False),
        Key("target", _T, "The path of the object that is taken from the answer."),
        Key("allow", _L, "The fields that are kept.", old="whitelist", also_old=True),
        Key("deny", _L, "The fields that are dropped.", old="blacklist", also_old=True),
        Key("mapping", Kind.TEXT_MAP, "New names of fields."),
        Key("group", _T, "The key under which the answer is put."),
        Key("disable_host_sanitize", _B, "Take hosts as they are.", False),
        Key("sd", _T, "How hosts are found.", "static", choices=("static", "dns")),
        Key("sd_scheme", _T, "The scheme of hosts found by DNS.", "http", since3=True),
        Key("input_headers", _L, "Request headers that reach this backend.", since3=True),
        Key("input_query_strings", _L, "Query strings that reach this backend.", since3=True),
        Key("timeout", _D, "Read and ignored: the endpoint's holds."),
        Key("concurrent_calls", _I, "Read and ignored: the endpoint's holds."),
        Key("extra_config", Kind.OBJECT, "Options of components, by namespace."),
    ),
)
