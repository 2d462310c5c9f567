"""No link between pages is dead, on a forge (here) and on the site (test_site.py)."""

import re
from pathlib import Path

import pytest

from docs.generate_index import COMPONENT_INDEX, INDEX, component_index_text, index_text
from docs.site.contents import DOCS, SECTIONS, pages_of, sections
from tests.docs.pages import PAGES, ROOT, anchors, links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_or_a_heading_that_there_is(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


def test_a_dead_anchor_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n\n## `two/three`: and, four\n\n## One\n\n```\n# no heading\n```\n\n`[no](link.md)` [a](b.md#c)\n"
    )
    assert anchors(page) == {"one", "twothree-and-four", "one-1"}
    assert links(page) == ["b.md#c"]


def test_the_indexes_list_what_there_is() -> None:
    assert INDEX.read_text(encoding="utf-8") == index_text(), "run: make docs"
    assert COMPONENT_INDEX.read_text(encoding="utf-8") == component_index_text(), "run: make docs"


def test_every_page_of_docs_is_reached_from_the_index() -> None:
    listed: set[str] = set()
    for _, entries in sections():
        for entry in entries:
            listed.update(pages_of(entry.path) if entry.path.endswith("/") else [entry.path])
    written = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert written - {"README.md"} <= listed


def test_no_page_is_listed_twice() -> None:
    paths = [entry.path for _, entries in SECTIONS for entry in entries]
    assert len(paths) == len(set(paths))
