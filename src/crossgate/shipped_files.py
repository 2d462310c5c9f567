"""Files that people look for at the top of a checkout, and that an installed package brings along.

Knows the two places (the second is made by `force-include` in pyproject.toml); does not know what is in the files.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parents[1]
_IN_A_CHECKOUT = {
    "quickstart": "examples/quickstart",
    "rules": "docs/rules",
    "errors": "docs/errors",
    "schema": "schema",
}


def shipped_folder(name: str) -> Path:
    """The folder `quickstart`, `rules`, `errors` or `schema`, wherever it is here."""
    installed = _PACKAGE / "shipped" / name
    return installed if installed.is_dir() else _CHECKOUT / _IN_A_CHECKOUT[name]
