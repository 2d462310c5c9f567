"""What a file says about logs: both versions' names, what falls back, what is refused."""

import json

import pytest

from crossgate.config.load import load_text
from crossgate.config.log_model import GelfConfig, LogConfig


def load(version=3, **extra):
    return load_text(json.dumps({"version": version, "endpoints": [], "extra_config": extra}).encode())


def log_of(version=3, **extra):
    loaded = load(version, **extra)
    assert loaded.config is not None, loaded.diagnostics
    return loaded.config.log


LOGGING = {
    "level": "WARNING",
    "prefix": "[K]",
    "stdout": True,
    "syslog": False,
    "format": "custom",
    "custom_format": "x",
}


@pytest.mark.parametrize(
    ("version", "name"), [(3, "telemetry/logging"), (2, "github_com/devopsfaith/krakend-gologging")]
)
def test_logging_is_read_by_both_versions_names(version, name):
    assert log_of(version, **{name: LOGGING}) == LogConfig(
        level="WARNING", form="custom", custom_format="x", prefix="[K]", stderr=False, stdout=True
    )


def test_nothing_said_is_gins_form_and_no_ids():
    assert log_of() == LogConfig()


def test_an_unknown_level_or_format_falls_back_with_a_warning():
    loaded = load(**{"telemetry/logging": {"level": "LOUD", "format": "pretty"}})
    assert [each.code for each in loaded.diagnostics if each.path.startswith("$.extra")] == ["CFG216", "CFG216"]
    assert loaded.config is not None
    assert (loaded.config.log.level, loaded.config.log.form) == ("", "default")


def test_logstash_needs_logging_as_in_krakend():
    alone = load(**{"telemetry/logstash": {"enabled": True}})
    assert [each.code for each in alone.diagnostics if each.path.startswith("$.extra")] == ["CFG217"]
    both = log_of(**{"telemetry/logstash": {"enabled": True}, "telemetry/logging": LOGGING})
    assert (both.form, both.prefix) == ("logstash", "")


def test_gelf_has_an_address():
    name = "telemetry/gelf"
    assert log_of(**{name: {"address": "log.example:12201", "enable_tcp": True}}).gelf == GelfConfig(
        "log.example", 12201, tcp=True
    )
    assert log_of(2, **{"github_com/devopsfaith/krakend-gelf": {"address": "[::1]:1"}}).gelf == GelfConfig("::1", 1)
    loaded = load(**{name: {"address": "nowhere"}})
    assert [each.code for each in loaded.diagnostics if each.path.startswith("$.extra")] == ["CFG217"]


def test_our_own_namespace():
    log = log_of(**{"crossgate/log": {"access": "{status} {target}", "level": "error", "file": "/a"}})
    assert (log.access, log.level, log.file, log.request_id_header) == (
        "{status} {target}",
        "ERROR",
        "/a",
        "X-Request-Id",
    )
    assert log_of(**{"crossgate/log": {"request_id_header": ""}}).request_id_header == ""


@pytest.mark.parametrize(
    "value",
    [
        "json",
        {"access": "xml"},
        {"access": "{nonsense}"},
        {"access": "{status"},
        {"access": "{status} }"},
        {"level": "LOUD"},
        {"request_id_header": "X Request"},
        {"access": 1},
    ],
)
def test_a_wrong_value_of_ours_is_refused(value):
    loaded = load(**{"crossgate/log": value})
    assert [each.code for each in loaded.diagnostics if each.severity == "error"] == ["CFG220"]
