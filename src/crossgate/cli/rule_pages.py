"""The pages that explain the diagnostic codes, from the two places where they are written.

A rule's page is its module's docstring. Codes that come from a decoder have theirs in `diagnostics/pages/CODE.md`.
Knows how pages are found and put into Markdown; does not know what is in them.
"""

from importlib.resources import files

from crossgate.config.rules import GATEWAY_RULES
from crossgate.cors.rules import POLICY_RULES
from crossgate.diagnostics.codes import CODES

FAMILIES = {
    "CFG1": "Text that does not parse",
    "CFG2": "The file's model",
    "CFG3": "What one value means for another",
    "CFG4": "What crossgate does not run",
    "COR1": "Ill-typed CORS values",
    "COR2": "Unsafe CORS policies",
    "COR3": "CORS values that cannot match or help",
    "COR4": "CORS and the rest of the file",
}


def page_text(code: str) -> str:
    """The page of a code of the table, in Markdown, with its title. Raises LookupError where nobody wrote one."""
    body = written_pages().get(code)
    if body is None:
        raise LookupError(f"{code} has no page")
    return f"# {code}: {CODES[code]}\n\n{body}"


def written_pages() -> dict[str, str]:
    """The body of each page that there is, by code: what follows the title line."""
    pages = {rule.code: rule.page for rule in (*POLICY_RULES, *GATEWAY_RULES)}
    for entry in files("crossgate.diagnostics").joinpath("pages").iterdir():
        if entry.name.endswith(".md"):
            pages[entry.name.removesuffix(".md")] = entry.read_text(encoding="utf-8")
    # `python -OO` strips docstrings; the codes of rules then have no page.
    return {code: page.partition("\n")[2].strip() for code, page in pages.items() if page}


def index_text() -> str:
    """All codes with their titles, by family, in Markdown."""
    parts: list[str] = []
    for family, title in FAMILIES.items():
        lines = [f"- {code}: {CODES[code]}" for code in sorted(CODES) if code.startswith(family)]
        if lines:
            parts.append("\n".join([f"## {family}xx: {title}", "", *lines]))
    return "\n\n".join(parts)
