"""Fixes: each ends its problem, leaves everything else as it was written, and never changes what a file means."""

import json

import pytest

from crossgate.cli.check_fix import is_same
from crossgate.components import all_components
from crossgate.config import Loaded, Mended, load_text, mend

ENDPOINT = {"endpoint": "/a", "backend": [{"host": ["http://users:8080"], "url_pattern": "/"}]}


def mended(text: str | bytes, name: str = "krakend.json") -> Mended:
    def load(data: bytes) -> Loaded:
        return load_text(data, name=name, components=all_components())

    data = text.encode() if isinstance(text, str) else text
    return mend(data, load(data), load, is_same)


def with_cors(lists: str) -> str:
    return (
        f'{{"version": 3, "endpoints": [{json.dumps(ENDPOINT)}],\n "extra_config": {{"security/cors": {{{lists}}}}}}}\n'
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('{"version": 3, "port": "8080"}', '{"version": 3, "port": 8080}'),
        ('{"version": 3, "Port": 8080}', '{"version": 3, "port": 8080}'),
        ('{"version": 3, "PORT": "8080"}', '{"version": 3, "port": 8080}'),
        ('{"version": 3, "host": "http://users:8080/"}', '{"version": 3, "host": ["http://users:8080/"]}'),
        ('{"version": 3, "name": 5}', '{"version": 3, "name": "5"}'),
        ('{"version": 3,\n  "port": 1,\n  "port": 8080}', '{"version": 3,\n  "port": 8080}'),
        ('{"port": {"a": [1, "}"]}, "version": 3, "port": 1, "port": 2}', '{"version": 3, "port": 2}'),
        ('{"port": 1, "port": 2, "version": 3}', '{"port": 2, "version": 3}'),
        ('{"version": 3, "port": 8080,}', '{"version": 3, "port": 8080}'),
        ('{"version": 3, "debug_endpoint": True, "echo_endpoint": None,}', None),
        ('\ufeff{"version": 3}', '{"version": 3}'),
        ('\ufeff{"version": 3, "Port": True}', None),
    ],
)
def test_text_is_mended_where_it_is_wrong_and_nowhere_else(text, after):
    result = mended(text)
    assert result.fixed
    if after is not None:
        assert result.data.decode() == after
    assert not [each for each in result.loaded.diagnostics if each.fix is not None and each.code != "CFG202"]
    assert mended(result.data).data == result.data


@pytest.mark.parametrize(
    ("lists", "after"),
    [
        ('"allow_origins": ["https://App.example"]', '"allow_origins": ["https://app.example"]'),
        ('"allow_origins": ["https://a.example", "https://a.example"]', '"allow_origins": ["https://a.example"]'),
        ('"allow_origins": ["https://a.example", "https://A.example"]', '"allow_origins": ["https://a.example"]'),
        ('"allow_methods": ["GET", "PUT", "GET", "POST"]', '"allow_methods": ["GET", "PUT", "POST"]'),
        ('"allow_headers": ["X-A",\n  "x-a",\n  "X-B"]', '"allow_headers": ["X-A",\n  "X-B"]'),
        ('"allow_headers": ["X-A", "x-a", "X-a"]', '"allow_headers": ["X-A"]'),
    ],
)
def test_lists_of_a_policy_keep_what_they_allow(lists, after):
    assert mended(with_cors(lists)).data.decode() == with_cors(after)


@pytest.mark.parametrize(
    "lists",
    [
        '"allow_origins": ["https://a.example/"]',
        '"allow_origins": ["https://a.example:443"]',
        '"allow_origins": ["a.example"]',
        '"allow_origins": ["https://*.example", "https://a.example"]',
        '"allow_origins": ["*"], "allow_credentials": true',
        '"allow_methods": ["get"]',
        '"allow_orgins": ["https://a.example"]',
        '"max_age": "48h"',
    ],
)
def test_nothing_is_mended_that_would_answer_anybody_otherwise_or_could_be_meant_in_two_ways(lists):
    text = with_cors(lists)
    assert mended(text).data.decode() == text


