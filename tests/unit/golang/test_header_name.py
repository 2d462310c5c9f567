"""Canonical header names."""

import pytest

from crossgate.golang.header_name import canonical_header_name


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("x-request-id", "X-Request-Id"),
        ("CONTENT-TYPE", "Content-Type"),
        ("a--b", "A--B"),
        ("-a", "-A"),
        ("x_y-z", "X_y-Z"),
        ("1a-2B", "1a-2b"),
        ("*", "*"),
        ("", ""),
        ("with space", "with space"),
        ("colon:", "colon:"),
        ("é-x", "é-x"),
        ("x-y\n", "x-y\n"),
    ],
)
def test_names_are_made_canonical_unless_they_are_no_tokens(name, canonical):
    assert canonical_header_name(name) == canonical
