"""The cyclic garbage collector of a process that serves: it looks at what requests leave, not at the configuration.

Python's collector goes over every object that there is whenever enough new ones have come. A gateway's are nearly all
its configuration's, which stays, and requests leave hardly any cycles. With little to do that costs nothing; but where
a thousand requests wait, whose objects look as if they were to stay, it took a seventh of the processor, and held
everybody up for the fiftieth of a second each time.
"""

import gc

YOUNG_OBJECTS = 5000
"""So many more objects than before, and the new ones are gone over. Python's own 700 are those of some ten requests."""


def settle() -> None:
    """What there is now is there to stay, and is not gone over again until this is called anew.

    To be called when a configuration has begun to serve, and when a former one has ended: what was left of that goes.
    Costs one full collection.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    _, *older = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, *older)
