"""With `--allow-unsupported` nothing answers 2xx that a guard which was left out should have guarded.

Every guard there is, by every name, and misspelt ones, in every place, in files of every version.
"""

from typing import Any

import pytest

from crossgate.config import load_text
from crossgate.config.namespaces.table import GUARD_FAMILIES, NAMESPACES, NamespaceSpec
from tests.support.configurations import text_of
from tests.support.pipeline import Backend, Gateway

MISSPELT = ["auth/validater", "qos/ratelimit", "auth_validator", "Security/Http", "krakend-jose/validator", "jwt"]
NAMES: list[tuple[str, NamespaceSpec | None]] = [
    *[(name, spec) for spec in NAMESPACES if spec.guard for name in (spec.name, *spec.old)],
    *[(family + "anything", None) for family in GUARD_FAMILIES],
    *[(name, None) for name in MISSPELT],
]
PLACES = ["service", "endpoint", "backend", "second backend", "shadow backend"]
VALUE = {"name": ["x"], "alg": "RS256", "max_rate": 1}


def file_with(place: str, written: str, version: int) -> dict[str, Any]:
    """Two endpoints, /guarded and /other, and everything that a gateway may answer beside them."""
    extra = {written: VALUE}
    proxy = {2: "github.com/devopsfaith/krakend/proxy"}.get(version, "proxy")
    router = {2: "github_com/luraproject/lura/router/gin"}.get(version, "router")
    backends: list[dict[str, Any]] = [{"url_pattern": "/a"}, {"url_pattern": "/b"}, {"url_pattern": "/c"}]
    backends[2]["extra_config"] = {proxy: {"shadow": True}}
    guarded: dict[str, Any] = {"endpoint": "/guarded", "backend": backends}
    root: dict[str, Any] = {"version": version, "host": ["http://b.example"], "debug_endpoint": True}
    root["echo_endpoint"] = True
    root["endpoints"] = [guarded, {"endpoint": "/other", "method": "POST", "backend": [{"url_pattern": "/d"}]}]
    root["extra_config"] = {router: {"auto_options": True}}
    target = {"service": root, "endpoint": guarded, "backend": backends[0]}.get(place)
    if target is None:
        target = backends[1 if place == "second backend" else 2]
    target["extra_config"] = target.get("extra_config", {}) | extra
    return root


def is_run(spec: NamespaceSpec | None, name: str, place: str, version: int) -> bool:
    """Whether the guard is there: crossgate runs it, and the file has it where its version reads it."""
    if spec is None or not spec.run:
        return False
    scope: Any = place.rsplit(" ", maxsplit=1)[-1]
    return spec.is_read(name, scope, 2 if version == 2 else 3, preview=version == 4)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_answers_that_a_guard_left_out_should_have_guarded(place: str, version: int) -> None:
    for name, spec in NAMES:
        guards = not is_run(spec, name, place, version)
        loaded = load_text(text_of(file_with(place, name, version)), environ={}, allow_unsupported=True)
        if loaded.config is None:
            assert spec is not None  # a component that does not like the settings
            assert spec.run
            continue
        gateway = Gateway(loaded.config, Backend())
        is_service = place == "service"
        closed = {("GET", "/guarded"): guards, ("POST", "/other"): guards and is_service}
        for extra in (("GET", "/__debug/x"), ("POST", "/__echo/x")):
            closed[extra] = guards and is_service
        if version == 3:
            closed |= {("OPTIONS", "/guarded"): guards and is_service, ("OPTIONS", "/other"): guards and is_service}
        for (method, path), is_closed in closed.items():
            if version == 2 and path.startswith("/__"):
                continue  # KrakenD 1.4 has neither
            calls = len(gateway.backend.calls)
            status = gateway.get(path, method).status
            if is_closed:
                assert (status, len(gateway.backend.calls)) == (501, calls), (name, place, version, method, path)
            elif spec is None or not spec.run:
                assert status == 200, (name, place, version, method, path)
        assert gateway.get("/__health").status == 200
