"""`crossgate test` as a command: what it finds, what it prints in each form, and its exit codes."""

import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import trustme

from crossgate.cli.main import main
from tests.support.process import gateway as running_gateway
from tests.support.scripted_backend import scripted_backend

ROOT = Path(__file__).parents[3]
CONFIG = """{
  "version": 3,
  "host": ["http://users:8000"],
  "extra_config": {"security/cors": {"allow_origins": ["https://shop.example"]}},
  "endpoints": [
    {"endpoint": "/users/{id}", "backend": [{"url_pattern": "/u/{id}"}]},
    {"endpoint": "/never", "backend": [{"url_pattern": "/n"}]}
  ]
}
"""
TESTS = """config: gateway.json
tests:
  - name: a user is shown
    in: {url: /users/1}
    out: {status: 200, route: "/users/{id}"}
    received: [{target: /u/1}]
  - name: a user is shown elsewhere
    in: {url: /users/1}
    out: {status: 404, headers: {X-Other: "1"}}
  - name: a page may not
    page: https://evil.example
    in: {url: /users/1}
    out: {cors: allowed}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "gateway.json").write_text(CONFIG)
    (tmp_path / "gateway.test.yaml").write_text(TESTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_that_has_configurations_beside_their_tests_is_one_of_tests(folder, capsys):
    for name in ("gateways/a", "gateways/b/c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "gateway.json").write_text(CONFIG)
        (folder / name / "gateway.test.yaml").write_text(TESTS)
    assert main(["test", "gateways", "-k", "shown", "--format", "tap"]) == 1
    assert capsys.readouterr().out.count("not ok") == 2
    assert main(["test", "gateways/b"]) == 1
    (folder / "gateways/b/spec.json").write_text('{"in": {"url": "http://gateway/never"}, "out": {"status_code": 404}}')
    assert main(["test", "gateways/b", "-c", "gateway.json", "--format", "tap"]) == 1
    assert capsys.readouterr().out.count("not ok") == 3  # a spec of KrakenD's is a test without being called one
    (folder / "gateways/b/spec.json").unlink()
    for name in ("gateways/a", "gateways/b/c"):
        (folder / name / "gateway.test.yaml").unlink()
    assert main(["test", "gateways"]) == 2  # a configuration alone is no test
    assert "there is no key endpoints here" in capsys.readouterr().err


def test_report_says_what_was_expected_what_came_and_what_decided(folder, capsys):
    assert main(["test"]) == 1
    assert (
        capsys.readouterr().out.rpartition(" in ")[0]
        == """\
gateway.test.yaml
  FAILED a user is shown elsewhere
      at gateway.test.yaml:7:5
      status
        expected 404
             got 200
      header X-Other
        expected "1"
             got absent
      decided by endpoint GET /users/{id}: gateway.json:6:18

  FAILED a page may not
      at gateway.test.yaml:10:5
      cors
        expected allowed
             got blocked (allow-origin): The response (status 200) has no Access-Control-Allow-Origin. \
[MissingAllowOriginHeader]
      decided by CORS: origin-not-listed: gateway.json:4:38
      decided by endpoint GET /users/{id}: gateway.json:6:18

not tested in gateway.json
  - no test has a page that the service's CORS policy allows
  - GET /never is asked by no test (gateway.json:7:18)
1 of 2 endpoints asked, 0 of 0 gates seen to refuse

1 passed, 2 failed"""
    )


def test_json_has_everything_that_the_text_says(folder, capsys):
    assert main(["test", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["passed"], report["failed"], report["left_out"]) == (1, 2, 0)
    assert [test["outcome"] for test in report["tests"]] == ["passed", "failed", "failed"]
    assert report["tests"][1]["differences"][0] == {"what": "status", "expected": "404", "got": "200"}
    assert report["tests"][2]["cors"]["chromium_error"] == "MissingAllowOriginHeader"
    assert report["coverage"][0]["endpoints"] == {"asked": 1, "total": 2}


def test_junit_counts_and_names_tests(folder, capsys):
    assert main(["test", "--format", "junit"]) == 1
    (suite,) = ET.fromstring(capsys.readouterr().out)
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "0")
    assert [case.get("name") for case in suite] == ["a user is shown", "a user is shown elsewhere", "a page may not"]
    assert str(suite[1][0].text).startswith("at gateway.test.yaml:7:5\nstatus: expected 404, got 200")


JENKINS = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name!", "tests!", "failures!", "errors!", "time", "skipped", "timestamp", "hostname", "file"},
    "testcase": {"name!", "classname", "time", "group"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
}
"""What Jenkins' junit-10.xsd lets each element have; with an exclamation mark, what it must have."""


