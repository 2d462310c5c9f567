"""Methods that no endpoint can have: the router answers, with the CORS fields that the policy gives, as in KrakenD."""

import json
from pathlib import Path

import pytest

from tests.support.process import gateway

ORIGIN = "https://app.example.com"


@pytest.mark.parametrize(
    ("version", "namespace", "method", "gets_fields"),
    [
        (2, "github_com/devopsfaith/krakend-cors", "FOO", True),
        (2, "github_com/devopsfaith/krakend-cors", "foo", True),  # 1.4 compares methods in capitals
        (2, "github_com/devopsfaith/krakend-cors", "get", True),
        (2, "github_com/devopsfaith/krakend-cors", "BAR", False),
        (3, "security/cors", "FOO", True),
        (3, "security/cors", "foo", False),
        (3, "security/cors", "get", False),
        (3, "security/cors", "BAR", False),
    ],
)
def test_unknown_method_is_the_routers_business(
    tmp_path: Path, version: int, namespace: str, method: str, gets_fields: bool
) -> None:
    path = tmp_path / "krakend.json"
    endpoint = {"endpoint": "/a", "backend": [{"url_pattern": "/", "host": ["http://127.0.0.1:19"]}]}
    block = {"allow_origins": [ORIGIN], "allow_methods": ["GET", "FOO"]}
    path.write_text(json.dumps({"version": version, "extra_config": {namespace: block}, "endpoints": [endpoint]}))
    with gateway(path) as running:
        answers = [running.ask(method, target, {"Origin": ORIGIN}) for target in ("/a", "/nowhere")]

    assert [status for status, _, _ in answers] == [405, 404]
    for _, fields, _ in answers:
        assert fields.get_all("Access-Control-Allow-Origin") == ([ORIGIN] if gets_fields else None)
        assert fields.get_all("Vary") == ["Origin"]
