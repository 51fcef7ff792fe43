"""Planned failures: each strikes the method it was planned for, in its turn, once."""

import pytest

from providers.errors import NotSent, Unknown
from providers.planned import Plans

REFUSED = NotSent("REFUSED", "nobody is there", provider="hotel")
LOST = Unknown("TIMEOUT", "no answer came", provider="hotel")


def test_another_method_goes_on_undisturbed() -> None:
    plans = Plans()
    plans.fail("book", REFUSED)
    plans.fail_now("cancel")
    with pytest.raises(NotSent):
        plans.fail_now("book")
    plans.fail_now("book")


def test_a_failure_waits_for_those_planned_before_it() -> None:
    plans = Plans()
    plans.fail("book", REFUSED)
    plans.fail("cancel", LOST)
    plans.fail_now("cancel")
    with pytest.raises(NotSent):
        plans.fail_now("book")
    with pytest.raises(Unknown):
        plans.fail_now("cancel")


def test_a_failure_after_the_work_is_handed_over_until_the_work_is_done() -> None:
    plans = Plans()
    plans.fail("book", LOST, done=True)
    assert plans.failure("book") is LOST
    assert plans.failure("book") is None
