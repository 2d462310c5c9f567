"""What `make site` adds to mkdocs: the navigation, and a way for links that lead out of docs/.

On a forge such a link leads to a file of the repository. Here the file becomes a page of the site: Markdown as it is,
anything else shown as code, a folder with all that is in it.
"""  # noqa: INP001

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs.site.contents import DOCS, pages_of, sections, title_of
from docs.site.tables import TableForms

ROOT = DOCS.parent
_FENCED = re.compile(r"(^(`{3,}).*?^\2`*\s*$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()([^)\s:#]+)(#[^)\s]*)?(\))")
_LANGUAGES = {
    ".py": "python",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".tmpl": "go-template",
    ".toml": "toml",
}


class _Tables(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - its name
        md.treeprocessors.register(TableForms(md), "table_forms", 5)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The navigation, and tables that fit on a phone."""
    nav: list[Any] = [{"Home": "README.md"}]
    for title, entries in sections():
        items: list[Any] = []
        for entry in entries:
            if entry.path.endswith("/"):
                pages = pages_of(entry.path)
                items.append({title_of(DOCS / pages[0]): pages})
            else:
                items.append(_place(posixpath.normpath(f"docs/{entry.path}")))
        nav.append({title: items})
    config.nav = nav
    config.markdown_extensions.append(_Tables())  # type: ignore[arg-type] # an extension, where names stand as well
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """A page for each file outside docs/ that the navigation or a link leads to."""
    wanted = [f"docs/{file.src_uri}" for file in files.documentation_pages()]
    named = [posixpath.normpath(f"docs/{entry.path}") for _, entries in sections() for entry in entries]
    wanted += [path for path in named if not path.startswith("docs/")]
    seen = set(wanted)
    while wanted:
        path = wanted.pop()
        if files.get_file_from_path(_place(path)) is None:
            files.append(File.generated(config, _place(path), content=_page_of(path)))
        if path.endswith(".md"):
            for target in _links_out(path, (ROOT / path).read_text(encoding="utf-8")):
                if target not in seen:
                    seen.add(target)
                    wanted.append(target)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - by name
    """Links as they have to be where the pages are on the site."""
    here = _origin(page.file.src_uri)
    if here is None:
        return markdown
    start = posixpath.dirname(page.file.src_uri)

    def moved(target: str) -> str:
        return posixpath.relpath(_place(target), start or ".")

    return _with_links(markdown, here, moved)


def _origin(place: str) -> str | None:
    """Where a page of the site is in the repository; None for one that was made of something else than Markdown."""
    if place.startswith("sources/"):
        return None
    if (DOCS / place).is_file():
        return f"docs/{place}"
    name = place.removesuffix(".md")
    return next((path for path in (place, f"{name}/README.md", f"{name.upper()}.md") if (ROOT / path).is_file()), None)


def _place(path: str) -> str:
    """Where a file or folder of the repository is on the site."""
    if path == "README.md":
        return path
    if path.startswith("docs/"):
        inside = path.removeprefix("docs/")
        if (ROOT / path).is_dir():
            return posixpath.join(inside, "README.md")
        return inside if inside.endswith(".md") else f"sources/{path}.md"
    if path.endswith("/README.md"):
        return path.removesuffix("/README.md") + ".md"  # as README.md it would be taken for the index of its section
    if path.endswith(".md"):
        return path if "/" in path else path.lower()
    return f"sources/{path}.md"


def _page_of(path: str) -> str:
    file = ROOT / path
    if path.endswith(".md"):
        return file.read_text(encoding="utf-8")
    shown = sorted(inner for inner in file.rglob("*") if inner.is_file()) if file.is_dir() else [file]
    parts = [f"# `{path}`"]
    for each in shown:
        if "__pycache__" in each.parts:
            continue
        if file.is_dir():
            parts.append(f"## `{each.relative_to(file)}`")
        parts.append(_code(each))
    return "\n\n".join(parts) + "\n"


def _code(file: Path) -> str:
    return f"````{_LANGUAGES.get(file.suffix, 'text')}\n{file.read_text(encoding='utf-8').rstrip()}\n````"


def _links_out(path: str, markdown: str) -> list[str]:
    found: list[str] = []

    def noted(target: str) -> str:
        found.append(target)
        return target

    _with_links(markdown, path, noted)
    return found


def _with_links(markdown: str, here: str, moved: Callable[[str], str]) -> str:
    """The text with each link to a file of the repository led through `moved`, code blocks left as they are."""

    def led(match: re.Match[str]) -> str:
        opening, target, anchor, closing = match.groups(default="")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
        if path.startswith("..") or not (ROOT / path).exists():
            return match[0]  # mkdocs says that it is dead
        return f"{opening}{moved(path)}{anchor}{closing}"

    parts = _FENCED.split(markdown)
    return "".join(
        "" if index % 3 == 2 else part if index % 3 == 1 else _LINK.sub(led, part) for index, part in enumerate(parts)
    )
