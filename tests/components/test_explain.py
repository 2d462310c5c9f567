"""`crossgate/explain`: who sees why a request was refused, and that nobody else does."""

import json
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.explain.component import ExplainPart
from crossgate.components.explain.config import ExplainConfig
from crossgate.config import Loaded, load_text
from crossgate.config.secret import Secret
from crossgate.http.message import Request
from tests.support.configurations import endpoint, service

TOKEN = "0123456789abcdef"


def loaded(value: Any) -> Loaded:
    tree = service(endpoints=[endpoint()], extra_config={"crossgate/explain": value})
    return load_text(json.dumps(tree).encode(), components=COMPONENTS)


def sees(config: ExplainConfig, *, peer: str = "192.0.2.1", **fields: str) -> bool:
    lines = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in fields.items()]
    return ExplainPart(config).may_see_reasons()(Request(b"GET", b"/", None, lines, peer_host=peer))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], "CFG220"),
        ({"loopback_only": "true"}, "CFG220"),
        ({"loopback_only": 1}, "CFG220"),
        ({"token_file": 5}, "CFG220"),
        ({"token_file": "/nowhere/at/all"}, "CFG220"),
        ({}, "CFG217"),
        ({"loopback_only": False}, "CFG217"),
    ],
)
def test_what_shows_nothing_to_anybody_is_told(value: Any, code: str) -> None:
    found = loaded(value)
    assert code in {diagnostic.code for diagnostic in found.diagnostics}
    assert found.config is None or "explain" not in found.config.components


@pytest.mark.parametrize("text", ["", "short", "é" * 20, "\n"])
def test_a_token_that_is_none_prevents_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text)
    found = loaded({"token_file": str(tmp_path / "token")})
    assert found.config is None
    assert "CFG220" in {diagnostic.code for diagnostic in found.diagnostics}


def test_a_token_is_read_without_blanks_around_it_and_shown_nowhere(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f" {TOKEN}\n")
    found = loaded({"token_file": str(tmp_path / "token")})
    assert found.config is not None
    value = found.config.components["explain"]
    assert value.token.reveal() == TOKEN
    assert TOKEN not in repr(found.config)


@pytest.mark.parametrize(
    ("peer", "is_shown"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("10.0.0.1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_loopback_is_where_the_connection_comes_from(peer: str, is_shown: bool) -> None:
    config = ExplainConfig(None, loopback_only=True)
    assert sees(config, peer=peer) is is_shown
    assert sees(config, peer="192.0.2.1", x_forwarded_for=peer or "127.0.0.1", x_real_ip="127.0.0.1") is False


@pytest.mark.parametrize(("shown", "is_right"), [(TOKEN, True), (TOKEN[:-1], False), ("", False), ("é" * 16, False)])
def test_a_token_is_compared_as_a_whole(shown: str, is_right: bool) -> None:
    assert sees(ExplainConfig(Secret(TOKEN), loopback_only=False), x_crossgate_explain=shown) is is_right
    assert sees(ExplainConfig(Secret(TOKEN), loopback_only=False), peer="127.0.0.1") is False
    assert sees(ExplainConfig(None, loopback_only=False), x_crossgate_explain="") is False
