"""What is different between two CORS policies, as people are told it."""

import pytest

from crossgate.compare.cors import CorsKind, compare_policies
from crossgate.cors import ABSENT, decode_service_cors

LISTED = {"allow_origins": ["https://app.example"], "allow_methods": ["GET"], "allow_headers": ["X-A"]}


def krakend(version=3, crossgate=ABSENT, **changes):
    return decode_service_cors({**LISTED, **changes}, crossgate, config_version=version).default


def safe(**changes):
    return decode_service_cors(crossgate={**LISTED, **changes}, config_version=3).default


def told(old, new):
    return [(one.kind.value, one.opens, one.sentence) for one in compare_policies(old, new)]


@pytest.mark.parametrize(
    "spelt_otherwise",
    [
        {"allow_origins": ["HTTPS://APP.example", "https://app.example"]},
        {"allow_headers": ["x-a", "X-A"]},
        {"allow_methods": ["GET", "GET"]},
        {"allow_methods": ["GET", "OPTIONS"]},
    ],
)
def test_what_is_spelt_otherwise_and_means_the_same_is_no_difference(spelt_otherwise):
    assert told(krakend(), krakend(**spelt_otherwise)) == []


def test_exposing_what_scripts_may_read_anyway_changes_bytes_only():
    sentence = "requests from https://app.example get another Access-Control-Expose-Headers; browsers act alike"
    assert told(krakend(), krakend(expose_headers=["Content-Type"])) == [("answers", False, sentence)]


def test_an_origin_that_a_pattern_has_already_is_no_difference():
    old = krakend(allow_origins=["https://*.example"])
    new = krakend(allow_origins=["https://b.example", "https://*.c.example", "https://*.example"])
    assert told(old, new) == []


def test_an_origin_that_is_added_may_read_answers():
    new = krakend(allow_origins=["https://app.example", "https://evil.example"])
    sentence = "https://evil.example may now read answers, without cookies"
    assert told(krakend(), new) == [("readable", True, sentence)]


def test_cookies_come_before_all_else():
    new = krakend(allow_credentials=True, allow_methods=["GET", "PUT"], allow_headers=["x-a", "X-B"])
    assert told(krakend(), new) == [
        ("readable-with-cookies", True, "https://app.example may now read answers with cookies"),
        ("methods", True, "https://app.example may now call with PUT"),
        ("request-headers", True, "https://app.example may now send the header x-b"),
    ]


def test_credentials_for_any_origin_give_nobody_cookies():
    kinds = [
        one.kind
        for one in compare_policies(krakend(allow_origins=["*"]), krakend(allow_origins=["*"], allow_credentials=True))
    ]
    assert kinds == [CorsKind.ANSWERS]


def test_a_narrower_wildcard_leaves_out_what_only_the_wider_one_had():
    old, new = krakend(allow_origins=["https://*app.example"]), safe(allow_origins=["https://*.app.example"])
    found = [one for one in compare_policies(old, new) if one.kind is CorsKind.READABLE]
    assert [(one.opens, one.example.origin) for one in found] == [(False, "https://otherapp.example")]


def test_no_policy_lets_nobody_read():
    kinds = {(one.kind, one.opens) for one in compare_policies(None, krakend())}
    assert (CorsKind.READABLE, True) in kinds
    assert (CorsKind.BACKEND_FIELDS, False) in kinds
    assert compare_policies(None, None) == ()


def test_a_policy_that_only_reports_lets_nobody_read():
    reporting = safe(report_only=True)
    assert compare_policies(reporting, None) == ()
    assert ("readable", False, "https://app.example may no longer read answers") in told(safe(), reporting)
