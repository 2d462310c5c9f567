"""How `crossgate explain` reads requests: options, curl commands, HAR files, access logs, and what is wrong in them."""

import argparse
import base64
import json

import pytest

from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain_har import of_the_gateway
from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.cli.main import main


def read(*arguments):
    parser = argparse.ArgumentParser()
    add_request_arguments(parser)
    return read_requests(parser.parse_args(arguments), base_url="http://localhost:8080")


def of_curl(command):
    (asked,) = read("--from-curl", command)
    return asked


def test_url_is_sent_as_it_is_but_for_what_no_url_can_hold():
    (asked,) = read("--url", "https://api.example/a/../b c/%zz/ü?q=1 2#part", "-H", "X-A: 1", "-H", "x-a:2")
    assert (asked.method, asked.scheme, asked.host) == ("GET", "https", "api.example")
    assert asked.target == "/a/../b%20c/%zz/%C3%BC?q=1%202"
    assert asked.fields == (("X-A", "1"), ("x-a", "2"))


def test_path_alone_is_of_the_file_s_own_port():
    (asked,) = read("--url", "/x", "--method", "PUT", "-H", "Host: other.example", "--client", "10.0.0.1")
    assert (asked.method, asked.host, asked.target, asked.client_host) == ("PUT", "other.example", "/x", "10.0.0.1")
    (asked,) = read("--url", "//x/y")
    assert (asked.host, asked.target) == ("localhost:8080", "//x/y")


def test_name_and_password_of_a_url_are_sent_as_curl_sends_them():
    (asked,) = read("--url", "http://ada:s%20t@api.example/")
    assert asked.host == "api.example"
    assert asked.values("authorization") == [f"Basic {base64.b64encode(b'ada:s t').decode()}"]


def test_body_makes_it_a_post(tmp_path):
    (asked,) = read("--url", "/x", "-d", '{"a": 1}')
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    (tmp_path / "body").write_bytes(b"\x00\xff")
    (asked,) = read("--url", "/x", "--method", "PATCH", "-d", f"@{tmp_path / 'body'}")
    assert (asked.method, asked.body) == ("PATCH", b"\x00\xff")


