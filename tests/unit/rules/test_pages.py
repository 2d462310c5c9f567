"""Every code has one complete page, in the program and in the documentation."""

import re
from pathlib import Path

import pytest

from crossgate.cli.main import main
from crossgate.cli.rule_pages import FAMILIES, documentation, index_text, page_text, written_pages
from crossgate.config.rules import GATEWAY_RULES
from crossgate.cors.rules import POLICY_RULES
from crossgate.diagnostics.codes import CODES

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "src/crossgate/diagnostics/pages"
RULES = (*POLICY_RULES, *GATEWAY_RULES)
HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead", "KrakenD", "Sources"]


@pytest.mark.parametrize("code", sorted(CODES))
def test_code_has_a_complete_page(code):
    page = page_text(code)
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS
    sections = re.split(r"^## .+$", page, flags=re.MULTILINE)[1:]
    assert all(len(section.strip()) > 10 for section in sections)


@pytest.mark.parametrize("code", sorted(CODES))
def test_page_has_the_title_of_the_table(code):
    written = {rule.code: rule.page for rule in RULES}
    first_line = (written.get(code) or f"{(PAGES / code).with_suffix('.md').read_text(encoding='utf-8')}").partition(
        "\n"
    )[0]
    assert first_line.removeprefix("# ").removesuffix(".") == CODES[code]


def test_every_page_is_of_a_code_in_the_table():
    assert set(written_pages()) == set(CODES)


def test_no_code_has_two_pages():
    codes = [rule.code for rule in RULES] + [path.stem for path in PAGES.glob("*.md")]
    assert len(codes) == len(set(codes))


def test_every_code_belongs_to_a_family():
    assert all(re.fullmatch(r"(CFG|COR|TST)[0-9]{3}", code) and code[:4] in FAMILIES for code in CODES)


def test_every_code_that_the_program_makes_is_in_the_table():
    made = set()
    for path in (ROOT / "src/crossgate").rglob("*.py"):
        if path.name != "codes.py":
            made.update(re.findall(r'"((?:CFG|COR|TST)[0-9]{3})"', path.read_text(encoding="utf-8")))
    assert made == set(CODES)


def test_every_module_of_a_rule_is_in_the_table_of_its_folder():
    for package, rules in (("cors", POLICY_RULES), ("config", GATEWAY_RULES)):
        folder = ROOT / "src/crossgate" / package / "rules"
        modules = {path.stem for path in folder.glob("*.py") if "\nRULE = Rule(" in path.read_text(encoding="utf-8")}
        assert {rule.check.__module__.rpartition(".")[2] for rule in rules} == modules


def test_documentation_is_as_generated():
    folder = ROOT / "docs/rules"
    written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert written == documentation(), "run: make docs"


def test_rule_prints_the_page_whatever_the_letter_case(capsys):
    assert main(["rule", "cor301"]) == 0
    assert capsys.readouterr().out == page_text("COR301") + "\n"


def test_rule_without_a_code_lists_all_of_them(capsys):
    assert main(["rule"]) == 0
    assert capsys.readouterr().out == index_text() + "\n"
    assert all(f"- {code}: {title}" in index_text() for code, title in CODES.items())


def test_rule_proposes_a_code_for_one_that_there_is_not(capsys):
    assert main(["rule", "COR3O1"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "did you mean COR301?" in output.err


@pytest.mark.parametrize("text", ["", "x", "hello world", "COR301 COR302", "../COR301", "COR999"])
def test_rule_with_nonsense_says_so_in_one_line(text, capsys):
    assert main(["rule", text]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
