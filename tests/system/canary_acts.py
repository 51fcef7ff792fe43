"""What happens in a story: conversations and calls, to their end or into every failure there is."""

import asyncio

from tests.system import canary_flows
from tests.system.canary_abuse import attacks, mistakes
from tests.system.canary_phones import lines
from tests.system.canary_places import database_of
from tests.system.canary_story import Story, heard
from tests.waiting import until

CALLED = ("ok", "500", "404", "302", "rubbish", "gzip", "http", "cut", "hang")
"""Paths of the provider; their names say what it does there."""
NOWHERE = (
    "http://127.0.0.1:1/{}",
    "http://[::1]/{}",
    "https://169.254.169.254/{}",
    "http://{}.invalid/",
    "http://{}@8.8.8.8/",
    "file:///{}",
    "{}",
    "http://10.0.0.1:{}/",
)
"""Addresses that are refused, or lead to nobody."""
PENDING = ("429", "cut", "hang", "http")
STRANGE = """
CREATE FUNCTION strange() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.event = '{{"from": "{1}"}}'; RETURN NEW; END $$;
CREATE TRIGGER strange BEFORE INSERT ON inbound_events FOR EACH ROW
WHEN (NEW.event->>'text' = '{0}') EXECUTE FUNCTION strange();
UPDATE lanes SET claimed_by = gen_random_uuid(), claimed_until = clock_timestamp() + interval '2 s'
WHERE address = '{2}';
"""
"""A row as a later release may write it, delivered by somebody else than the one who accepted it."""


async def play(story: Story) -> None:
    """All of it, side by side as far as it can be."""
    await _publish(story)
    acts = (
        *(_conversation, _wrong_answers, _calls, _test_run, _dead_letter, _ended_by_hand),
        *(lines, mistakes, attacks),
    )
    await asyncio.gather(*(act(story) for act in acts))
    await _deaths(story)
    await _pending(story)


async def _publish(story: Story) -> None:
    canary = story.canary
    await story.publish("talk", canary_flows.talk(canary, story.provider))
    await story.publish("ask", canary_flows.ask(canary))
    for method in ("GET", "POST"):
        await story.publish(method, canary_flows.call(canary, method, {"attempts": 1}))
    await story.publish("again", canary_flows.call(canary, "PUT", {"attempts": 9, "initial": 60}))


async def _conversation(story: Story) -> None:
    """To its end; Chatwoot fails in between, and what it says then is a canary too."""
    canary, visitor = story.canary, await story.visitor("Asha")
    await visitor.say(canary("first message"))
    await heard(visitor, 2)
    failing = {"method": "POST", "path": f"^/api/v1/.*/{visitor.conversation}/messages$"}
    await story.fault("error", match=failing, body=canary("error of Chatwoot"))
    await visitor.say(f'{canary("answer")} "Ü\\ \n')
    await heard(visitor, 3)
    await visitor.say(f"{canary('e-mail address given')}@example.org")
    await heard(visitor, 4)
    await visitor.click(canary("title of a choice"))
    await heard(visitor, 6)
    assert (await story.over_with(visitor))["status"] == "completed"


async def _wrong_answers(story: Story) -> None:
    """Words that are no e-mail address, then far too many, then a call that is refused."""
    canary, visitor = story.canary, await story.visitor("Juma")
    await visitor.say("Hi")
    await heard(visitor, 2)
    await visitor.say(canary("another answer"))
    await heard(visitor, 3)
    await visitor.say(canary("words that are no e-mail address"))
    await heard(visitor, 4)
    await visitor.say(f"{canary('start of a long text')} {'x' * 60_000} {canary('end of a long text')}")
    assert (await story.over_with(visitor))["status"] == "failed"


