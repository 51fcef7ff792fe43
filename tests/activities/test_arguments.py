"""Arguments that nobody can perform are the flow's fault; those of another release are ours."""

from typing import Any

import pytest
from pydantic import ValidationError

from activities.answers.parse import parse_answer
from activities.attempts import Attempts
from activities.perform import Performer
from dsl.messages import Perform, Scene
from providers.chatwoot.memory import MemoryChatwoot
from store.database import Database
from tests.activities.effects import flush, say, slow, state_of

pytestmark = pytest.mark.real

PRIVATE = "0712 what she wrote"
UNFIT = [{"name": None}, {"name": 7}, {"name": [PRIVATE]}]


@pytest.mark.parametrize("args", UNFIT)
async def test_what_a_template_rendered_to_nonsense_leaves_by_error_and_begins_nothing(
    attempts: Attempts, db: Database, scene: Scene, flow_row: None, args: dict[str, Any]
) -> None:
    effect = slow("any").but(args=args)
    local = (await Performer(attempts).perform(Perform(flush=flush(scene), effects=[effect]))).reports[0]
    ordinary = await attempts.ordinary(scene, effect, 1)
    for report in (local, ordinary):
        assert report.state == "failed"
        assert report.outcome is not None
        assert report.outcome.exit == "error"
        error = report.outcome.error
        assert error is not None
        assert (error.code, error.provider, error.retryable) == ("INVALID_ARGUMENTS", None, False)
        assert "slow cannot be done with what 'name' came to" in error.message
        assert PRIVATE not in error.message
    assert await state_of(db, scene, effect) == "absent"


async def test_effects_before_the_one_that_nobody_can_perform_are_done(
    attempts: Attempts, scene: Scene, chatwoot: MemoryChatwoot, flow_row: None
) -> None:
    file = {"url": None, "name": "offer.pdf"}
    effects = [
        say("one"),
        say("two", node="second").but(args={"text": "two", "attachments": [file]}),
        say("three", node="third"),
    ]
    performed = await Performer(attempts).perform(Perform(flush=flush(scene), effects=effects))
    assert [report.state for report in performed.reports] == ["done", "failed"]
    assert chatwoot.said("77") == ["one"]


@pytest.mark.parametrize("args", [{"name": "x", "since": "2.0"}, {}, {"name": None, "since": "2.0"}])
async def test_arguments_of_another_release_are_tried_again_and_never_an_exit(
    attempts: Attempts, scene: Scene, flow_row: None, args: dict[str, Any]
) -> None:
    effect = slow("any").but(args=args)
    with pytest.raises(ValidationError):
        await attempts.ordinary(scene, effect, 1)
    with pytest.raises(ValidationError):
        await Performer(attempts).perform(Perform(flush=flush(scene), effects=[effect]))


async def test_a_test_run_shows_it_too(attempts: Attempts, scene: Scene, flow_row: None) -> None:
    report = await attempts.ordinary(scene.but(mode="test"), slow("any").but(args={"name": None}), 1)
    assert report.state == "failed"


def test_what_is_offered_is_read_as_it_was_shown() -> None:
    """A title that a template rendered to a number, or to nothing, must not stop the conversation."""
    choices = [{"value": "a", "title": 7, "synonyms": [True]}, {"value": "b", "title": None}]
    for said, value in (("7", "a"), ("true", "a"), ("2", "b")):
        outcome = parse_answer({"expects": "choice", "text": said, "choices": choices})
        assert (outcome.exit, outcome.value) == ("answer", value)
