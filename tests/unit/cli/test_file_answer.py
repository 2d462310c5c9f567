"""The answer about a pasted file: what `crossgate explain` says, and nothing of the file read, run or fetched."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crossgate.cli.file_answer import answer
from crossgate.cli.main import main
from tests.support.explained import CONFIG, HTPASSWD, REFUSALS

ROOT = Path(__file__).parents[3]
EMPTY = dict.fromkeys(("curl", "method", "url", "origin", "headers", "credentials", "client", "body"), "")
BACKEND_YAML = 'backend: [{host: ["http://backend:8000"], url_pattern: /a}]'
BACKEND_TOML = 'backend = [{host = ["http://backend:8000"], url_pattern = "/a"}]'
OPTIONS = {"--url": "url", "--method": "method", "-d": "body", "--client": "client", "--origin": "origin"}
INSECURE = {"disable_jwk_security": True}
WATCHED = """
import json, sys
seen = []
def watch(event, given):
    if event.startswith(("open", "os.", "socket.", "subprocess.", "import", "ctypes.", "shutil.")):
        seen.append(f"{event} {given!r}"[:300])
from crossgate.cli import closed_doors, file_answer
sys.addaudithook(watch)
questions = json.loads(sys.stdin.buffer.read())
closed_doors.close_doors()
told = []
for question in questions:
    seen.clear()
    told.append([file_answer.answer(question), "\\n".join(seen)])
sys.stdout.write(json.dumps(told))
"""


def question(text: str | dict[str, Any], kind: str = "", **request: str) -> dict[str, Any]:
    written = text if isinstance(text, str) else json.dumps(text, indent=1)
    return {"text": written, "format": kind, "request": {**EMPTY, **request}}


def watched(*asked: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """The answers, given behind closed doors by one process, each with what was tried at them."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", WATCHED],
        input=json.dumps(asked).encode(),
        capture_output=True,
        env={},
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [(said, seen) for said, seen in json.loads(done.stdout)]


def endpoint(path: str, extra: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"endpoint": path, "backend": [{"url_pattern": path}], "extra_config": extra or {}, **more}


def of(arguments: list[str]) -> dict[str, str]:
    """A request as the page asks about it, from options of `crossgate explain`."""
    request = {"headers": ""}
    for option, value in zip(arguments[::2], arguments[1::2], strict=True):
        if option == "-H":
            request["headers"] += f"{value}\n"
        else:
            request[OPTIONS[option]] = value
    if "body" in request:
        request.setdefault("method", "POST")
    return request


@pytest.mark.parametrize(
    ("code", "arguments"),
    [(one[0], one[3]) for one in REFUSALS if not one[0].startswith("basic.")],
    ids=[one[0] for one in REFUSALS if not one[0].startswith("basic.")],
)
def test_answer_is_that_of_crossgate_explain(code, arguments, tmp_path, monkeypatch, capsys):
    text = json.dumps(CONFIG, indent=1)
    (tmp_path / "krakend.json").write_text(text)
    (tmp_path / "users.htpasswd").write_text(HTPASSWD)
    monkeypatch.chdir(tmp_path)
    main(["explain", "-c", "krakend.json", "--format", "json", *arguments])
    expected = json.loads(capsys.readouterr().out)
    said = answer(question(text, **of(arguments)))
    found = said["explanation"]
    assert (found["reason"], said["problem"]) == (code, "")
    for of_all in (expected, found):
        of_all["notes"] = [note.removesuffix(" Give them with --jwk FILE.") for note in of_all["notes"]]
    assert found == expected


def test_curl_command_is_the_request():
    command = "curl -X PUT 'https://api.example/open/1?x=1' -H 'Origin: https://shop.example' -H 'X-A: 1' -d '{}'"
    said = answer(question(CONFIG, curl=command, url="/ignored"))
    assert said["request"]["method"] == "PUT"
    assert said["request"]["url"] == "https://api.example/open/1?x=1"
    assert said["request"]["origin"] == "https://shop.example"
    assert ["X-A", "1"] in said["request"]["headers"]
    assert said["request"]["body"] == "{}"
    assert said["explanation"]["answer"] == "blocked"


