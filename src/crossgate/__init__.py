"""crossgate: an API gateway that runs KrakenD configuration files unchanged, with CORS as its speciality.

What applications import. A name is loaded when it is first asked for, so that `import crossgate` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossgate.cors import ConfigError, CorsPolicy
    from crossgate.middleware.asgi import CORSMiddleware

__version__ = "0.1.0"
__all__ = ["CORSMiddleware", "ConfigError", "CorsPolicy", "__version__"]

_HOMES = {
    "CORSMiddleware": "crossgate.middleware.asgi",
    "ConfigError": "crossgate.cors",
    "CorsPolicy": "crossgate.cors",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
