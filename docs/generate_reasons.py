"""Writes `docs/reasons/` anew from the reasons themselves. A test notices when that is due."""  # noqa: INP001

from pathlib import Path

from crossgate.cli.reason_pages import reason_documentation

FOLDER = Path(__file__).parent / "reasons"


def main() -> None:
    """Write every page, remove those of codes that are gone."""
    wanted = reason_documentation()
    FOLDER.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()


if __name__ == "__main__":
    main()
