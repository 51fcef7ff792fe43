"""What is done when: a seeded order in which every kind of fault comes once before any comes again."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from torture.house import OURS, SERVERS, House
from torture.nemesis.fault import Fault
from torture.nemesis.machine import FullDisk, WrongClock
from torture.nemesis.processes import PARTS, Kill, Restart, Stop
from torture.nemesis.wires import TOXICS, Wire

Draw = Callable[[Random], Fault]
STOPS = {"worker": 14.0, "api": 8.0, "temporal": 12.0, "postgres": 8.0}
"""Longer than a workflow task, a lane's lease or a provider's patience lasts."""
HOUR = ("+3600", "-3600")
JUMPS = ("+400", "-400")
"""Beyond what a webhook's timestamp may be off by."""


def faults(house: House, dice: Random) -> Iterator[Fault]:
    """For ever: rounds of all kinds that this house can suffer; the first begins with the kills."""
    first, others = first_of_all(), [*rest(house)]
    dice.shuffle(first)
    dice.shuffle(others)
    round_ = [*first, *others]
    while True:
        for draw in round_:
            yield draw(dice)
        round_ = [*first_of_all(), *rest(house)]
        dice.shuffle(round_)


def first_of_all() -> list[Draw]:
    """Each part killed, and all of them at once."""
    return [*(_kill(part) for part in PARTS), lambda _: Kill(*PARTS)]


def rest(house: House) -> Iterator[Draw]:
    """Everything else that can be done here."""
    yield from (_stop(part, seconds) for part, seconds in STOPS.items())
    yield lambda _: Restart(OURS)
    yield lambda dice: Kill(*dice.sample(PARTS, 2))
    if house.links:
        yield from (_wire(toxic) for toxic in TOXICS)
    if house.disk:
        yield lambda dice: FullDisk(dice.uniform(6, 10))
    if house.clocks:
        yield from (_clock(part, offsets) for part in OURS for offsets in (HOUR, JUMPS))


def left_out(house: House) -> Sequence[str]:
    """What cannot be done here, and why."""
    missing = {
        "network faults: Toxiproxy cannot be built without Go": not house.links,
        "full disk: nothing can be mounted by this user": house.disk is None,
        "wrong clocks: libfaketime does not load": not house.clocks,
    }
    return [why for why, holds in missing.items() if holds]


def _kill(part: str) -> Draw:
    return lambda _: Kill(part)


def _stop(part: str, seconds: float) -> Draw:
    return lambda _: Stop(part, seconds)


def _wire(toxic: str) -> Draw:
    return lambda dice: Wire(
        dice.choice(OURS), "postgres" if toxic == "narrow" else dice.choice(SERVERS), toxic
    )


def _clock(part: str, offsets: Sequence[str]) -> Draw:
    return lambda dice: WrongClock(part, dice.choice(offsets), dice.uniform(6, 10))
