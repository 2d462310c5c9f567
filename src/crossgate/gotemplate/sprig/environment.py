"""sprig's functions that read environment variables."""

import re

from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.sprig.world import World

# os.Expand: ${name}, $name, and the shell's one-character names.
_REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*)|([*#$@!?0-9-]))")


def environment(world: World) -> dict[str, Function]:
    """`env` and `expandenv`."""

    def expanded(match: re.Match[str]) -> str:
        return world.getenv(match[1] or match[2] or match[3] or "")

    return {
        "env": go_function("string", world.getenv),
        "expandenv": go_function("string", lambda text: _REFERENCE.sub(expanded, text)),
    }
