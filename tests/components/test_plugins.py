"""Plugins in Python in a gateway that runs: where they stand, what they can do, and what becomes of those that fail."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.support.children import free_port
from tests.support.metrics import samples
from tests.support.process import PATIENCE_SECONDS, Backend, Gateway, backend, gateway, run_and_fail

FOLDER = Path(__file__).parents[1] / "data/plugins"
ORIGIN = "https://app.example"
SERVER, CLIENT, MODIFIER = "plugin/http-server", "plugin/http-client", "plugin/req-resp-modifier"


def modules(*names: str) -> dict[str, str]:
    return {name.lower(): f"stand_ins:{name}" for name in names}


def plugins(*names: str, **more: Any) -> dict[str, Any]:
    return {"crossgate/plugins": {"path": str(FOLDER), "modules": modules(*names), **more}}


def calls(url_pattern: str, **more: Any) -> dict[str, Any]:
    return {"url_pattern": url_pattern, **more}


def config(url: str) -> dict[str, Any]:
    names = ["counting", "gate", "waiting", "around"]
    return {
        "version": 3,
        "host": [url],
        "timeout": "700ms",
        "plugin": {"pattern": ".so", "folder": "./plugins"},
        "extra_config": {
            **plugins("Gate", "Around", "Counting", "waiting", "Blocking", "Modifier", "Body", "Executor", "Held"),
            SERVER: {"name": names, "gate": {"word": "open"}},
            "security/cors": {"allow_origins": [ORIGIN], "allow_methods": ["GET", "POST"]},
            "crossgate/cors": {"policies": {"own": {"allow_origins": ["https://other.example"]}}},
            "router": {"return_error_msg": True},
        },
        "endpoints": [
            {"endpoint": "/plain", "input_headers": ["*"], "backend": [calls("/plain")]},
            {"endpoint": "/own", "extra_config": {"crossgate/cors": {"policy": "own"}}, "backend": [calls("/own")]},
            {"endpoint": "/raw", "output_encoding": "no-op", "input_headers": ["*"], "backend": [calls("/raw")]},
            {"endpoint": "/post", "method": "POST", "input_headers": ["*"], "backend": [calls("/post")]},
            {
                "endpoint": "/items/{id}",
                "input_headers": ["*"],
                "input_query_strings": ["*"],
                "extra_config": {MODIFIER: {"name": ["modifier"]}},
                "backend": [calls("/items/{id}", extra_config={MODIFIER: {"name": ["modifier"]}})],
            },
            {
                "endpoint": "/priced/{what}",
                "extra_config": {MODIFIER: {"name": ["modifier"]}},
                "backend": [calls("/priced/{what}")],
            },
            {
                "endpoint": "/partial",
                "extra_config": {MODIFIER: {"name": ["modifier"]}},
                "backend": [calls("/plain"), calls("/broken")],
            },
            {
                "endpoint": "/thread",
                "input_headers": ["*"],
                "timeout": "300ms",
                "extra_config": {MODIFIER: {"name": ["blocking"]}},
                "backend": [calls("/plain")],
            },
            {
                "endpoint": "/held",
                "extra_config": {MODIFIER: {"name": ["held"]}},
                "backend": [calls("/plain")],
            },
            {
                "endpoint": "/shouted",
                "output_encoding": "no-op",
                "extra_config": {MODIFIER: {"name": ["body"]}},
                "backend": [calls("/raw")],
            },
            {
                "endpoint": "/executed",
                "input_headers": ["*"],
                "output_encoding": "no-op",
                "backend": [calls("/moved", extra_config={CLIENT: {"name": "executor"}})],
            },
            {
                "endpoint": "/executed/kept",
                "backend": [calls("/kept", extra_config={CLIENT: {"name": "executor"}, "qos/http-cache": {}})],
            },
            {
                "endpoint": "/executed/json",
                "input_headers": ["*"],
                "backend": [calls("/plain", extra_config={CLIENT: {"name": "executor"}})],
            },
        ],
    }


ANSWERS = {
    "/raw": (200, {"Content-Type": "text/plain", "X-Raw": "1"}, b"raw body"),
    "/priced/exactly": (200, {"Content-Type": "application/json"}, b'{"price":1.50,"kept":1E+2,"deep":[{"a":2.0}]}'),
    "/priced/cycle": (200, {"Content-Type": "application/json"}, b'{"do":"cycle"}'),
    "/priced/set": (200, {"Content-Type": "application/json"}, b'{"do":"set"}'),
    "/priced/nan": (200, {"Content-Type": "application/json"}, b'{"do":"nan"}'),
    "/priced/text": (200, {"Content-Type": "application/json"}, b'{"do":"text"}'),
    "/priced/refuse": (200, {"Content-Type": "application/json"}, b'{"do":"refuse"}'),
    "/broken": (500, {}, b""),
    "/moved": (302, {"Location": "/elsewhere"}, b""),
}


@pytest.fixture(scope="module")
def behind() -> Iterator[Backend]:
    with backend(ANSWERS) as server:
        yield server


@pytest.fixture(scope="module")
def running(behind: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    path = tmp_path_factory.mktemp("plugins") / "krakend.json"
    path.write_text(json.dumps(config(behind.url)))
    with gateway(path) as process:
        yield process


def ask(running: Gateway, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Any:
    fields = {"Origin": ORIGIN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    status, got, content = running.ask(method, path, fields, body)
    return status, got, content


def seen(content: bytes) -> dict[str, Any]:
    return json.loads(content)["headers"]  # type: ignore[no-any-return]


# -- before the router


def test_gates_pass_requests_on_with_what_they_set(running: Gateway) -> None:
    status, headers, content = ask(running, "/plain")
    assert status == 200
    assert seen(content)["x-gate"] == "open"
    assert headers["X-Around"] == "1"


def test_a_gate_answers_and_its_answer_has_cors(running: Gateway) -> None:
    status, headers, content = ask(running, "/plain", X_Do="refuse")
    assert (status, content, headers["X-From"]) == (418, b"short and stout", "gate")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["X-Around"] == "1"  # the last of the list is outermost


def test_gates_see_what_has_no_route_and_health(running: Gateway) -> None:
    for path in ("/nowhere", "/__health", "/plain/"):
        assert ask(running, path, X_Do="refuse")[0] == 418
    assert ask(running, "/nowhere")[0] == 404
    assert ask(running, "/nowhere")[1]["X-Around"] == "1"


def test_preflights_are_answered_before_any_plugin(running: Gateway) -> None:
    status, headers, _ = ask(running, "/plain", "OPTIONS", Access_Control_Request_Method="GET", X_Do="refuse")
    assert (status, headers["Access-Control-Allow-Methods"], headers["X-Around"]) == (204, "GET", None)


def test_cors_and_connection_fields_of_a_plugin_do_not_count(running: Gateway) -> None:
    status, headers, _ = ask(running, "/plain", X_Do="cors")
    assert status == 200
    assert headers.get_all("Access-Control-Allow-Origin") == [ORIGIN]
    assert headers["Connection"] is None
    assert headers["X-Kept"] == "1"


def test_fields_that_a_plugin_puts_in_the_place_of_all_count(running: Gateway) -> None:
    fields = seen(ask(running, "/plain", X_Do="new fields", X_Other="1")[2])
    assert (fields["x-new"], fields.get("x-other")) == ("1", None)
    assert seen(ask(running, "/items/5", X_Modify="new fields")[2])["x-new"] == "endpoint"


def test_a_gate_leads_a_request_elsewhere(running: Gateway) -> None:
    status, _, content = ask(running, "/plain", X_Do="lead")
    assert status == 200
    assert json.loads(content)["path"] == "/items/71/more?added=a+b&added=%26&page=2&page=%C3%BC"


def test_a_gate_cannot_lead_to_an_endpoint_with_another_cors_policy(running: Gateway) -> None:
    """DEV-PLUGIN-2."""
    status, headers, content = ask(running, "/plain", X_Do="lead-own-policy")
    assert (status, content[:8]) == (500, b"error id")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "which has a CORS policy of its own" in running.wait_for_log(content[9:].decode())


@pytest.mark.parametrize(
    "what", ["raise", "exit", "interrupt", "true", "split", "status", "huge", "badpath", "number", "dict"]
)
def test_a_gate_that_fails_is_a_500_with_an_id_that_a_page_can_read(running: Gateway, what: str) -> None:
    status, headers, content = ask(running, "/plain", X_Do=what)
    assert (status, content[:9]) == (500, b"error id ")
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert b"secret" not in content
    assert headers["Set-Cookie"] is None
    assert "the plugin" in running.wait_for_log(content[9:].decode())
    assert ask(running, "/plain")[0] == 200


def test_a_refusal_says_what_the_client_gets(running: Gateway) -> None:
    status, headers, content = ask(running, "/plain", X_Do="refusal")
    assert (status, content, headers["Content-Type"]) == (402, b"pay first", "text/plain; charset=utf-8")


def test_a_gate_sees_the_request_as_it_was_sent(running: Gateway) -> None:
    content = ask(running, "/a%20b/..%2f?x=1&y=%20", X_Do="echo")[2]
    assert content == f"GET|/a%20b/..%2f|x=1&y=%20|127.0.0.1:{running.port}".encode()


def test_what_a_client_names_in_connection_does_not_take_away_what_a_plugin_sets(running: Gateway) -> None:
    content = ask(running, "/plain", Connection="X-Gate, X-Other", X_Other="1")[2]
    assert seen(content)["x-gate"] == "open"
    assert "x-other" not in seen(content)


def test_a_gate_that_awaits_is_ended_by_the_timeout_of_the_service(running: Gateway) -> None:
    status, headers, _ = ask(running, "/plain", X_Wait="ever")
    assert status == 500
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    running.wait_for_log("the plugin waiting took longer than it has")
    assert ask(running, "/plain", X_Wait="answer")[0] == 202


@pytest.mark.parametrize("what", ["raise", "cancelled"])
def test_an_async_gate_that_ends_itself_ends_nothing_else(running: Gateway, what: str) -> None:
    assert ask(running, "/plain", X_Wait=what)[2][:9] == b"error id "
    assert ask(running, "/plain")[0] == 200


def test_a_plugin_that_needs_the_body_gets_it_whole_and_may_replace_it(running: Gateway) -> None:
    content = ask(running, "/post", "POST", b"x" * 200_000)[2]
    assert seen(content)["x-length"] == "200000"
    assert len(json.loads(content)["body"]) == 200_000
    content = ask(running, "/post", "POST", b"swap")[2]
    assert (json.loads(content)["body"], seen(content)["content-length"]) == ("something longer", "16")


def test_how_a_body_is_framed_is_not_for_a_plugin_to_say(running: Gateway) -> None:
    content = ask(running, "/post", "POST", b"0123456789", X_Do="length")[2]
    assert json.loads(content)["body"] == "0123456789"
    assert (seen(content)["content-length"], seen(content).get("transfer-encoding")) == ("10", None)


def test_around_may_answer_itself_replace_and_ask_twice(running: Gateway) -> None:
    assert ask(running, "/raw", X_Around="answer")[::2] == (203, b"not asked")
    status, headers, content = ask(running, "/raw", X_Around="body")
    assert (status, content, headers["X-Raw"]) == (200, b"replaced", "1")
    assert ask(running, "/raw", X_Around="twice")[1]["X-Twice"] == "yes"
    assert ask(running, "/raw", X_Around="none")[2][:9] == b"error id "
    assert ask(running, "/raw", X_Around="hang")[0] == 500
    assert ask(running, "/raw")[2] == b"raw body"


# -- around endpoints and backends


def test_modifiers_see_what_endpoints_let_through_and_backends_get(running: Gateway, behind: Backend) -> None:
    status, headers, content = ask(running, "/items/5?z=1")
    answer = json.loads(content)
    assert status == 200
    assert answer["path"] == "/items/51/more?added=a+b&added=%26&z=1"
    assert answer["headers"]["x-url"] == f"{behind.url}/items/51?added=a+b&added=%26&z=1"
    assert answer["headers"]["x-set"] == "backend"
    assert answer["modified"] == ["backend", "endpoint"]
    assert headers["X-Answer"] == "endpoint"


def test_a_number_keeps_its_text_until_it_is_replaced(running: Gateway) -> None:
    content = ask(running, "/priced/exactly")[2]
    assert content == b'{"deep":[{"a":2.0}],"double":3,"kept":1E+2,"modified":["endpoint"],"price":1.50}'


@pytest.mark.parametrize("what", ["cycle", "set", "nan", "text"])
def test_data_that_is_no_json_is_a_500_with_an_id(running: Gateway, what: str) -> None:
    status, headers, content = ask(running, f"/priced/{what}")
    assert (status, content[:9]) == (500, b"error id ")
    assert headers["X-Krakend-Completed"] == "false"
    assert headers["Access-Control-Allow-Origin"] == ORIGIN


def test_refusals_of_modifiers_are_the_clients_answers(running: Gateway) -> None:
    assert ask(running, "/items/5", X_Modify="refuse")[::2] == (451, b"not here")
    status, headers, content = ask(running, "/priced/refuse")
    assert (status, headers["Content-Type"], content) == (409, "application/json", b'{"why": "conflict"}')


@pytest.mark.parametrize("what", ["raise", "method"])
def test_a_modifier_that_fails_is_a_500_with_an_id(running: Gateway, what: str) -> None:
    status, _, content = ask(running, "/items/5", X_Modify=what)
    assert (status, content[:9]) == (500, b"error id ")
    assert b"secret" not in content


def test_answers_with_parts_missing_are_modified_too(running: Gateway) -> None:
    """DEV-PLUGIN-3."""
    status, headers, content = ask(running, "/partial")
    assert (status, headers["X-Krakend-Completed"]) == (200, "false")
    assert json.loads(content)["modified"] == ["endpoint"]


def test_a_modifier_changes_what_a_no_op_backend_answers(running: Gateway) -> None:
    status, headers, content = ask(running, "/shouted")
    assert (status, content, headers["X-Answer"], headers["X-Raw"]) == (201, b"RAW BODY", "no-op", "1")


def test_what_blocks_runs_in_a_thread_and_ends_with_the_endpoints_timeout(running: Gateway) -> None:
    assert seen(ask(running, "/thread")[2])["x-thread"].startswith("crossgate-plugin-")
    assert ask(running, "/thread", X_Block="raise")[2][:9] == b"error id "
    status, _, content = ask(running, "/thread", X_Block="ever")
    assert (status, content) == (500, b"context deadline exceeded")
    assert ask(running, "/thread")[0] == 200


def test_a_plugin_whose_threads_are_all_stuck_fails_at_once_and_harms_no_other(behind: Backend, tmp_path: Path) -> None:
    names = "blocking", "other"
    tree = {
        "version": 3,
        "host": [behind.url],
        "timeout": "200ms",
        "extra_config": plugins("Blocking", "Other", threads=2),
        "endpoints": [
            {
                "endpoint": f"/{name}",
                "input_headers": ["*"],
                "extra_config": {MODIFIER: {"name": [name]}},
                "backend": [calls("/plain")],
            }
            for name in names
        ],
    }
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps(tree))
    with gateway(path) as running:
        for _ in range(2):
            assert ask(running, "/blocking", X_Block="ever")[0] == 500
        assert ask(running, "/blocking")[0] == 500
        running.wait_for_log("the plugin blocking fails at once while none of its 2 threads comes back")
        assert [ask(running, "/other")[0] for _ in range(3)] == [200] * 3
        assert running.stop() == 0


def test_a_plain_function_that_holds_the_loop_is_named(running: Gateway) -> None:
    assert ask(running, "/held")[0] == 200
    running.wait_for_log("the plugin held held the event loop for")


# -- in the place of a client


def test_an_executor_calls_the_backend_and_nobody_follows_redirects(running: Gateway) -> None:
    status, headers, _ = ask(running, "/executed")
    assert (status, headers["Location"], headers["X-Sent"]) == (302, "/elsewhere", "302")
    assert seen(ask(running, "/executed/json")[2])["x-executed"] == "yes"


def test_what_else_stands_at_a_backend_holds_for_what_its_executor_sends(running: Gateway, behind: Backend) -> None:
    """DEV-PLUGIN-4."""
    asked = []
    fields = {"Content-Type": "application/json", "Cache-Control": "max-age=600", "Date": formatdate(usegmt=True)}
    for number in range(1, 4):
        behind.answers["/kept"] = (200, fields, b'{"kept":%d}' % number)
        asked.append(ask(running, "/executed/kept")[2])
    assert asked == [b'{"kept":1}'] * 3


def test_an_executor_answers_in_the_backends_place(running: Gateway) -> None:
    assert ask(running, "/executed/json", X_Execute="own")[::2] == (200, b'{"own":true}')
    assert ask(running, "/executed/json", X_Execute="refuse")[::2] == (410, b"gone")


@pytest.mark.parametrize("what", ["raise", "none"])
def test_an_executor_that_fails_is_a_500_with_an_id(running: Gateway, what: str) -> None:
    status, _, content = ask(running, "/executed/json", X_Execute=what)
    assert (status, content[:9]) == (500, b"error id ")


# -- starting, ending, several workers


@pytest.mark.parametrize(
    ("name", "says", "workers"),
    [
        ("broken", "cannot be made: RuntimeError: no licence", ()),
        ("useless", "has no gate() or around() or rewrite()", ("--workers", "2")),
        ("FailsToBegin", "cannot begin: OSError: no database", ()),
        ("takes_nothing", "cannot be called: gate() is called with 1 argument, and takes ()", ()),
        ("BlocksAndAwaits", "cannot be called: gate() is async, and the plugin says blocking = True", ()),
        ("LeadsLater", "cannot be called: rewrite() is async", ()),
        ("made_later", "has a factory that is async", ()),
        ("NotThere", "cannot be loaded: AttributeError", ("--workers", "2")),
    ],
)
def test_a_plugin_that_cannot_be_had_prevents_the_start(
    tmp_path: Path, name: str, says: str, workers: tuple[str, ...]
) -> None:
    path = tmp_path / "krakend.json"
    extra = {**plugins(name), SERVER: {"name": [name.lower()]}}
    path.write_text(json.dumps({"version": 3, "extra_config": extra, "endpoints": []}))
    code, output = run_and_fail(path, *workers)
    assert code == 1
    assert says in output
    assert f"cannot start: the plugin {json.dumps(name.lower())}" in output
    assert "Traceback" not in output


def test_a_plugin_that_never_begins_does_not_keep_the_gateway_from_being_stopped(tmp_path: Path) -> None:
    path = tmp_path / "krakend.json"
    extra = {**plugins("NeverBegins"), SERVER: {"name": ["neverbegins"]}}
    path.write_text(json.dumps({"version": 3, "extra_config": extra, "endpoints": []}))
    command = [sys.executable, "-m", "crossgate.cli.main", "run", "-c", str(path), "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "about to begin" in process.stderr.readline()
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_plugins_work_in_every_worker_and_end_with_the_gateway(behind: Backend, tmp_path: Path) -> None:
    path = tmp_path / "krakend.json"
    extra = {**plugins("Around", "Gate"), SERVER: {"name": ["gate", "around"]}}
    endpoints = [{"endpoint": "/plain", "backend": [calls("/plain")]}]
    path.write_text(json.dumps({"version": 3, "host": [behind.url], "extra_config": extra, "endpoints": endpoints}))
    with gateway(path, "--workers", "2") as running:
        for _ in range(8):
            assert ask(running, "/plain")[1]["X-Around"] == "1"
        assert ask(running, "/plain", X_Do="exit")[0] == 500
        assert running.stop() == 0


@pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["alone", "workers"])
def test_a_plugin_that_cannot_be_cancelled_does_not_keep_the_gateway_from_ending(
    behind: Backend, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / "krakend.json"
    extra = {**plugins("Stubborn"), SERVER: {"name": ["stubborn"]}}
    endpoints = [{"endpoint": "/plain", "backend": [calls("/plain")]}]
    content = {"version": 3, "host": [behind.url], "timeout": "100ms", "extra_config": extra, "endpoints": endpoints}
    path.write_text(json.dumps(content))
    with gateway(path, *arguments) as running:
        assert ask(running, "/plain")[0] == 500
        assert running.stop() == 0


@pytest.mark.parametrize(
    ("how", "told"), [("exit", "failed while"), ("cancelled", "failed while"), ("never", "has not ended")]
)
def test_a_plugin_that_does_not_end_as_it_should_does_not_keep_the_gateway_from_ending(
    behind: Backend, tmp_path: Path, how: str, told: str
) -> None:
    path = tmp_path / "krakend.json"
    extra = {**plugins("Stubborn"), SERVER: {"name": ["stubborn"], "stubborn": {"ends": how}}}
    path.write_text(json.dumps({"version": 3, "host": [behind.url], "extra_config": extra, "endpoints": []}))
    with gateway(path) as running:
        assert running.stop() == 0
        running.wait_for_log(f"the plugin stubborn {told}")


@pytest.fixture(scope="module")
def spawning(behind: Backend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spawning") / "krakend.json"
    extra = {**plugins("Spawning"), SERVER: {"name": ["spawning"]}}
    endpoints = [{"endpoint": "/plain", "backend": [calls("/plain")]}]
    path.write_text(json.dumps({"version": 3, "host": [behind.url], "extra_config": extra, "endpoints": endpoints}))
    return path


@pytest.mark.parametrize("arguments", [(), ("--workers", "1")], ids=["alone", "workers"])
def test_what_a_plugin_begins_by_itself_never_ends_the_gateway(
    spawning: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    exits, port = ["exit", "interrupt", "callback", "timer"], free_port()
    tree = json.loads(spawning.read_bytes())
    tree["extra_config"]["crossgate/metrics"] = {"listen": f"127.0.0.1:{port}"}
    spawning = tmp_path / "krakend.json"
    spawning.write_text(json.dumps(tree))
    with gateway(spawning, *arguments) as running:
        for number, what in enumerate(exits, 1):
            assert ask(running, "/plain", X_Spawn=what)[0] == 200
            running.wait_for_count("wanted to end the process", number)
            assert ask(running, "/plain")[0] == 200
        ask(running, "/plain", X_Spawn="error")
        running.wait_for_log("LookupError: of a task")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            counted = samples(answer.read().decode())
        assert counted["crossgate_background_failures_total", 'reason="exit"'] == len(exits)
        assert counted["crossgate_background_failures_total", 'reason="error"'] == 1
        assert not running.count("ended with exit code")
        assert running.stop() == 0


@pytest.mark.parametrize("what", ["to_thread", "thread", "at exit"])
@pytest.mark.parametrize("arguments", [(), ("--workers", "1")], ids=["alone", "workers"])
def test_what_goes_on_in_a_plugins_threads_does_not_keep_the_gateway_from_ending(
    spawning: Path, what: str, arguments: tuple[str, ...]
) -> None:
    with gateway(spawning, *arguments) as running:
        assert ask(running, "/plain", X_Spawn=what)[0] == 200
        assert running.stop() == 0
        # A worker asks no thread to end.
        assert running.count("ended, though what plugins began goes on") or arguments


def test_a_reload_keeps_plugins_whose_part_of_the_file_is_the_same(behind: Backend, tmp_path: Path) -> None:
    import signal

    path = tmp_path / "krakend.json"
    extra = {**plugins("Around", "Gate"), SERVER: {"name": ["gate", "around"], "gate": {"word": "one"}}}
    endpoints = [{"endpoint": "/plain", "input_headers": ["*"], "backend": [calls("/plain")]}]
    tree = {"version": 3, "host": [behind.url], "extra_config": extra, "endpoints": endpoints}
    path.write_text(json.dumps(tree))
    with gateway(path) as running:
        assert seen(ask(running, "/plain")[2])["x-gate"] == "one"
        tree["timeout"] = "3s"
        path.write_text(json.dumps(tree))
        running.process.send_signal(signal.SIGHUP)
        running.wait_for_count("reloaded", 1)
        assert ask(running, "/plain")[1]["X-Around"] == "1"  # entered once, and kept
        extra[SERVER]["gate"]["word"] = "two"
        path.write_text(json.dumps(tree))
        running.process.send_signal(signal.SIGHUP)
        running.wait_for_count("reloaded", 2)
        assert seen(ask(running, "/plain")[2])["x-gate"] == "two"
        extra["crossgate/plugins"]["modules"]["gate"] = "stand_ins:broken"
        path.write_text(json.dumps(tree))
        running.process.send_signal(signal.SIGHUP)
        assert "no licence" in running.wait_for_log("not reloaded")
        assert seen(ask(running, "/plain")[2])["x-gate"] == "two"
        assert running.stop() == 0
