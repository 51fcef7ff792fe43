"""What of an effect reaches the person, as their phone or screen has it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dsl.filters import text_of
from dsl.messages import SEND_MESSAGE, Attempt, Scene
from providers.africastalking.rendering import texted
from simulator.trace import Utterance

SEND_SMS = "send_sms"


def heard(attempt: Attempt, at: datetime) -> Iterator[Utterance]:
    """A message of the conversation; a text message, which others than the person get unseen by them."""
    effect, scene = attempt.effect, attempt.scene
    if effect.activity == SEND_MESSAGE:
        yield _message(effect.args, scene, at)
    elif effect.activity == SEND_SMS:
        to, text = texted_to(attempt), text_of(effect.args.get("message"))
        if to == scene.phone:
            yield Utterance(at=at, who="bot", text=text)
        else:
            yield Utterance(at=at, who="note", text=f"(SMS to {to}) {text}")


def texted_to(attempt: Attempt) -> str | None:
    """Whose phone a text goes to; None where the effect is none."""
    effect, scene = attempt.effect, attempt.scene
    if effect.activity == SEND_SMS:
        return text_of(effect.args.get("to"))
    return scene.phone if effect.activity == SEND_MESSAGE and scene.channel == "sms" else None


def _message(args: dict[str, Any], scene: Scene, at: datetime) -> Utterance:
    text, choices = text_of(args.get("text")), args.get("choices") or []
    who = "note" if args.get("private") else "bot"
    if scene.channel == "sms":
        text = texted(text, choices)
    return Utterance.model_validate({"at": at, "who": who, "text": text, "choices": choices})
