"""The policy as a file has it.

Source: krakend-httpsecure v2 `secure.go`: keys by their exact names, values of another type ignored.
"""

import math
from dataclasses import dataclass, replace

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import GuardFields, Section
from crossgate.diagnostics.path import child
from crossgate.golang.regex import PatternError, compile_search

NAME = "security/http"
_T, _B, _L = Kind.TEXT, Kind.BOOLEAN, Kind.TEXTS
KEYS = KeyTable(
    NAME,
    Manner.EXACT,
    (
        Key("allowed_hosts", _L, "Values of Host that are answered, ports included; absent: all."),
        Key("allowed_hosts_are_regex", _B, "`allowed_hosts` are regular expressions for whole values.", False),
        Key("host_proxy_headers", _L, "Request fields of a proxy in front that take the place of Host."),
        Key("ssl_redirect", _B, "Redirect plain http to https.", False),
        Key("ssl_host", _T, "The host to redirect to; absent: the request's."),
        Key("ssl_proxy_headers", Kind.TEXT_MAP, "Request fields of a proxy in front, with the values that mean https."),
        Key("sts_seconds", Kind.ANY, "max-age of Strict-Transport-Security; 0: none.", 0, shape="integer"),
        Key("sts_include_subdomains", _B, "Add includeSubDomains to it.", False),
        Key("force_sts_header", _B, "Send it over plain http, too.", False),
        Key("frame_deny", _B, "X-Frame-Options: DENY.", False),
        Key("custom_frame_options_value", _T, "Another value of X-Frame-Options."),
        Key("content_type_nosniff", _B, "X-Content-Type-Options: nosniff.", False),
        Key("browser_xss_filter", _B, "X-XSS-Protection: 1; mode=block.", False),
        Key("content_security_policy", _T, "Content-Security-Policy."),
        Key("referrer_policy", _T, "Referrer-Policy."),
        Key("is_development", _B, "Do without hosts, redirects and Strict-Transport-Security.", False),
    ),
)
NAMESPACE = ComponentNamespace(
    NAME, "Hosts that are answered, redirects to https, fields for the safety of browsers.", {"service": KEYS}
)
_GUARDING = (
    "allowed_hosts",
    "allowed_hosts_are_regex",
    "host_proxy_headers",
    "ssl_redirect",
    "ssl_proxy_headers",
    "is_development",
)


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """What is decoded. `hosts` None answers all; `pattern` where they are one regular expression for whole values.

    `fields` go onto every answer, `sts` (empty: none) over https, or always where it `forces_sts`.
    """

    hosts: frozenset[str] | None = None
    pattern: str = ""
    host_fields: tuple[str, ...] = ()
    redirects: bool = False
    redirect_host: str = ""
    https_fields: tuple[tuple[str, str], ...] = ()
    sts: str = ""
    forces_sts: bool = False
    fields: tuple[tuple[str, str], ...] = ()


def decode_policy(section: Section) -> SecurityPolicy | None:
    """The policy; None where there is none, or none that can be built.

    DEVIATION(DEV-HTTPSEC-1): KrakenD answers all hosts where a value has the wrong type.
    """
    namespace = section.namespaces.get(NAME)
    if namespace is None or namespace.value is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, f'"{NAME}" must be an object', krakend="ignores it silently")
        return None

    def refuse(path: str, message: str, hint: str) -> None:
        if "allowed_hosts" in hint or (not hint and message.split('"')[1] in _GUARDING):
            section.close(NAME, path, message, hint=hint, krakend="ignores it, and then answers all hosts")
        else:
            message = f"{message}; this is ignored"
            section.report.warning("CFG217", path, message, hint=hint, krakend="ignores it in silence")

    fields = GuardFields(namespace.value, namespace.path, KEYS, section.version, section.report, refuse)
    hosts = fields.texts("allowed_hosts")
    policy = SecurityPolicy(
        hosts=frozenset([host.lower() for host in hosts]) if hosts else None,
        host_fields=tuple([name.lower() for name in fields.texts("host_proxy_headers")]),
        redirects=fields.boolean("ssl_redirect"),
        redirect_host=fields.text("ssl_host"),
        https_fields=tuple([(name.lower(), value) for name, value in fields.text_map("ssl_proxy_headers").items()]),
        sts=_sts(fields),
        forces_sts=fields.boolean("force_sts_header"),
        fields=_fields(fields),
    )
    if fields.boolean("allowed_hosts_are_regex") and hosts:
        policy = _with_pattern(policy, hosts, fields, section)
    if fields.boolean("is_development"):
        return replace(policy, hosts=None, pattern="", redirects=False, sts="")
    return policy


def _with_pattern(policy: SecurityPolicy, hosts: tuple[str, ...], fields: Fields, section: Section) -> SecurityPolicy:
    """DEVIATION(DEV-HTTPSEC-2): KrakenD anchors each pattern without a group, so that `a|b` lets `a.evil` pass."""
    for position, host in enumerate(hosts):
        try:
            compile_search(f"^(?:{host})$")
        except PatternError as error:
            path = child(fields.at("allowed_hosts"), position)
            section.close(NAME, path, f"this is not a regular expression: {error}", krakend="panics at start")
            return policy
    pattern = "|".join([f"(?:{host})" for host in hosts])
    return replace(policy, hosts=None, pattern=f"\\A(?:{pattern})\\z")


def _sts(fields: Fields) -> str:
    seconds = fields.get("sts_seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        if seconds is not None:
            fields.report.warning("CFG217", fields.at("sts_seconds"), '"sts_seconds" is ignored: it must be a number')
        return ""
    if int(seconds) == 0:
        return ""
    return f"max-age={int(seconds)}" + ("; includeSubDomains" if fields.boolean("sts_include_subdomains") else "")


def _fields(fields: Fields) -> tuple[tuple[str, str], ...]:
    frame = fields.text("custom_frame_options_value") or ("DENY" if fields.boolean("frame_deny") else "")
    found = (
        ("x-frame-options", frame),
        ("x-content-type-options", "nosniff" if fields.boolean("content_type_nosniff") else ""),
        ("x-xss-protection", "1; mode=block" if fields.boolean("browser_xss_filter") else ""),
        ("content-security-policy", fields.text("content_security_policy")),
        ("referrer-policy", fields.text("referrer_policy")),
    )
    return tuple([(name, value) for name, value in found if value])
