"""What `cors explain` takes a gateway to answer is what a running one answers, for any path a browser may ask for."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossgate.cli.cors_backdrop import Backdrop
from crossgate.config import load_text
from crossgate.cors.fetch import WireRequest
from crossgate.probe.url_standard import parse_standard_url
from tests.support.process import Gateway, backend, gateway

PATHS = [
    "/u/7", "/u/%25", "/u/%23", "/u/a%23b", "/u/%2541", "/u/%3f", "/u/%2F", "/u/%00", "/u/%ff", "/u/a%20b",
    "/u/%5c", "/j/%25", "/j/%23", "/q/%25", "/q/%23", "/q/%2f", "/plain?%", "/u/%zz", "/u/%7f", "/u/%0a",
    "/plain?x=%25", "/u/|", "/u/%22", "/plain%", "/u/%5b", "/plain%23", "/u/%c3%a4", "/u/", "/u", "/plain/",
    "/PLAIN", "/a/b", "/a//b", "//plain", "/u//", "/u/%2e%2e%2f", "/u/..%5c", "/u/;", "/u/^", "/u/a'b",
    "/plain?#x", "/u/%E2%80%AE", "/u/%252f", "/u/{x}", "/u/[", "/u/`", "/u/%2e%2e", "/x/../plain", "/u/%252e",
    "/u/.%2e/plain", "/", "/nowhere", "/u/a/b",
]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Backdrop]]:
    def endpoint(path: str, pattern: str) -> dict[str, object]:
        return {"endpoint": path, "backend": [{"url_pattern": pattern}]}

    with backend() as server:
        configuration = {
            "version": 3,
            "host": [server.url],
            "extra_config": {"security/cors": {"allow_origins": ["*"]}},
            "endpoints": [
                {**endpoint("/u/{id}", "/u/{id}"), "output_encoding": "no-op"},
                endpoint("/j/{id}", "/j/{id}"),
                endpoint("/q/{id}", "/q?x={id}"),
                endpoint("/plain", "/plain"),
                endpoint("/a/b/", "/"),
            ],
        }
        text = json.dumps(configuration)
        file: Path = tmp_path_factory.mktemp("explained") / "krakend.json"
        file.write_text(text)
        config = load_text(text.encode()).config
        assert config is not None
        with gateway(file) as running:
            yield running, Backdrop(config)


@pytest.mark.parametrize("path", PATHS)
def test_the_status_that_is_explained_is_the_gateways(both: tuple[Gateway, Backdrop], path: str) -> None:
    running, backdrop = both
    url = parse_standard_url(f"http://127.0.0.1:{running.port}{path}")
    explained = backdrop(WireRequest("GET", str(url), (), credentials=False, is_preflight=False))
    assert running.ask("GET", url.target)[0] == explained.status