def test_two_spellings_of_one_key_are_left_to_the_reader():
    text = '{"version": 3, "port": 8080, "Port": 8081}'
    assert mended(text).data.decode() == text


def test_a_path_in_a_host_is_left_to_the_reader():
    text = '{"version": 3, "host": ["http://users:8080/api"]}'
    assert mended(text).data.decode() == text


def test_what_is_no_utf8_is_left_as_it_is():
    text = b'{"version": 3, "port": "8080", "name": "\xff"}'
    assert mended(text).data == text


def test_line_ends_comments_and_the_mark_at_the_beginning_stay():
    text = '\ufeff# ours\r\nversion: 3\r\nPort: "8080"  # the port\r\n'
    assert mended(text, "krakend.yaml").data.decode() == "\ufeff# ours\r\nversion: 3\r\nport: 8080  # the port\r\n"


YAML = """\
version: 3
Port: "8080"   # the port
endpoints:
  - endpoint: /a
    Method: 'GET'
    input_headers: X-A
    backend:
      host: http://users:8000/
      url_pattern: /
      is_collection: "true"
      deny: [a, 5]
extra_config:
  security/cors:
    allow_origins:
      - https://A.example   # shop
      - https://b.example
      - "https://b.example"  # again
    allow_methods: [GET, GET]
"""
MENDED_YAML = """\
version: 3
port: 8080   # the port
endpoints:
  - endpoint: /a
    method: 'GET'
    input_headers: ["X-A"]
    backend:
      host: ["http://users:8000/"]
      url_pattern: /
      is_collection: true
      deny: [a, "5"]
extra_config:
  security/cors:
    allow_origins:
      - "https://a.example"   # shop
      - https://b.example
    allow_methods: [GET]
"""


def test_yaml_is_mended_as_far_as_values_go():
    assert mended(YAML, "krakend.yaml").data.decode() == MENDED_YAML


def test_what_a_yaml_alias_names_is_left_as_it_is():
    text = 'version: 3\nname: &n 5\nport: 8080\nextra_config:\n  "@x": *n\n'
    result = mended(text, "krakend.yaml").data.decode()
    assert result in (text, text.replace("&n 5", '&n "5"'))


TOML = """\
version = 3
Port = "8080" # the port
[[endpoints]]
endpoint = "/a"
input_headers = "X-A"
[[endpoints.backend]]
host = "http://users:8000"
url_pattern = "/"
[extra_config."security/cors"]
allow_origins = [
  "https://A.example", # shop
  "https://b.example",
  "https://b.example",
]
"""
MENDED_TOML = """\
version = 3
port = 8080 # the port
[[endpoints]]
endpoint = "/a"
input_headers = ["X-A"]
[[endpoints.backend]]
host = ["http://users:8000"]
url_pattern = "/"
[extra_config."security/cors"]
allow_origins = [
  "https://a.example", # shop
  "https://b.example",
]
"""


def test_toml_is_mended_alike():
    assert mended(TOML, "krakend.toml").data.decode() == MENDED_TOML


def test_one_fix_that_does_not_do_holds_up_no_other():
    endpoints = [{**ENDPOINT, "endpoint": f"/{number}", "Timeout": "1s"} for number in range(40)]
    text = json.dumps({"version": 3, "name": "x", "endpoints": endpoints, "Name": "y"})
    assert mended(text).data.decode() == text.replace('"Timeout"', '"timeout"')


def test_a_thousand_problems_are_mended_in_a_few_loads():
    endpoints = [{**ENDPOINT, "endpoint": f"/{number}", "Method": "GET"} for number in range(1000)]
    loads = 0

    def load(data: bytes) -> Loaded:
        nonlocal loads
        loads += 1
        return load_text(data, components=all_components())

    data = json.dumps({"version": 3, "endpoints": endpoints}).encode()
    result = mend(data, load(data), load, is_same)
    assert (len(result.fixed), loads) == (1000, 2)
