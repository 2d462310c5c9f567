"""The gateway's own lines: in which form, where, from which level on, and without secrets."""

import io
import json
import logging
import re
import socket
import sys

import pytest

from crossgate.config.log_model import LogConfig
from crossgate.gateway import log
from crossgate.gateway.log import LOGGER_NAME, configure_logging
from crossgate.gateway.log_forms import DEFAULT_FORMAT, GoForm, LogstashForm, OwnForm


def record(message: str, level: int = logging.WARNING) -> logging.LogRecord:
    made = logging.LogRecord("crossgate", level, "", 0, message, (), None)
    made.created, made.msecs = 1_795_348_800.25, 250.0
    return made


def test_krakends_default_form_has_its_prefix_and_no_colours():
    line = GoForm(DEFAULT_FORMAT, "[KRAKEND]").format(record("text"))
    assert re.fullmatch(r"\[KRAKEND\] \d{4}/\d\d/\d\d - \d\d:\d\d:00\.250 ▶ WARNIN text", line)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("%{level} %{message}", "WARNING hello"),
        ("%{level:.4s}|%{module}|%{color}x%{color:reset}", "WARN|KRAKEND|x"),
        ("%{level:9s}|%{level:-9s}|", "  WARNING|WARNING  |"),
        ("%{nonsense}%{message}%", "hello%"),
    ],
)
def test_formats_are_go_loggings(text, shown):
    assert GoForm(text).format(record("hello")) == shown


def test_times_follow_gos_layouts():
    line = GoForm("%{time:2006-01-02T15:04:05.000Z07:00}|%{time:Mon Jan 02 03PM .00}").format(record("x"))
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:00\.250[+-]\d\d:\d\d\|[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d[AP]M \.25", line
    )


def test_logstashs_form_is_json_whatever_the_message():
    members = json.loads(LogstashForm().format(record('a "quoted"\nline', logging.ERROR)))
    assert members["message"] == 'a "quoted"\nline'
    assert members["level"] == "ERROR"
    assert re.search(r"\.250[+-]\d\d:\d\d$", members["@timestamp"])


@pytest.mark.parametrize("form", [OwnForm(), GoForm("%{message}"), LogstashForm()])
def test_no_form_shows_secrets_of_urls(form):
    """DEV-LOG-1."""
    line = form.format(record('Get "http://a/x?id=7&access_token=s3cret": dial tcp'))
    assert "s3cret" not in line
    assert "id=7&access_token=***" in line


def test_an_error_comes_with_what_led_to_it():
    try:
        int("why")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    assert "ValueError: invalid literal" in OwnForm().format(made)


def test_lines_go_where_the_configuration_says_from_its_level_on(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    logger = configure_logging(
        debug=False,
        cors_debug=False,
        config=LogConfig(level="WARNING", form="custom", custom_format="%{message}", stderr=False, stdout=True),
    )
    logger.info("not this")
    logger.warning("this")
    assert (out.getvalue(), err.getvalue()) == ("this\n", "")


def test_without_a_configuration_lines_go_to_standard_error(monkeypatch):
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    configure_logging(debug=False, cors_debug=False).info("this")
    assert err.getvalue().endswith("Z INFO this\n")


def test_nobody_listening_is_no_reason_to_complain(capfd):
    configure_logging(debug=False, cors_debug=False, config=LogConfig(stderr=False)).error("x")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger(LOGGER_NAME).handlers


def test_the_system_log_gets_facility_and_level(tmp_path, monkeypatch):
    place = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as system_log:
        system_log.bind(str(place))
        monkeypatch.setattr(log, "_SYSLOG", place)
        config = LogConfig(stderr=False, form="default", syslog_facility="local5")
        logger = configure_logging(debug=False, cors_debug=False, config=config)
        logger.warning("it is %s", "late?token=s3cret")
        said = system_log.recv(65_536).decode()
        configure_logging(debug=False, cors_debug=False)
    assert said.startswith(f"<{21 * 8 + 4}>")  # local5, warning
    assert "it is late?token=***" in said
