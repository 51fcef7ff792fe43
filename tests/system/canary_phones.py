"""People by phone, with a canary in all that they type, write and pay for; and strangers' callbacks."""

from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from providers.http.pooled import Pooled
from tests.system.canaries import Canaries
from tests.system.canary_story import Story
from tests.waiting import until
from tests.workflows.world import flow
from wiring.handset import Handset
from wiring.phones import Phones

DIALLED, SHORT_CODE = "*384*2#", "28901"
SECRET = "AT_CALLBACK_SECRET"


async def lines(story: Story) -> None:
    """Somebody types a PIN and pays, another writes and is written to, and some guess at callbacks."""
    async with Pooled(story.dev.url(Phones.name), provider=Phones.name) as network:
        await _pays(story, Handset(network, story.canary.phone("phone on the line")))
        await _writes(story, Handset(network, story.canary.phone("phone that writes")))
        await _is_written_to(story, story.canary.phone("phone that is written to"))
    await _strangers(story)


async def _pays(story: Story, phone: Handset) -> None:
    canary = story.canary
    await story.publish("line", line(canary))
    screen = await phone.dial(DIALLED)
    assert canary("text on a screen") in screen["screen"]
    await phone.act("enter", session=screen["sessionId"], text=canary("PIN that was typed"))

    async def asked() -> bool:
        try:
            return bool(await phone.prompt())
        except LookupError:
            return False

    await until(asked, seconds=40)
    await phone.act("pay", id=await phone.prompt())
    await _gets(phone, 1)


async def _writes(story: Story, phone: Handset) -> None:
    await story.publish("text", text(story.canary))
    await phone.text(SHORT_CODE, "SURVEY")
    await _gets(phone, 1)
    await phone.text(SHORT_CODE, f"{story.canary('text that was written')} Ü")
    await _gets(phone, 2)


async def _is_written_to(story: Story, phone: str) -> None:
    """A session by the API that nobody answers, looked at and changed."""
    variables = {"word": story.canary("variable of a session")}
    given = {"flowId": story.flows["text"], "channel": "sms", "phone": phone, "variables": variables}
    made = await story.api.post("/api/v1/sessions", json=given)
    assert made.status_code == 202, made.text
    path = f"/api/v1/sessions/{made.json()['id']}"

    async def waits() -> bool:
        return bool((await story.api.get(path)).json()["status"] == "waiting_input")

    await until(waits, seconds=40)
    changed = await story.api.patch(path, json={"variables": {"word": story.canary("variable set later")}})
    assert changed.status_code == 202, changed.text
    busy = await story.api.post("/api/v1/sessions", json=given)
    assert busy.status_code == 409


async def _strangers(story: Story) -> None:
    """Callbacks with a wrong secret, and with the right one but fields that cannot be."""
    canary, right = story.canary, story.secret.planted[SECRET].decode()
    fields = {"sessionId": canary("session of a stranger"), "phoneNumber": canary("phone that is none"),
              "serviceCode": DIALLED, "text": canary("text of a stranger")}  # fmt: skip
    twice = f"{urlencode(fields)}&phoneNumber={canary('phone told twice')}"
    for secret in (canary("secret that was guessed"), right):
        for callback in ("ussd", "sms", "payment", "voice", "delivery", "airtime", "optout"):
            for body in (urlencode(fields), twice, '{"a": "' + canary("malformed callback"), "text=%FF"):
                path = f"/webhooks/africastalking/main/{secret}/{callback}"
                kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
                answer = await story.api.post(path, content=body, headers={"Content-Type": kind})
                assert answer.status_code == (422 if secret == right else 404), (callback, answer.text)


async def _gets(phone: Handset, count: int) -> None:
    async def enough() -> bool:
        return len(await phone.texts()) >= count

    await until(enough, seconds=40)


def line(canary: Canaries) -> dict[str, Any]:
    """A PIN is asked for, then money; it ends with a text and a top-up."""
    to: dict[str, Any] = {"phone": "{{contact.phone}}", "currency": "KES"}
    order = {"order": f"{canary('metadata of a payment')} {{{{pin}}}}"}
    words = f"{canary('text to a phone')} {{{{pin}}}}"
    nodes = [
        _node("pin", "question", text=f"{canary('text on a screen')}?", saveTo="pin"),
        _node("wait", "message", text="Wait."),
        _node("pay", "request_payment", amount=60, metadata=order, **to),
        _node("top", "send_airtime", amount=55, **to),
        _node("receipt", "send_sms", to="{{contact.phone}}", message=words),
        _node("end", "end"),
    ]
    way = [*pairwise(("pin", "wait", "pay")), ("pay", "paid", "top"), ("pay", "failed", "end"),
           ("pay", "expired", "end"), ("top", "sent", "receipt"), ("top", "failed", "end"),
           ("receipt", "sent", "end"), ("receipt", "failed", "end")]  # fmt: skip
    trigger = {"channel": "ussd", "event": "ussd_session", "serviceCode": DIALLED}
    return flow(nodes, way, trigger=trigger) | {"id": "canary-line", "name": "Line"}


def text(canary: Canaries) -> dict[str, Any]:
    """A question by SMS."""
    nodes = [
        _node("ask", "question", text=f"{canary('question by SMS')}?", saveTo="said"),
        _node("thanks", "message", text="{{said}}, {{word}}"),
        _node("end", "end"),
    ]
    trigger = {"channel": "sms", "event": "sms_received", "keyword": "SURVEY"}
    variables = {"word": {"type": "string", "default": "-"}}
    document = flow(nodes, [*pairwise(("ask", "thanks", "end"))], trigger=trigger, variables=variables)
    return document | {"id": "canary-text", "name": "Text"}


def _node(id: str, type: str, **config: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "config": config}
