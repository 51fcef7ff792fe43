"""No secret, and nothing about people, is where it does not belong (G18, SEC-22, SEC-25, SEC-26, INV-12)."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from logging import getLogger
from urllib.parse import quote, quote_plus

import orjson
import pytest

from tests.servers import scratch_state_dir
from tests.system import canary_places as places
from tests.system.canaries import Canaries, Haystack
from tests.system.canary_acts import play
from tests.system.canary_flows import provider
from tests.system.canary_story import Story, heard, opened_story
from tests.system.local import running_dev
from tests.waiting import until
from torture.raw import serving
from wiring.visitor import Visitor

pytestmark = pytest.mark.real

log = getLogger(__name__)

ECHOED = {"field nobody knows", "name that is none"}
"""Names, not values, of the very request that an error is about: its pointer says where the mistake is."""
IN_POSTGRESQL = {
    "first message", "answer", "e-mail address given", "value of a choice", "start of a long text",
    "name of Asha", "e-mail of Asha", "phone of Asha", "identifier of Asha", "attribute of Asha",
    "attribute of the conversation with Asha", "answer of a provider", "header of an answer",
    "error of a provider", "literal", "large variable", "mock name", "text of an input", "value of an input",
    "idempotency key", "unreadable message", "message that no webhook brings", "body, given", "outcome",
    "phone on the line", "PIN that was typed", "text that was written", "variable set later",
}  # fmt: skip


async def answers(story: Story) -> Haystack:
    """Everything that the API has answered."""
    return {"all": b"\n".join(answer.told for answer in story.answers)}


async def errors(story: Story) -> Haystack:
    """Every error that the API has answered."""
    return {"all": b"\n".join(answer.told for answer in story.answers if answer.status >= 400)}


async def _now(haystack: Haystack) -> Haystack:
    return haystack


Look = Callable[[Story], Awaitable[Haystack]]
PLACES: dict[str, Look] = {
    "logs": lambda story: _now(places.logs(story.dev)),
    "files of Temporal": lambda story: _now(places.temporal_files(story.dev)),
    "answers of Temporal": lambda story: places.temporal_answers(story.dev),
    "Web UI": lambda story: places.web_ui(story.dev),
    "processes": lambda story: _now(places.processes(story.dev)),
    "other files": lambda story: _now(places.other_files(story.dev)),
    "health": lambda story: places.health(story.dev),
    "errors": errors,
}
"""Where neither people's values nor the operator's may be."""
KEPT: dict[str, Look] = {"tables": lambda story: places.tables(story.dev), "answers": answers}
"""Where people's values may be, but never the operator's."""


@pytest.fixture(scope="module")
async def story() -> AsyncIterator[Story]:
    """A `dev` that says all it can say, after everything has happened to it."""
    canary, secret = Canaries(), Canaries()
    key = f"tmb_{secrets.token_hex(6)}_{secret('API key')}{secret('rest of the API key')}"
    with scratch_state_dir() as folder:
        async with serving(provider(canary)) as raw:
            told = {"TEMBEA_SAFE_HTTP_ALLOW": raw.here, "TEMBEA_BOOTSTRAP_API_KEY": key, "LOG_LEVEL": "debug"}
            async with (
                running_dev(folder, **told) as dev,
                opened_story(dev, raw.url(""), key, canary, secret) as story,
            ):
                await play(story)
                yield story


@pytest.fixture(scope="module")
async def seen(story: Story) -> dict[str, Haystack]:
    """All places, as they were before anything was planted to be found."""
    return {name: await look(story) for name, look in (PLACES | KEPT).items()}


def told(place: str, haystack: Haystack, leaks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    log.info("%s: %d bytes, %d leaks", place, sum(map(len, haystack.values())), len(leaks))
    return leaks


@pytest.mark.parametrize("place", PLACES)
async def test_nothing_about_people_is_there(story: Story, seen: dict[str, Haystack], place: str) -> None:
    leaks = told(place, seen[place], story.canary.leaks(seen[place]))
    assert [leak for leak in leaks if place != "errors" or leak[0] not in ECHOED] == []


@pytest.mark.parametrize("place", [*PLACES, *KEPT])
async def test_no_secret_of_the_operator_is_there(
    story: Story, seen: dict[str, Haystack], place: str
) -> None:
    assert told(place, seen[place], story.secret.leaks(seen[place])) == []


async def test_what_people_said_is_kept_in_postgresql(story: Story, seen: dict[str, Haystack]) -> None:
    assert len(story.canary.planted) > 145, "every field has one"
    assert len(story.secret.planted) == 11
    assert IN_POSTGRESQL - story.canary.names_in(seen["tables"]) == set()


async def test_an_error_tells_nobody_what_another_request_said(story: Story) -> None:
    for answer in story.answers:
        if answer.status >= 400:
            echoed = story.canary.names_in({"": answer.told})
            assert not echoed or echoed <= ECHOED & story.canary.names_in({"": answer.asked})


def test_every_execution_was_looked_at(story: Story, seen: dict[str, Haystack]) -> None:
    started = [orjson.loads(answer.body) for answer in story.answers if answer.status == 202]
    # A run of a lane bears the lane's id there; its own is in what is encrypted.
    ids = {body["executionId"] for body in started if "executionId" in body and "flowId" in body}
    assert len(ids) > 40
    for place in ("answers of Temporal", "Web UI"):
        assert [id for id in ids if id.encode() not in seen[place]["histories"]] == []
    assert b"tembea-aesgcm" in seen["answers of Temporal"]["queries"]


CONTROL = Canaries()
FOUND_IN = {
    "files of Temporal": {"temporal.db"},
    "answers of Temporal": {"list", "descriptions", "histories"},
    "other files": {f"{CONTROL('control')}.json"},
    "tables": {"settings"},
}
"""The pieces that it was put in, where these are not all of a place."""


@pytest.fixture(scope="module")
async def planted(story: Story, seen: dict[str, Haystack]) -> AsyncIterator[None]:
    """One value, put wherever none may be, in the ways that it could get there."""
    control, folder = CONTROL("control"), story.dev.folder
    for file in [*(folder / "logs").iterdir(), folder / "talk"]:
        with file.open("a") as stream:
            stream.write(f'{{"event":"{control}"}}\n')
    (folder / f"{control}.json").write_text(control)
    await story.temporal.start_workflow("Nobody", control, id=f"{control}/1", task_queue="nobody")
    await story.start("GET", {control: 1})
    async with places.database_of(story.dev) as db:
        await db.execute("INSERT INTO settings (workspace_id, name) VALUES ('default', $1)", control)
    process = await asyncio.create_subprocess_exec("tail", "-f", "-n", "0", folder / f"{control}.json")
    yield
    process.kill()
    await process.wait()


@pytest.mark.parametrize("place", [place for place in PLACES | KEPT if place != "health"])
async def test_what_is_planted_in_a_place_is_found(story: Story, planted: None, place: str) -> None:
    async def found() -> bool:
        haystack = await (PLACES | KEPT)[place](story)
        there = {piece for _, piece in CONTROL.leaks(haystack)}
        return there >= FOUND_IN.get(place, set(haystack))

    await until(found, seconds=40)


def test_what_the_health_routes_say_is_searched(seen: dict[str, Haystack]) -> None:
    word = Canaries({"word": b"Something that is there"})
    assert not word.leaks(seen["health"])
    word.keep({"word": "versions", "another": "database"})
    assert word.names_in(seen["health"]) == {"word", "another"}


VALUE = 'cny-Ab1+/=~"\\x'


@pytest.mark.parametrize(
    "disguise",
    [
        str.encode,
        lambda text: text.upper().encode(),
        lambda text: text.encode().hex().upper().encode(),
        lambda text: json.dumps(text).encode(),
        lambda text: quote(text).encode(),
        lambda text: quote_plus(text, safe="").encode(),
        *(lambda text, n=n: base64.b64encode(b"x" * n + text.encode() + b"yz") for n in range(3)),
        *(lambda text, n=n: base64.urlsafe_b64encode(b"x" * n + text.encode()) for n in range(3)),
    ],
)
def test_a_value_is_found_in_every_disguise(disguise: Callable[[str], bytes]) -> None:
    haystack = {"piece": b"before " + disguise(VALUE) + b" behind"}
    assert Canaries({"value": VALUE.encode()}).leaks(haystack) == [("value", "piece")]
    assert Canaries({"other": b"cny-Ab2+/=~"}).leaks(haystack) == []


FORGERIES: dict[str, Callable[[Story, bytes], dict[str, str]]] = {
    "nothing": lambda _, __: {},
    "another secret": lambda story, body: story.signed(body, secret="of another account"),
    "tampered": lambda story, body: story.signed(body + b" "),
    "old": lambda story, body: story.signed(body, age=301),
    "ahead": lambda story, body: story.signed(body, age=-3_600),
    "no time": lambda story, body: _only("X-Chatwoot-Signature", story.signed(body)),
    "no signature": lambda story, body: _only("X-Chatwoot-Timestamp", story.signed(body)),
}


def _only(name: str, headers: dict[str, str]) -> dict[str, str]:
    return {name: headers[name]}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_webhook_is_refused_by_the_running_api_and_leaves_no_row(
    story: Story, forgery: str
) -> None:
    body = _message(await _at_the_question(story, forgery), "forged")
    before = await _rows(story)
    answer = await story.webhook(body, FORGERIES[forgery](story, body))
    assert (answer.status_code, answer.json()["code"]) == (401, "INVALID_SIGNATURE")
    assert await _rows(story) == before
    assert (await story.webhook(body)).json()["status"] == "accepted", "but for its headers it is one"


async def test_a_webhook_a_hundred_times_has_one_effect(story: Story) -> None:
    visitor = await _at_the_question(story, "replay")
    body, before = _message(visitor, story.canary("replayed message")), await _rows(story)
    answers = await asyncio.gather(*(story.webhook(body) for _ in range(100)))
    words = [answer.json()["status"] for answer in answers]
    assert (words.count("accepted"), words.count("duplicate")) == (1, 99)
    await heard(visitor, 3)
    assert await _rows(story) == before + 1
    assert len(await visitor.heard()) == 3


async def _at_the_question(story: Story, who: str) -> Visitor:
    visitor = await story.visitor(who)
    await visitor.say("Hi")
    await heard(visitor, 2)
    return visitor


def _message(visitor: Visitor, text: str) -> bytes:
    """A webhook of Chatwoot's, newer than all that was said."""
    conversation = {"id": visitor.conversation, "status": "pending"}
    message = {"id": 2**40 + (visitor.conversation or 0), "content": text, "message_type": "incoming"}
    return orjson.dumps({"event": "message_created", "conversation": conversation, **message})


async def _rows(story: Story) -> int:
    async with places.database_of(story.dev) as db:
        return int(await db.fetchval("SELECT count(*) FROM inbound_events"))
