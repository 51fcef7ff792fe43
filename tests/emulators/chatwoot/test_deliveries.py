"""Deliveries: signatures, retries, what a failure does, faults on the way out."""

import hashlib
import hmac

import pytest

from emulators.chatwoot.signing import sign
from tests.emulators.chatwoot.conftest import OpenDesk
from tests.emulators.chatwoot.desk import SECRETS, START, Desk, Hook


def _is_genuine(hook: Hook) -> bool:
    """Checked by hand, so that the emulator cannot agree with itself."""
    signed = hook.headers["x-chatwoot-timestamp"].encode() + b"." + hook.raw
    digest = hmac.new(SECRETS[hook.path].encode(), signed, hashlib.sha256).hexdigest()
    return hook.headers["x-chatwoot-signature"] == f"sha256={digest}"


def test_the_signature_is_the_documented_one() -> None:
    body = b'{"event":"message_created","id":1}'
    expected = "sha256=a0796f3a50b33671e7f9df9a912a04173a45185a540ac5b12e796a61cf95d4a3"
    assert sign("cw_test_secret_0123456789", "1767225600", body) == expected


async def test_one_message_goes_out_three_times_each_signed_with_its_own_secret_and_id(desk: Desk) -> None:
    await desk.start(message="hi")
    receiver = await desk.settle()
    hooks = [receiver.of(path, "message_created")[0] for path in ("account", "inbox", "bot")]
    assert all(_is_genuine(hook) for hook in hooks)
    assert len({hook.delivery for hook in hooks}) == 3
    assert {hook.headers["x-chatwoot-timestamp"] for hook in hooks} == {str(int(START))}
    assert {hook.headers["content-type"] for hook in hooks} == {"application/json"}


async def test_the_raw_body_is_escaped_as_rails_does(desk: Desk) -> None:
    await desk.start(message="a <b> & c")
    hook = (await desk.settle()).of("account", "message_created")[0]
    assert b"a \\u003cb\\u003e \\u0026 c" in hook.raw
    assert hook.body["content"] == "a <b> & c"


@pytest.mark.parametrize("status", [429, 500])
async def test_a_bot_is_tried_three_times_with_the_same_id_and_a_new_timestamp(
    desk: Desk, status: int
) -> None:
    desk.clock.step = 1
    desk.receiver.script["bot"] = [status, status, 200]
    conversation = await desk.start(message="hi")
    hooks = (await desk.settle()).of("bot", "message_created")
    assert len(hooks) == 3
    assert len({hook.delivery for hook in hooks}) == 1
    assert len({hook.raw for hook in hooks}) == 1
    times = [hook.headers["x-chatwoot-timestamp"] for hook in hooks]
    assert times == sorted(set(times))
    assert all(_is_genuine(hook) for hook in hooks)
    assert (await desk.look(conversation))["status"] == "pending"


@pytest.mark.parametrize("status", [400, 404, 502, 503, 504])
async def test_a_bot_is_not_tried_again_for_other_statuses(desk: Desk, status: int) -> None:
    desk.receiver.script["bot"] = [status]
    await desk.start(message="hi")
    assert (await desk.settle()).events("bot").count("message_created") == 1


@pytest.mark.parametrize("path", ["account", "inbox"])
async def test_webhooks_are_never_tried_again(desk: Desk, path: str) -> None:
    await desk.start(12)
    await desk.settle()
    desk.receiver.script[path] = [500]
    await desk.say(1, "hi")
    assert (await desk.settle()).events(path).count("message_created") == 1


async def test_a_bot_that_fails_loses_its_pending_conversation(desk: Desk) -> None:
    desk.receiver.script["bot"] = [500, 500, 500]
    conversation = await desk.start(message="hi")
    receiver = await desk.settle()
    assert (await desk.look(conversation))["status"] == "open"
    assert (await desk.thread(conversation))[-1]["content"] == (
        "Conversation was marked open by system due to an error with the agent bot."
    )
    assert receiver.last("account", "conversation_status_changed")["status"] == "open"


