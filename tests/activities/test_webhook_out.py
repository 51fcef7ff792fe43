"""An event for the operator, through ledger and sockets: told once, or again under the same id."""

from contextlib import aclosing
from typing import Any

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook

from activities.attempts import Attempts
from activities.base import Tools
from activities.nodes.webhook_out import WebhookOut
from dsl.messages import Effect, Report, Scene
from dsl.plan import Options
from providers.http.safe import SafeHttp
from providers.webhook.receiver import Receiver
from store.database import Database
from tests.activities.effects import begun, insisted, state_of
from torture.raw import Raw, always, answer, serving

pytestmark = pytest.mark.real

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def paid(**options: Any) -> Effect:
    args = {"event": "order.paid", "payload": {"total": 5}, "occurredAt": "2026-03-02T09:00:00+00:00"}
    retry = Options(initial=0.05, **options)
    return Effect(node="tell", visit=1, number=1, activity="webhook_out", args=args, options=retry)


def telling(db: Database, receiver: Receiver | None) -> Attempts:
    """A worker whose operator has this receiver."""
    safe = SafeHttp()
    return Attempts(
        db,
        {"webhook_out": WebhookOut},
        lambda scene, key: Tools(scene, key, safe, {}, receiver=receiver),
    )


def sent(raw: Raw) -> list[tuple[str, Any]]:
    """Id and verified content of all that came."""
    found = []
    for request in raw.seen:
        head, _, body = request.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        found.append((headers["webhook-id"], Webhook(SECRET).verify(body, headers)))
    return found


async def told(db: Database, scene: Scene, *answers: bytes, idempotent: bool) -> tuple[Report, Raw]:
    async with serving(always(*answers)) as raw:
        receiver = Receiver(raw.url("/events"), [SecretStr(SECRET)], idempotent=idempotent)
        async with aclosing(receiver):
            return await insisted(telling(db, receiver), scene, paid()), raw


@pytest.mark.usefixtures("flow_row")
async def test_the_event_is_told_once_under_the_effects_key(db: Database, scene: Scene) -> None:
    report, raw = await told(db, scene, answer(204), idempotent=False)
    key = f"{scene.execution_id}:tell:1:1"
    assert report.outcome
    assert (report.state, report.outcome.value) == ("done", {"webhookId": key, "status": 204})
    ((id, event),) = sent(raw)
    assert id == event["id"] == key
    assert event["execution"] == scene.execution()
    assert (event["event"], event["payload"]) == ("order.paid", {"total": 5})


@pytest.mark.usefixtures("flow_row")
async def test_what_was_refused_for_now_is_told_again_under_the_same_id(db: Database, scene: Scene) -> None:
    report, raw = await told(db, scene, answer(429, retry_after="0"), answer(200), idempotent=False)
    first, second = sent(raw)
    assert (report.state, first) == ("done", second)


@pytest.mark.usefixtures("flow_row")
async def test_what_may_have_been_heard_is_not_told_again(db: Database, scene: Scene) -> None:
    report, raw = await told(db, scene, answer(500), answer(200), idempotent=False)
    assert (report.state, len(raw.seen)) == ("unknown", 1)


@pytest.mark.usefixtures("flow_row")
async def test_a_receiver_that_drops_repeats_is_told_again(db: Database, scene: Scene) -> None:
    report, raw = await told(db, scene, answer(500), answer(200), idempotent=True)
    first, second = sent(raw)
    assert (report.state, first) == ("done", second)


@pytest.mark.usefixtures("flow_row")
@pytest.mark.parametrize(("idempotent", "state", "calls"), [(False, "unknown", 0), (True, "done", 1)])
async def test_a_worker_that_died_meanwhile_is_made_good_only_where_repeats_are_dropped(
    db: Database, scene: Scene, idempotent: bool, state: str, calls: int
) -> None:
    await begun(db, scene, paid(), 0.01)
    report, raw = await told(db, scene, answer(200), idempotent=idempotent)
    assert (report.state, len(raw.seen)) == (state, calls)
    assert await state_of(db, scene, paid()) == state


@pytest.mark.usefixtures("flow_row")
async def test_without_a_receiver_it_fails_and_says_so(db: Database, scene: Scene) -> None:
    report = await insisted(telling(db, None), scene, paid())
    assert report.outcome
    assert report.outcome.error
    assert (report.state, report.outcome.error.code) == ("failed", "NOT_CONFIGURED")


@pytest.mark.usefixtures("flow_row")
async def test_the_ledger_keeps_nothing_of_the_secret(db: Database, scene: Scene) -> None:
    await told(db, scene, answer(400, SECRET.encode()), idempotent=False)
    rows = await db.fetch("SELECT to_jsonb(effects)::text AS row FROM effects")
    assert rows
    assert not any(SECRET.removeprefix("whsec_") in row["row"] for row in rows)
