"""The pages on blocked requests: one for each name that Chromium has, and a path that leads to each."""

import re
from pathlib import Path

import pytest

from crossgate.cors.fetch import CHROMIUM_ERRORS, FIREFOX_ERRORS, Step

DOCS = Path(__file__).parents[2] / "docs"
GOLDEN = Path(__file__).parents[1] / "data" / "cors_golden"
PATH = (DOCS / "why-is-my-request-blocked.md").read_text()
# The user decides these, so neither a configuration nor a server's answers lead there.
DECIDED_BY_THE_USER = {"InsecureLocalNetwork", "InvalidLocalNetworkAccess", "LocalNetworkAccessPermissionDenied"}
NEVER_BLOCKING = {Step.FORBIDDEN_HEADERS, Step.LOCAL_NETWORK, Step.ORIGIN, Step.PREFLIGHT_NEEDED, Step.PREFLIGHT_CACHE,
                  Step.PREFLIGHT_MAX_AGE, Step.EXPOSE_HEADERS}  # fmt: skip


def test_there_is_a_page_for_each_name_and_no_other() -> None:
    pages = {page.stem for page in (DOCS / "errors").glob("*.md")}
    assert pages - {"README"} == CHROMIUM_ERRORS.keys()


@pytest.mark.parametrize("name", CHROMIUM_ERRORS)
def test_a_page_says_what_firefox_calls_it_what_to_change_and_what_that_costs(name: str) -> None:
    text = (DOCS / "errors" / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n")
    assert FIREFOX_ERRORS[name] in text
    for heading in ("When it happens", "What to change", "What that costs", "See it"):
        assert re.search(rf"^## {heading}\n\n\S", text, re.MULTILINE)


def test_the_path_names_every_step_and_leads_to_every_page() -> None:
    assert {step.value for step in Step} <= set(re.findall(r"\(`([a-z-]+)`", PATH)) | {"preflight-cache"}
    assert set(re.findall(r"\(errors/(\w+)\.md\)", PATH)) == CHROMIUM_ERRORS.keys()


def test_each_outcome_of_the_path_is_reached_by_a_golden_output() -> None:
    texts = [file.read_text() for file in GOLDEN.glob("*.txt")]
    blocked = [text for text in texts if text.startswith("BLOCKED")]
    steps = {re.search(r"^  step: +([a-z-]+) ", text, re.MULTILINE)[1] for text in blocked}  # type: ignore[index]
    assert steps == {step.value for step in Step} - {step.value for step in NEVER_BLOCKING}
    errors = {found[1] for text in blocked if (found := re.search(r"^  chromium: +(\w+)$", text, re.MULTILINE))}
    assert errors == CHROMIUM_ERRORS.keys() - DECIDED_BY_THE_USER