async def test_an_open_conversation_stays_as_it_is_when_its_bot_fails(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.customer("reopen", conversation=conversation)
    await desk.settle()
    before = len(await desk.thread(conversation))
    desk.receiver.script["bot"] = [503]
    await desk.say(conversation, "hi")
    await desk.settle()
    assert len(await desk.thread(conversation)) == before + 1


@pytest.mark.parametrize("settings", [{"keep_pending_on_bot_failure": True}, {"profile": "v4.3"}])
async def test_a_setting_or_an_old_release_keeps_it_pending(
    open_desk: OpenDesk, settings: dict[str, object]
) -> None:
    desk = await open_desk(**settings)
    desk.receiver.script["bot"] = [500] * 3
    conversation = await desk.start(message="hi")
    attempts = (await desk.settle()).events("bot").count("message_created")
    assert attempts == (1 if "profile" in settings else 3)
    assert (await desk.look(conversation))["status"] == "pending"


async def test_an_api_inbox_that_fails_marks_the_message(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.settle()
    desk.receiver.script["inbox"] = [404]
    await desk.sent(conversation, content="Karibu")
    receiver = await desk.settle()
    message = (await desk.thread(conversation))[0]
    assert message["status"] == "failed"
    assert message["content_attributes"] == {"external_error": "404 Not Found"}
    assert receiver.last("account", "message_updated")["id"] == message["id"]


async def test_a_failing_inbox_does_not_loop_on_its_own_failure(desk: Desk) -> None:
    desk.receiver.script["inbox"] = [500] * 100
    await desk.start(message="hi")
    assert (await desk.settle()).events("inbox").count("message_updated") == 1


async def test_a_deleted_contact_takes_its_pending_deliveries_along(desk: Desk) -> None:
    await desk.fault("delay", {"channel": "account", "event": "message_created"}, param=0.1)
    conversation = await desk.start(14, message="hi")
    contact = (await desk.look(conversation))["contact_id"]
    await desk.call("admin", "DELETE", f"/contacts/{contact}")
    assert "message_created" not in (await desk.settle()).events("account")
    outcomes = {line["event"]: line["outcome"] for line in await desk.journal("delivery")}
    assert outcomes["message_created"] == "discarded"


async def test_beyond_its_bound_the_queue_drops_and_says_so(open_desk: OpenDesk) -> None:
    desk = await open_desk(delivery_queue=1)
    await desk.start(14, message="hi")
    await desk.settle()
    outcomes = [line["outcome"] for line in await desk.journal("delivery")]
    assert sorted(outcomes) == ["delivered", "overflow", "overflow", "overflow"]


async def test_private_targets_are_refused_behind_the_guard(open_desk: OpenDesk) -> None:
    desk = await open_desk(ssrf_guard=True)
    webhook = {"id": 22, "url": "http://127.0.0.1:9/hook", "subscriptions": ["conversation_created"]}
    await desk.http.post("/_control/seed", json={"webhooks": [webhook]})
    await desk.start(14)
    await desk.settle()
    errors = [line["error"] for line in await desk.journal("delivery") if "127.0.0.1" in line["url"]]
    assert errors == ["Refused: Hostname '127.0.0.1' has no public ip addresses"]


MATCH = {"channel": "account", "event": "message_created"}


@pytest.mark.parametrize(("action", "ids"), [("duplicate", 3), ("redeliver", 1)])
async def test_a_delivery_can_be_doubled_with_new_ids_or_the_same(desk: Desk, action: str, ids: int) -> None:
    await desk.fault(action, MATCH, param=2)
    await desk.start(message="hi")
    hooks = (await desk.settle()).of("account", "message_created")
    assert len(hooks) == 3
    assert len({hook.delivery for hook in hooks}) == ids
    assert await desk.landed() == [1]


async def test_a_delivery_can_be_lost(desk: Desk) -> None:
    await desk.fault("drop", MATCH)
    conversation = await desk.start(message="lost")
    await desk.say(conversation, "kept")
    hooks = (await desk.settle()).of("account", "message_created")
    assert [hook.body["content"] for hook in hooks] == ["kept"]
    assert await desk.landed() == [1]


async def test_a_delivery_can_be_overtaken(desk: Desk) -> None:
    conversation = await desk.start(14)
    await desk.settle()
    await desk.fault("reorder", MATCH)
    await desk.say(conversation, "first")
    await desk.say(conversation, "second")
    hooks = (await desk.settle()).of("account", "message_created")
    assert [hook.body["content"] for hook in hooks] == ["second", "first"]
    assert await desk.landed() == [1]


async def test_a_held_delivery_goes_out_even_when_nothing_overtakes_it(desk: Desk) -> None:
    match = {"channel": "agent_bot"}
    await desk.fault("reorder", match)
    await desk.start(message="alone")
    assert len((await desk.settle()).of("bot", "message_created")) == 1
    assert await desk.landed() == [0]


@pytest.mark.parametrize("action", ["wrong_signature", "truncate_body"])
async def test_a_delivery_can_be_forged_or_cut(desk: Desk, action: str) -> None:
    await desk.fault(action, MATCH)
    await desk.start(14, message="hi")
    hooks = [hook for hook in (await desk.settle()).hooks if not _is_genuine(hook)]
    assert len(hooks) == 1
    assert (hooks[0].raw[-1:] == b"}") == (action == "wrong_signature")
    assert await desk.landed() == [1]


async def test_a_delivery_can_be_stale_but_genuine(desk: Desk) -> None:
    await desk.fault("stale_timestamp", MATCH, param=301)
    await desk.start(message="hi")
    hook = (await desk.settle()).of("account", "message_created")[0]
    assert hook.headers["x-chatwoot-timestamp"] == str(int(START - 301))
    assert _is_genuine(hook)


async def test_the_journal_tells_every_attempt_without_secrets(desk: Desk) -> None:
    desk.receiver.script["bot"] = [500]
    await desk.start(message="hi")
    await desk.settle()
    lines = [line for line in await desk.journal("delivery") if line["channel"] == "agent_bot"]
    assert [(line["attempt"], line["outcome"], line["status"]) for line in lines] == [
        (1, "retry", 500),
        (2, "delivered", 200),
    ]
    assert {line["message"] for line in lines} == {9101}
    assert len({line["delivery"] for line in lines}) == 1
    everything = (await desk.http.get("/_control/journal")).text
    assert not [secret for secret in SECRETS.values() if secret in everything]
