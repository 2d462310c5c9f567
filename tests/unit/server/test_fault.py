"""What the server's own refusals say."""

from crossgate.server import fault


def test_dev_http_6_a_refusal_says_what_is_wrong() -> None:
    response = fault.MALFORMED_TARGET.response()
    assert (response.status, response.body) == (400, b"400 Bad Request: malformed request target")
    assert (b"x-content-type-options", b"nosniff") in response.fields


def test_a_refusal_without_detail_is_gos_text() -> None:
    assert fault.BAD_REQUEST.response().body == b"400 Bad Request"
