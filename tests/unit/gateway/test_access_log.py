"""The access log: its lines, when they are written, what they never show, what it survives."""

import json
import re
from pathlib import Path

import pytest

from crossgate.cors import CorsPolicy
from crossgate.gateway.access_entries import Entry
from crossgate.gateway.access_lines import lines_for
from crossgate.gateway.access_log import MAX_PENDING_LINES, AccessLog
from crossgate.gateway.json_lines import Line
from crossgate.http.message import Request
from crossgate.http.track import Track
from crossgate.pipeline.gateway_pipe import Route

NOON = 1_795_348_800.25  # 2026-11-22 12:00:00.25 UTC
NOBODY = frozenset()
POLICY = CorsPolicy.from_krakend({"allow_origins": ["https://a.example"]}, config_version=3)
ORIGIN = (b"origin", b"https://a.example")


def make(write, skipped=(), access="gin", secret_names=NOBODY):
    lost = []
    log = AccessLog(write, lambda: NOON, skipped, lost.append, lines_for(access, secret_names))
    return log, (log.few if access == "gin" else log.all)(lambda _: "127.0.0.1"), lost


def tell(record, path=b"/users", query=None, fields=(), decision=None, track=None, method=b"GET"):
    request = Request(method, path, query, list(fields), host=b"api.example", track=track)
    record(request, Route(None, None, frozenset(), "/users"), decision, 200, 12, 0.0012345)


def written_by(access, secret_names=NOBODY, **what):
    texts = []
    log, record, _ = make(texts.append, access=access, secret_names=secret_names)
    tell(record, **what)
    log.flush()
    return "".join(texts)


def test_a_line_is_gins():
    text = written_by("gin", query=b"a=1")
    assert text == '[GIN] 2026/11/22 - 12:00:00 | 200 |      1.2345ms |       127.0.0.1 | GET      "/users?a=1"\n'


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0s"), (0.000000999, "999ns"), (0.0000015, "1.5µs"), (0.000322849, "322.849µs"), (0.006907779, "6.907779ms"),
     (1.5, "1.5s"), (61.0, "1m1s")],
)  # fmt: skip
def test_latencies_are_gos(seconds, shown):
    entry = Entry(NOON, "::1", b"GET", b"/", None, 200, seconds + 1e-12)
    assert f"| {shown:>13} |" in lines_for("gin", NOBODY)([entry])


def test_a_json_line_has_every_member_and_a_time_with_its_zone():
    track = Track(b"id-1")
    track.upstream_seconds = 0.5
    fields = [ORIGIN, (b"user-agent", b'a "b"\\\n\xff')]
    line = written_by(
        "json", query=b"a=1", fields=fields, decision=POLICY.decide(b"GET", [ORIGIN]), track=track, method=b"PUT"
    )
    assert line.count("\n") == 1
    members = json.loads(line)
    assert re.fullmatch(r"2026-11-2\dT\d\d:\d\d:00\.250[+-]\d\d:\d\d", members.pop("time"))
    assert members == {
        "request_id": "id-1",
        "client": "127.0.0.1",
        "method": "PUT",
        "path": "/users",
        "query": "a=1",
        "protocol": "HTTP/1.1",
        "host": "api.example",
        "route": "/users",
        "status": 200,
        "bytes": 12,
        "duration_ms": 1.234,
        "upstream_ms": 500.0,
        "user_agent": 'a "b"\\\n\\xff',
        "origin": "https://a.example",
        "cors": "actual-allowed",
        "cors_reason": "origin-listed",
        "reason": "",
    }


def test_what_there_is_not_is_empty_or_null_in_json():
    members = json.loads(written_by("json"))
    assert members["upstream_ms"] is None
    assert (members["origin"], members["cors"], members["request_id"]) == ("", "", "")


def test_a_refusal_by_cors_says_why():
    other = [(b"origin", b"https://b.example")]
    members = json.loads(written_by("json", fields=other, decision=POLICY.decide(b"GET", other)))
    assert (members["cors"], members["cors_reason"]) == ("actual-refused", "origin-not-listed")


def test_a_format_is_filled_in_and_what_is_absent_is_a_dash():
    text = written_by("{status} 100% {method} {target} {origin} {upstream_ms} {duration}", query=b"a=1")
    assert text == "200 100% GET /users?a=1 - - 1.2345ms\n"


