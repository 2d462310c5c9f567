"""Folders of docs/ that are made as a whole. Knows files; does not know what is in them."""  # noqa: INP001

from collections.abc import Mapping
from pathlib import Path


def write_folder(name: str, pages: Mapping[str, str]) -> None:
    """Write every page of a folder of docs/, and remove those that are gone."""
    folder = Path(__file__).parent / name
    folder.mkdir(exist_ok=True)
    for page, text in pages.items():
        (folder / page).write_text(text, encoding="utf-8")
    for path in folder.iterdir():
        if path.name not in pages:
            path.unlink()
