"""A policy made in Python is told what `crossgate check` tells of a file."""

import pytest

from crossgate.config.host_names import name_lookups
from crossgate.cors import ConfigError, CorsPolicy

APP = "https://a.example"


def said(**arguments):
    """Code, severity and place of what does not prevent the policy."""
    policy = CorsPolicy(**{"allow_origins": [APP], **arguments})
    return [(d.code, str(d.severity), d.path.removeprefix("$.")) for d in policy.diagnostics]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, []),
        ({"allow_methods": ["PUT"], "allow_headers": ["X-A"], "expose_headers": ["X-B"], "max_age": 600}, []),
        ({"allow_methods": ["*"], "allow_headers": ["*"]}, []),
        ({"allow_methods": ["put"]}, [("COR321", "warning", "allow_methods[0]")]),
        ({"expose_headers": ["*"], "allow_credentials": True}, [("COR334", "warning", "expose_headers[0]")]),
        ({"allow_headers": ["Origin", "Cookie"]},
         [("COR332", "note", "allow_headers[0]"), ("COR332", "warning", "allow_headers[1]")]),
        ({"allow_headers": ["Access-Control-Allow-Origin"]}, [("COR337", "warning", "allow_headers[0]")]),
        ({"expose_headers": ["Origin"]}, [("COR338", "warning", "expose_headers[0]")]),
        ({"max_age": 86_401}, [("COR342", "warning", "max_age")]),
        ({"max_age": 7_201}, [("COR341", "note", "max_age")]),
        ({"max_age": 0}, []),
        ({"allow_origins": [APP, APP]}, [("COR310", "warning", "allow_origins[1]")]),
        ({"allow_origins": ["https://*.example.com"]}, [("COR209", "note", "allow_origins[0]")]),
        ({"allow_origins": ["http://a.example"], "allow_credentials": True},
         [("COR208", "warning", "allow_origins[0]")]),
        ({"allow_origins": []}, []),
        ({"rules": [{"allow_origins": ["https://b.example"], "allow_methods": ["patch"]}]},
         [("COR321", "warning", "rules[0].allow_methods[0]")]),
        ({"allow_methods": ["put"], "rules": [{"allow_origins": ["https://b.example"]}]},
         [("COR321", "warning", "allow_methods[0]")]),
    ],
)  # fmt: skip
def test_arguments_are_judged_as_a_file_is(arguments, expected):
    assert said(**arguments) == expected


def test_what_is_said_is_about_python():
    policy = CorsPolicy(allow_origins=[APP], max_age=99_999, allow_methods=["put"], expose_headers=["Cookie"])
    assert len(policy.diagnostics) == 3
    for diagnostic in policy.diagnostics:
        assert diagnostic.krakend == ""
        assert diagnostic.hint
    assert "86400" in next(d.hint for d in policy.diagnostics if d.code == "COR342")


def test_every_refusal_has_a_hint():
    wrong = {
        "allow_origins": f"{APP}/",
        "allow_methods": ["TRACE", "A B", 1],
        "allow_headers": "X-A",
        "expose_headers": None,
        "max_age": -1,
        "allow_credentials": "yes",
        "preflight_status": 500,
        "upstream": "both",
        "rules": [1, {}, {"allow_origins": ["*"], "allow_credentials": True, "colour": 1}],
    }
    with pytest.raises(ConfigError) as refused:
        CorsPolicy(**wrong)
    assert len(refused.value.diagnostics) >= 12
    assert [d for d in refused.value.diagnostics if not d.hint] == []


def test_public_suffixes_are_known_to_who_brings_the_list():
    wide = {"allow_origins": ["https://*.co.uk"]}
    assert said(**wide) == [("COR209", "note", "allow_origins[0]")]
    assert said(**wide, lookups=name_lookups()) == [("COR206", "warning", "allow_origins[0]")]
    ruled = {"rules": [wide], "lookups": name_lookups()}
    assert said(**ruled) == [("COR206", "warning", "rules[0].allow_origins[0]")]
