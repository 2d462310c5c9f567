"""The codes that no text of a configuration file brings about."""

import pytest

from crossgate.config import load_file, load_text
from crossgate.cors import ConfigError, CorsPolicy


def test_file_that_cannot_be_read_is_cfg101(tmp_path):
    assert [d.code for d in load_file(str(tmp_path / "none.json"), environ={}).diagnostics] == ["CFG101"]
    assert [d.code for d in load_file(str(tmp_path), environ={}).diagnostics] == ["CFG101"]


def test_flexible_configuration_is_cfg404():
    text = b'{"version": 3, "endpoints": []}'
    assert [d.code for d in load_text(text, environ={"FC_ENABLE": "1"}).diagnostics] == ["CFG404"]
    assert load_text(text, environ={"FC_ENABLE": ""}).diagnostics == ()


@pytest.mark.parametrize(
    ("arguments", "code", "path"),
    [
        ({"allow_headers": ["X-A", "X-B, X-C"]}, "COR120", "$.allow_headers[1]"),
        ({"allow_methods": ["PUT", "trace"]}, "COR121", "$.allow_methods[1]"),
    ],
)
def test_python_argument_that_cannot_help_is_refused(arguments, code, path):
    with pytest.raises(ConfigError) as refused:
        CorsPolicy(allow_origins=["https://app.example.com"], **arguments)
    assert [(d.code, d.path) for d in refused.value.diagnostics] == [(code, path)]


def test_python_arguments_of_a_working_policy_are_accepted():
    policy = CorsPolicy(
        allow_origins=["https://app.example.com"], allow_headers=["X-A", "X-B"], allow_methods=["PUT", "tracing"]
    )
    assert policy.diagnostics == ()
