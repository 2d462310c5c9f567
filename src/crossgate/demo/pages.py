"""The pages that the demo links to: of diagnostic codes and reason codes, and of what browsers call their CORS errors.

Knows names and Markdown; not who asks. Codes' pages are passed in, browsers' stand in a folder of the documentation.
"""

import re
from collections.abc import Callable

from crossgate.shipped_files import shipped_folder

_NAME = re.compile(r"/(rules|errors|reasons)/([A-Za-z0-9]+|[a-z-]+\.[a-z-]+)(\.md)?")
_MAX_KNOWN = 1000
RulePage = Callable[[str], str]
"""From a code to its page in Markdown; raises LookupError where there is none."""


class Pages:
    """By name. `rule_page` is None where codes have no pages."""

    def __init__(self, rule_page: RulePage | None = None) -> None:
        self._rule_page = rule_page
        self._known: dict[str, str | None] = {}
        self._errors = {file.stem: file for file in shipped_folder("errors").glob("[A-Z]*.md")}

    def text(self, name: str) -> str | None:
        """The page of a code or an error, in Markdown; None where there is none."""
        if name in self._errors:
            return self._errors[name].read_text(encoding="utf-8")
        if name not in self._known and len(self._known) < _MAX_KNOWN:
            self._known[name] = self._written(name)
        return self._known.get(name)

    def _written(self, name: str) -> str | None:
        try:
            return None if self._rule_page is None else self._rule_page(name)
        except LookupError:
            return None

    def has(self, name: str) -> bool:
        """Whether there is a page."""
        return self.text(name) is not None

    def find(self, path: bytes) -> tuple[str, bool] | None:
        """The Markdown that a URL's path names, and whether it is asked for as such; None where it names no page."""
        found = _NAME.fullmatch(path.decode("latin-1"))
        text = None if found is None else self.text(found[2])
        return None if found is None or text is None else (text, found[3] is not None)
