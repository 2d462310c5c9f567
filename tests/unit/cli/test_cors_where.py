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


CREDENTIALS = """\
version: 3
extra_config:
  security/cors:
    allow_origins: ["https://app.example"]
    allow_credentials: true
  crossgate/cors:
    policies:
      partners:
        allow_origins: ["https://app.example"]
      modest:
        allow_origins: ["https://app.example"]
        allow_credentials: false
    rules: [{allow_origins: ["https://ruled.example"]}]
endpoints:
  - endpoint: /x
    backend: [{url_pattern: /, host: [http://b]}]
    extra_config: EXTRA
"""


@pytest.mark.parametrize(
    ("extra", "origin", "who"),
    [
        ("{crossgate/cors: {policy: partners}}", APP, 'The policy "partners"'),
        ("{crossgate/cors: {policy: partners, max_age: 1h}}", APP, 'The policy "partners"'),
        ("{crossgate/cors: {policy: partners, allow_credentials: true}}", APP, None),
        ("{crossgate/cors: {policy: modest}}", APP, None),
        ("{}", APP, None),
        ("{}", "https://ruled.example", "rules[0]"),
    ],
)
def test_credentials_that_a_named_policy_inherits_are_said(
    run_cors: RunCors, tmp_path: Path, extra: str, origin: str, who: str | None
) -> None:
    file = tmp_path / "krakend.yaml"
    file.write_text(CREDENTIALS.replace("EXTRA", extra))
    arguments = ["explain", "-c", str(file), "--origin", origin, "--url", "/x", "--format", "json"]
    notes = [note for note in json.loads(run_cors(arguments)[1])["notes"] if "inherits" in note]
    assert len(notes) == (who is not None)
    if who is not None:
        assert notes[0].startswith(f"{who} does not set allow_credentials and inherits true from {file}:5")


@pytest.mark.parametrize("style", ["krakend", "http"])
@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/u/%25", 'Set "disable_path_decoding": true'),
        ("/u/a%23b", 'Set "disable_path_decoding": true'),
        ("/u/%3F", 'Set "disable_path_decoding": true'),
        ("/u/%2525", 'Set "disable_path_decoding": true'),
        ("/u/100%", "a % without two hexadecimal digits"),
        ("/u/a%5Cb", "a parameter with a slash or a backslash does not fit into a path"),
    ],
)
def test_a_400_for_a_valid_url_is_explained(run_cors: RunCors, tmp_path: Path, path: str, why: str, style: str) -> None:
    file = tmp_path / "krakend.json"
    extra = {"security/cors": {"allow_origins": [APP]}, "crossgate/errors": {"style": style}}
    endpoint = {"endpoint": "/u/{id}", "backend": [{"url_pattern": "/{id}", "host": ["http://b"]}]}
    file.write_text(json.dumps({"version": 3, "extra_config": extra, "endpoints": [endpoint]}))
    arguments = ["explain", "-c", str(file), "--origin", APP, "--url", path, "--format", "json"]
    document = json.loads(run_cors(arguments)[1])
    assert document["response"]["status"] == 400
    assert any(path in note and why in note and "400" in note for note in document["notes"])


@pytest.mark.parametrize(("style", "status"), [("krakend", 500), ("http", 400)])
@pytest.mark.parametrize("path", ["/u/%00", "/u/a%0Ab", "/u/%7F"])
def test_a_control_character_in_a_value_is_explained(
    run_cors: RunCors, tmp_path: Path, path: str, style: str, status: int
) -> None:
    file = tmp_path / "krakend.json"
    extra = {"security/cors": {"allow_origins": [APP]}, "crossgate/errors": {"style": style}}
    endpoint = {"endpoint": "/u/{id}", "backend": [{"url_pattern": "/{id}", "host": ["http://b"]}]}
    file.write_text(json.dumps({"version": 3, "extra_config": extra, "endpoints": [endpoint]}))
    code, output, errors = run_cors(["explain", "-c", str(file), "--origin", APP, "--url", path, "--format", "json"])
    document = json.loads(output)
    assert (code, errors, document["response"]["status"]) == (0, "", status)
    assert any(path in note and "control character" in note for note in document["notes"])


