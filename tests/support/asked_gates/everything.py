"""A sample of all that gates may tell apart: of what guards, origins and routes are asked. Knows shares alone."""

import random
from collections.abc import Iterator

from tests.support.asked_gates.asked import Asked
from tests.support.asked_gates.crossing import crossing
from tests.support.asked_gates.gateways import Two
from tests.support.asked_gates.guarded import guarded
from tests.support.asked_gates.routed import routed


def everything(two: Two, seed: int) -> Iterator[Asked]:
    r = random.Random(seed)
    for kind, most in ((guarded(two, r), 360), (crossing(two, r), 180), (routed(two), 160)):
        asked = list(kind)
        yield from asked if len(asked) <= most else r.sample(asked, most)
