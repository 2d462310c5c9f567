"""The place in the file that decides: the order of precedence, in every format."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import RunCors

APP = "https://app.example"
SERVICE = """\
version: 3
extra_config:
  security/cors:
    allow_origins: ["https://www.example"]
    allow_methods: [GET]
  crossgate/cors:
    policies:
      partners:
        allow_origins: ["https://partner.example"]
      open:
        allow_origins: ["https://open.example"]
        allow_methods: [GET, PUT]
    DEFAULT
endpoints:
  - endpoint: /x
    backend: [{url_pattern: /, host: [http://b]}]
    extra_config: EXTRA
"""


@pytest.mark.parametrize(
    ("default", "extra", "path", "line"),
    [
        ("max_age: 1h", "{}", '$.extra_config["security/cors"].allow_origins', 4),
        ("default: open", "{}", '$.extra_config["crossgate/cors"].policies.open.allow_origins', 11),
        (
            "default: open",
            "{crossgate/cors: {policy: partners}}",
            '$.extra_config["crossgate/cors"].policies.partners.allow_origins',
            9,
        ),
        (
            "default: open",
            '{crossgate/cors: {allow_origins: ["https://own.example"]}}',
            '$.endpoints[0].extra_config["crossgate/cors"].allow_origins',
            17,
        ),
        (
            'allow_origins: ["https://service.example"]',
            "{crossgate/cors: {allow_methods: [GET]}}",
            '$.extra_config["crossgate/cors"].allow_origins',
            13,
        ),
    ],
)
def test_the_object_that_wins_is_shown(
    run_cors: RunCors, tmp_path: Path, default: str, extra: str, path: str, line: int
) -> None:
    file = tmp_path / "krakend.yaml"
    file.write_text(SERVICE.replace("DEFAULT", default).replace("EXTRA", extra))
    arguments = ["explain", "-c", str(file), "--origin", APP, "--url", "/x", "--format", "json"]
    code, output, errors = run_cors(arguments)
    assert errors == ""
    document = json.loads(output)
    assert (code, document["path"], document["line"], document["file"]) == (3, path, line, str(file))
    assert document["fixes"][0]["path"] == path
    assert APP in document["fixes"][0]["change"]


def test_a_toml_file_is_explained_at_its_lines(run_cors: RunCors, tmp_path: Path) -> None:
    file = tmp_path / "krakend.toml"
    file.write_text(
        'version = 3\n[extra_config."security/cors"]\nallow_origins = ["https://app.example/"]\n'
        '[[endpoints]]\nendpoint = "/x"\n[[endpoints.backend]]\nurl_pattern = "/"\nhost = ["http://b"]\n'
    )
    code, output, _ = run_cors(["explain", "-c", str(file), "--origin", APP, "--url", "/x", "--format", "json"])
    document = json.loads(output)
    assert (code, document["line"]) == (3, 3)
    assert "ends in a slash" in document["reason"]
