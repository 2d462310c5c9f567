"""What browsers recorded of a page's calls to a gateway, explained: the same calls are blocked, for the same reason.

`browser_hars.json.xz` has a HAR of Chromium 156 (of DevTools' Network events, as its panel writes them) and one of
Firefox 153 (of WebDriver BiDi's), both of one page and one configuration. Each entry's `comment` is the error that
Chromium itself had for the call, empty where the page could read the response; bodies are Chromium's in both.
"""

import argparse
import json
import lzma
import os
from pathlib import Path
from typing import Any

import pytest

from crossgate.cli.cors_har import read_har
from crossgate.cli.explain import explained
from crossgate.cli.explain_har import read_requests_of_har
from crossgate.cli.explain_request import add_request_arguments, read_requests
from crossgate.cli.explain_show import Shown, explained_document
from crossgate.components import all_components
from crossgate.config import load_text

RECORDED = json.loads(lzma.decompress((Path(__file__).parents[2] / "data/browser_hars.json.xz").read_bytes()))
PARSER = argparse.ArgumentParser()
add_request_arguments(PARSER)
BROWSERS = ["chromium", "firefox"]
GATEWAY = "http://127.0.0.1:8080"


def entries(browser: str) -> list[dict[str, Any]]:
    return RECORDED[browser]["log"]["entries"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module", params=BROWSERS)
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Each entry with what is said of it."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "keys.json").write_text(json.dumps(RECORDED["keys"]))
    (folder / "all.har").write_text(json.dumps(RECORDED[request.param]))
    text = json.dumps(RECORDED["configuration"]).replace('"keys.json"', json.dumps(str(folder / "keys.json")))
    loaded = load_text(text.encode(), name="krakend.json", serving=False, components=all_components())
    assert loaded.config is not None, loaded.diagnostics
    assert loaded.document is not None
    asked = read_requests(PARSER.parse_args(["--har", str(folder / "all.har")]), base_url=GATEWAY)
    found = explained((loaded, loaded.config, loaded.document), asked, os.environ, with_cookies=False)
    return list(zip(entries(request.param), found, strict=True))


def calls(judged: Any) -> list[tuple[dict[str, Any], Shown]]:
    """Those of the page's scripts: neither preflights nor what asks without CORS."""
    mode = {"name": "Sec-Fetch-Mode", "value": "no-cors"}
    return [
        (entry, shown)
        for entry, shown in judged
        if entry["request"]["method"] != "OPTIONS" and mode not in entry["request"]["headers"]
    ]


def test_calls_that_the_browser_blocked_are_blocked_with_its_error_and_no_others_are(judged: Any) -> None:
    found = []
    for entry, shown in calls(judged):
        cors = explained_document(shown)["cors"]
        assert cors is not None, entry["request"]
        found.append((entry["request"]["method"], entry["request"]["url"], cors["chromium_error"] or ""))
    expected = [(entry["request"]["method"], entry["request"]["url"], entry["comment"]) for entry, _ in calls(judged)]
    assert found == expected
    assert sum(bool(error) for _, _, error in found) == 9


def test_what_the_gateway_refused_has_its_status_and_code(judged: Any) -> None:
    """Of a limit, one request shows nothing but what was recorded."""
    codes = {401: "token.missing", 403: "token.role", 404: "route.none", 400: "schema.invalid"}
    seen = set()
    for entry, shown in calls(judged):
        status = entry["response"]["status"]
        if status in codes and not entry["comment"]:
            assert (shown.explanation.status, shown.reason) == (status, codes[status])
            assert explained_document(shown)["cors"]["response"]["status"] == status  # what the page could read
            seen.add(status)
        elif status == 503 and not entry["comment"]:
            assert shown.answer == "passes"
            assert any("the answer was 503" in note for note in shown.explanation.notes)
            assert any("limit.total" in end.reasons for end, _ in shown.explanation.unless)
            seen.add(status)
    assert seen == {*codes, 503}


def test_preflight_is_judged_as_the_request_that_it_asks_for(judged: Any) -> None:
    blocked = {
        (entry["request"]["method"], entry["request"]["url"])
        for entry, _ in calls(judged)
        if entry["comment"].startswith("Preflight")
    }
    for entry, shown in judged:
        if entry["request"]["method"] == "OPTIONS":
            fields = {one["name"].lower(): one["value"] for one in entry["request"]["headers"]}
            asks_for = fields["access-control-request-method"], entry["request"]["url"]
            with_other = "x-other" in fields.get("access-control-request-headers", "")
            assert shown.is_blocked == (with_other or (asks_for in blocked and asks_for[0] != "PUT")
                                        or asks_for == ("PUT", f"{GATEWAY}/strict"))  # fmt: skip


def har(folder: Path, *recorded: dict[str, Any]) -> str:
    path = folder / "some.har"
    path.write_text(json.dumps({"log": {"entries": recorded}}))
    return str(path)


def kept_back(**more: Any) -> dict[str, Any]:
    """Chromium's record of a call whose preflight failed."""
    found = next(one for one in entries("chromium") if one["request"]["method"] == "DELETE")
    return {**found, **more}


def test_request_that_was_kept_back_has_the_origin_of_its_preflight_or_of_its_page(tmp_path: Path) -> None:
    everything = entries("chromium")
    (found,) = [one for one in read_requests_of_har(har(tmp_path, *everything), "") if one.method == "DELETE"]
    assert found.values("origin") == ["http://127.0.0.1:8081"]
    assert "of its preflight was used" in found.notes[0]
    (found,) = read_requests_of_har(har(tmp_path, kept_back()), "")
    assert found.values("origin") == ["http://127.0.0.1:8081"]
    assert "of the Referer was used" in found.notes[0]


@pytest.mark.parametrize("kind", ["document", "image", None, ["fetch"]])
def test_what_no_script_asked_for_gets_no_origin(tmp_path: Path, kind: Any) -> None:
    (found,) = read_requests_of_har(har(tmp_path, kept_back(_resourceType=kind)), "")
    assert found.values("origin") == []


@pytest.mark.parametrize("response", [None, {}, {"status": None}, {"status": True}, {"status": "0"}, 7])
def test_records_without_a_status_are_read(tmp_path: Path, response: Any) -> None:
    (found,) = read_requests_of_har(har(tmp_path, kept_back(response=response)), "")
    assert found.answered == 0


@pytest.mark.parametrize("browser", BROWSERS)
def test_cors_explain_reads_the_same_files(tmp_path: Path, browser: str) -> None:
    assert {one.origin for one in read_har(har(tmp_path, *entries(browser)))} == {"http://127.0.0.1:8081"}


def test_copied_command_of_a_request_that_was_kept_back_says_how_to_ask_as_the_page() -> None:
    command = f"curl '{GATEWAY}/open/1' -X 'DELETE' -H 'Referer: http://127.0.0.1:8081/' -H 'User-Agent: Mozilla/5.0'"
    (found,) = read_requests(PARSER.parse_args(["--from-curl", command]), base_url=GATEWAY)
    assert "add --origin http://127.0.0.1:8081" in found.notes[0]
    for more in ("-H 'Origin: http://127.0.0.1:8081'", f"-e {GATEWAY}/", "-e nonsense"):
        own = command.replace("-H 'Referer: http://127.0.0.1:8081/'", "") if more.startswith("-e") else command
        assert read_requests(PARSER.parse_args(["--from-curl", f"{own} {more}"]), base_url=GATEWAY)[0].notes == ()