@pytest.mark.parametrize(
    "command",
    ["curl http://h/ -d @{}", "curl http://h/ --data-binary @{}", "curl http://h/ -F a=@{}",
     "curl http://h/ -F 'a=<{}'",     "curl http://h/ --data-urlencode a@{}", "curl http://h/ --json @{}"],
)  # fmt: skip
def test_curl_command_reads_no_file(command, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of this machine")
    said = answer(question(CONFIG, curl=command.format(secret)))
    assert said["problem"] == "Files are not read here: write the body itself."
    assert "of this machine" not in json.dumps(said)


def test_body_that_begins_like_a_files_name_is_a_body():
    said = answer(question(CONFIG, method="POST", url="/schema", body="@/etc/hostname"))
    assert said["request"]["body"] == "@/etc/hostname"
    assert said["explanation"]["reason"] == "schema.no-json"


# -- the change


@pytest.mark.parametrize("suffix", ["json", "yaml", "toml"])
def test_change_of_a_cors_key_is_made_in_the_text_and_helps(suffix):
    texts = {
        "json": '{"version": 3, "extra_config": {"security/cors": {\n  "allow_origins": ["https://a.example"],\n'
        '  "allow_methods": ["GET"]\n}}, "endpoints": [{"endpoint": "/a", "method": "PUT", "backend": ['
        '{"host": ["http://backend:8000"], "url_pattern": "/a"}]}]}',
        "yaml": "# ours\nversion: 3\nextra_config:\n  security/cors:\n    allow_origins:\n      - https://a.example\n"
        f"    allow_methods:\n      - GET\nendpoints:\n  - endpoint: /a\n    method: PUT\n    {BACKEND_YAML}\n",
        "toml": 'version = 3\n[extra_config."security/cors"]\nallow_origins = ["https://a.example"]\n'
        f'allow_methods = ["GET"]\n[[endpoints]]\nendpoint = "/a"\nmethod = "PUT"\n{BACKEND_TOML}\n',
    }
    asked = question(texts[suffix], method="PUT", url="/a", origin="https://a.example")
    said = answer(asked)
    assert said["format"] == suffix
    assert said["explanation"]["reason"] == "cors.method-not-listed"
    changed = said["change"]["text"]
    assert '["GET", "PUT"]' in changed
    assert changed.splitlines()[said["change"]["line"] - 1].strip().endswith(('["GET", "PUT"]', '["GET", "PUT"],'))
    again = answer({**asked, "text": changed})
    assert again["explanation"]["answer"] != "blocked"
    untouched = [line for line in texts[suffix].splitlines() if not re.search("GET|allow_methods", line)]
    assert [line for line in untouched if line not in changed.splitlines()] == []


@pytest.mark.parametrize("suffix", ["json", "yaml", "toml"])
def test_change_can_add_a_key_that_is_not_there(suffix):
    texts = {
        "json": '{"version": 3, "extra_config": {"security/cors": {"allow_origins": ["https://a.example"]}},'
        ' "endpoints": [{"endpoint": "/a", "backend": ['
        '{"host": ["http://backend:8000"], "url_pattern": "/a"}]}]}',
        "yaml": "version: 3\nextra_config:\n  security/cors:\n    allow_origins: [https://a.example]\n"
        f"endpoints:\n  - endpoint: /a\n    {BACKEND_YAML}\n",
        "toml": 'version = 3\n[extra_config."security/cors"]\nallow_origins = ["https://a.example"]\n'
        f'[[endpoints]]\nendpoint = "/a"\n{BACKEND_TOML}\n',
    }
    asked = question(texts[suffix], url="/a", origin="https://a.example", credentials="include")
    said = answer(asked)
    assert said["explanation"]["answer"] == "blocked"
    assert "allow_credentials" in said["change"]["text"]
    assert answer({**asked, "text": said["change"]["text"]})["explanation"]["answer"] != "blocked"


def test_change_for_an_agent_or_a_host_is_made_in_the_text():
    for request, key in (
        ({"url": "/open/1", "headers": "User-Agent: scraper/2"}, "allow"),
        ({"url": "http://other.example/open/1"}, "allowed_hosts"),
    ):
        said = answer(question(CONFIG, **request))
        assert said["explanation"]["answer"] == "refused"
        assert f'"{key}"' in said["change"]["text"]
        again = answer(question(said["change"]["text"], **request))
        assert again["explanation"]["answer"] == "passes"


def test_change_that_would_not_help_is_not_offered():
    denied = answer(question(CONFIG, url="/open/1", headers="User-Agent: evil"))
    assert denied["explanation"]["reason"] == "bot.detected"
    assert (
        denied["change"] is None
        or answer(question(denied["change"]["text"], url="/open/1", headers="User-Agent: evil"))["explanation"][
            "answer"
        ]
        == "passes"
    )
    assert answer(question(CONFIG, url="/token"))["change"] is None


def test_change_leaves_alone_what_an_alias_shares_with_others():
    text = "version: 3\nx: &m [GET]\nextra_config:\n  security/cors:\n    allow_origins: [https://a.example]\n"
    text += f"    allow_methods: *m\nendpoints:\n  - endpoint: /a\n    method: PUT\n    {BACKEND_YAML}\n"
    said = answer(question(text, method="PUT", url="/a", origin="https://a.example"))
    assert "x: &m [GET]\n" in said["change"]["text"]
    assert '    allow_methods: ["GET", "PUT"]\n' in said["change"]["text"]


# -- what is wrong with the text itself


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "CFG109"),
        ("{", "CFG102"),
        ("[]", ""),
        ("1", ""),
        ('{"version": 3, {{ include "x" }} }', "CFG404"),
        ("\0", ""),
    ],
)
def test_text_that_is_no_file_is_diagnosed_with_its_line(text, code):
    said = answer(question(text, url="/a"))
    assert (said["starts"], said["explanation"]) == (False, None)
    assert said["diagnostics"][0]["line"] == 1
    assert code in [said["diagnostics"][0]["code"], ""]


