"""With `--allow-unsupported` nothing answers 2xx that a guard which was left out should have guarded.

Every guard there is, by every name, and misspelt ones, in every place, in files of every version.
"""

from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.component import namespaces_by_any_name
from crossgate.config.namespaces.table import GUARD_FAMILIES, NAMESPACES
from tests.support.configurations import text_of
from tests.support.pipeline import Backend, Gateway

MISSPELT = ["auth/validater", "qos/ratelimit", "auth_validator", "Security/Http", "krakend-jose/validator", "jwt"]
NAMES = [
    *[name for spec in NAMESPACES if spec.guard for name in (spec.name, *spec.old)],
    *[family + "anything" for family in GUARD_FAMILIES],
    *MISSPELT,
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


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_answers_that_a_guard_left_out_should_have_guarded(place: str, version: int) -> None:
    is_service = place == "service"
    asked = {("GET", "/guarded"): True, ("POST", "/other"): is_service}
    if version != 2:  # KrakenD 1.4 has none of these
        asked |= {("GET", "/__debug/x"): is_service, ("POST", "/__echo/x"): is_service}
        asked |= {("OPTIONS", "/guarded"): is_service, ("OPTIONS", "/other"): is_service}
    for name in NAMES:
        loaded = load_text(text_of(file_with(place, name, version)), environ={}, allow_unsupported=True)
        assert loaded.config is not None, name
        gateway = Gateway(loaded.config, Backend())
        for (method, path), is_closed in asked.items():
            calls = len(gateway.backend.calls)
            status = gateway.get(path, method).status
            assert status == (501 if is_closed else 200), (name, place, version, method, path)
            assert not is_closed or len(gateway.backend.calls) == calls
        assert gateway.get("/__health").status == 200


@pytest.mark.parametrize("version", [2, 3, 4])
def test_guard_that_a_component_runs_is_closed_where_its_version_does_not_read_it(version: int) -> None:
    run = {namespace.name for component in COMPONENTS for namespace in component.namespaces}
    specs = [spec for spec in namespaces_by_any_name(COMPONENTS).values() if spec.name in run]
    assert specs
    for spec in specs:
        for name in (spec.name, *spec.old):
            for scope in ("service", "endpoint", "backend"):
                if not spec.guard or spec.is_read(name, scope, 2 if version == 2 else 3, preview=version == 4):
                    continue
                text = text_of(file_with(scope, name, version))
                loaded = load_text(text, environ={}, allow_unsupported=True, components=COMPONENTS)
                assert loaded.config is not None
                guarded = loaded.config.endpoints[0]
                assert name in (*guarded.unsupported, *guarded.backends[0].unsupported), (name, scope)
                strict = load_text(text, environ={}, components=COMPONENTS)
                assert strict.config is None