def test_junit_has_what_jenkins_asks_for_and_nothing_else(folder, capsys):
    (folder / "odd.test.yaml").write_text(
        "tests:\n"
        "  - {name: '<&> ✓ \"q\"', in: {url: /a}, out: {status: 1}}\n"
        "  - {in: {url: /b, token: valid}, out: {}}\n"
    )
    assert main(["test", "--url", "http://127.0.0.1:9", "odd.test.yaml", "--format", "junit"]) == 1
    root = ET.fromstring(capsys.readouterr().out)
    for element in root.iter():
        allowed = JENKINS[element.tag]
        assert {name for name in allowed if name.endswith("!")} <= {f"{name}!" for name in element.attrib}
        assert set(element.attrib) <= {name.removesuffix("!") for name in allowed}
    assert [case[0].tag for case in root[0]] == ["failure", "skipped"]


def test_tap_has_a_line_for_each_test(folder, capsys):
    assert main(["test", "--format", "tap"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["TAP version 13", "1..3", "ok 1 - gateway.test.yaml: a user is shown"]
    assert sum(line.startswith("not ok") for line in lines) == 2


def test_watch_sees_files_edited_replaced_deleted_back_and_new(folder):
    def write(name, text):
        (folder / ".new").write_text(text)
        (folder / ".new").replace(folder / name)  # as editors save

    one = "config: gateway.json\ntests:\n  - {in: {url: /users/1}, out: {status: 200}}\n"
    write("gateway.test.yaml", one)
    gateway = (folder / "gateway.json").read_text()
    steps = (
        ("1 passed", lambda: write("gateway.test.yaml", one.replace("200", "201"))),
        ("1 failed", lambda: (folder / "gateway.test.yaml").write_text("tests: [")),
        ("errors in files of tests", lambda: (folder / "gateway.test.yaml").unlink()),
        ("there are no files of tests", lambda: write("gateway.test.yaml", one)),
        ("1 passed", lambda: write("other.test.yaml", one)),
        ("2 passed", lambda: (folder / "gateway.json").unlink()),
        ("gateway.json has errors", lambda: write("gateway.json", gateway)),
        ("2 passed", lambda: None),
    )
    command = [str(Path(sys.executable).with_name("crossgate")), "test", "--watch"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}, **streams) as watcher:
        try:
            for expected, change in steps:
                lines: list[str] = []
                while not (lines and lines[-1].startswith("watching")):
                    lines.append(watcher.stdout.readline())
                    assert lines[-1], lines
                assert expected in "".join(lines)
                change()
        finally:
            watcher.kill()


def test_tap_shows_no_control_characters_and_escapes_its_own(folder, capsys):
    (folder / "odd.test.yaml").write_text(
        'config: gateway.json\ntests:\n  - {name: "a # b\\e[31m \\\\ \\n c", in: {url: /never}, out: {}}\n'
    )
    assert main(["test", "--format", "tap", "odd.test.yaml"]) == 0
    assert capsys.readouterr().out == "TAP version 13\n1..1\nok 1 - odd.test.yaml: a \\# b\ufffd[31m \\\\ c\n"


def test_only_what_is_wanted_runs(folder, capsys):
    assert main(["test", "-k", "IS SHOWN", "-v"]) == 1
    out = capsys.readouterr().out
    assert "a page may not" not in out
    assert "ok a user is shown" in out
    assert main(["test", "-k", "nothing has this name"]) == 2
    assert "no test" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.test.yaml"], "the file cannot be read"),
        (["-c", "none.json", "gateway.test.yaml"], "none.json has errors"),
        (["empty"], "there are no files of tests in empty"),
        (["--init"], "--init needs the configuration's file"),
        (["--init", "-c", "gateway.json"], "is there already"),
        (["--url", "nowhere", "gateway.test.yaml"], "nowhere is no URL"),
        (["--url", "http://127.0.0.1:99999", "gateway.test.yaml"], "is no URL"),
        (["--url", "http://127.0.0.1/?a=b", "gateway.test.yaml"], "is no URL"),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(folder, capsys, arguments, message):
    (folder / "empty").mkdir()
    assert main(["test", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_errors_of_a_configuration_inside_a_file_are_shown_in_that_file(folder, capsys):
    (folder / "own.test.yaml").write_text("config:\n  version: 9\ntests:\n  - in: {url: /}\n    out: {}\n")
    assert main(["test", "own.test.yaml"]) == 2
    assert "own.test.yaml:2:12" in capsys.readouterr().err


def test_written_suite_passes_and_is_not_overwritten(folder, capsys):
    assert main(["test", "--init", "-c", "gateway.json", "written.test.yaml"]) == 0
    assert main(["test", "written.test.yaml"]) == 0
    assert main(["test", "--init", "-c", "gateway.json", "written.json"]) == 0
    assert main(["test", "written.json"]) == 0
    before = (folder / "written.json").read_text()
    assert main(["test", "--init", "-c", "gateway.json", "written.json"]) == 2
    assert (folder / "written.json").read_text() == before


def test_specs_of_the_conformance_suite_pass_as_they_are(capsys):
    assert main(["test", str(ROOT / "tests/conformance/specs"), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["passed"] >= 499


def test_live_gateway_is_asked_the_same(folder, capsys):
    (folder / "live.test.yaml").write_text(
        "tests:\n"
        "  - {name: found, in: {url: /users/1}, out: {status: 200, route: /never, json_has: {target: /u/1}}}\n"
        "  - {name: page, page: 'https://evil.example', in: {url: /users/1}, out: {cors: blocked}}\n"
        "  - {name: minted, in: {url: /users/1, token: valid}, out: {status: 200}}\n"
        "  - {name: wrong, in: {url: /users/1}, out: {status: 201}}\n"
        "  - {name: whole, in: {url: 'http://localhost:8080/users/1'}, out: {json_has: {target: /u/1}}}\n"
    )
    with scripted_backend() as backend:
        (folder / "live.json").write_text(CONFIG.replace("users:8000", backend.authority))
        with running_gateway(folder / "live.json") as gateway:
            url = f"http://127.0.0.1:{gateway.port}"
            assert main(["test", "live.test.yaml", "--url", url, "--format", "json"]) == 1
            report = json.loads(capsys.readouterr().out)
            text = "tests:\n  - {in: {url: /1}, out: {status: 200}}\n"
            text += "  - {page: 'https://shop.example', in: {url: /1}, out: {status: 200, cors: allowed}}\n"
            (folder / "base.test.yaml").write_text(text)
            for base in ("/users", "/users/"):
                assert main(["test", "base.test.yaml", "--url", url + base]) == 0
    outcomes = {test["name"]: test["outcome"] for test in report["tests"]}
    assert outcomes == {"found": "passed", "page": "passed", "minted": "left out", "wrong": "failed", "whole": "passed"}


def test_refusal_for_another_reason_than_the_one_meant_fails(folder, capsys):
    text = "config: gateway.json\ntests:\n"
    for reason in ("route.none", "route.method", '""'):
        text += f"  - {{in: {{url: /nowhere}}, out: {{status: 404, reason: {reason}}}}}\n"
    text += "  - {in: {url: /users/1}, out: {status: 200, reason: ''}}\n"
    (folder / "gateway.test.yaml").write_text(text)
    assert main(["test"]) == 1
    shown = capsys.readouterr().out
    assert "2 passed, 2 failed" in shown
    for wanted in ("route.method", "none"):
        assert f"      reason\n        expected {wanted}\n             got route.none\n" in shown


@pytest.fixture
def tls_gateway(folder):
    """The port of a server with a certificate that nobody knows, and the file that has whom to trust."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_gateway_behind_tls_is_asked_by_whom_trusts_its_certificate(folder, capsys, tls_gateway):
    (folder / "tls.test.yaml").write_text("tests:\n  - {in: {url: /users/1}, out: {status: 200}}\n")
    asked = ["test", "tls.test.yaml", "--url", f"https://127.0.0.1:{tls_gateway}"]
    assert main(asked) == 1
    assert "certificate verify failed" in capsys.readouterr().out
    assert main([*asked, "--ca-file", "ca.pem"]) == 0
    assert main([*asked, "--insecure"]) == 0
    for name in ("no.pem", "tls.test.yaml"):
        assert main([*asked, "--ca-file", name]) == 2
        assert f"{name} has no certificate that can be read" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("prove") is None, reason="Perl's TAP reader is not installed")
def test_perls_own_reader_takes_the_tap_report(folder, capsys):
    (folder / "odd.test.yaml").write_text(
        "tests:\n"
        "  - {name: 'a # b \\ c', in: {url: /users/1}, out: {status: 200}}\n"
        "  - {name: wrong, in: {url: /users/1}, out: {status: 201}}\n"
    )
    main(["test", "-c", "gateway.json", "odd.test.yaml", "--format", "tap"])
    (folder / "report.tap").write_text(capsys.readouterr().out)
    done = subprocess.run(
        ["prove", "--exec", "cat", "report.tap"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Parse errors" not in done.stdout
    assert "Failed test:  2" in done.stdout


def test_number_for_a_time_is_told_its_unit(folder, capsys):
    (folder / "odd.test.yaml").write_text("tests:\n  - {in: {url: /1}, out: {}, after: 5}\n")
    assert main(["test", "-c", "gateway.json", "odd.test.yaml"]) == 2
    assert 'write "5s" for seconds' in capsys.readouterr().err
