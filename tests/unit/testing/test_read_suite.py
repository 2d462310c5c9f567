"""Files of tests are read whole: every problem is found, at its line, and nothing misspelt expects nothing."""

import json

import jsonschema
import pytest

from crossgate.cli.schema import shipped_folder
from crossgate.testing.answered import Answered
from crossgate.testing.compare import differences
from crossgate.testing.read_suite import read_suite, suite_of
from crossgate.testing.suite import Case, Lock
from crossgate.testing.written import schema


def problems(text: str, name: str = "t.test.yaml") -> list[tuple[str, int, str, str]]:
    read = suite_of(text.encode(), name)
    assert read.suite is None
    return [(found.code, found.span.line, found.message, found.hint) for found in read.diagnostics]


def case_of(**test: object) -> Case:
    read = suite_of(json.dumps({"tests": [test]}).encode(), "t.test.json")
    assert read.suite is not None, read.diagnostics
    (case,) = read.suite.cases
    assert isinstance(case, Case)
    return case


def test_file_that_is_not_there_is_reported(tmp_path):
    read = read_suite(str(tmp_path / "none.yaml"))
    assert [(found.code, found.message) for found in read.diagnostics] == [
        ("TST101", "the file cannot be read: No such file or directory")
    ]


def test_text_that_does_not_parse_is_reported_where_it_does_not():
    assert problems('{"tests": [}', "t.json")[0][:2] == ("CFG102", 1)


def test_every_problem_of_a_file_is_found_at_its_line():
    text = """
tests:
  - name: misspelt
    in: {url: /a}
    out:
      staus: 200
  - name: ill-typed
    in:
      url: /a
      method: 7
    out: {}
  - name: a verdict without a page
    in: {url: /a}
    out: {cors: blocked}
  - name: without a token
    in: {url: /a, token: alice}
    out: {}
  - name: a reason that is none
    in: {url: /a}
    out: {reason: token.expird}
  - name: without a unit
    after: "12"
    in: {url: /a}
    out: {}
"""
    assert problems(text) == [
        ("TST102", 6, "there is no key staus here", "did you mean status?"),
        ("TST102", 10, "this is a whole number, not a text", 'write "7"'),
        ("TST102", 14, "only a page has a CORS verdict", 'say which: "page": "https://…"'),
        ("TST102", 16, "there is no token alice", "there are: valid"),
        ("TST102", 20, "there is no reason token.expird", "did you mean token.expired?"),
        ("TST102", 22, '"12" is no duration', 'write a number and a unit, such as "90s"'),
    ]


def test_every_problem_of_one_test_is_found_in_words_with_what_to_write():
    text = """
tests:
  - in: {url: /a, methd: GET, credentials: omitted}
    out: {status: "200", headers: {X-A: a, X-B: 1}, route: 5}
    times: 0
    backends: {/x: {status: 20}, /y: {sequence: []}, "a b": {}, /z: {fail: refuse}}
  - in: {}
  - [1]
now: tomorrow
"""
    assert problems(text) == [
        ("TST102", 3, "there is no key methd here", "did you mean method?"),
        ("TST102", 3, '"omitted" is none of the values that there are', "there are: include, omit, same-origin"),
        ("TST102", 4, "this is a text, not a whole number or null", "write 200, without quotes"),
        ("TST102", 4, "this is a whole number, not a text or a list or null", 'write "1"'),
        ("TST102", 4, "this is a whole number, not a text or null", 'write "5"'),
        ("TST102", 5, "this must be a number >= 1", ""),
        ("TST102", 6, "this must be a number >= 200", ""),
        ("TST102", 6, "this must not be empty", ""),
        ("TST102", 6, "this is no place of a backend", 'write "[METHOD ][http://host:port]/path"'),
        ("TST102", 6, '"refuse" is none of the values that there are', "there are: closed, refused, silent"),
        ("TST102", 7, "url is missing here", ""),
        ("TST102", 8, "this is a list, not an object", ""),
        ("TST102", 9, "this is no time", 'write "2026-01-31T12:00:00Z"'),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("tests:\n  - in: {url: /a}\n    out: {}\n    in: {url: /b}\n", 4),
        ('{"tests": [{"in": {"url": "/a"}, "out":\n {"status": 1,\n "status": 2}}]}', 3),
    ],
)
def test_key_that_is_there_twice_is_an_error(text, line):
    ((code, at, said, _),) = problems(text)
    assert (code, at) == ("CFG104", line)
    assert "already in line" in said