def test_diagnostics_are_those_of_check_with_the_worst_first():
    text = {**CONFIG, "typo": 1, "extra_config": {"security/cors": {"allow_origin": []}}}
    said = answer(question(text, url="/open/1"))
    assert said["starts"] is False
    severities = [found["severity"] for found in said["diagnostics"]]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    written = json.dumps(text, indent=1).splitlines()
    assert '"allow_origin"' in written[said["diagnostics"][0]["line"] - 1]


@pytest.mark.parametrize(
    "request_part",
    [{"url": "ftp://x/"}, {"url": ""}, {"url": "/a", "method": "NO SUCH"}, {"url": "/a", "headers": "no colon"},
     {"url": "/a", "headers": "A: b\0c"}, {"url": "/a", "client": "nobody"}, {"curl": "curl"}, {"curl": "curl 'x"},
     {"url": "/a", "origin": "no origin"}],
)  # fmt: skip
def test_request_that_is_none_is_said(request_part):
    said = answer(question(CONFIG, **request_part))
    assert said["problem"]
    assert said["explanation"] is None


# -- nothing of it is read, run or fetched


def test_no_file_that_a_text_names_is_opened_or_looked_for(tmp_path):
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "canary_plugin.py").write_text("raise SystemExit('it was imported')")
    canary = [str(tmp_path / f"canary-{number}.json") for number in range(20)]
    for file in canary:
        Path(file).write_text('{"keys": []}')
    folder = str(tmp_path / "module")
    config = {
        "version": 3,
        "host": ["http://backend:8000"],
        "plugin": {"folder": folder, "pattern": ".so"},
        "tls": {"public_key": canary[0], "private_key": canary[1]},
        "extra_config": {
            "crossgate/log": {"file": canary[2], "access": "json"},
            "crossgate/explain": {"token_file": canary[3]},
            "crossgate/redis": {"url": "rediss://127.0.0.1:1", "ca_file": canary[4], "password_env": "CANARY"},
            "crossgate/revoker": {"listen": "127.0.0.1:0", "token_file": canary[5]},
            "auth/revoker": {"N": 1000, "P": 0.01, "hash_name": "optimal", "TTL": 60, "port": 1, "token_keys": ["jti"]},
            "crossgate/plugins": {"modules": {"own": "canary_plugin:factory"}, "path": folder},
            "plugin/http-server": {
                "name": ["static-filesystem"],
                "static-filesystem": {"prefix": "/files/", "path": folder},
            },
            "modifier/lua-endpoint": {"sources": [canary[6]], "pre": "x = 1"},
        },
        "endpoints": [
            endpoint("/keys", {"auth/validator": {"alg": "HS256", "jwk_local_path": canary[7], **INSECURE}}),
            endpoint("/users", {"auth/basic": {"htpasswd_path": canary[8]}}),
            endpoint("/schema", {"validation/json-schema": {"$ref": f"file://{canary[9]}"}}, method="POST"),
            endpoint("/signed", {"auth/signer": {"alg": "HS256", "kid": "1", "keys_to_sign": ["a"],
                                                 "jwk_local_path": canary[10], **INSECURE}}, method="POST"),
            endpoint("/lua", {"modifier/lua-proxy": {"sources": [canary[11]], "pre": "x = 1", "live": True}}),
            endpoint("/own", {"plugin/req-resp-modifier": {"name": ["own"], "own": {}}}),
            {"endpoint": "/graph", "backend": [{"url_pattern": "/g", "extra_config": {
                "backend/graphql": {"type": "query", "query_path": canary[12]}}}]},
            {"endpoint": "/martian", "backend": [{"url_pattern": "/m", "extra_config": {
                "modifier/martian": {"static.Modifier": {"scope": ["request", "response"], "rootPath": folder}}}}]},
            {"endpoint": "/ca", "extra_config": {"auth/validator": {
                "alg": "RS256", "jwk_url": "https://127.0.0.1:1/k", "jwk_local_ca": canary[13]}},
             "backend": [{"url_pattern": "/c"}]},
        ],
    }  # fmt: skip
    paths = {
        "/keys": None, "/users": "basic_auth", "/schema": "json_schema", "/signed": "signer", "/lua": "lua",
        "/own": "plugins", "/graph": "graphql", "/martian": "martian", "/ca": None,
    }  # fmt: skip
    posted = {"method": "POST", "body": "{}"}
    asked = [question(config, url=path, **(posted if path in ("/schema", "/signed") else {})) for path in paths]
    for (path, left_out), (said, seen) in zip(paths.items(), watched(*asked), strict=True):
        assert (said["starts"], said["problem"]) == (True, ""), (path, said["diagnostics"])
        assert "canary" not in seen, path
        assert folder not in seen, path
        assert "subprocess" not in seen
        assert "os.fork" not in seen
        assert "it was imported" not in json.dumps(said)
        found = said["explanation"]
        assert found["answer"] == ("refused" if path in ("/keys", "/ca") else "passes"), (path, found)
        steps = {step["component"]: step for step in found["steps"]}
        if left_out:
            assert steps[left_out]["outcome"] == "not-asked", path
            assert "here" in steps[left_out]["note"]
            assert left_out in found["not_judged"]


