"""INV-5: path, variables and effects are what an independent reading of the drawing makes of the events."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from torture.checker import callers
from torture.checker.drawn import complaints
from torture.checker.facts import Facts
from torture.checker.recorded import Recorded, case_of, recorded
from torture.reference.case import Account, Done
from torture.reference.frames import EXITS
from torture.reference.interpreter import Reference
from torture.reference.timeline import Endless

RESTING = ("waiting_input", "waiting_time", "handed_off")
"""To the reference a run that waits is one that runs."""
Expect = Callable[[Recorded], list[str]]
"""What a flow's executions must have come to: complaints about one."""


def divergent(facts: Facts, expectations: Mapping[str, Expect] | None = None) -> list[str]:
    """Complaints about all executions; `expectations` (by flow name) where neither reading knows enough."""
    return [*callers.otherwise(facts), *_otherwise(facts, expectations or {})]


def _otherwise(facts: Facts, asked: Mapping[str, Expect]) -> Iterator[str]:
    paid = callers.payments(facts)
    for one in recorded(facts):
        name = one.flow["name"]
        if name in asked:
            found = asked[name](one)
        else:
            found = by_reference(one) if interpreted(one) else complaints(one, paid)
        yield from (f"execution {one.execution.id} of {name}: {complaint}" for complaint in found)


def interpreted(one: Recorded) -> bool:
    """Whether the reference knows the channel, and every kind of node in the drawing."""
    return not one.on_line and all(node["type"] in {*EXITS, "end"} for node in one.flow["nodes"])


def by_reference(one: Recorded) -> list[str]:
    """Where the reference says otherwise; nothing where chance decided it."""
    reference = Reference(case_of(one))
    try:
        told = reference.tell()
    except Endless:  # it waits, and so it should
        told = reference.told
    if reference.close:
        return []
    forks = any(node["type"] == "parallel" for node in one.flow["nodes"])
    mine, theirs = comparable(told, forks=forks), comparable(one.account, forks=forks)
    return _known(mine, theirs).differs(theirs)


def comparable(account: Account, *, forks: bool = False) -> Account:
    """Without what the reference is not told: the contact, arguments of calls, inputs nobody waited for.

    Which of two branches was a moment earlier (`forks`) clocks alone do not tell.
    """
    effects = [
        one if one.state == "done" and one.activity == "send_message" else one._replace(content=None)
        for one in account.effects
    ]
    inputs = sorted(fate for fate in account.inputs if fate[1] != "unread_at_end")
    ordered = sorted(effects, key=lambda one: one[:3])
    status = "running" if account.status in RESTING else account.status
    path = sorted(account.path, key=str) if forks else account.path
    told = replace(account, effects=ordered, inputs=inputs, status=status, path=path)
    return replace(told, contact={}, results={}, owner="")


def _known(mine: Account, theirs: Account) -> Account:
    """Without texts of which nobody knows what was sent: the network that took them gave no id."""
    unseen = {one[:3] for one in theirs.effects if one.content is None}

    def known(one: Done) -> Done:
        return one._replace(content=None) if one[:3] in unseen else one

    return replace(mine, effects=[known(one) for one in mine.effects])
