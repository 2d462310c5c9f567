"""What a log line says of a decision: the name at stake and the reason that holds."""

import pytest

from crossgate.cors import CorsPolicy
from crossgate.cors.refusal import describe

APP = "https://app.example"
BLOCK = {
    "allow_origins": [APP, "https://slash.example/"],
    "allow_methods": ["PUT", "PATCH"],
    "allow_headers": ["Content-Type", "Authorization"],
}


def line_of(method: str, *fields: tuple[str, str], version: int = 3, **block: object) -> str:
    policy = CorsPolicy.from_krakend({**BLOCK, **block}, config_version=version)  # type: ignore[arg-type]
    lines = [(name.encode(), value.encode("latin-1")) for name, value in fields]
    return describe(policy, method.encode(), b"/a", lines, policy.decide(method.encode(), lines))


def preflight(headers: str = "", method: str = "PUT", origin: str = APP, version: int = 3, **block: object) -> str:
    asked = [("access-control-request-headers", headers)] if headers else []
    fields = [("origin", origin), ("access-control-request-method", method), *asked]
    return line_of("OPTIONS", *fields, version=version, **block)


@pytest.mark.parametrize(
    ("headers", "reason", "name"),
    [
        ("Content-Type", "header-not-lower-case", "Content-Type has capitals"),
        ("authorization,Content-Type", "header-not-lower-case", "Content-Type has capitals"),
        ("AUTHORIZATION", "header-not-lower-case", "AUTHORIZATION has capitals"),
        ("authorization,authorization", "header-repeated", "authorization is asked for twice"),
        ("authorization,content-type,authorization", "header-repeated", "authorization is asked for twice"),
        ("content-type,authorization", "headers-not-sorted", "authorization comes after content-type"),
        ("authorization,x-trace", "header-not-listed", "x-trace is not in allow_headers"),
        ("X-Trace", "header-not-listed", "X-Trace is not in allow_headers"),
        ("x-a,x-b", "header-not-listed", "x-a, x-b are not in allow_headers"),
        ("authorization,  content-type", "headers-malformed", 'more than one blank beside "content-type"'),
        ("authorization" + "," * 20, "headers-malformed", "more than 16 empty elements"),
        ("authorization,\xe4", "headers-malformed", "control characters or bytes outside ASCII"),
        ("x" * 5000, "headers-too-long", "5000 bytes of names, and no more than 4096 are read"),
    ],
)
def test_a_refused_list_of_headers_is_named_with_the_reason_that_holds(headers: str, reason: str, name: str) -> None:
    line = preflight(headers)
    assert f"refused at headers-allowed: {reason}: " in line
    assert name in line


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ("DELETE", "DELETE is not in allow_methods"),
        ("patch", "patch is not in allow_methods, PATCH is: letter case counts"),
        ("\x1b[2J", "\\x1b[2J is not in allow_methods"),
    ],
)
def test_a_refused_method_is_named(method: str, why: str) -> None:
    line = preflight(method=method)
    assert line.endswith(f"refused at method-allowed: method-not-listed: {why}")
    assert line.isprintable()


def test_a_refused_actual_method_is_named() -> None:
    assert "method-not-listed: DELETE is not in allow_methods" in line_of("DELETE", ("origin", APP))


def test_letter_case_is_no_reason_where_it_does_not_count() -> None:
    assert "allowed at granted" in preflight("Content-Type", method="patch", version=2)
    assert preflight(method="DELETE", version=2).endswith("DELETE is not in allow_methods")
    assert preflight("X-Trace,origin", version=2).endswith("header-not-listed: X-Trace is not in allow_headers")


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        ("https://other.example", "allow_origins has neither it nor a pattern for it"),
        ("https://slash.example", 'allow_origins[1] is "https://slash.example/", which ends in a slash'),
        ("http://app.example", f'allow_origins[0] is "{APP}", which is for https, and the page is on http'),
    ],
)
def test_a_refused_origin_is_compared_with_what_may_have_been_meant(origin: str, why: str) -> None:
    assert why in preflight(origin=origin)
    assert why in line_of("PUT", ("origin", origin))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([("access-control-request-method", "PUT")], "no-origin: a preflight without Origin"),
        ([("origin", APP), ("origin", APP), ("access-control-request-method", "PUT")], "2 Origin lines"),
        ([("origin", "\x07"), ("access-control-request-method", "PUT")], "control characters or bytes outside ASCII"),
        ([("origin", "x" * 5000), ("access-control-request-method", "PUT")], "5000 bytes, and no more than 4096"),
    ],
)
def test_an_origin_that_is_none_is_told(fields: list[tuple[str, str]], why: str) -> None:
    line = line_of("OPTIONS", *fields)
    assert why in line
    assert len(line) < 700


def test_a_plain_options_request_is_neither_allowed_nor_refused() -> None:
    line = line_of("OPTIONS")
    assert "allowed" not in line
    assert "refused" not in line
    assert "no preflight; the router answers it" in line


def test_the_rule_that_holds_for_the_origin_is_the_one_looked_at() -> None:
    policy = CorsPolicy(
        allow_origins=["*"],
        allow_methods=["PUT"],
        rules=[{"allow_origins": [APP], "allow_methods": ["GET"], "allow_headers": ["X-A"]}],
    )
    fields = [(b"origin", APP.encode()), (b"access-control-request-method", b"GET"),
              (b"access-control-request-headers", b"x-a,x-b")]  # fmt: skip
    assert describe(policy, b"OPTIONS", b"/", fields, policy.decide(b"OPTIONS", fields)).endswith(
        "x-b is not in allow_headers"
    )


def test_a_granted_preflight_shows_what_was_asked() -> None:
    assert preflight("authorization,content-type") == (
        f'[CORS] preflight: OPTIONS /a origin="{APP}" method="PUT" headers="authorization,content-type" allowed at '
        "granted: origin-listed"
    )
