"""The way that the demo's page shows of a call at the demo's gateway."""

import asyncio

from crossgate.cli.demo_way import DemoWay
from crossgate.config import load_text
from crossgate.cors.fetch import FetchRequest
from crossgate.demo.quickstart_file import demo_configuration


def way(method: str, path: str) -> dict:
    loaded = load_text(demo_configuration(8080), name="krakend.json", environ={})
    request = FetchRequest("http://127.0.0.1:8082", f"http://127.0.0.1:8080{path}", method, ())
    return asyncio.run(DemoWay(loaded)(request, b""))


def test_call_that_passes_shows_its_route_and_its_backend():
    found = way("GET", "/hello")
    assert (found["answer"], found["reason"]) == ("passes", None)
    assert [step["component"] for step in found["steps"]][:2] == ["router", "cors"]
    assert found["steps"][0]["place"].startswith("krakend.json:")
    assert len(found["backends"]) == 1


def test_call_that_is_refused_shows_code_and_change():
    found = way("GET", "/nowhere")
    assert (found["answer"], found["reason"], found["status"]) == ("refused", "route.none", 404)
    assert found["steps"][-1]["outcome"] == "failed"
    assert found["fix"]
