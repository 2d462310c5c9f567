"""Writes the lists of pages in docs/README.md and docs/components/README.md. A test notices when that is due."""  # noqa: INP001

import re
from pathlib import Path

from crossgate.components import COMPONENTS
from docs.site.contents import DOCS, pages_of, sections, title_of

INDEX = DOCS / "README.md"
COMPONENT_INDEX = DOCS / "components" / "README.md"
_LIST = re.compile(r"(?<=<!-- contents -->\n).*(?=<!-- end of contents -->)", re.DOTALL)
_INTRO = """# Components

A component is a feature with namespaces of its own. It costs nothing where a file does not use it.
Every key is also in the [options](../options/README.md).

| component | namespaces |
|---|---|
"""


def index_text() -> str:
    """docs/README.md: what is written by hand, and the list of all pages by section."""
    parts = []
    for title, entries in sections():
        items = []
        for entry in entries:
            path = f"{entry.path}README.md" if entry.path.endswith("/") else entry.path
            name = title_of(DOCS / path)
            items.append(f"* [{name}]({path})" + (f": {entry.what}" if entry.what else ""))
        parts.append("\n".join([f"\n## {title}\n", *items, ""]))
    return _LIST.sub(lambda _: "".join(parts) + "\n", INDEX.read_text(encoding="utf-8"))


def component_index_text() -> str:
    """docs/components/README.md: the pages there, and the namespaces of each."""
    parts = {part.name: part for part in COMPONENTS}
    rows = []
    for page in sorted(pages_of("components/")[1:], key=lambda page: title_of(DOCS / page).casefold()):
        part = parts.get(Path(page).stem)
        names = ", ".join(f"`{namespace.name}`" for namespace in part.namespaces) if part is not None else ""
        rows.append(f"| [{title_of(DOCS / page)}]({Path(page).name}) | {names} |\n")
    return _INTRO + "".join(rows)


if __name__ == "__main__":
    COMPONENT_INDEX.write_text(component_index_text(), encoding="utf-8")
    INDEX.write_text(index_text(), encoding="utf-8")
