"""`make site`: builds without a warning, asks nobody else for anything, and reads on the site as on a forge."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs.site.contents import sections
from tests.docs.pages import ROOT

FETCHED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a browser fetches for a page, its title, and the text of its paragraphs and list items."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.paragraphs: list[str] = []
        self.navigation: list[str] = []
        self._open: list[str] = []
        self._within = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in FETCHED:
            self.fetched.append(given.get(FETCHED[tag]) or "")
        if tag == "a" and "md-nav__link" in (given.get("class") or ""):
            self.navigation.append(given.get("href") or "")
        self._within |= tag == "article"
        if self._within and tag in {"p", "li", "pre", "code"}:
            self._open.append(tag)
            if tag in {"p", "li"}:
                self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "li", "pre", "code"} and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self.paragraphs and self._open and "pre" not in self._open:
            self.paragraphs[-1] += data if self._open[-1] != "code" else "code"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_the_site_builds_in_strict_mode_without_a_warning(site: Path) -> None:
    assert (site / "index.html").is_file()
    assert (site / "search/search_index.json").stat().st_size > 100_000
    for path in (
        "changelog",
        "deploy",
        "rules/COR201",
        "components/jwt",
        "options/security-cors",
        "sources/examples/flexible",
    ):
        assert (site / path / "index.html").is_file(), path


def test_a_page_fetches_nothing_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 200
    for path, page in pages.items():
        assert page.fetched
        assert [url for url in page.fetched if re.match(r"(\w+:)?//", url)] == [], path
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)[\"' ]*(?:https?:)?//", styles) == []


def test_lists_and_tables_are_lists_and_tables_on_the_site_too(pages: dict[Path, Page]) -> None:
    """Forges forgive a list without a blank line before it, or one indented by three; the site's Markdown does not."""
    for path, page in pages.items():
        for paragraph in page.paragraphs:
            assert not re.search(r"^ *(\*|-|[0-9]{1,2}\.) |^\||^```", paragraph, re.MULTILINE), (path, paragraph)


def test_every_page_of_a_section_is_in_its_navigation(site: Path, pages: dict[Path, Page]) -> None:
    for _, entries in sections():
        names = {Path(entry.path).name.removesuffix(".md").lower() for entry in entries if not entry.path.endswith("/")}
        names = {"deploy" if name == "readme" else name for name in names}
        found = {path.name for path in map(Path, pages[site / min(names) / "index.html"].navigation)} | {min(names)}
        assert names <= found


def test_every_component_and_every_namespace_is_in_the_navigation(site: Path, pages: dict[Path, Page]) -> None:
    for folder in ("components", "options", "errors", "rules"):
        found = pages[site / folder / "index.html"].navigation
        missing = [page.stem for page in (ROOT / "docs" / folder).glob("*.md")
                   if page.name != "README.md" and f"{page.stem}/" not in found]  # fmt: skip
        assert missing == []
