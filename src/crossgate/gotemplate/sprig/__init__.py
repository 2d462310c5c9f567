"""The functions of Masterminds/sprig 3.2.3, those of its text templates: all of them.

The clock, randomness, time zones and environment variables come in as a World. Look-ups in DNS are refused.
"""

from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.sprig.certificates import certificates
from crossgate.gotemplate.sprig.chance import chance
from crossgate.gotemplate.sprig.dates import dates
from crossgate.gotemplate.sprig.dicts import DICTS
from crossgate.gotemplate.sprig.emptiness import EMPTINESS
from crossgate.gotemplate.sprig.environment import environment
from crossgate.gotemplate.sprig.json_functions import JSON
from crossgate.gotemplate.sprig.lists import LISTS
from crossgate.gotemplate.sprig.numbers import NUMBERS
from crossgate.gotemplate.sprig.paths import PATHS
from crossgate.gotemplate.sprig.patterns import PATTERNS
from crossgate.gotemplate.sprig.secrets import secrets
from crossgate.gotemplate.sprig.semantic_versions import VERSIONS
from crossgate.gotemplate.sprig.texts import TEXTS
from crossgate.gotemplate.sprig.types import TYPES
from crossgate.gotemplate.sprig.urls import URLS
from crossgate.gotemplate.sprig.world import World

__all__ = ["World", "sprig_functions"]


def _fail(message: str) -> str:
    raise GoError(message)


def sprig_functions(world: World) -> dict[str, Function]:
    """All functions by name."""
    return {
        **TEXTS,
        **LISTS,
        **DICTS,
        **NUMBERS,
        **EMPTINESS,
        **JSON,
        **TYPES,
        **PATHS,
        **PATTERNS,
        **VERSIONS,
        **URLS,
        **environment(world),
        **dates(world),
        **chance(world),
        **secrets(world),
        **certificates(world),
        "fail": go_function("string", _fail),
    }
