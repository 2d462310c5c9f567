"""The namespaces about logs: `crossgate/log`, and KrakenD's `telemetry/logging`, `-/gelf` and `-/logstash`.

Source: krakend-gologging v2 `gologging.go`, krakend-gelf v2 `gelf.go`, krakend-logstash v2 `logstash.go`; krakend-ce
`logger_factory.go` for how they work together.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from crossgate.config.document import Namespace
from crossgate.config.fields import Fields, report_choice
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.log_model import GelfConfig, LogConfig, LogForm
from crossgate.config.report import Report

_T, _B = Kind.TEXT, Kind.BOOLEAN

ACCESS_NAMES = (
    "time",
    "request_id",
    "client",
    "method",
    "path",
    "query",
    "target",
    "protocol",
    "host",
    "route",
    "status",
    "bytes",
    "duration",
    "duration_ms",
    "upstream_ms",
    "user_agent",
    "origin",
    "cors",
    "cors_reason",
    "reason",
)
"""What a format of the access log may name."""

LEVELS = {
    "DEBUG": "DEBUG",
    "INFO": "INFO",
    "NOTICE": "INFO",
    "WARNING": "WARNING",
    "ERROR": "ERROR",
    "CRITICAL": "CRITICAL",
}
_FORMATS = ("default", "logstash", "custom")
_FACILITIES = tuple(f"local{number}" for number in range(8))
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PLACE = re.compile(r"\{([^{}]*)\}")

LOG_KEYS = KeyTable(
    "crossgate/log",
    Manner.OWN,
    (
        Key("access", _T, "The access log: `gin`, `json`, `off`, or a line with `{names}` in it.", "gin"),
        Key("level", _T, "The least level of the gateway's own lines that is written.", choices=tuple(LEVELS)),
        Key("file", _T, "The file of the access log, opened anew on SIGUSR1; absent: standard output."),
        Key(
            "request_id_header",
            _T,
            "The field with a request's id: taken or made, passed on and returned; empty: none.",
            "X-Request-Id",
        ),
    ),
)
LOGGING_KEYS = KeyTable(
    "telemetry/logging",
    Manner.JSON,
    (
        Key("level", _T, "The least level that is written.", choices=tuple(LEVELS)),
        Key("prefix", _T, "What stands in front of each line."),
        Key("stdout", _B, "Write to standard output.", False),
        Key("syslog", _B, "Write to the system log.", False),
        Key("syslog_facility", _T, "The facility in the system log.", "local3", since3=True, choices=_FACILITIES),
        Key("format", _T, "The form of lines.", "default", choices=_FORMATS),
        Key("custom_format", _T, "The form where `format` is `custom`, in the notation of go-logging."),
    ),
)
GELF_KEYS = KeyTable(
    "telemetry/gelf",
    Manner.JSON,
    (
        Key("address", _T, "Host and port of the Graylog input."),
        Key("enable_tcp", _B, "TCP in the place of UDP.", False),
    ),
)
LOGSTASH_KEYS = KeyTable(
    "telemetry/logstash",
    Manner.JSON,
    (Key("enabled", _B, "Write lines as Logstash reads them.", False, since3=True),),
)


def decode_log(namespaces: Mapping[str, Namespace], version: Literal[2, 3], report: Report) -> LogConfig:
    """What they say together; the defaults where none is there."""
    config = LogConfig()
    config = _decode_logging(namespaces.get("telemetry/logging"), config, version, report)
    config = _decode_logstash(namespaces, config, version, report)
    config = _decode_gelf(namespaces.get("telemetry/gelf"), config, version, report)
    return _decode_own(namespaces.get("crossgate/log"), config, version, report)


def _decode_logging(
    namespace: Namespace | None, config: LogConfig, version: Literal[2, 3], report: Report
) -> LogConfig:
    fields = _opened(namespace, LOGGING_KEYS, version, report)
    if fields is None:
        return config
    form = fields.text("format") or "default"
    if form not in _FORMATS:
        report_choice(fields, "format", form, _FORMATS, "takes the default one")
        form = "default"
    facility = fields.text("syslog_facility") or "local3"
    if facility not in _FACILITIES:
        report_choice(fields, "syslog_facility", facility, _FACILITIES, "takes local3")
        facility = "local3"
    level = fields.text("level")
    if level.upper() not in LEVELS:
        report_choice(fields, "level", level, tuple(LEVELS), "gives up this logger: DEBUG, to standard output")
        level = ""
    return replace(
        config,
        level=LEVELS.get(level.upper(), ""),
        form=_form(form),
        custom_format=fields.text("custom_format"),
        prefix=fields.text("prefix") if form != "logstash" else "",
        stderr=False,
        stdout=fields.boolean("stdout"),
        syslog_facility=facility if fields.boolean("syslog") else "",
    )


def _form(text: str) -> LogForm:
    return "logstash" if text == "logstash" else "custom" if text == "custom" else "default"


def _decode_logstash(
    namespaces: Mapping[str, Namespace], config: LogConfig, version: Literal[2, 3], report: Report
) -> LogConfig:
    namespace = namespaces.get("telemetry/logstash")
    fields = _opened(namespace, LOGSTASH_KEYS, version, report)
    if fields is None or not (version == 2 or fields.boolean("enabled")):
        return config
    if "telemetry/logging" not in namespaces:
        report.warning(
            "CFG217",
            fields.path,
            '"telemetry/logstash" has no effect without "telemetry/logging"',
            hint='add "telemetry/logging" with a level and "stdout": true',
            krakend="ignores it silently",
        )
        return config
    return replace(config, form="logstash", prefix="")


def _decode_gelf(namespace: Namespace | None, config: LogConfig, version: Literal[2, 3], report: Report) -> LogConfig:
    fields = _opened(namespace, GELF_KEYS, version, report)
    if fields is None:
        return config
    host, colon, port = fields.text("address").rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65_536):
        report.warning(
            "CFG217",
            fields.at("address"),
            '"telemetry/gelf" is ignored: "address" has to be a host and a port',
            hint='write "graylog.example:12201"',
            krakend="logs an error and goes on without",
        )
        return config
    gelf = GelfConfig(host.strip("[]"), int(port), fields.boolean("enable_tcp"))
    return replace(config, gelf=gelf)


def _decode_own(namespace: Namespace | None, config: LogConfig, version: Literal[2, 3], report: Report) -> LogConfig:
    if namespace is None:
        return config
    if not isinstance(namespace.value, dict):
        report.error("CFG220", namespace.path, '"crossgate/log" must be an object', hint='write {"access": "json"}')
        return config
    fields = Fields(namespace.value, namespace.path, LOG_KEYS, version, report)
    level = fields.text("level")
    if level and level.upper() not in LEVELS:
        hint = f"write one of {', '.join(LEVELS)}"
        report.error("CFG220", fields.at("level"), f'"level" cannot be "{level[:60]}"', hint=hint)
    header = fields.text("request_id_header", "X-Request-Id")
    if header and _TOKEN.fullmatch(header) is None:
        report.error("CFG220", fields.at("request_id_header"), "this is not the name of a field")
        header = ""
    return replace(
        config,
        level=LEVELS.get(level.upper(), config.level),
        access=_access(fields),
        file=fields.text("file"),
        request_id_header=header,
    )


def _access(fields: Fields) -> str:
    access = fields.text("access") or "gin"
    if access in ("gin", "json", "off"):
        return access
    path = fields.at("access")
    if "{" not in access:
        hint = 'write "gin", "json", "off", or a line such as "{time} {status} {method} {target}"'
        fields.report.error("CFG220", path, f'"access" cannot be "{access[:60]}"', hint=hint)
        return "gin"
    unknown = [name for name in _PLACE.findall(access) if name not in ACCESS_NAMES]
    if unknown or _PLACE.sub("", access).strip("{}") != _PLACE.sub("", access):
        message = f'there is nothing called "{unknown[0][:40]}" in a line' if unknown else "a brace has no partner"
        fields.report.error("CFG220", path, message, hint=f"there are {', '.join(ACCESS_NAMES)}")
        return "gin"
    return access


def _opened(namespace: Namespace | None, table: KeyTable, version: Literal[2, 3], report: Report) -> Fields | None:
    """The keys of a namespace of KrakenD's; None where there is none, or nothing that could be read."""
    if namespace is None:
        return None
    value: Any = namespace.value
    if isinstance(value, dict):
        return Fields(value, namespace.path, table, version, report)
    if table is LOGSTASH_KEYS and version == 2 and value is not None:
        return Fields({}, namespace.path, table, version, report)
    message = f'this is ignored: "{table.title}" must be an object'
    report.warning("CFG217", namespace.path, message, krakend="ignores it silently")
    return None
