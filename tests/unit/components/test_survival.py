"""What survives a reload: as long as somebody asks for it, and started and stopped once."""

import asyncio

from crossgate.components.survival import Survivors


class Thing:
    def __init__(self):
        self.seen = []

    async def start(self):
        self.seen.append("started")

    async def stop(self):
        self.seen.append("stopped")


def test_a_thing_that_the_next_configuration_asks_for_too_is_the_same_and_goes_on():
    async def life():
        first = Survivors()
        thing = first.keep("owner", ("url", 1), Thing)
        await first.start()
        second = Survivors(first)
        assert second.keep("owner", ("url", 1), Thing) is thing
        await second.start()
        await first.stop([second])
        assert thing.seen == ["started"]
        await second.stop()
        assert thing.seen == ["started", "stopped"]

    asyncio.run(life())


def test_other_keys_and_other_owners_have_things_of_their_own():
    first = Survivors()
    thing = first.keep("owner", 1, Thing)
    second = Survivors(first)
    assert second.keep("owner", 2, Thing) is not thing
    assert second.keep("other", 1, Thing) is not thing
    assert second.keep("owner", 2, Thing) is second.keep("owner", 2, Thing)


def test_a_thing_that_nobody_asks_for_any_more_ends_with_the_configuration_before():
    async def life():
        first = Survivors()
        thing = first.keep("owner", 1, Thing)
        await first.start()
        second = Survivors(first)
        await second.start()
        await first.stop([second])
        assert thing.seen == ["started", "stopped"]

    asyncio.run(life())


def test_a_configuration_that_is_discarded_ends_what_it_made_and_nothing_else():
    async def life():
        first = Survivors()
        kept = first.keep("owner", 1, Thing)
        await first.start()
        second = Survivors(first)
        second.keep("owner", 1, Thing)
        made = second.keep("owner", 2, Thing)
        await second.start()
        await second.stop([first])
        assert (kept.seen, made.seen) == (["started"], ["started", "stopped"])

    asyncio.run(life())


def test_what_one_waits_for_holds_up_no_other():
    """Such as a Redis that cannot be reached, and another that can."""

    async def life():
        other_runs = asyncio.Event()

        class Waits(Thing):
            async def start(self):
                await other_runs.wait()

        class Runs(Thing):
            async def start(self):
                other_runs.set()

        survivors = Survivors()
        survivors.keep("owner", 1, Waits)
        survivors.keep("owner", 2, Runs)
        await survivors.start()

    asyncio.run(life())
