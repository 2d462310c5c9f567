"""Flexible configurations from files and environment, against everything that was recorded of KrakenD 2.13.8."""

from pathlib import Path

import pytest

from crossgate.config import Loaded, load_file
from tests.support.template_vectors import Recorded, recorded_templates

_ROWS = [row for row in recorded_templates() if row.main in row.files]
_LOADING = "flexible configuration cannot be loaded: "


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(row: Recorded, folder: Path) -> Loaded:
    for name, text in row.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return load_file(row.main, environ=row.env, allow_unsupported=True)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row.id)
def test_it_becomes_of_a_file_what_becomes_of_it_on_krakend(row: Recorded, folder: Path) -> None:
    loaded = load(row, folder)
    out = folder / row.env["FC_OUT"] if row.env.get("FC_ENABLE") and row.env.get("FC_OUT") else None
    if out is not None:
        assert (out.read_bytes().decode() if out.exists() else None) == row.rendered
    if '"tls"' not in (row.rendered or ""):  # which is never served in clear
        assert (loaded.config is None) is (row.exit == 1)
    if row.stage in ("template", "settings"):
        messages = [found.message for found in loaded.diagnostics if found.code in ("CFG501", "CFG502", "CFG503")]
        assert row.error is not None
        assert any(row.error.endswith(message.removeprefix(_LOADING)) for message in messages)