@pytest.mark.parametrize("access", ["gin", "json", "{target} {query}"])
def test_tokens_and_keys_in_queries_are_not_shown(access):
    """DEV-LOG-1."""
    query = b"a=1&access_token=s3cret&api%5Fkey=s3cret;Password=s3cret&mine=s3cret&keyword=shown"
    text = written_by(access, query=query, secret_names=frozenset(("mine",)))
    assert "s3cret" not in text
    assert "a=1&access_token=***&api%5Fkey=***;Password=***&mine=***&keyword=shown" in text


@pytest.mark.parametrize("access", ["json", "{user_agent}{origin}{path}{host}"])
def test_credentials_of_a_request_are_not_shown(access):
    names = (b"authorization", b"cookie", b"proxy-authorization", b"x-api-key")
    assert "s3cret" not in written_by(access, fields=[(name, b"s3cret") for name in names])


@pytest.mark.parametrize("access", ["gin", "json", "{target}|{origin}|{user_agent}"])
def test_who_logs_in_by_a_url_is_not_shown(access):
    """DEV-LOG-1."""
    url = b"https://me@home:s3cret@a.example"
    fields = [(b"origin", url), (b"user-agent", b"bot (+" + url + b"/x)")]
    text = written_by(access, path=url + b"/p", query=b"next=" + url, fields=fields)
    assert "s3cret" not in text
    assert "https://***@a.example/p" in text


@pytest.mark.parametrize("access", ["gin", "json", "{target}|{origin}|{user_agent}"])
def test_no_character_ends_a_line_for_whoever_reads_it_or_turns_it_around(access):
    odd = "\u2028\u2029\u0085\u202e\u2066\x0b\x0c\x1c".encode()
    fields = [(b"origin", odd), (b"user-agent", odd)]
    text = written_by(access, path=b"/" + odd, query=odd, fields=fields)
    assert len(text.splitlines()) == 1
    assert text.rstrip("\n").isprintable()
    if access == "json":
        assert json.loads(text)["path"] == "/" + odd.decode()


@pytest.mark.parametrize("access", ["gin", "{target}|{user_agent}"])
def test_a_client_cannot_forge_a_line_or_act_on_a_terminal(access):
    text = written_by(access, path=b'/a\n[GIN] forged\x1b[2J"\xff', fields=[(b"user-agent", b"x\r\n\x1b")])
    assert text.count("\n") == 1
    assert "/a\\x0a[GIN] forged\\x1b[2J\\x22\\xff" in text
    assert text.rstrip("\n").isprintable()


def test_one_odd_line_does_not_change_its_neighbours():
    texts = []
    log, record, _ = make(texts.append)
    for path in (b"/a", b"/b\n", b"/c"):
        tell(record, path)
    log.flush()
    assert [line.rpartition("  ")[2] for line in "".join(texts).splitlines()] == ['"/a"', '"/b\\x0a"', '"/c"']


def test_lines_are_gathered_until_flushed():
    texts = []
    log, record, _ = make(texts.append)
    tell(record)
    tell(record)
    assert texts == []
    log.flush()
    log.flush()
    assert len(texts) == 1


@pytest.mark.parametrize("access", ["gin", "json"])
def test_many_lines_do_not_wait_for_a_flush(access):
    texts = []
    _, record, _ = make(texts.append, access=access)
    for _ in range(MAX_PENDING_LINES):
        tell(record)
    assert "".join(texts).count("\n") == MAX_PENDING_LINES


@pytest.mark.parametrize("access", ["gin", "json"])
def test_skipped_paths_leave_no_line(access):
    texts = []
    log, record, _ = make(texts.append, skipped=("/__health",), access=access)
    tell(record, b"/__health")
    log.flush()
    assert texts == []


def test_a_reader_that_has_gone_ends_the_log_and_nothing_else():
    def write(text):
        raise BrokenPipeError

    log, record, lost = make(write)
    for _ in range(2):
        tell(record)
        log.flush()
    assert len(lost) == 1


def test_every_member_of_a_json_line_is_explained():
    page = (Path(__file__).parents[3] / "docs/logs.md").read_text(encoding="utf-8")
    assert [name for name in Line.__struct_fields__ if f"| `{name}` | " not in page] == []
