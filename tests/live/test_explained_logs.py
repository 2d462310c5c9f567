"""What a running gateway refuses has the code in its log that `crossgate explain` gives the request, or that line."""

import argparse
import copy
import json
from pathlib import Path

import pytest

from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.cli.main import main
from crossgate.testing.tokens import key_set_of
from tests.support.explained import CONFIG, HTPASSWD, REFUSALS
from tests.support.process import gateway


def test_log_and_explanation_have_the_same_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config = copy.deepcopy(CONFIG)
    config["extra_config"]["crossgate/log"] = {"access": "json", "file": "access.log"}
    validator = config["endpoints"][1]["extra_config"]["auth/validator"]
    del validator["jwk_url"]
    validator.update(jwk_local_path="keys.json", disable_jwk_security=True)
    (tmp_path / "keys.json").write_bytes(key_set_of("RS256"))
    (tmp_path / "users.htpasswd").write_text(HTPASSWD)
    (tmp_path / "krakend.json").write_text(json.dumps(config))
    parser = argparse.ArgumentParser()
    add_request_arguments(parser)
    with gateway(tmp_path / "krakend.json") as running:
        for number, (_, status, _, arguments, _) in enumerate(REFUSALS):
            (asked,) = read_requests(parser.parse_args(arguments), base_url="http://localhost:8080")
            fields = {**dict(asked.fields), "Host": asked.host, "X-Request-Id": f"request-{number}"}
            assert running.ask(asked.method, asked.target, fields, asked.body)[0] == status
        running.stop()
    lines = [json.loads(line) for line in (tmp_path / "access.log").read_text().splitlines()]
    assert len(lines) == len(REFUSALS)

    def explained(*options: str) -> tuple[str, int]:
        assert main(["explain", "-c", "krakend.json", "--format", "json", *options]) == 3
        found = json.loads(capsys.readouterr().out)
        return found["reason"], found["status"]

    for line, (code, status, _, arguments, _) in zip(lines, REFUSALS, strict=True):
        assert (line["reason"], line["status"]) == (code, status)
        assert explained(*arguments) == (code, status)
        if line["request_id"].startswith("request-"):
            assert explained("--request-id", line["request_id"], "--log", "access.log") == (code, status)
