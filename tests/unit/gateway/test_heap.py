"""What the collector of cyclic garbage looks at in a process that serves."""

import gc
import weakref

import pytest

from crossgate.gateway.heap import YOUNG_OBJECTS, settle


@pytest.fixture(autouse=True)
def _as_before():
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Knot:
    """Refers to itself."""

    def __init__(self):
        self.itself = self


def test_what_is_there_is_not_gone_over_until_it_settles_anew():
    kept = Knot()
    settle()
    gone = weakref.ref(kept)
    del kept
    gc.collect()
    assert gone() is not None
    settle()
    assert gone() is None


def test_garbage_is_not_kept_as_if_it_were_to_stay():
    gone = weakref.ref(Knot())
    settle()
    assert gone() is None


def test_what_comes_later_is_collected_after_thousands_and_not_after_hundreds():
    settle()
    gone = weakref.ref(Knot())
    held = [[] for _ in range(YOUNG_OBJECTS // 2)]
    assert gone() is not None
    held += [[] for _ in range(YOUNG_OBJECTS)]
    assert gone() is None
