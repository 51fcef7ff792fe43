"""A call of ours: whose its events are from then on; and what is for calls where there is none."""

import hashlib
from typing import Any

import pytest

from activities.attempts import Attempts
from activities.base import Tools
from activities.messages import SendMessage
from activities.nodes.initiate_call import InitiateCall
from activities.telecom import Telecom
from dsl.addresses import lane_address
from dsl.inputs import Inbound
from dsl.messages import Effect, Outcome, Scene
from providers.africastalking.memory import MemoryAfricasTalking
from providers.chatwoot.memory import MemoryChatwoot
from providers.errors import Failed
from providers.http.safe import SafeHttp
from store.addresses import Addresses
from store.database import Database
from store.ids import new_id
from store.inbox import accept
from store.lanes import open_lane
from store.opt_outs import OptOuts
from store.record import apply
from tests.activities.effects import begun, insisted
from tests.store.made import CONNECTION, WORKSPACE, flush, line, scene

pytestmark = pytest.mark.real

AT, NUMBER, PHONE = "at-1", "+254711000000", "+254700000111"


def hashed(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()[:32]


BY_VOICE = lane_address(hashed, NUMBER, PHONE)


async def in_a_chat(db: Database) -> Scene:
    """A run that began in Chatwoot."""
    here = scene((await open_lane(db, WORKSPACE, CONNECTION, "7")).id)
    await apply(db, flush(here, line(1)))
    return here


def tools(db: Database, here: Scene, network: MemoryAfricasTalking, chat: MemoryChatwoot) -> Tools:
    """What an executor is handed of an application with a number."""
    telecom = Telecom(
        AT, network, OptOuts(db, AT, hashed), addresses=Addresses(db), hashed=hashed, number=NUMBER
    )
    return Tools(here, "run:it:1:1", SafeHttp(), {CONNECTION: chat}, telecom=telecom)


async def called(db: Database, here: Scene, network: MemoryAfricasTalking) -> Outcome:
    """A call to the person."""
    call = InitiateCall.model_validate({"to": PHONE})
    return await call.execute(tools(db, here, network, MemoryChatwoot()))


def answered() -> Inbound:
    """The first callback of the call."""
    told: dict[str, Any] = {"channel": "voice", "conversation": {"channel": "voice", "service": NUMBER}}
    return Inbound(key="voice:a:start", address=BY_VOICE, event="call_answered", kind="opened", **told)


async def test_what_comes_of_a_call_comes_to_the_run_that_made_it(db: Database) -> None:
    here, network = await in_a_chat(db), MemoryAfricasTalking()
    outcome = await called(db, here, network)
    assert (outcome.exit, [call.phone for call in network.calls.values()]) == ("ringing", [PHONE])
    assert (await accept(db, WORKSPACE, AT, answered())).lane == here.lane


async def test_a_person_who_speaks_with_another_run_is_not_called(db: Database) -> None:
    here, network = await in_a_chat(db), MemoryAfricasTalking()
    theirs = await open_lane(db, WORKSPACE, AT, BY_VOICE)
    await apply(db, flush(scene(theirs.id, new_id()), line(1)))
    with pytest.raises(Failed) as refused:
        await called(db, here, network)
    assert (refused.value.code, network.calls) == ("ADDRESS_BUSY", {})


async def test_two_runs_do_not_call_one_person_at_once(db: Database) -> None:
    network = MemoryAfricasTalking()
    await called(db, await in_a_chat(db), network)
    other = scene((await open_lane(db, WORKSPACE, CONNECTION, "8")).id)
    await apply(db, flush(other, line(1)))
    with pytest.raises(Failed) as refused:
        await called(db, other, network)
    assert (refused.value.code, len(network.calls)) == ("ADDRESS_BUSY", 1)


async def test_what_a_call_is_told_is_written_in_a_chat_where_it_has_words(db: Database) -> None:
    chat = MemoryChatwoot()
    chat.open("7")
    hand = tools(db, await in_a_chat(db), MemoryAfricasTalking(), chat)
    told = SendMessage.model_validate({"text": "Hello.", "action": {"action": "say", "voice": "woman"}})
    await told.execute(hand)
    assert chat.said("7") == ["Hello."]
    with pytest.raises(Failed) as refused:
        await SendMessage.model_validate({"text": "", "action": {"action": "enqueue"}}).execute(hand)
    assert refused.value.code == "NO_CALL"


async def test_a_worker_that_dies_in_mid_call_leaves_it_to_the_call_s_own_events(db: Database) -> None:
    here, network = await in_a_chat(db), MemoryAfricasTalking()
    effect = Effect(node="ring", visit=1, number=1, activity="initiate_call", args={"to": PHONE})
    await begun(db, here, effect, lease=-5)
    attempts = Attempts(
        db, {"initiate_call": InitiateCall}, lambda scene, _: tools(db, scene, network, MemoryChatwoot())
    )
    report = await insisted(attempts, here, effect)
    assert report.outcome is not None
    assert (report.state, report.outcome.exit, network.calls) == ("done", "ringing", {})
