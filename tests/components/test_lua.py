"""Lua scripts in a gateway: what they may do to requests, how they fail, and what prevents a start."""

import asyncio
import json
import os
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import uvloop

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.lua import host
from tests.support.lua_makers import shared_lua_makers
from tests.support.recorded import play

ECHO = "http://BACKEND"


@pytest.fixture(scope="module", autouse=True)
def quick_lua(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with patch.dict(os.environ, {host.CPU_VARIABLE: "0.2"}), shared_lua_makers(tmp_path_factory.mktemp("lua")):
        yield


@pytest.fixture(autouse=True)
def back_where_we_were() -> Iterator[None]:
    before = Path.cwd()
    yield
    os.chdir(before)


def config(
    *, service: Any = None, before: Any = None, around: Any = None, call: Any = None, **keys: Any
) -> dict[str, Any]:
    """A file with scripts at those places."""
    backend: dict[str, Any] = {"host": [ECHO], "url_pattern": keys.pop("url_pattern", "/b"), "extra_config": {}}
    backend.update(keys.pop("backend", {}))
    extra: dict[str, Any] = {"router": {"return_error_msg": True}, **keys.pop("extra", {})}
    endpoint: dict[str, Any] = {"endpoint": "/a", "input_headers": ["*"], "extra_config": {}, "backend": [backend]}
    endpoint.update(keys)
    for where, name, script in (
        (extra, "modifier/lua-endpoint", service),
        (endpoint["extra_config"], "modifier/lua-endpoint", before),
        (endpoint["extra_config"], "modifier/lua-proxy", around),
        (backend["extra_config"], "modifier/lua-backend", call),
    ):
        if script is not None:
            where[name] = script
    return {"version": 3, "extra_config": extra, "endpoints": [endpoint]}


def answers(folder: Path, file: dict[str, Any], *requests: dict[str, Any], **keys: Any) -> list[dict[str, Any]]:
    """What the gateway answers to requests one after the other, and what the backend saw."""
    steps = [{"request": {"method": "GET", "target": "/a", "headers": [], **one}} for one in requests or ({},)]
    played = uvloop.run(_bounded(play({"config": file, "steps": steps, **keys}, folder)))
    assert played["starts"], played
    found: list[dict[str, Any]] = played["steps"]
    return found


async def _bounded(playing: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        result: dict[str, Any] = await playing
        return result


def answer(folder: Path, file: dict[str, Any], **keys: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    step = answers(folder, file, **keys)[0]
    return step["response"], step["backend_saw"]


def test_scripts_at_a_backend_stand_within_its_circuit_breaker_and_its_limit(tmp_path: Path) -> None:
    """krakend-ce `backend_factory.go`: breaker, limit, Lua, CEL, Martian, from outside."""
    fails = {"pre": "custom_error('no')"}
    breaker = {"qos/circuit-breaker": {"interval": 60, "timeout": 60, "max_errors": 1}}
    file = config(call=fails, backend={"extra_config": breaker})
    bodies = [step["response"]["body"] for step in answers(tmp_path, file, {}, {}, {})]
    assert bodies == ["no", "no", "circuit breaker is open"]
    limit = {"qos/ratelimit/proxy": {"max_rate": 0.001, "capacity": 1}}
    file = config(call=fails, backend={"extra_config": limit})
    assert [step["response"]["body"] for step in answers(tmp_path, file, {}, {})] == ["no", "rate limit exceded"]


@pytest.mark.parametrize("place", ["service", "before", "around", "call"])
def test_what_a_script_says_of_a_request_keeps_answers_in_a_cache_apart(place: str, tmp_path: Path) -> None:
    """DEV-CACHE-1."""
    module = "ctx" if place in ("service", "before") else "request"
    says = {"pre": f"local r = {module}.load(); r:headers('X-Tenant', r:headers('X-Key'))"}
    file = config(**{place: says}, backend={"extra_config": {"qos/http-cache": {}}})
    fields = [["Content-Type", "application/json"], ["Cache-Control", "max-age=600"], ["Date", formatdate(usegmt=True)]]
    kept = {"/b": {"status": 200, "headers": fields, "body": "{}"}}
    clients = [{"headers": [["X-Key", key]]} for key in ("red", "blue", "red", "blue")]
    seen = [step["backend_saw"] for step in answers(tmp_path, file, *clients, backend=kept)]
    assert [[call["headers"]["x-tenant"] for call in calls] for calls in seen] == [[["red"]], [["blue"]], [], []]


LOOP = {"pre": "while true do end"}


@pytest.mark.parametrize("place", ["service", "before", "around", "call"])
def test_a_script_without_an_end_ends_in_a_500_and_the_next_request_is_answered(place: str, tmp_path: Path) -> None:
    """DEV-LUA-2."""
    script = {"pre": "if %s then while true do end end"}
    condition = "ctx.load():query('loop') ~= ''" if place in ("service", "before") else "request.load():query() ~= ''"
    script["pre"] = script["pre"] % condition
    file = config(**{place: script}, input_query_strings=["loop"])
    steps = answers(tmp_path, file, {"target": "/a?loop=1"}, {}, {"target": "/a?loop=1"}, {})
    assert [step["response"]["status"] for step in steps] == [500, 200, 500, 200]
    assert [len(step["backend_saw"]) for step in steps] == [0, 1, 0, 1]


@pytest.mark.parametrize("place", ["before", "around", "call"])
def test_a_script_is_over_with_its_endpoints_time(place: str, tmp_path: Path) -> None:
    file = config(**{place: LOOP}, timeout="50ms")
    response, saw = answer(tmp_path, file)
    assert response["status"] == 500
    assert saw == []


@pytest.mark.parametrize("value", ["a\\r\\nX-Evil: 1", "a\\nb", "a\\0b"])
@pytest.mark.parametrize("place", ["service", "before", "around", "call"])
def test_no_script_can_write_a_second_field_into_a_request(place: str, value: str, tmp_path: Path) -> None:
    """DEV-LUA-6."""
    script = "ctx" if place in ("service", "before") else "request"
    response, saw = answer(tmp_path, config(**{place: {"pre": f'{script}.load():headers("X-Out", "{value}")'}}))
    assert response["status"] == 500
    assert saw == []


@pytest.mark.parametrize(
    "call",
    [
        'ctx.load():host("a\\r\\nX-Evil: 1")',
        'ctx.load():headers("X Evil", "1")',
        'ctx.load():url("/a\\r\\nb")',
        'ctx.load():url("/%zz")',
        'ctx.load():method("GET /\\r\\n")',
    ],
)
def test_what_is_no_http_ends_the_request(call: str, tmp_path: Path) -> None:
    response, saw = answer(tmp_path, config(before={"pre": call}))
    assert response["status"] == 500
    assert saw == []


def test_no_script_can_write_a_second_field_into_a_response(tmp_path: Path) -> None:
    post = 'local r = response.load(); r:headers("X-Out", "a\\r\\nX-Evil: 1"); r:headers("X Bad", "1");'
    post += 'r:headers("Transfer-Encoding", "chunked"); r:headers("Content-Length", "1"); r:headers("Connection", "x")'
    for file in (config(around={"post": post}), config(call={"post": post}, output_encoding="no-op")):
        response, _ = answer(tmp_path, file)
        names = [name for name, _ in response["headers"]]
        assert ["x-out", "a  X-Evil: 1"] in response["headers"]
        assert not {"x-evil", "x bad", "connection"} & set(names)
        assert response["body"].startswith("{")


def test_a_client_cannot_take_away_what_a_script_sets(tmp_path: Path) -> None:
    file = config(before={"pre": 'ctx.load():headers("X-User", "lua")'})
    request = {"headers": [["Connection", "x-user"], ["X-User", "client"]]}
    step = answers(tmp_path, file, request)[0]
    assert step["backend_saw"][0]["headers"]["x-user"] == ["lua"]


def test_a_parameter_that_a_script_sets_cannot_leave_its_segment(tmp_path: Path) -> None:
    for place, load, name in (("before", "ctx", "id"), ("around", "request", "Id")):
        script = {"pre": f'{load}.load():params("{name}", "../../admin")'}
        file = config(**{place: script}, endpoint="/a/{id}", url_pattern="/b/{id}")
        step = answers(tmp_path, file, {"target": "/a/7"})[0]
        assert step["response"]["status"] == 400
        assert step["backend_saw"] == []


def test_a_body_that_a_script_changes_has_its_length(tmp_path: Path) -> None:
    """DEV-LUA-6."""
    for place in (
        {"before": {"pre": 'ctx.load():body("longer")'}},
        {"around": {"pre": 'request.load():body("longer")'}},
    ):
        file = config(**place, method="POST", backend={"method": "POST"})
        step = answers(tmp_path, file, {"method": "POST", "body": "old"})[0]
        assert step["backend_saw"][0]["body"] == "longer"
        assert step["backend_saw"][0]["headers"]["content-length"] == ["6"]


def test_post_runs_beside_a_failure_where_there_are_data(tmp_path: Path) -> None:
    """DEV-LUA-5: it may be what takes a secret out."""
    backends = [{"host": [ECHO], "url_pattern": "/one"}, {"host": [ECHO], "url_pattern": "/fails"}]
    file = config(around={"post": 'response.load():data():del("secret")'})
    file["endpoints"][0]["backend"] = backends
    mock = {"/one": {"body": '{"a": 1, "secret": 2}'}, "/fails": {"status": 500}}
    response, _ = answer(tmp_path, file, backend=mock)
    assert response["body"] == '{"a":1}'


def test_a_status_in_the_honest_style_is_the_scripts(tmp_path: Path) -> None:
    file = config(call={"pre": 'custom_error("no tea", 418)'}, extra={"crossgate/errors": {"style": "http"}})
    response, _ = answer(tmp_path, file)
    assert response["status"] == 418
    assert json.loads(response["body"])["detail"] == "no tea"


def test_a_redirect_helper_and_its_faults_are_lua_errors(tmp_path: Path) -> None:
    for url, text in (
        ("ftp://x/y", "unsupported protocol scheme"),
        ("http://[::1", "Invalid IPv6"),
        ("http://BACKEND/a b\\0", "invalid"),
        ("nothing", "unsupported protocol scheme"),
    ):
        script = f'local ok, e = pcall(http_response.new, "{url}"); request.load():headers("X-Out", tostring(ok) .. e)'
        _, saw = answer(tmp_path, config(around={"pre": script}))
        assert text in saw[-1]["headers"]["x-out"][0]
        assert saw[-1]["headers"]["x-out"][0].startswith("false")


def test_a_live_source_is_read_anew_and_a_missing_one_fails_request_by_request(tmp_path: Path) -> None:
    (tmp_path / "one.lua").write_text("function f() return 1 end", encoding="utf-8")
    script = {"live": True, "sources": [str(tmp_path / "one.lua")], "pre": "custom_error('x', 400 + f())"}
    file = config(before=script)
    assert answer(tmp_path, file)[0]["status"] == 401
    (tmp_path / "one.lua").write_text("function f() return 2 end", encoding="utf-8")
    assert answer(tmp_path, file)[0]["status"] == 402
    (tmp_path / "one.lua").unlink()
    assert answer(tmp_path, file)[0]["status"] == 500


FAULTS: list[tuple[Any, str]] = [
    ({"pre": "local x ="}, ".pre"),
    ({"pre": "\u001bLua"}, ".pre"),
    ({"pre": 12}, ".pre"),
    ({"pr": "x()"}, ".pr"),
    ({"sources": ["nowhere.lua"]}, ".sources[0]"),
    ({"sources": ["bad.lua"]}, ".sources[0]"),
    ({"sources": ["good.lua", 3]}, ".sources[1]"),
    ({"sources": ["good.lua"], "md5": {"good.lua": "0" * 32}}, '.md5["good.lua"]'),
    ({"sources": ["good.lua"], "md5": {"other.lua": "0" * 32}}, '.md5["other.lua"]'),
    ({"sources": ["good.lua"], "live": True, "md5": {"good.lua": "0" * 32}}, '.md5["good.lua"]'),
    ({"allow_open_libs": "yes"}, ".allow_open_libs"),
    (["x"], ""),
]


@pytest.mark.parametrize(("value", "place"), FAULTS)
@pytest.mark.parametrize("name", ["modifier/lua-endpoint", "modifier/lua-proxy"])
def test_scripts_that_cannot_run_prevent_the_start(
    value: Any, place: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEV-LUA-1."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.lua").write_text("local x = 1", encoding="utf-8")
    (tmp_path / "bad.lua").write_text("local x = 1\nif if", encoding="utf-8")
    file = config()
    file["endpoints"][0]["extra_config"][name] = value
    text = json.dumps(file).replace("BACKEND", "localhost:8000").encode()
    loaded = load_text(text, components=COMPONENTS)
    assert loaded.config is None
    found = [one for one in loaded.diagnostics if one.code == "CFG406"]
    assert [one.path for one in found] == [f'$.endpoints[0].extra_config["{name}"]{place}']
    closed = load_text(text, components=COMPONENTS, allow_unsupported=True)
    assert closed.config is not None
    assert closed.config.endpoints[0].left_out == (name,)


def test_a_right_digest_in_any_case_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.lua").write_bytes(b"")
    digest = "d41d8cd98f00b204e9800998ecf8427e"
    for written in (digest, digest.upper()):
        file = config(before={"sources": ["good.lua"], "md5": {"good.lua": written}})
        loaded = load_text(json.dumps(file).replace("BACKEND", "localhost:8000").encode(), components=COMPONENTS)
        assert loaded.config is not None
        assert "good.lua" in loaded.watched  # and is watched


def test_without_the_library_scripts_prevent_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossgate.components.lua.config.find_spec", lambda _: None)
    file = config(call={"pre": "local x"})
    loaded = load_text(json.dumps(file).replace("BACKEND", "localhost:8000").encode(), components=COMPONENTS)
    assert loaded.config is None
    assert [one.hint for one in loaded.diagnostics if one.code == "CFG406"] == ["pip install crossgate[lua]"]


def test_the_old_names_run_too(tmp_path: Path) -> None:
    name = "github.com/devopsfaith/krakend-lua"
    backend = {"host": [ECHO], "url_pattern": "/b"}
    backend["extra_config"] = {f"{name}/proxy/backend": {"pre": "local r = request.load(); r:headers('A', 'b')"}}  # type: ignore[assignment]
    extra = {
        f"{name}/router": {"pre": "ctx.load():headers('X', 'e')"},
        f"{name}/proxy": {"pre": "local r = request.load(); r:headers('Y', r:headers('x'))"},
    }
    endpoint = {"endpoint": "/a", "headers_to_pass": ["*"], "backend": [backend], "extra_config": extra}
    _, saw = answer(tmp_path, {"version": 2, "endpoints": [endpoint]})
    assert [saw[0]["headers"][one] for one in ("x", "y", "a")] == [["e"], ["e"], ["b"]]
