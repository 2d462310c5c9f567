"""`crossgate run --watch`: what changes in the files of a configuration is taken, however they are changed."""

import base64
import json

import pytest

from tests.support.process import gateway
from tests.support.waiting import wait_until

RELOADED, NOT_RELOADED = "INFO reloaded: ", "ERROR not reloaded: "
MODES = pytest.mark.parametrize("arguments", [(), ("--workers", "2")], ids=["alone", "workers"])


def configuration(number):
    return json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": [endpoint(number)]})


def endpoint(number):
    return {"endpoint": f"/{number}", "backend": [{"host": ["http://127.0.0.1:10"], "url_pattern": "/"}]}


def serves(running, number):
    """Whether the endpoint of that number is there: its backend is not, which makes a 500."""
    return {running.ask("GET", f"/{number}")[0] for _ in range(4)} == {500}


@MODES
def test_a_file_that_is_written_anew_or_replaced_is_read_again(tmp_path, arguments):
    path = tmp_path / "krakend.json"
    path.write_text(configuration(1))
    with gateway(path, "--watch", *arguments) as running:
        wait_until(lambda: serves(running, 1))
        path.write_text(configuration(2))
        wait_until(lambda: serves(running, 2))
        (tmp_path / "beside").write_text(configuration(3))
        (tmp_path / "beside").replace(path)
        wait_until(lambda: serves(running, 3))
        path.write_text(configuration(4)[:-1])
        running.wait_for_log(NOT_RELOADED)
        assert serves(running, 3)
        path.write_text(configuration(5))
        wait_until(lambda: serves(running, 5))
        assert running.stop() == 0


@MODES
def test_a_config_map_whose_links_are_swapped_is_read_again(tmp_path, arguments):
    """As kubelet does it: files are links through `..data`, a link to a folder that is replaced as a whole."""

    def write_map(number):
        folder = tmp_path / f"..2026_{number}"
        folder.mkdir()
        (folder / "krakend.json").write_text(configuration(number))
        (tmp_path / "..data_tmp").symlink_to(folder.name)
        (tmp_path / "..data_tmp").replace(tmp_path / "..data")

    write_map(1)
    (tmp_path / "krakend.json").symlink_to("..data/krakend.json")
    with gateway(tmp_path / "krakend.json", "--watch", *arguments) as running:
        for number in (1, 2, 3):
            wait_until(lambda: serves(running, number))  # noqa: B023 # called now
            write_map(number + 1)
        wait_until(lambda: serves(running, 4))


def test_a_folder_behind_a_link_is_read_again_where_the_link_leads_elsewhere(tmp_path):
    for number in (1, 2):
        folder = tmp_path / f"release-{number}"
        folder.mkdir()
        (folder / "krakend.json").write_text(configuration(number))
    (tmp_path / "current").symlink_to("release-1")
    with gateway(tmp_path / "current" / "krakend.json", "--watch") as running:
        wait_until(lambda: serves(running, 1))
        (tmp_path / "next").symlink_to("release-2")
        (tmp_path / "next").replace(tmp_path / "current")
        wait_until(lambda: serves(running, 2))


@MODES
def test_templates_partials_and_settings_are_watched_new_ones_too(tmp_path, arguments):
    for folder in ("settings", "partials", "templates"):
        (tmp_path / folder).mkdir()
    main = tmp_path / "krakend.tmpl"
    main.write_text(
        '{"version": 3, "listen_ip": "127.0.0.1", "endpoints": [{{ include "one.json" }}{{ template "two.tmpl" . }}'
        "{{ if .more }}, {{ marshal .more.endpoint }}{{ end }}]}"
    )
    (tmp_path / "partials" / "one.json").write_text(json.dumps(endpoint(1)))
    (tmp_path / "templates" / "two.tmpl").write_text("")
    (tmp_path / "settings" / "service.json").write_text("{}")
    environ = {
        "FC_ENABLE": "1",
        **{f"FC_{name.upper()}": str(tmp_path / name) for name in ("settings", "partials", "templates")},
    }
    with gateway(main, "--watch", *arguments, environ=environ) as running:
        wait_until(lambda: serves(running, 1))
        (tmp_path / "partials" / "one.json").write_text(json.dumps(endpoint(2)))
        wait_until(lambda: serves(running, 2))
        (tmp_path / "templates" / "two.tmpl").write_text("," + json.dumps(endpoint(3)))
        wait_until(lambda: serves(running, 3))
        (tmp_path / "settings" / "more.json").write_text(json.dumps({"endpoint": endpoint(4)}))
        wait_until(lambda: serves(running, 4))


def test_a_key_file_that_the_configuration_names_is_watched(tmp_path):
    def key_set(secret):
        key = {"kty": "oct", "kid": "k", "alg": "HS256", "k": base64.urlsafe_b64encode(secret).decode().rstrip("=")}
        return json.dumps({"keys": [key]})

    keys = tmp_path / "jwks.json"
    keys.write_text(key_set(b"a" * 32))
    validator = {"alg": "HS256", "jwk_local_path": str(keys), "disable_jwk_security": True}
    guarded = {**endpoint(1), "extra_config": {"auth/validator": validator}}
    path = tmp_path / "krakend.json"
    path.write_text(json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": [guarded]}))
    with gateway(path, "--watch") as running:
        assert running.ask("GET", "/1")[0] == 401
        keys.write_text(key_set(b"b" * 32))
        running.wait_for_log(RELOADED)
        keys.write_text("no key set")
        running.wait_for_log(NOT_RELOADED)
        assert running.ask("GET", "/1")[0] == 401


def test_a_file_that_is_touched_without_a_change_is_not_read_again(tmp_path):
    path = tmp_path / "krakend.json"
    path.write_text(configuration(1))
    with gateway(path, "--watch") as running:
        wait_until(lambda: serves(running, 1))
        for _ in range(3):
            path.write_text(configuration(1))
        path.write_text(configuration(2))
        wait_until(lambda: serves(running, 2))
        assert running.count(RELOADED) == 1
        assert running.count(NOT_RELOADED) <= 1  # where it was read between emptied and written
