"""curl commands as people and browsers write them, and the requests that curl 7.88 made of them."""

import argparse

import pytest

from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.explain_request import add_request_arguments, read_requests

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
BOUNDARY = "--------------------------crossgate-explain"


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.txt").write_bytes(b"line1\r\nline2\n")
    (tmp_path / "f.bin").write_bytes(b"\x00\xffbin")
    (tmp_path / "h.txt").write_text("X-From: file\n# a remark\nX-Two: 2\n")


def asked(command):
    parser = argparse.ArgumentParser()
    add_request_arguments(parser)
    (found,) = read_requests(parser.parse_args(["--from-curl", command]), base_url="http://localhost:8080")
    return found


def sent(command):
    """Start line, fields but for what curl adds to all, and the body."""
    found = asked(command)
    fields = {name.lower(): value for name, value in found.fields}
    assert len(fields) == len(found.fields), found.fields
    if fields.get("user-agent", "").startswith("curl/"):
        del fields["user-agent"]
    if fields.get("accept") == "*/*":
        del fields["accept"]
    return f"{found.method} {found.target}", fields, found.body


@pytest.mark.parametrize(
    ("command", "line", "fields", "body"),
    [
        ("curl http://h/a -d @f.txt", "POST /a", {"content-type": FORM}, b"line1line2"),
        ("curl http://h/a --data-binary @f.bin", "POST /a", {"content-type": FORM}, b"\x00\xffbin"),
        (
            "curl h/a --data-urlencode 'q=a b&c' --data-urlencode '=x y' --data-urlencode n@f.txt",
            "POST /a",
            {"content-type": FORM},
            b"q=a+b%26c&x+y&n=line1%0D%0Aline2%0A",
        ),
        ("curl -G http://h/a?x=1 -d y=2 --data-urlencode 'z=a b'", "GET /a?x=1&y=2&z=a+b", {}, None),
        ("curl -G 'http://h/a#part' -d y=2", "GET /a?y=2", {}, None),
        ("curl --url-query 'q=a b' http://h/a", "GET /a?q=a+b", {}, None),
        ("curl http://h/a -b 'a=1; b=2'", "GET /a", {"cookie": "a=1; b=2"}, None),
        ("curl h/a -u ada:x", "GET /a", {"authorization": "Basic YWRhOng="}, None),
        ("curl -H 'Cookie: a=1' -b b=2 http://h/a", "GET /a", {"cookie": "a=1"}, None),
        ("curl -b a=1 -b b=2 http://h/a", "GET /a", {"cookie": "a=1;b=2"}, None),
        ("curl --json '{\"a\":1}' http://h/a", "POST /a", {"accept": JSON, "content-type": JSON}, b'{"a":1}'),
        (
            "curl --json 7 -H 'Content-Type: a/b' -H 'accept: c/d' http://h/a",
            "POST /a",
            {"content-type": "a/b", "accept": "c/d"},
            b"7",
        ),
        ("curl -XPUT -kd hi http://h/a", "PUT /a", {"content-type": FORM}, b"hi"),
        ("curl -X GET http://h/a -d q=1", "GET /a", {"content-type": FORM}, b"q=1"),
        ("curl -sSfL -o /dev/null -w '%{http_code}' http://h/a", "GET /a", {}, None),
        ("curl -m 5 --connect-timeout 3 --retry 2 --cacert x --resolve a:1:127.0.0.1 h/a", "GET /a", {}, None),
        (
            "curl \\\n  -X POST \\\n  -H \"Content-Type: text/plain\" \\\n  -d '{\"a\": \"b c\"}' \\\n  http://h/a",
            "POST /a",
            {"content-type": "text/plain"},
            b'{"a": "b c"}',
        ),
        ("curl --compressed http://h/a", "GET /a", {"accept-encoding": "deflate, gzip, br, zstd"}, None),
        ("curl http://h/a -H 'X-Empty;' -H 'Accept:'", "GET /a", {"x-empty": ""}, None),
        ("curl http://h/a -H @h.txt", "GET /a", {"x-from": "file", "x-two": "2"}, None),
        ("curl http://h/a -T f.txt", "PUT /a", {}, b"line1\r\nline2\n"),
        ("curl http://h/dir/ -T f.txt", "PUT /dir/f.txt", {}, b"line1\r\nline2\n"),
        ("curl http://h/a/../b/./c", "GET /b/c", {}, None),
        ("curl http://h/../../a/..", "GET /", {}, None),
        ("curl --path-as-is http://h/a/../b", "GET /a/../b", {}, None),
        ("curl http://h/a --request-target '*' -X OPTIONS", "OPTIONS *", {}, None),
        ("curl -g 'http://h/a?x[]=1&y={2}'", "GET /a?x[]=1&y={2}", {}, None),
        ("curl --user-agent me --referer '' http://h/a", "GET /a", {"user-agent": "me"}, None),
        ("curl http://h/a --digest -u k:s", "GET /a", {}, None),
        ("http_proxy= LANG=C curl http://h/a", "GET /a", {}, None),
        ("/usr/bin/curl http://h/a | jq .", "GET /a", {}, None),
        ("curl http://h/a; echo done", "GET /a", {}, None),
        ("curl http://h/a 2>/dev/null && echo done", "GET /a", {}, None),
        ("$ curl http://h/a # try this", "GET /a", {}, None),
        ("curl h/a -H \"X-Price: \\$5\" -H 'X-Name: $HOME'", "GET /a", {"x-price": "$5", "x-name": "$HOME"}, None),
    ],
)  # fmt: skip
def test_command_is_read_as_curl_sends_it(command, line, fields, body):
    assert sent(command) == (line, fields, body)