@pytest.mark.parametrize(
    ("command", "method", "target", "body", "content_type"),
    [
        ("curl http://h/a", "GET", "/a", None, None),
        ("curl -I h/a", "HEAD", "/a", None, None),
        ("curl h/a -d x=1 -d y=2", "POST", "/a", b"x=1&y=2", "application/x-www-form-urlencoded"),
        ("curl h/a --json '{\"a\":' --json '1}'", "POST", "/a", b'{"a":1}', "application/json"),
        ("curl h/a --data-urlencode 'q=a b&c'", "POST", "/a", b"q=a+b%26c", "application/x-www-form-urlencoded"),
        ("curl -G h/a?x=1 -d y=2", "GET", "/a?x=1&y=2", None, None),
        ("curl h/a -X PUT --data-raw @x", "PUT", "/a", b"@x", "application/x-www-form-urlencoded"),
        ("curl h/a -H 'Content-Type: text/plain' -d @-x", "POST", "/a", None, "text/plain"),
    ],
)
def test_curl_command_is_read_as_curl_sends_it(command, method, target, body, content_type, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-x").write_bytes(b"one\r\ntwo\n")
    asked = of_curl(command)
    assert (asked.method, asked.target) == (method, target)
    assert asked.body == (b"onetwo" if "@-x" in command else body)
    assert asked.values("content-type") == ([content_type] if content_type else [])
    assert asked.values("accept")
    assert asked.values("user-agent")[0].startswith("curl/")


def test_curl_form_is_multipart(tmp_path):
    (tmp_path / "f.txt").write_text("hello")
    asked = of_curl(f"curl h/a -F name=ada -F 'file=@{tmp_path / 'f.txt'};type=text/plain'")
    kind = asked.values("content-type")[0]
    boundary = kind.partition("boundary=")[2]
    assert kind.startswith("multipart/form-data; boundary=")
    assert asked.body.endswith(f"--{boundary}--\r\n".encode())
    assert b'name="name"\r\n\r\nada\r\n' in asked.body
    assert b'filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n' in asked.body


def test_curl_command_keeps_cookies_credentials_and_the_origin():
    asked = of_curl("curl 'https://h/a' -b 's=1' -u ada:x -A me -H 'Origin: https://app.example' -H 'Host: other'")
    assert asked.values("cookie") == ["s=1"]
    assert asked.values("authorization") == ["Basic YWRhOng="]
    assert asked.values("user-agent") == ["me"]
    assert (asked.origin, asked.host) == ("https://app.example", "other")


def har(tmp_path, *entries):
    path = tmp_path / "page.har"
    path.write_text(json.dumps({"log": {"entries": list(entries)}}))
    return str(path)


def entry(**request):
    return {"startedDateTime": "2026-01-02T03:04:05.000Z", "request": {"method": "GET", "url": "http://h/a", **request}}


def test_har_has_every_request_with_its_body_its_cookies_and_its_time(tmp_path):
    path = har(
        tmp_path,
        entry(
            headers=[
                {"name": ":authority", "value": "h"},
                {"name": "Content-Length", "value": "9"},
                {"name": "Cookie", "value": "s=1"},
            ]
        ),
        entry(url="data:text/plain,x"),
        entry(method="POST", url="http://h/b", postData={"text": "eA==", "encoding": "base64"}),
        entry(method="POST", url="http://h/c", postData={"params": [{"name": "a b", "value": "1"}]}),
    )
    first, second, third = read("--har", path)
    assert first.fields == (("Cookie", "s=1"),)
    assert first.at_seconds == 1767323045.0
    assert (second.target, second.body) == ("/b", b"x")
    assert third.body == b"a+b=1"
    assert [one.target for one in read("--har", path, "--url", "http://h/b")] == ["/b"]


def test_har_of_browsers_with_http_2_is_read_without_pseudo_headers(tmp_path):
    of_chromium = {
        "method": "POST",
        "url": "https://api.example/orders?x=1#part",
        "httpVersion": "http/2.0",
        "headers": [
            {"name": ":authority", "value": "api.example"},
            {"name": ":method", "value": "POST"},
            {"name": ":path", "value": "/orders?x=1"},
            {"name": ":scheme", "value": "https"},
            {"name": "content-length", "value": "7"},
            {"name": "content-type", "value": "application/json"},
            {"name": "origin", "value": "https://app.example"},
            {"name": "sec-fetch-mode", "value": "cors"},
        ],
        "postData": {"mimeType": "application/json", "text": '{"a":1}'},
    }
    of_firefox = {
        "method": "POST",
        "url": "https://api.example/form",
        "httpVersion": "HTTP/2",
        "headers": [{"name": "Host", "value": "api.example"}, {"name": "Content-Type", "value": "multipart/form-data"}],
        "postData": {
            "mimeType": "multipart/form-data; boundary=x",
            "params": [{"name": "f", "fileName": "a"}],
            "text": "",
        },
    }
    without = {**of_firefox, "postData": {"mimeType": "multipart/form-data; boundary=x", "params": [{"name": "f"}]}}
    socket = {"method": "GET", "url": "wss://api.example/live", "headers": []}
    first, second, third = read("--har", har(tmp_path, *map(entry_of, (of_chromium, socket, of_firefox, without))))
    assert (first.method, first.scheme, first.host, first.target) == ("POST", "https", "api.example", "/orders?x=1")
    assert [name for name, _ in first.fields] == ["content-type", "origin", "sec-fetch-mode"]
    assert (first.body, first.origin, first.notes) == (b'{"a":1}', "https://app.example", ())
    assert (second.host, second.fields) == ("api.example", (("Content-Type", "multipart/form-data"),))
    assert (third.body, third.notes[0][:31]) == (None, "The HAR file has no body for th")


def entry_of(request):
    return {"startedDateTime": "2026-01-02T03:04:05.678+01:00", "request": request, "response": {"status": 0}}


def test_har_of_many_requests_says_how_many_were_explained(tmp_path):
    found = read("--har", har(tmp_path, *[entry(url=f"http://h/{number}") for number in range(205)]))
    for takes in (lambda _: True, lambda _: False):
        kept = of_the_gateway(found, takes)
        assert len(kept) == 200
        assert kept[-1].notes == ("Only the first 200 of 205 requests are explained. Use --url to select others.",)


def test_requests_of_a_har_to_hosts_that_are_not_the_gateway_are_left_out_and_counted(config, capsys):
    urls = ["http://page.example/", "http://page.example/a.js", "http://localhost:8080/nowhere", "http://cdn.example/x"]
    asked = [entry(url=url) for url in [*urls, "http://localhost:8080/open/1", "http://localhost:8080/token"]]
    _, found = explained(capsys, "--har", har(config, *asked))
    assert [one["url"] for one in found["requests"]] == [
        "http://localhost:8080/nowhere", "http://localhost:8080/open/1", "http://localhost:8080/token",
    ]  # fmt: skip
    assert found["requests"][-1]["notes"][0] == (
        "Left out: 3 requests to http://cdn.example, http://page.example, because the file has no endpoint for any "
        "of them. Use --url to see them."
    )
    _, found = explained(capsys, "--har", har(config, *asked), "--url", "http://page")
    assert len(found["requests"]) == 2
    _, found = explained(capsys, "--har", har(config, *asked[:2]))
    assert len(found["requests"]) == 2


LINE = {
    "time": "2026-01-02T03:04:05.000+00:00",
    "request_id": "abc",
    "client": "10.0.0.9",
    "method": "GET",
    "path": "/open/1",
    "query": "a=1",
    "host": "api.example",
    "route": "/open/{id}",
    "status": 401,
    "user_agent": "me",
    "origin": "",
    "reason": "token.expired",
}


def log(tmp_path, *lines):
    path = tmp_path / "access.log"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return str(path)


def test_line_of_a_log_is_found_by_its_id_among_other_lines(tmp_path):
    path = log(tmp_path, "started", {**LINE, "request_id": "abcd"}, LINE, {"msg": "abc"})
    (asked,) = read("--request-id", "abc", "--log", path)
    assert (asked.target, asked.host, asked.client_host) == ("/open/1?a=1", "api.example", "10.0.0.9")
    assert asked.fields == (("User-Agent", "me"),)
    assert (asked.logged.status, asked.logged.reason) == (401, "token.expired")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no request was given"),
        (["--url", "nonsense"], "is no URL"),
        (["--url", "ftp://h/a"], "is no URL"),
        (["--url", "http:///a"], "is no URL"),
        (["--url", "http://a b/"], "is no host"),
        (["--url", "/a", "--method", "GE T"], "is no method"),
        (["--url", "/a", "--method", "GET\r\nX: 1"], "is no method"),
        (["--url", "/a", "-H", "nonsense"], "not of the form NAME:VALUE"),
        (["--url", "/a", "-H", "X: a\r\nY: b"], "no header that can be sent"),
        (["--url", "/a", "-H", "X Y: a"], "no header that can be sent"),
        (["--url", "/a", "-d", "@missing"], "cannot read missing: no such file"),
        (["--url", "/a", "--client", "nobody"], "is no address"),
        (["--from-curl", "curl 'x"], "does not parse"),
        (["--from-curl", "curl -d"], "ends after -d"),
        (["--from-curl", "curl"], "names no URL"),
        (["--from-curl", "curl h/a -F f=@missing"], "cannot read missing"),
        (["--from-curl", "curl h", "--har", "x"], "exclude each other"),
        (["--request-id", "x"], "go together"),
        (["--log", "x"], "go together"),
        (["--har", "missing"], "cannot read missing"),
        (["--request-id", "x", "--log", "missing"], "cannot read missing"),
    ],
)
def test_what_makes_no_sense_is_said(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        read(*arguments)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([entry(url="data:x")], "has no request of http or https"),
        ([entry(), {"request": {}}], "entry 2 has no request with a method and a URL"),
        ([entry(), 7], "entry 2 has no request with a method and a URL"),
        ([entry(url="http://")], "entry 1: http:// is no URL"),
        ([entry(headers=[{"name": "x"}])], "entry 1: a header has no name or no value"),
        ([entry(postData={"text": "!", "encoding": "base64"})], "entry 1: "),
    ],
)
def test_har_that_cannot_be_read_names_the_entry(entries, said, tmp_path):
    with pytest.raises(UsageError) as error:
        read("--har", har(tmp_path, *entries))
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", '{"log": 1}', '{"log": {"entries": {}}}', "[" * 100_000])
def test_file_that_is_no_har_is_said_to_be_none(text, tmp_path):
    (tmp_path / "x.har").write_text(text)
    with pytest.raises(UsageError, match="is no HAR file"):
        read("--har", str(tmp_path / "x.har"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["GIN 200 /abc"], "is no access log in JSON"),
        ([{**LINE, "request_id": "other"}], r"no request with the id abc \(1 lines were looked at\)"),
        (['{"request_id": "abc", "path'], "access.log:1 is cut off"),
        ([{**LINE, "path": 7}], "access.log:1: path is no text"),
        ([{**LINE, "path": "x"}], "access.log:1 has no method, path and status"),
        ([{**LINE, "status": "x"}], "access.log:1 has no method, path and status"),
        (["[" * 50_000 + "abc"], "is no access log in JSON"),
        (['{"a":' * 50_000 + '"abc"'], "access.log:1 is cut off"),
    ],
)
def test_log_that_cannot_be_read_names_the_line(lines, said, tmp_path):
    with pytest.raises(UsageError, match=said):
        read("--request-id", "abc", "--log", log(tmp_path, *lines))


