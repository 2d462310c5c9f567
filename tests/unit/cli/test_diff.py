"""`crossgate diff`: exit codes, forms of the report, places, records."""

import copy
import json

import pytest

from crossgate.cli.main import main

OLD = {
    "version": 3,
    "host": ["http://shop:8000"],
    "endpoints": [
        {
            "endpoint": "/users/{id}",
            "backend": [{"url_pattern": "/u/{id}"}],
            "extra_config": {"security/bot-detector": {"deny": ["a"]}},
        },
        {"endpoint": "/orders", "method": "POST", "backend": [{"url_pattern": "/o"}]},
    ],
}


def new_tree(**keys):
    tree = copy.deepcopy(OLD)
    tree["endpoints"][0].update(keys)
    return tree


@pytest.fixture
def compare(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(new, *options, old=OLD):
        (tmp_path / "old.json").write_text(json.dumps(old, indent=2))
        (tmp_path / "new.json").write_text(json.dumps(new, indent=2))
        code = main(["diff", "old.json", "new.json", *options])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_same_file_is_0(compare):
    assert compare(OLD) == (0, "no request is answered otherwise\n", "")


def test_difference_is_1(compare):
    code, out, _ = compare(new_tree(timeout="9s"))
    assert code == 1
    assert "differs[timeout]: GET /users/{id}: backends may take 9s instead of 2s" in out
    assert "new: new.json:21:7" in out


def test_what_opens_is_3_with_both_places(compare):
    code, out, _ = compare(new_tree(extra_config={}))
    assert code == 3
    assert "opens[guard-gone]: GET /users/{id}: the bot detector is gone" in out
    assert "old: old.json:15:9" in out
    assert "curl -i -H 'User-Agent: a' http://localhost:8080/users/v2" in out


HARDLY = "req_path.matches('^/users/[g-i]{7}[0-9]{5}z$')"  # no request is found that passes it


def with_expression(text, **keys):
    return new_tree(extra_config={"validation/cel": [{"check_expr": text}]}, **keys)


def test_what_no_request_is_found_for_is_marked_and_is_4(compare):
    code, out, _ = compare(with_expression(HARDLY, timeout="9s"), old=with_expression(HARDLY))
    assert code == 4
    assert "may differ[timeout]: GET /users/{id}: backends may take 9s instead of 2s" in out
    assert "no request was found that shows it" in out
    assert out.endswith("no difference is certain, 1 that may be one\n")


def test_what_may_open_counts_more_than_what_differs(compare):
    old, new = (
        with_expression(f"req_params.Id.size() > {length} && {shut}", timeout=timeout)
        for length, shut, timeout in ((999, "req_method == 'GET'", "2s"), (998, "'GET' == req_method", "2s"))
    )
    new["endpoints"][1]["timeout"] = "9s"
    code, out, _ = compare(new, "--format", "json", old=old)
    report = json.loads(out)
    assert code == 4
    assert report["opens"] is False
    assert [(one["kind"], one["opens"], one["evidence"]) for one in report["differences"]] == [
        ("timeout", False, "shown"),
        ("guard-changed", True, "undecided"),
    ]


def test_what_was_not_decided_stands_apart_in_markdown(compare):
    new = with_expression(HARDLY, timeout="9s")
    new["endpoints"][1]["timeout"] = "9s"
    _, out, _ = compare(new, "--format", "markdown", old=with_expression(HARDLY))
    certain, _, undecided = out.partition("#### May differ")
    assert "`POST /orders`: backends may take 9s" in certain
    assert "`GET /users/{id}`: backends may take 9s" in undecided


@pytest.mark.parametrize("arguments", [["old.json"], ["old.json", "missing.json"], ["-", "-"]])
def test_wrong_usage_is_2(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.json").write_text(json.dumps(OLD))
    try:
        code = main(["diff", *arguments])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert "crossgate diff" in capsys.readouterr().err


def test_errors_of_both_files_are_shown_where_they_are(compare):
    code, out, err = compare({"version": 3, "endpoints": [{"endpoint": "/a"}]}, old={"version": 3, "endpoints": 7})
    assert code == 2
    assert out == ""
    assert "old.json:3:" in err
    assert "new.json:4:" in err


def test_json_has_what_the_page_describes(compare):
    code, out, _ = compare(new_tree(extra_config={}), "--format", "json")
    report = json.loads(out)
    (found,) = report["differences"]
    assert code == 3
    assert (report["same"], report["opens"], report["requests"]) == (False, True, None)
    assert found["old"] == {"file": "old.json", "line": 15, "column": 9}
    assert found["endpoints"] == ["GET /users/{id}"]
    assert found["example"]["headers"] == [["User-Agent", "a"]]
    assert found["shown_by"] == "request"


def test_markdown_shows_text_of_the_file_as_text(compare):
    tree = new_tree(backend=[{"url_pattern": "/u/{id}/<img src=x>`|*_&lt;@all"}])
    _, out, _ = compare(tree, "--format", "markdown")
    assert out.startswith("### What this change does to requests\n")
    assert "\\<img src=x\\>\\`\\|\\*\\_\\&lt;@<!-- -->all" in out


def test_control_characters_of_a_file_do_not_reach_the_terminal(compare):
    _, out, _ = compare(new_tree(backend=[{"url_pattern": "/u/\x1b[31m"}]))
    assert "\x1b" not in out


LINES = {
    "gin": '[GIN] 2026/11/02 - 01:02:03 | 200 |     1.2ms |       1.2.3.4 | GET      "/users/7?page=2"\n'
    '[GIN] 2026/11/02 - 01:02:03 | 200 |     1.2ms |       1.2.3.4 | POST     "/orders"\n'
    "something else\n",
    "json": '{"method": "GET", "path": "/users/7", "query": "page=2", "origin": ""}\n'
    '{"method": "POST", "path": "/orders", "query": "", "origin": ""}\n',
    "har": json.dumps(
        {
            "log": {
                "entries": [
                    {"request": {"method": "GET", "url": "https://api.example/users/7?page=2", "headers": []}},
                    {"request": {"method": "POST", "url": "https://api.example/orders", "headers": []}},
                    {"request": None},
                ]
            }
        }
    ),
}


@pytest.mark.parametrize("form", LINES)
def test_replay_counts_requests_that_a_difference_touches(compare, tmp_path, form):
    (tmp_path / "record").write_text(LINES[form])
    tree = new_tree(input_query_strings=["page", "sort"], timeout="9s")
    code, out, _ = compare(tree, "--replay", "record", "--format", "json")
    report = json.loads(out)
    counts = {(one["kind"], one["requests"]) for one in report["differences"]}
    assert code == 3
    assert report["requests"] == 2
    assert counts == {("timeout", 1), ("fields", 1)}


def test_replay_leaves_out_requests_without_what_it_is_about(compare, tmp_path):
    (tmp_path / "record").write_text(LINES["gin"])
    _, out, _ = compare(new_tree(input_query_strings=["sort"]), "--replay", "record", "--format", "json")
    assert [one["requests"] for one in json.loads(out)["differences"]] == [0]


def test_file_without_requests_is_wrong_usage(compare, tmp_path):
    (tmp_path / "record").write_text("nothing of the kind\n")
    code, _, err = compare(OLD, "--replay", "record")
    assert code == 2
    assert "record has no request" in err


def test_two_folders_of_settings_compare_two_environments(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, timeout in (("staging", "3s"), ("prod", "9s")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.json").write_text(json.dumps({"timeout": timeout}))
    text = json.dumps(new_tree(timeout="TIMEOUT")).replace("TIMEOUT", "{{ .all.timeout }}")
    (tmp_path / "krakend.tmpl").write_text(text)
    arguments = ["diff", "krakend.tmpl", "krakend.tmpl", "--settings"]
    assert main([*arguments, "staging", "prod"]) == 1
    assert "backends may take 9s instead of 3s" in capsys.readouterr().out
    assert main([*arguments, "prod"]) == 0
    assert main([*arguments, "prod", "prod", "prod"]) == 2


def test_files_that_the_old_one_reads_are_those_of_its_own_root(tmp_path, monkeypatch, capsys):
    script = {"sources": ["judge.lua"], "pre": "judge()", "allow_open_libs": False}
    tree = {"version": 3, "endpoints": [dict(new_tree()["endpoints"][0], extra_config={"modifier/lua-proxy": script})]}
    tree["host"] = ["http://shop:8000"]
    for root, text in (("was", 'function judge() custom_error("no", 403) end'), ("is", "function judge() end")):
        (tmp_path / root).mkdir()
        (tmp_path / root / "krakend.json").write_text(json.dumps(tree))
        (tmp_path / root / "judge.lua").write_text(text)
    monkeypatch.chdir(tmp_path / "is")
    assert main(["diff", "krakend.json", "krakend.json"]) == 0
    capsys.readouterr()
    assert main(["diff", "--old-root", "../was", "krakend.json", "krakend.json"]) == 4
    assert "may open[guard-changed]" in capsys.readouterr().out
    (tmp_path / "was/krakend.json").write_text("{")
    assert main(["diff", "--old-root", "../was", "krakend.json", "krakend.json"]) == 2
    assert "crossgate diff: ../was/krakend.json has errors" in capsys.readouterr().err
    assert main(["diff", "--old-root", "../nowhere", "krakend.json", "krakend.json"]) == 2
    assert "../nowhere is no folder to read from" in capsys.readouterr().err


def test_har_file_with_half_a_character_in_an_address_is_read(compare, tmp_path):
    record = '{"log": {"entries": [{"request": {"method": "GET", "url": "http://x/users/\\ud800?\\ud800=1"}}]}}'
    (tmp_path / "record.har").write_text(record)
    code, out, _ = compare(new_tree(input_query_strings=["sort"]), "--replay", "record.har", "--format", "json")
    assert code == 3
    assert json.loads(out)["requests"] == 1
