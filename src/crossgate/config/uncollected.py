"""The cyclic garbage collector held off while something large is built that stays: trees, models, plans.

Python's collector looks over everything whenever enough new objects have come. While a configuration is read nearly all
that comes stays, so that it finds nothing: with 10,000 endpoints looking took a third of the time.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Nothing is looked for meanwhile, unless somebody asks. May be used within itself, and as a decorator."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
