"""Configurations in the words of older versions: files of version 2, and old names of namespaces in those of 3."""

import copy
import random
from collections.abc import Iterator

from crossgate.config.namespaces.table import NAMESPACES
from tests.support.mutated_configurations import Tree, backends, endpoints, one

_OLD_NAMES = {spec.name: spec.old[0] for spec in NAMESPACES if spec.old}
_STILL_READ = {spec.name: spec.old[0] for spec in NAMESPACES if spec.old and spec.renamed and not spec.gone}
OLD_KEYS = (("input_headers", "headers_to_pass"), ("input_query_strings", "querystring_params"))
_OLD_FILTERS = (("allow", "whitelist"), ("deny", "blacklist"))


def as_version_2(tree: Tree) -> Tree:
    """The same configuration as a file of version 2, as far as that has it."""
    copied = copy.deepcopy(tree)
    copied["version"] = 2
    for place in endpoints(copied):
        _renamed(place, OLD_KEYS)
    for place in backends(copied):
        _renamed(place, _OLD_FILTERS)
    for extra in _extras(copied):
        _renamed(extra, _OLD_NAMES.items())
    return copied


def name_as_before(tree: Tree, random_: random.Random) -> bool:
    """One namespace of a file of version 3 under its old name, which is read there, too."""
    found = [(extra, name) for extra in _extras(tree) for name in extra if name in _STILL_READ]
    if not found:
        return False
    extra, name = one(random_, found)
    extra[_STILL_READ[name]] = extra.pop(name)
    return True


def _extras(tree: Tree) -> Iterator[Tree]:
    for place in (tree, *endpoints(tree), *backends(tree)):
        if isinstance(extra := place.get("extra_config"), dict):
            yield extra


def _renamed(place: Tree, names: object) -> None:
    for new, old in names:
        if new in place:
            place[old] = place.pop(new)