@pytest.mark.parametrize("text", ["- a\n", "", "7"])
def test_what_is_said_of_a_file_of_tests_is_not_of_a_configuration(text):
    read = suite_of(text.encode(), "t.test.yaml")
    (found,) = read.diagnostics
    assert (found.message.partition(",")[0], found.krakend) == ("a file of tests must be an object", "")


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ({"in": {"url": "ftp://x/"}, "out": {}}, "this is no URL and no path"),
        ({"in": {"url": "/a b"}, "out": {}}, "a request line has no blanks in its parts"),
        ({"in": {"url": "/", "headers": {"X": "a\r\nY: b"}}, "out": {}}, "'X' is no field that can be sent"),
        ({"in": {"url": "/"}, "out": {"body_matches": "("}}, "this is no regular expression"),
        ({"in": {"url": "/"}, "out": {}, "backends": {"users": {}}}, "this is no place of a backend"),
        ({"in": {"url": "/"}, "out": {}, "backends": {"/x": {"base64": "?"}}}, "this is not base64"),
        ({"in": {"url": "/"}, "out": {}, "backends": {"/x": {"fail": "refused"}}}, "refused for a whole host"),
        ({"endpoint": "/x", "lets_through": {}}, "this names no endpoint"),
        ({"in": {"url": "/"}}, "out is missing here"),
    ],
)
def test_what_means_nothing_is_refused(test, message):
    found = problems(json.dumps({"tests": [test]}), "t.test.json")
    assert len(found) == 1
    assert message in found[0][2]


def test_file_without_tests_is_no_success():
    assert problems("config: a.json")[0][2] == "there are no tests in this file"


def test_comments_are_comments_wherever_keys_are_fixed():
    commented = case_of(**{"@comment": "x", "in": {"url": "/", "$note": 1}, "out": {"_why": 2, "json": {"_data": 1}}})
    assert commented.expected.json == {"_data": 1}
    assert commented.asked == case_of(**{"in": {"url": "/"}, "out": {}}).asked


def test_whole_urls_are_paths_of_their_host():
    case = case_of(**{"in": {"url": "http://localhost:8080/a?b=c#d"}, "out": {}})
    assert (case.asked.target, case.asked.host, case.asked.fields) == ("/a?b=c", "localhost:8080", ())


def test_spec_of_krakend_is_one_test():
    text = '{"@comment": "x", "in": {"url": "http://localhost/a", "method": "GET", "header": {"A": "b"}},'
    text += ' "out": {"status_code": 200, "body": {"a": 1}, "header": {"X-Krakend": ""}}}'
    read = suite_of(text.encode(), "specs/one.json")
    assert read.suite is not None
    (case,) = read.suite.cases
    assert isinstance(case, Case)
    assert case.name == "one"
    assert (case.expected.status, case.expected.json, case.expected.fields) == (200, {"a": 1}, {"X-Krakend": ()})


@pytest.mark.parametrize(
    ("out", "differs"),
    [
        ({"header": {"X-None": [""]}}, []),
        ({"header": {"X-Krakend": [""]}}, ["header X-Krakend"]),
        ({"schema": {"$schema": "http://json-schema.org/draft-07/schema#", "required": ["a"]}}, []),
        ({"schema": {"required": ["b"]}}, ["body"]),
        ({"schema": {"properties": {"a": {"type": "string"}}}}, ["body"]),
        ({"@comment": "the body is not looked at"}, []),
    ],
)
def test_spec_of_krakend_says_what_krakend_compares(out, differs):
    case = case_of(**{"in": {"url": "/a"}, "out": {"status_code": 200, **out}})
    answered = Answered(
        200,
        (("X-Krakend", "x"),),
        b'{"a": 1}',
        whole=True,
        route="/a",
        endpoint=0,
        decision=None,
        passed_gates=(),
        refused_by="",
        took_seconds=0.0,
        log=(),
    )
    assert [found.what for found in differences(case.expected, answered, ())] == differs


def test_spec_of_krakend_may_expect_a_connection_that_ends():
    assert case_of(**{"in": {"url": "/a"}, "out": {}, "error": "EOF"}).expected.status == 0


def test_lists_of_what_passes_are_tests_too():
    text = json.dumps({"tests": [{"endpoint": "GET /a", "lets_through": {"input_headers": ["X-A"]}}]})
    read = suite_of(text.encode(), "t.test.json")
    assert read.suite is not None
    (lock,) = read.suite.cases
    assert isinstance(lock, Lock)
    assert (lock.method, lock.path, lock.lets_through) == ("GET", "/a", {"input_headers": ["X-A"]})


def test_published_schema_is_the_one_of_the_reader():
    published = json.loads((shipped_folder("schema") / "crossgate.test.schema.json").read_text(encoding="utf-8"))
    assert published == schema()  # else: make docs


@pytest.mark.parametrize(
    ("suite", "is_valid"),
    [
        ({"tests": [{"page": "https://a.example", "in": {"url": "/"}, "out": {"cors": "allowed"}}]}, True),
        ({"tests": [{"name": "no page", "in": {"url": "/"}, "out": {"cors": "allowed"}}]}, False),
        ({"tests": [{"endpoint": "GET /", "lets_through": {"allow_origins": []}}]}, True),
        ({"in": {"url": "/"}, "out": {"status_code": 200}, "@comment": "x"}, True),
        ({"tests": [{"in": {"url": "/"}, "out": {"staus": 200}}]}, False),
        ({"tests": [{"in": {"ulr": "/"}, "out": {}}]}, False),
        ({"test": []}, False),
    ],
)
def test_schema_says_of_a_file_what_the_reader_says(suite, is_valid):
    assert jsonschema.Draft202012Validator(schema()).is_valid(suite) is is_valid
    assert (suite_of(json.dumps(suite).encode(), "t.test.json").suite is not None) is is_valid