def test_parts_of_forms_have_the_names_and_types_that_curl_gives_them():
    _, fields, body = sent(
        "curl http://h/a -F name=ada -F 'file=@f.txt' -F 'other=@f.bin;filename=new.bin' -F 'text=<f.txt' "
        """-F 'j={"a":1};type=application/json' --form-string 'y=@no;type=x'"""
    )
    assert fields["content-type"].startswith("multipart/form-data; boundary=")
    parts = [
        b'name="name"\r\n\r\nada',
        b'name="file"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nline1\r\nline2\n',
        b'name="other"; filename="new.bin"\r\nContent-Type: application/octet-stream\r\n\r\n\x00\xffbin',
        b'name="text"\r\n\r\nline1\r\nline2\n',
        b'name="j"\r\nContent-Type: application/json\r\n\r\n{"a":1}',
        b'name="y"\r\n\r\n@no;type=x',
    ]
    disposition = b"\r\nContent-Disposition: form-data; "
    mark = BOUNDARY.encode()
    assert body == b"".join(mark + disposition + part + b"\r\n" for part in parts) + mark + b"--\r\n"


CHROMIUM_BASH = r"""curl 'https://api.example/orders?x=1' \
  -H 'accept: */*' \
  -H 'authorization: Bearer a.b.c' \
  -b 'sid=1; theme=it'\''s' \
  -H 'origin: https://app.example' \
  -H $'x-name: caf\u00e9' \
  --data-raw $'{"a":"it\'s \u0021\\n","b":"\U0001F600"}' \
  --insecure ;
curl 'https://api.example/next'"""
CHROMIUM_CMD = r"""curl ^"https://api.example/orders?x=1^&y=^%^20a^" ^
  -H ^"accept: */*^" ^
  -b ^"sid=1; q=^\^"a^\^"^" ^
  -H ^"origin: https://app.example^" ^
  --data-raw ^"^{^\^"a^\^":^\^"b^&c ^^ d\\\\e^\^"^}^" ^&
curl ^"https://api.example/next^"
"""
FIREFOX_BASH = r"""curl 'https://api.example/orders' --compressed -X POST -H 'User-Agent: Mozilla/5.0 (X11)' \
  -H 'Origin: https://app.example' -H 'TE: trailers' --data-raw $'{"a":"caf\xe9","b":"\'"}' """
FIREFOX_CMD = r"""curl ^"https://api.example/orders^" --compressed -X POST -H ^"Origin: https://app.example^" ^
  --data-raw ^"^{^\^"a^\^":1^}^" """


def test_commands_as_chromium_copies_them():
    line, fields, body = sent(CHROMIUM_BASH)
    assert line == "POST /orders?x=1"
    assert fields["cookie"] == "sid=1; theme=it's"
    assert (fields["authorization"], fields["x-name"]) == ("Bearer a.b.c", "café")
    assert body == '{"a":"it\'s !\\n","b":"😀"}'.encode()
    line, fields, body = sent(CHROMIUM_CMD)
    assert line == "POST /orders?x=1&y=%20a"
    assert (fields["cookie"], fields["origin"]) == ('sid=1; q="a"', "https://app.example")
    assert body == rb'{"a":"b&c ^ d\\\\e"}'


def test_commands_as_firefox_copies_them():
    line, fields, body = sent(FIREFOX_BASH)
    assert (line, body) == ("POST /orders", '{"a":"café","b":"\'"}'.encode())
    assert fields["user-agent"] == "Mozilla/5.0 (X11)"
    assert fields["accept-encoding"]
    line, fields, body = sent(FIREFOX_CMD)
    assert (line, body, fields["origin"]) == ("POST /orders", b'{"a":1}', "https://app.example")


