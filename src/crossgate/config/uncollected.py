"""The cyclic garbage collector held off from something large that stays: trees, models, plans.

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
            if not gc.get_freeze_count():
                gc.freeze()  # and back: what has come counts as old, and is not what is looked over first
                gc.unfreeze()
            gc.enable()


@contextlib.contextmanager
def set_apart() -> Iterator[None]:
    """What there is now stays, and is not looked over meanwhile; what comes is. For programs that do one thing."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
