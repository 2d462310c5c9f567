"""What docs/ holds, in the order in which people read it: the index for a forge and the navigation come from here.

A page that is named nowhere is still found, under *More*. Knows files; does not know how a site is built.
"""  # noqa: INP001

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parents[1]


class Entry(NamedTuple):
    """A page, or a folder of pages where `path` ends in a slash: its README.md is the first of them.

    `path` is relative to docs/. An entry whose file is not there is left out.
    """

    path: str
    what: str


SECTIONS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Start",
        (
            Entry("install.md", "with pip or pipx, compiled, in a container, on Kubernetes"),
            Entry("quick-start.md", "a first file, a first request, a first refused one"),
            Entry("command-line.md", "every verb, its options and exit codes; the environment; editors and shells"),
            Entry("from-krakend-2.md", "what is the same, what is stricter, and how to go over"),
            Entry("from-krakend-1.md", "a `version: 2` file as it is, or made into a `version: 3` file"),
            Entry("migration.md", "from the CORS layers of Starlette, Django, Flask and others"),
        ),
    ),
    (
        "CORS",
        (
            Entry("cors.md", "KrakenD's block, policies for each endpoint and origin, who owns the fields"),
            Entry("why-is-my-request-blocked.md", "the way of a request through a browser, step by step"),
            Entry("errors/", "a page for each reason that Chromium and Firefox give"),
            Entry("middleware.md", "the same engine for FastAPI, Django, Flask and any ASGI or WSGI application"),
            Entry("browsers.md", "how real browsers check what is said of them"),
        ),
    ),
    (
        "Configuration",
        (
            Entry("options/", "every key of every namespace: type, default, version, meaning, example"),
            Entry("components/", "tokens, keys, limits, caches, metrics: what each does, and how it differs"),
            Entry("plugins.md", "your own code in the way of a request"),
            Entry("testing.md", "ask a configuration what clients and pages would ask, offline"),
            Entry("comparing.md", "which requests a new version of a file answers differently, riskiest first"),
            Entry("ci.md", "all of this for every change: a GitHub Action, hooks for pre-commit, GitLab"),
            Entry("flexible-configuration.md", "Go templates, settings for each environment, partials"),
            Entry("support.md", "each namespace and root key of KrakenD, and what becomes of it"),
            Entry("deviations.md", "every difference, with its reason"),
            Entry("rules/", "a page for each thing that `crossgate check` says"),
        ),
    ),
    (
        "Operations",
        (
            Entry("running.md", "start, reload, stop, drain; under systemd"),
            Entry("explain.md", "what a file answers a request, and why: the way, the line, the smallest change"),
            Entry("reasons/", "why the gateway refused a request: a page for each code of logs and metrics"),
            Entry("logs.md", "the access log and the gateway's own lines, and where they go"),
            Entry("monitoring.md", "what to scrape, what to alert on, health and readiness"),
            Entry("listening.md", "limits of the listening side, and the form of the gateway's own errors"),
            Entry("../deploy/README.md", "container, compose, Kubernetes, Helm, systemd"),
            Entry("many-replicas.md", "what is per process, what is shared, what to size"),
            Entry("sizing.md", "how many cores, how much memory"),
            Entry("benchmarks.md", "measured beside nginx, haproxy, Go and KrakenD, with the method"),
            Entry("security-model.md", "what is guarded, what is trusted, how it fails closed"),
        ),
    ),
    (
        "Project",
        (
            Entry("../CHANGELOG.md", "what changed for users"),
            Entry("dependencies.md", "each library, and why it is there"),
            Entry("../ARCHITECTURE.md", "the rooms, and how a request walks through them"),
            Entry("../CONTRIBUTING.md", "how to change it"),
            Entry("../SECURITY.md", "how to report a vulnerability"),
        ),
    ),
)


def sections() -> Iterator[tuple[str, list[Entry]]]:
    """The sections with the entries that there are, and last what no section names."""
    named = {entry.path for _, entries in SECTIONS for entry in entries}
    for title, entries in SECTIONS:
        yield title, [entry for entry in entries if (DOCS / entry.path).exists()]
    pages = [path.name for path in DOCS.glob("*.md") if path.name != "README.md"]
    folders = [f"{path.parent.name}/" for path in DOCS.glob("*/README.md")]
    rest = sorted(set(pages + folders) - named)
    if rest:
        yield "More", [Entry(path, "") for path in rest]


def pages_of(folder: str) -> list[str]:
    """The pages of a folder of docs/: its index, what the index links to in its order, and the others by title."""
    linked = re.findall(r"\]\(([\w.-]+\.md)\)", (DOCS / folder / "README.md").read_text(encoding="utf-8"))
    found = {path.name: title_of(path).casefold() for path in (DOCS / folder).glob("*.md") if path.name != "README.md"}
    names = [name for name in dict.fromkeys(linked) if name in found]
    names += sorted(found.keys() - names, key=lambda name: found[name])
    return [f"{folder}{name}" for name in ("README.md", *names)]


def title_of(path: Path) -> str:
    """The title of a page as its first line has it, without code marks."""
    with path.open(encoding="utf-8") as page:
        return page.readline().removeprefix("# ").strip().replace("`", "")
