"""Environment variables over the root of the file: `KRAKEND_PORT=9000` is `"port": "9000"`.

As in KrakenD every variable that begins `KRAKEND_` counts, lower-cased without the prefix; one that names no key of the
root is ignored. Knows no operating system: the variables come in as a mapping.
"""

from collections.abc import Mapping
from typing import Any

from crossgate.config.tables import SERVICE_KEYS

_PREFIX = "KRAKEND_"


def lay_over(tree: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The tree with the variables laid over it, and for each key so given the variable's name.

    Other spellings of such a key disappear, since the variable wins over the file.
    """
    names = {key.name for key in SERVICE_KEYS.keys}
    given = {}
    for variable in sorted(environ):
        name = variable.removeprefix(_PREFIX).lower()
        if variable.startswith(_PREFIX) and name in names:
            given[name] = variable
    if not given:
        return tree, given
    kept = {key: value for key, value in tree.items() if key.lower() not in given}
    return kept | {name: environ[variable] for name, variable in given.items()}, given