async def _calls(story: Story) -> None:
    """Calls that are answered well, badly or not at all, and some that are never made."""
    canary = story.canary
    urls = [f"{story.provider}/{path}?key={canary(f'query of /{path}')}" for path in CALLED]
    urls += [url.format(canary(f"address {url}")) for url in NOWHERE]
    given: list[dict[str, object]] = [{"url": url, "header": canary("header, given")} for url in urls]
    given.append({"url": f"{story.provider}/ok", "header": f"a\r\nx: {canary('second header')}"})
    given.append({"url": f"{story.provider}/ok", "payload": canary("large variable") + "x" * 600_000})
    bodies = [
        {
            "variables": {"payload": {"inner": [canary("body, given")]}, **variables},
            "trigger": story.trigger(),
        }
        for variables in given
    ]
    ids = [await story.execute(method, body) for body in bodies for method in ("GET", "POST")]
    await story.all_over(ids)
    for id in ids:
        assert (await story.api.get(f"/api/v1/executions/{id}/history")).status_code == 200


async def _test_run(story: Story) -> None:
    """A test run whose call is answered by mock data; everything of it is read back."""
    canary = story.canary
    mocks = {
        "contactName": canary("mock name"),
        "contactEmail": f"{canary('mock e-mail')}@example.org",
        "call": {"status": 200, "body": canary("mock answer")},
    }
    body = {"testMode": True, "mockData": mocks, "trigger": story.trigger()}
    id = await story.execute("ask", body, Idempotency_Key=canary("idempotency key"))
    given = {"text": canary("text of an input"), "value": {"v": canary("value of an input")}}
    key = {"Idempotency-Key": canary("idempotency key of an input")}
    taken = await story.api.post(f"/api/v1/executions/{id}/input", json=given, headers=key)
    assert taken.status_code == 202, taken.text
    await story.over(id)
    for path in ("", "?mask=true", "/history"):
        assert (await story.api.get(f"/api/v1/executions/{id}{path}")).status_code == 200


async def _dead_letter(story: Story) -> None:
    """A row that nobody can read, tried again while that is still so."""
    visitor = await story.visitor("Neema")
    await visitor.say("Hi")
    await heard(visitor, 2)

    async def letters(count: int) -> bool:
        return len((await story.api.get("/api/v1/dead-letters")).json()["items"]) >= count

    async with database_of(story.dev) as db:
        said = story.canary("message that becomes unreadable")
        unreadable = story.canary("unreadable message")
        await db.execute(STRANGE.format(said, unreadable, visitor.conversation))
        await visitor.say(said)
        await until(lambda: letters(1), seconds=40)
        [letter] = (await story.api.get("/api/v1/dead-letters?include=event")).json()["items"]
        redriven = await story.api.post(f"/api/v1/dead-letters/{letter['id']}/redrive")
        assert redriven.status_code == 202
        await until(lambda: letters(2), seconds=40)


async def _deaths(story: Story) -> None:
    """A message that no webhook brings, and every part is killed: what was missed is fetched."""
    visitor = await story.visitor("Baraka")
    await visitor.say("Hi")
    await heard(visitor, 2)
    keeping = {"settings": {"keep_pending_on_bot_failure": True}}
    await story.chatwoot.request("POST", "/_control/seed", json=keeping)
    await story.fault("drop", match={"event": "message_created"})
    await visitor.say(story.canary("message that no webhook brings"))
    await story.dev.killed_and_back("worker", "api", "temporal", "postgres")
    await heard(visitor, 3)


async def _ended_by_hand(story: Story) -> None:
    """One execution that waits is cancelled, another is ended by force."""
    cancelled, terminated = [
        await story.execute("ask", {"testMode": True, "trigger": story.trigger()}) for _ in range(2)
    ]
    await story.temporal.get_workflow_handle(f"test/{cancelled}").cancel()
    await story.temporal.get_workflow_handle(f"test/{terminated}").terminate()
    assert (await story.over(cancelled))["status"] == "cancelled"


async def _pending(story: Story) -> None:
    """Calls that will be tried again in a minute: they are pending, with their last failure."""
    canary = story.canary
    for path in PENDING:
        url = f"{story.provider}/{path}?key={canary('query of a pending call')}"
        variables = {"url": url, "payload": canary("body of a pending call")}
        id = await story.execute("again", {"variables": variables})

        async def failed(handle: str = id) -> bool:
            told = await story.temporal.get_workflow_handle(handle).describe()
            return any(a.HasField("last_failure") for a in told.raw_description.pending_activities)

        await until(failed, seconds=40)
