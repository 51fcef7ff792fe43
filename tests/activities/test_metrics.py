"""What the worker counts of its effects: how each attempt ended, and what was found out about lost ones."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from activities import attempts as attempts_module
from activities.attempts import Attempts
from dsl.messages import Scene
from dsl.plan import Options
from providers.chatwoot.memory import MemoryChatwoot
from providers.errors import NotSent
from store.database import Database
from tests.activities.effects import begun, insisted, say, slow

pytestmark = pytest.mark.real


class Counted:
    """By how much figures of this process have grown."""

    def __init__(self) -> None:
        self.before = self._all()

    def _all(self) -> dict[tuple[str, str, str | None], float]:
        return {
            (sample.name, sample.labels["kind"], sample.labels.get("outcome")): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
            if sample.name.startswith("tembea_")
            and "kind" in sample.labels
            and sample.name.endswith("_total")
        }

    def grown(self) -> dict[tuple[str, str, str | None], float]:
        """Those which have."""
        return {
            key: value - self.before.get(key, 0)
            for key, value in self._all().items()
            if value != self.before.get(key, 0)
        }


async def test_what_a_turn_performs_is_counted_once(perform: Any) -> None:
    counted = Counted()
    for _ in range(2):
        await perform(say("one"), say("two", node="more"))
    assert counted.grown() == {("tembea_effects_total", "send_message", "done"): 2}


async def test_what_a_turn_could_not_end_and_its_tries_are_counted(
    attempts: Attempts, perform: Any, scene: Scene, chatwoot: MemoryChatwoot
) -> None:
    counted, effect = Counted(), say("one", options=Options(initial=0.01))
    chatwoot.fail("send_message", NotSent("CONNECT", "no route", provider="chatwoot"))
    assert [report.state for report in await perform(effect)] == ["later"]
    assert (await insisted(attempts, scene, effect)).state == "done"
    assert counted.grown() == {
        ("tembea_local_fallbacks_total", "send_message", None): 1,
        ("tembea_effects_total", "send_message", "open"): 1,
        ("tembea_effects_total", "send_message", "done"): 1,
    }


async def test_what_nobody_can_tell_is_counted_as_unknown_with_the_look_for_it(
    attempts: Attempts, db: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_module, "MARGIN", 0.0)
    counted, effect = Counted(), slow("lost")
    await begun(db, scene, effect, -1)
    assert (await insisted(attempts, scene, effect)).state == "unknown"
    assert counted.grown() == {
        ("tembea_ledger_reconciliations_total", "slow", "unknown"): 1,
        ("tembea_effects_total", "slow", "unknown"): 1,
    }