POWER_SHELL = r"""& curl.exe 'https://api.example/orders?x=1&y=a%20b' `
  -H 'accept: */*' `
  -H 'x-said: it''s "so"' `
  -H "x-tab: a`tb ``c`` `$5 say ""hi"" " `
  --data-raw '{\"a\":\"b\"}' | Out-Null
curl.exe 'https://api.example/next'"""


def test_commands_for_power_shell():
    line, fields, body = sent(POWER_SHELL)
    assert line == "POST /orders?x=1&y=a%20b"
    assert (fields["x-said"], fields["x-tab"]) == ('it\'s "so"', 'a\tb `c` $5 say "hi"')
    assert body == b'{"a":"b"}'
    assert sent("""curl.exe http://h/a -d '{"a":1}' # 7.3 and later""")[2] == b'{"a":1}'
    line, fields, body = sent(r'curl.exe "http://h/a?b=1&c=2" -H "A: its" -d "{\"a\":1}"')  # cmd.exe
    assert (line, fields["a"], body) == ("POST /a?b=1&c=2", "its", b'{"a":1}')


@pytest.mark.parametrize(
    ("written", "body"),
    [
        (r"$'\xc3\xa9\303\251'", "éé".encode()),  # bytes that are UTF-8
        (r"$'\xe9\x21'", "é!".encode()),  # as Firefox writes a character
        (r"$'a\0b'", b"a"),
        (r"$'\cA\e\?'", b"\x01\x1b?"),
    ],
)
def test_escapes_are_bash_s(written, body):
    assert sent(f"curl http://h/a --data-raw {written}")[2] == body


def test_quotes_in_a_form_s_value_are_curl_s_own():
    options = r"""-F 'a="x; y \" z"' -F 'b="<no"' -F 'c=d" e"' -F 'f="{}";type=application/json'"""
    _, _, body = sent(f"curl http://h/a {options}")
    for part in (
        b'name="a"\r\n\r\nx; y " z\r\n',
        b'name="c"\r\n\r\nd" e"\r\n',
        b'name="f"\r\nContent-Type: application/json\r\n\r\n{}\r\n',
    ):
        assert part in body


def test_upload_to_a_host_alone_has_the_file_s_name(files):
    assert sent("curl http://h -T f.txt")[0] == "PUT /f.txt"


def test_lines_of_a_body_survive_carets():
    command = 'curl ^"http://h/a^" ^\r\n  -H ^"X-A: 1^" ^\r\n  --data-raw ^"one^\r\n\r\ntwo^"'
    assert sent(command)[2] == b"one\ntwo"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ('curl http://h/a -H "Authorization: Bearer $TOKEN"', "a shell would fill in $TOKEN"),
        ("curl http://h/${ID}/x", "a shell would fill in ${ID}"),
        ('curl http://h/a -d "$(cat x)"', "a shell would fill in $(cat x)"),
        ("curl http://h/`id`", "a shell would fill in `id`"),
        ("curl http://h/a -b jar.txt", "-b jar.txt reads cookies from a file"),
        ("curl -K c.cfg", "-K c.cfg reads options from a file"),
        ("curl 'http://h/{a,b}'", "stands for several URLs"),
        ("curl 'http://h/[1-9]'", "stands for several URLs"),
        ("curl http://h/a -d @gone.txt", "cannot read gone.txt"),
        ("curl http://h/a -H @gone.txt", "cannot read gone.txt"),
        ("curl 'http://h/a", "a single quote is not closed"),
        ('curl "http://h/a', "a double quote is not closed"),
        ("curl $'http://h/a", "is not closed"),
        ('curl ^"http://h/a', "a double quote is not closed"),
        ("curl.exe 'http://h/a' -H \"A: $token\"", "a shell would fill in $token"),
        ("curl.exe 'http://h/a", "a single quote is not closed"),
        ('curl `\n "http://h/a', "a double quote is not closed"),
        ("Invoke-WebRequest -Uri http://h/a", "choose Copy as cURL"),
        ('fetch("http://h/a", {})', "choose Copy as cURL"),
        ("curl", "names no URL"),
        ("", "names no URL"),
    ],
)  # fmt: skip
def test_command_that_cannot_be_read_says_why(command, said):
    with pytest.raises(UsageError) as error:
        asked(command)
    assert said in str(error.value)


def test_of_several_urls_the_first_is_explained_and_that_is_said():
    assert asked("curl http://h/a http://h/b").notes == ("The command asks 2 URLs; explained is the first.",)
