"""Tables that can be read on a phone: those with prose are stacked there, others scroll.

Marks each table with the form it takes and each cell with its column's name; `style.css` does the rest.
"""  # noqa: INP001

from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor

_PROSE_CHARACTERS = 48
"""A cell that is longer does not fit beside others on a phone."""

_SHORT_CHARACTERS = 16
"""Code of that length is not broken into two lines."""


class TableForms(Treeprocessor):
    """Runs when cells have their text."""

    def run(self, root: Element) -> None:
        """Mark every table below `root`."""
        for table in root.iter("table"):
            names = [_text(cell) for cell in table.iter("th")]
            rows = [list(row) for row in table.iterfind("tbody/tr")]
            longest = max((len(_text(cell)) for row in rows for cell in row), default=0)
            table.set("data-form", "stack" if longest > _PROSE_CHARACTERS else "scroll")
            for row in rows:
                for name, cell in zip(names, row, strict=False):
                    if name:
                        cell.set("data-label", name)
                    for code in cell.iter("code"):
                        if len(_text(code)) <= _SHORT_CHARACTERS:
                            code.set("data-form", "short")


def _text(cell: Element) -> str:
    return "".join(cell.itertext()).strip()
