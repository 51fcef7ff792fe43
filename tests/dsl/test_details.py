"""What people who look at a workflow are told of it."""

from datetime import UTC, datetime, timedelta

from dsl.details import MOST, Details
from dsl.messages import Awaited, Flush, Outcome, Perform, Performed, Report, Row, Scene, Standing

NOW = datetime(2026, 1, 17, 9, 0, tzinfo=UTC)
SCENE = Scene(workspace="w", execution_id="e", flow_id="f", flow_version=1, lane="l", connection="c")
WAITS = Awaited(
    kind="waiting_input", expects="email", since=NOW, deadline=NOW + timedelta(minutes=30), timeout=1800
)


def row(seq: int, label: str) -> Row:
    return Row(
        seq=seq, node="n", visit=1, kind="question", label=label, phase="done", exit="answer", started_at=NOW
    )


def flush(*rows: Row, number: int = 0, waiting: Awaited | None = WAITS) -> Flush:
    standing = Standing(status="waiting_input", node="ask-email", waiting=waiting)
    return Flush(scene=SCENE, run="r", at=NOW, number=number, rows=list(rows), standing=standing)


def test_a_wait_is_told_with_what_it_is_for_until_when_and_what_was_left() -> None:
    assert Details().ahead(flush(row(1, "Ask the name"))).splitlines() == [
        "**waiting_input** at `ask-email` for email until 2026-01-17T09:30:00+00:00",
        "",
        "- Ask the name → answer",
    ]


def test_the_deadline_is_counted_from_when_the_prompt_was_sent() -> None:
    details, asked = Details(), Perform(flush=flush())
    sent = Report(state="done", outcome=Outcome(at=NOW + timedelta(seconds=90)))
    details.ahead(asked.flush)
    told = details.done(asked.model_copy(update={"effects": [None]}), Performed(reports=[sent]))
    assert told.splitlines()[0].endswith("until 2026-01-17T09:31:30+00:00")


def test_what_is_written_again_is_told_once() -> None:
    details = Details()
    details.ahead(flush(row(1, "One"), row(2, "Two")))
    assert details.ahead(flush(row(2, "Other"), row(3, "Three"))).splitlines()[2:] == [
        "- One → answer", "- Other → answer", "- Three → answer",
    ]  # fmt: skip
    assert details.ahead(flush(number=1)).splitlines()[2:] == ["- One → answer"]


def test_the_newest_are_told() -> None:
    told = Details().ahead(flush(*(row(seq, str(seq)) for seq in range(1, 12)))).splitlines()[2:]
    assert (len(told), told[-1]) == (MOST, "- 11 → answer")
