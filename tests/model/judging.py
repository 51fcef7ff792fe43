"""Walker against reference: a string of throws decides the flow, its fortunes and the modes."""

import json
from dataclasses import replace

from tests.model.dice import Dice
from tests.model.drawing import VIRTUAL, Pace
from tests.model.events import case_of
from tests.model.world import Mode, plans_of, walked
from torture.reference.case import Account, Case, Json
from torture.reference.interpreter import told

MODES = (Mode(), Mode(fast=False), Mode(every_steps=1))
"""As shipped; inspect mode; continued as new after every step."""


def divergence(dice: Dice, pace: Pace = VIRTUAL) -> str | None:
    """How the walker differs from the reference, in some mode; None where it never does."""
    case, shaken = case_of(dice, pace), shaken_of(dice)
    expected, plans = told(case), plans_of(case)
    for mode in (*MODES, shaken):
        found = walked(case, mode, plans)
        differs = comparable(case, expected).differs(comparable(case, found))
        if differs:
            return "\n".join([story(case), str(mode), "reference, then walker:", *differs])
    return None


def comparable(case: Case, account: Account) -> Account:
    """With branches, effects are compared as a set: one whose branch was given up ends when it will.

    Lines of the record keep their order, and so the order in which branches leave their nodes is compared.
    """
    return (
        replace(account, effects=sorted(account.effects, key=lambda one: one[:3])) if case.forks else account
    )


def shaken_of(dice: Dice) -> Mode:
    """The fast path with troubles, and what the run's limits may be besides."""
    troubles = [dice.one("none", "none", "later", "stopped") for _ in range(dice.one(*range(1, 8)))]
    return Mode(fast=True, every_steps=dice.one(0, 1, 3), batch=dice.one(20, 2, 1), troubles=tuple(troubles))


def story(case: Case) -> str:
    """A case as it can be written down."""
    flows = "\n".join(_drawn(flow) for flow in (*case.below, case.flow))
    rest = {name: value for name, value in vars(case).items() if name not in ("flow", "below", "events")}
    events = "\n".join(f"  {event}" for event in case.events)
    return f"{flows}\n{events}\n{rest}"


def _drawn(flow: dict[str, Json]) -> str:
    nodes, edges = ("\n".join(f"  {json.dumps(one)}" for one in flow[part]) for part in ("nodes", "edges"))
    head = {name: flow[name] for name in ("id", "settings", "variables")}
    return f"{head}\n{nodes}\n{edges}"
