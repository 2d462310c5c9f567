"""How the two verbs read what they are asked: options, curl commands, HAR files, and what makes no sense."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.cli.cors_curl import parse_curl
from crossgate.cli.cors_har import read_har
from crossgate.cli.cors_recorded import UsageError
from tests.unit.cli.conftest import RunCors

API = "https://api.example/x"
APP = "https://app.example"


@pytest.fixture
def config_file(tmp_path: Path) -> str:
    file = tmp_path / "krakend.json"
    backend = [{"url_pattern": "/", "host": ["http://b"]}]
    cors = {"allow_origins": [APP, "https://xn--mnchen-3ya.example"]}
    endpoints = [{"endpoint": "/x", "backend": backend}]
    file.write_text(json.dumps({"version": 3, "extra_config": {"security/cors": cors}, "endpoints": endpoints}))
    return str(file)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--url", API],
        ["--origin", APP],
        ["--origin", "app.example", "--url", API],
        ["--origin", APP, "--url", "nonsense"],
        ["--origin", APP, "--url", "ftp://api.example/"],
        ["--origin", APP, "--url", API, "--header", "X-A"],
        ["--origin", APP, "--url", API, "--header", ":x"],
        ["--origin", APP, "--from-curl", "curl 'https://api.example"],
        ["--origin", APP, "--from-curl", "curl -X"],
        ["--origin", APP, "--from-curl", "curl"],
        ["--origin", APP, "--har", "/nowhere.har"],
        ["--origin", APP, "--har", "x", "--from-curl", "curl x"],
        ["--origin", "https://\u2028", "--url", API],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(run_cors: RunCors, config_file: str, arguments: list[str]) -> None:
    code, output, errors = run_cors(["explain", "-c", config_file, *arguments])
    assert (code, output) == (2, "")
    assert errors.startswith("crossgate: ")
    assert "Traceback" not in errors


def test_a_configuration_with_errors_is_shown_and_not_explained(run_cors: RunCors, tmp_path: Path) -> None:
    file = tmp_path / "krakend.json"
    file.write_text('{"version": 3, "extra_config": {"security/cors": {"allowed_origins": []}}}')
    code, output, errors = run_cors(["explain", "-c", str(file), "--origin", APP, "--url", "/x"])
    assert (code, output) == (2, "")
    assert "COR108" in errors


def test_a_missing_file_is_no_traceback(run_cors: RunCors) -> None:
    assert run_cors(["explain", "-c", "/nowhere.json", "--origin", APP, "--url", "/x"])[0] == 2


def test_a_path_is_taken_relative_to_the_gateway(run_cors: RunCors, config_file: str) -> None:
    code, output, _ = run_cors(["explain", "-c", config_file, "--origin", APP, "--url", "/x", "--format", "json"])
    assert code == 0
    assert json.loads(output)["request"]["url"] == "http://localhost:8080/x"


def test_an_internationalised_origin_is_sent_in_ascii(run_cors: RunCors, config_file: str) -> None:
    code, output, _ = run_cors(["explain", "-c", config_file, "--origin", "https://München.example", "--url", API])
    assert code == 0
    assert "https://xn--mnchen-3ya.example, not as https://München.example" in output


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://127.0.0.1:8080/y/../x", "http://127.0.0.1:8080/x"),
        ("http://127.0.0.1:8080/x/%2e%2E", "http://127.0.0.1:8080/"),
        ("http://127.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://0x7f.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://2130706433:8080/x", "http://127.0.0.1:8080/x"),
        ("/y/./../x", "http://localhost:8080/x"),
        ("https://m\u00fcnchen.example/x", "https://xn--mnchen-3ya.example/x"),
        ("https://a%2eexample\\x", "https://a.example/x"),
    ],
)
def test_the_url_is_asked_for_as_a_browser_asks(run_cors: RunCors, config_file: str, url: str, asked: str) -> None:
    _, output, _ = run_cors(["explain", "-c", config_file, "--origin", APP, "--url", url, "--format", "json"])
    document = json.loads(output)
    assert document["request"]["url"] == asked
    assert [exchange["url"] for exchange in document["exchanges"]] == [asked]
    assert any(f"The browser asks for {asked}" in note for note in document["notes"])
    assert document["step"] != "mixed-content"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "http://127.0.0.1:8080", "http://127.0.0.1:8080/x#part"])
def test_a_url_that_is_written_as_it_is_asked_for_gives_no_note(run_cors: RunCors, config_file: str, url: str) -> None:
    _, output, _ = run_cors(["explain", "-c", config_file, "--origin", APP, "--url", url, "--format", "json"])
    assert not any("The browser asks for" in note for note in json.loads(output)["notes"])


def test_a_url_with_a_password_is_refused_as_scripts_are(run_cors: RunCors, config_file: str) -> None:
    url = "http://u:p@127.0.0.1:8080/x"
    code, output, _ = run_cors(["explain", "-c", config_file, "--origin", APP, "--url", url, "--format", "json"])
    assert (code, json.loads(output)["step"]) == (3, "request")


@pytest.mark.parametrize(
    ("command", "method", "headers"),
    [
        (f"curl {API}", "GET", ()),
        (f"curl -X PUT {API}", "PUT", ()),
        (f"curl -XPUT -sSL {API} -o /dev/null", "PUT", ()),
        (f"/usr/bin/curl --request=DELETE --url {API}", "DELETE", ()),
        (f"curl -I {API}", "HEAD", ()),
        (f"curl {API} -d a=b", "POST", (("Content-Type", "application/x-www-form-urlencoded"),)),
        (f"curl {API} -G -d a=b", "GET", ()),
        (f"curl {API} --json '{{}}'", "POST", (("Accept", "application/json"), ("Content-Type", "application/json"))),
        (f"curl {API} -F a=b", "POST", (("Content-Type", "multipart/form-data"),)),
        (f"curl {API} -H 'X-A: 1' -H 'X-B;' -H 'X-C:'", "GET", (("X-A", "1"), ("X-B", ""))),
        (f"curl {API} -u user:pass", "GET", (("Authorization", "Basic dXNlcjpwYXNz"),)),
        (f"curl {API} \\\n -H $'X-A: it\\'s' --compressed", "GET", (("X-A", "it's"),)),
        (f"curl {API} -H 'cache-control: no-cache' -H 'pragma: no-cache'", "GET", ()),
        (f"curl {API} -H 'cache-control: no-cache'", "GET", (("cache-control", "no-cache"),)),
        (f"curl {API} -H 'User-Agent: x' -H 'Sec-Fetch-Mode: cors' -H 'Priority: u=1'", "GET", ()),
        (f"curl -r 0-9 {API}", "GET", (("Range", "bytes=0-9"),)),
        (f"curl --max-time 5 -k -4 {API}", "GET", ()),
    ],
)
def test_curl_commands_become_what_a_script_would_do(
    command: str, method: str, headers: tuple[tuple[str, str], ...]
) -> None:
    found = parse_curl(command)
    assert (found.method, found.url, found.headers) == (method, API, headers)


def test_a_curl_command_tells_origin_cookies_and_body() -> None:
    found = parse_curl(f"curl {API} -H 'Referer: {APP}/page' -b a=b --data-raw x")
    assert (found.origin, found.cookie, found.has_body) == (APP, "a=b", True)


def test_a_copied_preflight_becomes_the_request_it_asks_for() -> None:
    found = parse_curl(
        f"curl -X OPTIONS {API} -H 'Origin: {APP}' -H 'Access-Control-Request-Method: PUT' "
        "-H 'Access-Control-Request-Headers: content-type, x-a'"
    )
    assert (found.method, found.headers) == ("PUT", (("content-type", "application/json"), ("x-a", "x")))
    assert found.notes


@given(st.text(max_size=80))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_curl_command_or_a_usage_error(text: str) -> None:
    for command in (text, f"curl {API} {text}", f"curl {API} -H '{text}'"):
        try:
            found = parse_curl(command)
        except UsageError:
            continue
        assert found.url
        assert found.method


def entry(method: str, url: str, *headers: tuple[str, str]) -> dict[str, object]:
    return {"request": {"method": method, "url": url, "headers": [{"name": n, "value": v} for n, v in headers]}}


def har(tmp_path: Path, *entries: object) -> str:
    file = tmp_path / "log.har"
    file.write_text(json.dumps({"log": {"entries": list(entries)}}))
    return str(file)


def test_a_har_files_cross_origin_requests_are_read(tmp_path: Path) -> None:
    file = har(
        tmp_path,
        entry("GET", f"{APP}/page", ("Accept", "*/*")),
        entry("OPTIONS", API, ("Origin", APP), ("Access-Control-Request-Method", "PUT")),
        entry("PUT", API, ("Origin", APP), (":authority", "api.example"), ("Content-Type", "application/json")),
        entry("GET", API, ("referer", f"{APP}/page")),
        entry("OPTIONS", f"{API}/2", ("Origin", APP), ("Access-Control-Request-Method", "PUT")),
        {"request": {"method": 5}},
        None,
    )
    found = [(request.method, request.url, request.headers) for request in read_har(file)]
    assert found == [
        ("PUT", API, (("Content-Type", "application/json"),)),
        ("GET", API, ()),
        ("PUT", f"{API}/2", ()),
    ]


def test_several_requests_give_one_document_with_all_of_them(
    run_cors: RunCors, config_file: str, tmp_path: Path
) -> None:
    file = har(tmp_path, entry("GET", API, ("Origin", APP)), entry("PUT", API, ("Origin", APP)))
    code, output, _ = run_cors(["explain", "-c", config_file, "--har", file, "--format", "json"])
    document = json.loads(output)
    assert code == 3
    assert document["verdict"] == "blocked"
    assert [one["verdict"] for one in document["requests"]] == ["allowed", "blocked"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"log": []}', '{"log": {"entries": 1}}', '{"log": {"entries": []}}', "[" * 100_000, "\xff"],
)
def test_what_is_no_har_file_is_a_usage_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.har"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError):
        read_har(str(file))


def test_a_header_is_given_as_curl_has_it(run_cors: RunCors, config_file: str) -> None:
    asked = ["explain", "-c", config_file, "--origin", APP, "--url", API]
    first, second = (run_cors([*asked, option, "X-A: 1"]) for option in ("-H", "--header"))
    assert first == second
    assert first != run_cors(asked)
