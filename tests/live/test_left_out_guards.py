"""`crossgate run --allow-unsupported` as a process: what a guard that is not run was meant for answers 501."""

import json
from typing import Any

import pytest

from tests.support.process import backend, gateway, run_and_fail

VALIDATOR = {"alg": "RS256", "jwk_url": "https://issuer.example/keys"}


def write(folder, url: str, **root: Any):
    """A file with a guarded and a free endpoint. `guarded` and `deep` are the first one's extra_config."""
    guarded = {"endpoint": "/guarded", "backend": [{"url_pattern": "/a", "extra_config": root.pop("deep", {})}]}
    guarded["extra_config"] = root.pop("guarded", {})
    tree = {
        "version": 3,
        "host": [url],
        "endpoints": [guarded, {"endpoint": "/free", "backend": [{"url_pattern": "/b"}]}],
    }
    path = folder / "krakend.json"
    path.write_text(json.dumps(tree | root))
    return path


@pytest.mark.parametrize(
    "extra",
    [
        {"security/not-there-yet": {"allowed_hosts": ["api.example"]}},
        {"github_com/devopsfaith/krakend-botdetctor": {"deny": ["x"]}},
        {"auth/validater": VALIDATOR},
    ],
)
def test_guard_of_the_service_closes_every_endpoint_and_leaves_health(tmp_path, extra):
    with backend() as server:
        path = write(tmp_path, server.url, extra_config=extra, debug_endpoint=True, echo_endpoint=True)
        code, output = run_and_fail(path)
        assert code == 1
        assert "every endpoint answers 501" in output or "did you mean" in output
        with gateway(path, "--allow-unsupported") as running:
            for url in ("/guarded", "/free", "/__debug/x", "/__echo/x"):
                status, headers, body = running.ask("GET", url)
                assert (url, status, body) == (url, 501, b"")
                assert headers["X-Krakend-Completed"] == "false"
            assert running.ask("GET", "/__health")[0] == 200
        assert not server.reached.acquire(blocking=False)


@pytest.mark.parametrize(
    "root",
    [
        {"guarded": {"auth/not-there-yet": VALIDATOR}},
        {"guarded": {"github_com/devopsfaith/krakend-jose/validator": None}},
        {"guarded": {"qos/ratelimit": {"max_rate": 1}}},
        {"deep": {"modifier/not-there-yet": {"header.Modifier": {}}}},
        {"deep": {"backend/grahpql": {"type": "query"}}},
    ],
)
def test_guard_of_an_endpoint_or_backend_closes_that_endpoint(tmp_path, root):
    with backend() as server:
        path = write(tmp_path, server.url, **root)
        assert run_and_fail(path)[0] == 1
        with gateway(path, environ={"CROSSGATE_ALLOW_UNSUPPORTED": "1"}) as running:
            assert running.ask("GET", "/guarded")[0] == 501
            assert not server.reached.acquire(blocking=False)
            assert running.ask("GET", "/free")[0] == 200
            assert running.ask("GET", "/__health")[0] == 200


def test_client_tls_closes_endpoints_with_https_backends(tmp_path):
    with backend() as server:
        path = write(tmp_path, server.url, client_tls={"ca_certs": ["ca.pem"]})
        tree = json.loads(path.read_text())
        tree["endpoints"][0]["backend"][0]["host"] = [server.url.replace("http:", "https:")]
        path.write_text(json.dumps(tree))
        with gateway(path, "--allow-unsupported") as running:
            assert running.ask("GET", "/guarded")[0] == 501
            assert running.ask("GET", "/free")[0] == 200


@pytest.mark.parametrize("tls", [{}, {"public_key": "cert.pem", "private_key": "key.pem"}])
def test_tls_is_never_served_in_the_clear(tmp_path, tls):
    code, output = run_and_fail(write(tmp_path, "http://127.0.0.1:1", tls=tls), "--allow-unsupported")
    assert code == 1
    assert "CFG403" in output
    assert "listens on" not in output


def test_what_guards_nothing_does_not_keep_the_gateway_from_starting(tmp_path):
    extra = {"auth/validator": {"shared_cache_duration": 900}, "plugin/http-server": {"my-plugin": {"path": "/x"}}}
    with backend() as server, gateway(write(tmp_path, server.url, extra_config=extra)) as running:
        assert running.ask("GET", "/guarded")[0] == 200
