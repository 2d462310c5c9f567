"""`crossgate diff` names the lines of what changed in both files, however old their form is."""

import copy
import json

import pytest

from crossgate.cli.main import main

PROXY = "github.com/devopsfaith/krakend/proxy"
OLD_LIMIT = "github.com/devopsfaith/krakend-ratelimit/juju/router"
VERSION_3 = {
    "version": 3,
    "host": ["http://shop:8000"],
    "timeout": "2s",
    "extra_config": {"security/cors": {"allow_origins": ["https://a.example"]}, "router": {"auto_options": False}},
    "endpoints": [
        {"endpoint": "/first", "backend": [{"url_pattern": "/first"}]},
        {
            "endpoint": "/users/{id}",
            "method": "GET",
            "input_headers": ["X-A"],
            "input_query_strings": ["page"],
            "output_encoding": "json",
            "cache_ttl": "1m",
            "backend": [
                {"url_pattern": "/one/{id}", "allow": ["id"]},
                {
                    "url_pattern": "/two/{id}",
                    "encoding": "json",
                    "deny": ["secret"],
                    "mapping": {"a": "b"},
                    "group": "two",
                    "target": "data",
                    "method": "GET",
                    "extra_config": {"backend/http": {"return_error_details": "two"}},
                },
            ],
            "extra_config": {
                "proxy": {"static": {"strategy": "always", "data": {"s": 1}}},
                "qos/ratelimit/router": {"max_rate": 5},
                "validation/cel": [{"check_expr": "req_params.Id != 'x'"}],
            },
        },
    ],
}
VERSION_2 = {
    "version": 2,
    "host": ["http://shop:8000"],
    "endpoints": [
        {"endpoint": "/first", "backend": [{"url_pattern": "/first"}]},
        {
            "endpoint": "/users/{id}",
            "headers_to_pass": ["X-A"],
            "querystring_params": ["page"],
            "timeout": "3s",
            "backend": [
                {"url_pattern": "/one/{id}", "whitelist": ["id"]},
                {"url_pattern": "/two", "blacklist": ["no"]},
            ],
            "extra_config": {
                PROXY: {"static": {"strategy": "always", "data": {"s": 1}}},
                OLD_LIMIT: {"maxRate": 5},
            },
        },
    ],
}
OF_VERSION_3 = [
    (("endpoints", 1, "input_headers"), ["X-A", "X-B"]),
    (("endpoints", 1, "input_query_strings"), ["*"]),
    (("endpoints", 1, "output_encoding"), "xml"),
    (("endpoints", 1, "cache_ttl"), "2m"),
    (("endpoints", 1, "backend", 0, "url_pattern"), "/other"),
    (("endpoints", 1, "backend", 0, "allow"), ["id", "mail"]),
    (("endpoints", 1, "backend", 1, "encoding"), "xml"),
    (("endpoints", 1, "backend", 1, "deny"), ["secrets"]),
    (("endpoints", 1, "backend", 1, "mapping"), {"a": "c"}),
    (("endpoints", 1, "backend", 1, "group"), "three"),
    (("endpoints", 1, "backend", 1, "target"), "list"),
    (("endpoints", 1, "backend", 1, "method"), "PUT"),
    (("endpoints", 1, "backend", 1, "extra_config", "backend/http"), {"return_error_details": "other"}),
    (("endpoints", 1, "extra_config", "proxy"), {"static": {"strategy": "always", "data": {"s": 2}}}),
    (("endpoints", 1, "extra_config", "qos/ratelimit/router"), {"max_rate": 6}),
    (("endpoints", 1, "extra_config", "validation/cel"), [{"check_expr": "req_params.Id != 'y'"}]),
    (("extra_config", "security/cors"), {"allow_origins": ["https://b.example"]}),
    (("timeout",), "9s"),
]
OF_VERSION_2 = [
    (("endpoints", 1, "headers_to_pass"), ["X-A", "X-B"]),
    (("endpoints", 1, "querystring_params"), ["*"]),
    (("endpoints", 1, "timeout"), "9s"),
    (("endpoints", 1, "backend", 0, "whitelist"), ["mail"]),
    (("endpoints", 1, "backend", 1, "blacklist"), ["other"]),
    (("endpoints", 1, "extra_config", PROXY), {"static": {"strategy": "always", "data": {"s": 2}}}),
    (("endpoints", 1, "extra_config", OLD_LIMIT), {"maxRate": 6}),
]


def owner_of(tree, path):
    for step in path[:-1]:
        tree = tree[step]
    return tree


def lines_of(tree, path):
    """The line of the key at that path, and the first and last of the object that has it."""
    marked = copy.deepcopy(tree)
    owner = owner_of(marked, path)
    items = [(f"{key}@@" if key == path[-1] else key, value) for key, value in owner.items()]
    owner.clear()
    owner.update([("##", 0), *items, ("##", 0)])
    owner["##end"] = 0
    text = [line.strip() for line in json.dumps(marked, indent=1).split("\n")]
    begin = next(number for number, line in enumerate(text) if line.startswith('"##"'))
    key = next((number for number, line in enumerate(text, 1) if "@@" in line), None)
    end = next(number for number, line in enumerate(text, 1) if line.startswith('"##end"'))
    return None if key is None else key - 1, (begin, end - 1)


def edited(tree, path, value):
    new = copy.deepcopy(tree)
    owner = owner_of(new, path)
    if value is None:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    new["@comment"] = "so that lines are others"
    return {"@comment": new.pop("@comment"), **new}


@pytest.fixture
def differences(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(old, new):
        (tmp_path / "old.json").write_text(json.dumps(old, indent=1))
        (tmp_path / "new.json").write_text(json.dumps(new, indent=1))
        main(["diff", "old.json", "new.json", "--format", "json"])
        return json.loads(capsys.readouterr().out)["differences"]

    return run


CHANGED = [
    *[(VERSION_3, path, value) for path, value in OF_VERSION_3],
    *[(VERSION_2, path, value) for path, value in OF_VERSION_2],
]


@pytest.mark.parametrize(("tree", "path", "value"), CHANGED)
def test_key_that_changed_is_named_by_its_line_in_both_files(differences, tree, path, value):
    new = edited(tree, path, value)
    found = differences(tree, new)
    assert found
    for side, each in (("old", tree), ("new", new)):
        line, _ = lines_of(each, path)
        assert {(one[side]["file"], one[side]["line"]) for one in found} == {(f"{side}.json", line)}


KEPT = ("url_pattern", "method", "output_encoding", "encoding")  # has to be there, or its default says the same


@pytest.mark.parametrize(
    ("tree", "path"), [(tree, path) for tree, path, _ in CHANGED if len(path) > 1 and path[-1] not in KEPT]
)
def test_key_that_is_gone_is_named_by_its_line_and_by_what_it_was_in(differences, tree, path):
    new = edited(tree, path, None)
    found = differences(tree, new)
    assert found
    line, _ = lines_of(tree, path)
    holder = path[:-1] if path[-2] == "extra_config" else path
    _, (begin, end) = lines_of(new, holder)
    assert {one["old"]["line"] for one in found} == {line}
    assert all(begin <= one["new"]["line"] <= end or one["new"]["line"] == 1 for one in found)