@pytest.fixture
def config(tmp_path, monkeypatch):
    endpoint = {"endpoint": "/open/{id}", "backend": [{"url_pattern": "/o"}]}
    guarded = {
        **endpoint,
        "endpoint": "/token",
        "extra_config": {"auth/validator": {"alg": "RS256", "jwk_url": "https://id.example/keys", "roles": ["a"]}},
    }
    text = json.dumps({"version": 3, "host": ["http://b:8000"], "endpoints": [endpoint, guarded]}, indent=1)
    (tmp_path / "krakend.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explained(capsys, *arguments):
    code = main(["explain", "-c", "krakend.json", "--format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_reason_of_a_log_is_explained_although_the_log_has_no_token(config, capsys):
    path = log(config, {**LINE, "path": "/token", "route": "/token", "reason": "token.role", "status": 403})
    code, found = explained(capsys, "--request-id", "abc", "--log", path)
    assert (code, found["reason"], found["status"], found["route"]) == (3, "token.role", 403, "/token")
    assert '"roles"' in (config / "krakend.json").read_text().splitlines()[found["line"] - 1]
    assert [step["component"] for step in found["steps"]] == ["router", "jwt"]


def test_request_that_a_log_has_as_passed_passes(config, capsys):
    path = log(config, {**LINE, "path": "/token", "route": "/token", "reason": "", "status": 200})
    code, found = explained(capsys, "--request-id", "abc", "--log", path)
    assert (code, found["answer"], found["reason"], found["status"]) == (0, "passes", None, 200)


def test_log_of_another_file_says_that_the_route_is_another(config, capsys):
    _, found = explained(capsys, "--request-id", "abc", "--log", log(config, {**LINE, "route": "/gone", "reason": ""}))
    assert any("The log has it at /gone" in note and "/open/{id}" in note for note in found["notes"])


def test_reason_that_is_not_known_is_shown_as_it_is(config, capsys):
    code, found = explained(capsys, "--request-id", "abc", "--log", log(config, {**LINE, "reason": "of.later"}))
    assert (code, found["reason"]) == (3, "of.later")


def test_log_without_reasons_is_asked_anew(config, capsys):
    line = {name: value for name, value in LINE.items() if name != "reason"}
    code, found = explained(
        capsys, "--request-id", "abc", "--log", log(config, {**line, "path": "/nowhere", "route": ""})
    )
    assert (code, found["reason"]) == (3, "route.none")
    assert any("does not say why" in note for note in found["notes"])


def test_har_shows_the_first_that_is_refused_and_all_in_requests(config, capsys):
    path = har(config, entry(url="http://h/open/1"), entry(url="http://h/nowhere"))
    code, found = explained(capsys, "--har", path)
    assert (code, found["reason"]) == (3, "route.none")
    assert [one["reason"] for one in found["requests"]] == [None, "route.none"]


def test_text_of_a_har_has_a_line_for_each_request_that_passes_and_all_of_those_that_do_not(config, capsys):
    path = har(
        config, *(entry(url=f"http://localhost:8080/{name}") for name in ("open/1", "open/2", "nowhere", "open/3"))
    )

    def text(*more: str) -> str:
        main(["explain", "-c", "krakend.json", "--har", path, *more])
        return capsys.readouterr().out

    brief = text()
    assert len([line for line in brief.splitlines() if line.startswith("  /open/{id}  (krakend.json:")]) == 3
    assert "takes it" not in brief
    assert "404, route.none: No endpoint has this path." in brief
    assert text("-v").count("takes it.") == 3
    assert text("--url", "http://localhost:8080/nowhere").startswith("REFUSED")


def test_one_strange_origin_does_not_spoil_a_har(config, capsys):
    strange = entry(url="http://h/open/1", headers=[{"name": "Origin", "value": "http://[x"}])
    code, found = explained(capsys, "--har", har(config, strange, entry(url="http://h/open/2")))
    assert code in (0, 3)
    first, second = found["requests"]
    assert first["cors"] is None
    assert any("was not judged" in note for note in first["notes"])
    assert second["answer"] == "passes"


def test_errors_go_to_standard_error_with_code_2(config, capsys):
    assert main(["explain", "-c", "krakend.json", "--url", "x"]) == 2
    assert "crossgate: x is no URL" in capsys.readouterr().err
    (config / "krakend.json").write_text('{"version": 3, "endpoints": [{"endpoint": 7}]}')
    assert main(["explain", "-c", "krakend.json", "--url", "/x"]) == 2
    assert "error[" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", '{"keys": 7}', "{"])
def test_key_set_that_is_none_is_said_to_be_none(config, capsys, text):
    (config / "keys.json").write_text(text)
    assert main(["explain", "-c", "krakend.json", "--url", "/x", "--jwk", "keys.json"]) == 2
    assert "keys.json is no key set" in capsys.readouterr().err


def test_text_names_the_way_the_line_and_the_change(config, capsys):
    assert main(["explain", "-c", "krakend.json", "--url", "/token"]) == 3
    assert (
        capsys.readouterr().out
        == """\
REFUSED  GET http://localhost:8080/token

  401, token.missing: The request has no token. The validator looks for it in Authorization, or a cookie access_token.
    --> krakend.json:23:5 $.endpoints[1].extra_config["auth/validator"]
     |
  23 |     "auth/validator": {
     |     ^^^^^^^^^^^^^^^^

  ok router             /token  (krakend.json:16)
  NO jwt                auth/validator  token.missing  (krakend.json:23)

  To let it pass:
  1. Send a token in Authorization as Bearer TOKEN.  (krakend.json:23)
"""
    )


def test_text_of_hostile_requests_has_no_control_characters(config, capsys):
    main(["explain", "-c", "krakend.json", "--url", "/open/1?\x1b[31m", "-H", "X-A: \x9b31m"])
    assert "\x1b" not in capsys.readouterr().out
