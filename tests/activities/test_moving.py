"""Where a conversation goes on: the place, and that what comes by it comes to the run."""

import hashlib
from typing import Any

import pytest

from activities.base import Tools
from activities.moving import ContinueOn
from activities.telecom import Telecom
from dsl.addresses import lane_address
from dsl.inputs import Inbound
from dsl.messages import Scene
from dsl.state import Spot
from providers.africastalking.memory import MemoryAfricasTalking
from providers.chatwoot.memory import MemoryChatwoot
from providers.errors import Failed, Refused
from providers.http.safe import SafeHttp
from store.addresses import Addresses
from store.database import Database
from store.ids import new_id
from store.inbox import accept
from store.lanes import open_lane
from store.opt_outs import OptOuts
from store.record import apply
from tests.store.made import CONNECTION, WORKSPACE, accepted, flush, line, message, scene

pytestmark = pytest.mark.real

AT, CODE, SENDER, PHONE = "at-1", "*384*1#", "28901", "+254711000111"


def hashed(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()[:32]


BY_SMS = lane_address(hashed, SENDER, PHONE)


async def on_ussd(db: Database) -> Scene:
    """A run that began by dialling."""
    lane = await open_lane(db, WORKSPACE, AT, lane_address(hashed, CODE, PHONE))
    here = scene(lane.id).but(
        connection=AT, conversation=lane.address, channel="ussd", phone=PHONE, service=CODE
    )
    await apply(db, flush(here, line(1)))
    return here


def tools(db: Database, here: Scene, **changes: Any) -> Tools:
    """What an executor is handed of an application with a short code."""
    told: dict[str, Any] = {"hashed": hashed, "sender": SENDER, "addresses": Addresses(db), **changes}
    telecom = Telecom(AT, MemoryAfricasTalking(), OptOuts(db, AT, hashed), **told)
    return Tools(here, "run:it:1:1", SafeHttp(), {CONNECTION: MemoryChatwoot()}, telecom=telecom)


async def moved(db: Database, here: Scene, *, told: dict[str, Any] | None = None, **args: Any) -> Spot:
    """Where the run goes on."""
    outcome = await ContinueOn.model_validate(args).execute(tools(db, here, **(told or {})))
    return Spot.model_validate(outcome.value)


async def refusal(db: Database, here: Scene, *, told: dict[str, Any] | None = None, **args: Any) -> str:
    """Why it goes on nowhere."""
    with pytest.raises(Failed) as refused:
        await moved(db, here, told=told, **args)
    return refused.value.code


def text_message(key: str) -> Inbound:
    """A text of the person."""
    told: dict[str, Any] = {"channel": "sms", "conversation": {"channel": "sms", "service": SENDER}}
    return Inbound(key=f"sms:{key}", address=BY_SMS, event="sms_received", kind="message", text="hi", **told)


async def test_a_run_on_ussd_goes_on_by_sms_and_hears_the_persons_texts(db: Database) -> None:
    here = await on_ussd(db)
    assert await moved(db, here, channel="sms") == Spot(
        channel="sms", connection=AT, conversation=BY_SMS, phone=PHONE, service=SENDER
    )
    assert (await accept(db, WORKSPACE, AT, text_message("a"))).lane == here.lane


async def test_another_number_is_a_number_with_its_country_code(db: Database) -> None:
    here, other = await on_ussd(db), "+254722000222"
    spot = await moved(db, here, channel="sms", address="+254 722 000222")
    assert (spot.phone, spot.conversation) == (other, lane_address(hashed, SENDER, other))
    assert await refusal(db, here, channel="sms", address="0722") == "NO_ADDRESS"


async def test_a_run_on_ussd_goes_on_in_a_conversation_of_chatwoot(db: Database) -> None:
    here = await on_ussd(db)
    spot = await moved(db, here, channel="chatwoot", address=31)
    assert spot == Spot(channel="chatwoot", connection=CONNECTION, conversation="31", phone=PHONE)
    assert (await accepted(db, message("a", address="31"))).lane == here.lane


async def test_where_the_run_is_already_it_stays(db: Database) -> None:
    lane = await open_lane(db, WORKSPACE, AT, lane_address(hashed, "40404", PHONE))
    here = scene(lane.id).but(
        connection=AT, conversation=lane.address, channel="sms", phone=PHONE, service="40404"
    )
    spot = await moved(db, here, channel="sms")
    assert (spot.conversation, spot.service) == (lane.address, "40404")


async def test_going_there_twice_is_going_there_once(db: Database) -> None:
    here = await on_ussd(db)
    assert await moved(db, here, channel="sms") == await moved(db, here, channel="sms")


async def test_a_person_who_has_another_conversation_there_is_not_disturbed(db: Database) -> None:
    here = await on_ussd(db)
    theirs = await open_lane(db, WORKSPACE, AT, BY_SMS)
    await apply(db, flush(scene(theirs.id, new_id()), line(1)))
    assert await refusal(db, here, channel="sms") == "ADDRESS_BUSY"


async def test_while_a_text_of_theirs_is_under_way_it_is_asked_again(db: Database) -> None:
    here = await on_ussd(db)
    await accept(db, WORKSPACE, AT, text_message("a"))
    with pytest.raises(Refused) as later:
        await moved(db, here, channel="sms")
    assert (later.value.code, later.value.retryable) == ("ADDRESS_BUSY", True)


async def test_without_a_number_a_phone_or_a_chatwoot_it_goes_nowhere(db: Database) -> None:
    here = await on_ussd(db)
    assert await refusal(db, here, channel="sms", told={"sender": None}) == "NO_CONNECTION"
    assert await refusal(db, here.but(phone=None), channel="sms") == "NO_ADDRESS"
    assert await refusal(db, here, channel="chatwoot", address="amina") == "NO_ADDRESS"
    assert (
        await refusal(db, here, channel="chatwoot", address="31", told={"addresses": None}) == "NO_CONNECTION"
    )
