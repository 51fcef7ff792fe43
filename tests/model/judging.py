"""Walker against reference: a string of throws decides the flow, its fortunes and the modes."""

import json

from tests.model.case import Case
from tests.model.dice import Dice
from tests.model.events import case_of
from tests.model.reference import told
from tests.model.world import Mode, plan_of, walked

MODES = (Mode(), Mode(fast=False), Mode(every_steps=1))
"""As shipped; inspect mode; continued as new after every step."""


def divergence(dice: Dice) -> str | None:
    """How the walker differs from the reference, in some mode; None where it never does."""
    case, shaken = case_of(dice), shaken_of(dice)
    expected, plan = told(case), plan_of(case.flow)
    for mode in (*MODES, shaken):
        found = walked(case, mode, plan)
        if found != expected:
            return "\n".join([story(case), str(mode), "reference, then walker:", *expected.differs(found)])
    return None


def shaken_of(dice: Dice) -> Mode:
    """The fast path with troubles, and what the run's limits may be besides."""
    troubles = [dice.one("none", "none", "later", "stopped") for _ in range(dice.one(*range(1, 8)))]
    return Mode(fast=True, every_steps=dice.one(0, 1, 3), batch=dice.one(20, 2, 1), troubles=tuple(troubles))


def story(case: Case) -> str:
    """A case as it can be written down."""
    nodes, edges = (
        "\n".join(f"  {json.dumps(one)}" for one in case.flow[part]) for part in ("nodes", "edges")
    )
    rest = {name: value for name, value in vars(case).items() if name not in ("flow", "events")}
    events = "\n".join(f"  {event}" for event in case.events)
    head = {name: case.flow[name] for name in ("settings", "variables")}
    return f"{head}\n{nodes}\n{edges}\n{events}\n{rest}"