def test_nobody_is_asked_for_anything():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        at = f"127.0.0.1:{server.getsockname()[1]}"
        config = {
            "version": 3,
            "host": [f"http://{at}"],
            "extra_config": {
                "crossgate/redis": {"url": f"redis://{at}"},
                "telemetry/opentelemetry": {"exporters": {"otlp": [{"name": "a", "host": "127.0.0.1", "port": 1}]}},
                "telemetry/gelf": {"address": at, "enable_tcp": True},
            },
            "endpoints": [
                endpoint(
                    "/all",
                    {
                        "auth/validator": {"alg": "RS256", "jwk_url": f"http://{at}/k", "disable_jwk_security": True},
                        "qos/ratelimit/router/redis": {"max_rate": 1, "strategy": "ip", "client_max_rate": 1},
                    },
                ),
                {
                    "endpoint": "/out",
                    "backend": [
                        {
                            "url_pattern": "/o",
                            "extra_config": {
                                "auth/client-credentials": {
                                    "client_id": "a",
                                    "client_secret": "b",
                                    "token_url": f"http://{at}/t",
                                }
                            },
                        },
                        {"url_pattern": "/d", "sd": "dns", "host": ["canary.example"], "disable_host_sanitize": True},
                    ],
                },
            ],
        }
        bearer = "Authorization: Bearer aaaa.bbbb.cc"
        for said, seen in watched(*(question(config, url=path, headers=bearer) for path in ("/all", "/out"))):
            assert said["explanation"] is not None, (said["problem"], said["diagnostics"])
            for door in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess", "resolv.conf"):
                assert door not in seen
        with pytest.raises(BlockingIOError):
            server.accept()