def test_path_decoding_that_is_disabled_lets_such_a_url_pass(run_cors: RunCors, tmp_path: Path) -> None:
    file = tmp_path / "krakend.json"
    extra = {"security/cors": {"allow_origins": [APP]}, "router": {"disable_path_decoding": True}}
    endpoint = {"endpoint": "/u/{id}", "backend": [{"url_pattern": "/{id}", "host": ["http://b"]}]}
    file.write_text(json.dumps({"version": 3, "extra_config": extra, "endpoints": [endpoint]}))
    arguments = ["explain", "-c", str(file), "--origin", APP, "--url", "/u/a%23b", "--format", "json"]
    assert json.loads(run_cors(arguments)[1])["response"]["status"] == 200


def test_guards_that_are_not_run_and_tls_do_not_keep_a_file_from_being_explained(
    run_cors: RunCors, tmp_path: Path
) -> None:
    file = tmp_path / "krakend.json"
    tree = {
        "version": 3,
        "tls": {"keys": []},
        "extra_config": {"security/cors": {"allow_origins": [APP]}, "security/not-there-yet": {"a": 1}},
        "debug_endpoint": True,
        "endpoints": [{"endpoint": "/x", "backend": [{"url_pattern": "/", "host": ["http://b"]}]}],
    }
    file.write_text(json.dumps(tree))
    code, output, _ = run_cors(["explain", "-c", str(file), "--origin", APP, "--url", "/x"])
    assert code == 0
    assert "security/not-there-yet" in output
    assert "501" in output


OWN_ROUTE = """\
version: 3
extra_config: {security/cors: {allow_origins: ["https://www.example"]}}
endpoints:
  - endpoint: /plain
    backend: [{url_pattern: /, host: [http://b]}]
  - endpoint: /own/{id}
    method: POST
    backend: [{url_pattern: /, host: [http://b]}]
    extra_config: {crossgate/cors: {allow_origins: ["https://own.example"], allow_methods: [POST, PUT]}}
  - endpoint: /way/{a}/{b}
    backend: [{url_pattern: /, host: [http://b]}]
  - endpoint: /way/a/{x}/end
    backend: [{url_pattern: /, host: [http://b]}]
"""


def explained(run_cors: RunCors, tmp_path: Path, method: str, url: str, origin: str) -> tuple[int, dict[str, object]]:
    file = tmp_path / "krakend.yaml"
    file.write_text(OWN_ROUTE)
    arguments = ["explain", "-c", str(file), "--origin", origin, "--method", method, "--url", url, "--format", "json"]
    code, output, errors = run_cors(arguments)
    assert errors == ""
    return code, json.loads(output)


@pytest.mark.parametrize("url", ["/own/1/", "/OWN/1", "/own//1"])
def test_a_redirect_is_explained_by_the_policy_of_the_endpoint_it_leads_to(
    run_cors: RunCors, tmp_path: Path, url: str
) -> None:
    code, document = explained(run_cors, tmp_path, "POST", url, "https://own.example")
    assert code == 0
    assert f"The router redirects {url} to /own/1." in document["notes"]
    code, document = explained(run_cors, tmp_path, "POST", url, "https://www.example")
    assert (code, document["line"]) == (3, 9)
    assert document["path"] == '$.endpoints[1].extra_config["crossgate/cors"].allow_origins'


def test_a_405_is_explained_by_the_policy_of_the_endpoint_it_is_about(run_cors: RunCors, tmp_path: Path) -> None:
    note = "/own/1 has no PUT, only POST: the answer is 405. It has the CORS policy of the endpoint with POST."
    code, document = explained(run_cors, tmp_path, "PUT", "/own/1", "https://own.example")
    assert code == 0
    assert note in document["notes"]
    code, document = explained(run_cors, tmp_path, "PUT", "/own/1", "https://www.example")
    assert (code, document["path"]) == (3, '$.endpoints[1].extra_config["crossgate/cors"].allow_origins')


def test_redirects_without_end_are_said(run_cors: RunCors, tmp_path: Path) -> None:
    code, document = explained(run_cors, tmp_path, "GET", "/way/a/b", "https://www.example")
    assert code == 3
    assert "The router redirects /way/a/b to /way/a/b, without end, as KrakenD does." in document["notes"]
