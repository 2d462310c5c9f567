"""The pages that explain the diagnostic codes, from the two places where they are written.

A rule's page is its module's docstring. Codes that come from a decoder have theirs in `diagnostics/pages/CODE.md`.
Knows how pages are found and put into Markdown; does not know what is in them.
"""

from importlib.resources import files

from crossgate.config.rules import GATEWAY_RULES
from crossgate.cors.rules import POLICY_RULES
from crossgate.diagnostics.codes import CODES
from crossgate.shipped_files import shipped_folder

FAMILIES = {
    "CFG1": "Text that does not parse",
    "CFG2": "The file's model",
    "CFG3": "What one value means for another",
    "CFG4": "What crossgate does not run",
    "CFG5": "Templates of flexible configuration",
    "TST1": "Files of tests",
    "COR1": "Ill-typed CORS values",
    "COR2": "Unsafe CORS policies",
    "COR3": "CORS values that cannot match or help",
    "COR4": "CORS and the rest of the file",
}


def page_text(code: str) -> str:
    """The page of a code of the table, in Markdown, with its title. Raises LookupError where nobody wrote one."""
    if code not in CODES:
        raise LookupError(f"{code} is no code")
    body = written_pages().get(code)
    if body is not None:
        return f"# {code}: {CODES[code]}\n\n{body}"
    # `python -OO` strips the docstrings; what was made from them is still there.
    made = shipped_folder("rules") / f"{code}.md"
    if not made.is_file():
        raise LookupError(f"{code} has no page")
    return made.read_text(encoding="utf-8").rstrip("\n")


def written_pages() -> dict[str, str]:
    """The body of each page that there is, by code: what follows the title line."""
    pages = {rule.code: rule.page for rule in POLICY_RULES} | {rule.code: rule.page for rule in GATEWAY_RULES}
    for entry in files("crossgate.diagnostics").joinpath("pages").iterdir():
        if entry.name.endswith(".md"):
            pages[entry.name.removesuffix(".md")] = entry.read_text(encoding="utf-8")
    # Under `python -OO` rules have no docstring.
    return {code: page.partition("\n")[2].strip() for code, page in pages.items() if page}


def index_text(*, linked: bool = False) -> str:
    """All codes with their titles, by family, in Markdown; `linked` to their pages' files."""
    parts: list[str] = []
    for family, title in FAMILIES.items():
        codes = [code for code in sorted(CODES) if code.startswith(family)]
        lines = [f"- {f'[{code}]({code}.md)' if linked else code}: {CODES[code]}" for code in codes]
        parts.append("\n".join([f"## {family}xx: {title}", "", *lines]))
    return "\n\n".join(parts)


def documentation() -> dict[str, str]:
    """The files of `docs/rules/`: an index, and a page for each code."""
    intro = (
        "# Diagnostic codes\n\nMade from the rules by `docs/generate_rules.py`. `crossgate rule CODE` prints a page."
    )
    pages = {f"{code}.md": page_text(code) + "\n" for code in sorted(CODES)}
    return {"README.md": f"{intro}\n\n{index_text(linked=True)}\n", **pages}