def test_environment_is_neither_read_nor_laid_over(monkeypatch):
    monkeypatch.setenv("KRAKEND_PORT", "9999")
    monkeypatch.setenv("FC_ENABLE", "1")
    monkeypatch.setenv("CROSSGATE_KRAKEND_VERSION", "2.13.8")
    said = answer(question({**CONFIG, "port": 8081}, url="/open/1"))
    assert said["request"]["url"] == "http://localhost:8081/open/1"
    assert "2.13.8" not in json.dumps(said)


@pytest.mark.parametrize("name", ["KRAKEND_PORT", "CROSSGATE_KRAKEND_VERSION"])
def test_name_of_a_password_lays_nothing_over_the_file(name):
    extra = {"crossgate/redis": {"url": "redis://127.0.0.1", "password_env": name}}
    said = answer(question({"version": 3, "port": 8081, "host": ["http://backend:8000"], "extra_config": extra,
                            "endpoints": [endpoint("/a")]}, url="/a"))  # fmt: skip
    assert said["request"]["url"] == "http://localhost:8081/a"


def test_script_is_not_run_even_where_it_is_in_the_file_itself():
    extra = {"modifier/lua-proxy": {"pre": "while true do end"}}
    config = {"version": 3, "host": ["http://backend:8000"], "endpoints": [endpoint("/a", extra)]}
    found = answer(question(config, url="/a"))["explanation"]
    assert found["answer"] == "passes"
    assert [step["outcome"] for step in found["steps"] if step["component"] == "lua"] == ["not-asked"]
    assert any("Lua scripts are not run here" in note for note in found["notes"])


def test_plugins_of_crossgate_itself_are_judged_beside_others_that_are_not():
    extra = {
        "plugin/req-resp-modifier": {
            "name": ["ip-filter", "own"],
            "ip-filter": {"allow": True, "CIDR": ["10.0.0.0/8"]},
        }
    }
    config = {
        "version": 3,
        "host": ["http://backend:8000"],
        "extra_config": {"crossgate/plugins": {"modules": {"own": "antigravity:fly"}}},
        "endpoints": [endpoint("/a", extra)],
    }
    refused = answer(question(config, url="/a", client="192.0.2.1"))["explanation"]
    passed = answer(question(config, url="/a", client="10.1.1.1"))["explanation"]
    assert (refused["reason"], passed["answer"]) == ("plugin.refused", "passes")
    assert any("what own would do was left out" in note for note in passed["notes"])
    assert "antigravity" not in sys.modules


# -- size, depth, time and memory


def test_bombs_are_said_to_be_too_much():
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    for text, kind in (
        (f"a0: &a0 [x, x, x]\n{levels}\nversion: 3\n", "yaml"),
        ("a: &a\n  b: *a\nversion: 3\n", "yaml"),
        ("[" * 200_000, "json"),
        ('{"a":' * 200_000, "json"),
        ("- " * 100_000, "yaml"),
        ("a = " + "[" * 100_000, "toml"),
        ('{"version": 3, "endpoints": ' + "9" * 100_000 + "}", "json"),
    ):
        said = answer(question(text, kind, url="/a"))
        assert said["starts"] is False, text[:20]
        assert said["diagnostics"][0]["severity"] == "error"


def test_patterns_that_would_take_ages_elsewhere_take_none():
    schema = {"type": "object", "properties": {"a": {"pattern": "^(a+)+$"}}}
    config = {
        "version": 3,
        "host": ["http://backend:8000"],
        "extra_config": {"security/bot-detector": {"patterns": ["^(a|a)*$", "(x+x+)+y"]}},
        "endpoints": [endpoint("/a", {"validation/json-schema": schema}, method="POST")],
    }
    body = json.dumps({"a": "a" * 5000 + "!"})
    said = answer(question(config, method="POST", url="/a", headers=f"User-Agent: {'x' * 3000}", body=body))
    assert (said["problem"], said["explanation"]["reason"]) == ("", "schema.invalid")


def test_many_endpoints_are_explained_within_the_bounds():
    config = {
        "version": 3,
        "host": ["http://backend:8000"],
        "typo": 1,
        "endpoints": [endpoint(f"/e{number}/{{id}}", typo=1) for number in range(5_000)],
    }
    [(said, _)] = watched(question(json.dumps(config), url="/e4999/1"))
    assert said["explanation"]["route"] == "/e4999/{id}"
    assert len(said["diagnostics"]) == 200
    assert said["more_diagnostics"] > 4_000
