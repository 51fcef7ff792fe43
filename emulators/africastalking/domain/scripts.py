"""What a voice callback may answer: XML actions, read as strictly as they are documented."""

from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

PROMPTS = frozenset({"Say", "Play"})
ATTRIBUTES: dict[str, frozenset[str]] = {
    "Say": frozenset({"voice", "playBeep"}),
    "Play": frozenset({"url"}),
    "GetDigits": frozenset({"numDigits", "timeout", "finishOnKey", "callbackUrl"}),
    "Dial": frozenset(
        {
            "phoneNumbers", "record", "sequential", "callerId", "ringBackTone", "ringbackTone",
            "maxDuration",
        }
    ),
    "Record": frozenset({"finishOnKey", "maxLength", "timeout", "trimSilence", "playBeep", "callbackUrl"}),
    "Enqueue": frozenset({"name", "holdMusic"}),
    "Dequeue": frozenset({"phoneNumber", "name"}),
    "Conference": frozenset(),
    "Redirect": frozenset(),
    "Reject": frozenset(),
}  # fmt: skip
REQUIRED = {"Play": "url", "Dial": "phoneNumbers", "Dequeue": "phoneNumber"}
NUMBERS = frozenset({"numDigits", "timeout", "maxLength", "maxDuration"})
FLAGS = frozenset({"playBeep", "record", "sequential", "trimSilence"})


class Unreadable(Exception):
    """A document that the provider would not play."""


@dataclass(slots=True)
class Step:
    """One action; `prompt` is what is said or played before digits or a recording are taken."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    prompt: "Step | None" = None

    @property
    def bare(self) -> bool:
        return not self.attributes and self.prompt is None


def read(document: bytes) -> list[Step]:
    """The actions of a document; raises `Unreadable`."""
    if b"<!" in document:
        raise Unreadable("a document has no declarations, comments or CDATA here")
    try:
        root = fromstring(document)  # noqa: S314  (without declarations there are no entities to expand)
    except ParseError as problem:
        raise Unreadable(f"no XML: {problem}") from problem
    if root.tag != "Response" or root.attrib:
        raise Unreadable("the document is not a <Response>")
    return [_step(element) for element in root]


def planned(actions: Any) -> list[Step]:
    """The `callActions` that a call brings with itself; raises `Unreadable`."""
    if not isinstance(actions, list):
        raise Unreadable("callActions is not a list")
    return [_planned_step(action) for action in actions]


def _planned_step(action: Any) -> Step:
    if not isinstance(action, dict) or action.get("actionType") not in ("Say", "Play", "Dial"):
        raise Unreadable("an action is of type Say, Play or Dial")
    given = {k: _plain(v) for k, v in action.items() if k not in ("actionType", "text")}
    return _checked(Step(action["actionType"], given, str(action.get("text", ""))))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _step(element: Element) -> Step:
    text = "".join(element.itertext()) if element.tag == "Say" else element.text or ""
    step = Step(element.tag, dict(element.attrib), text.strip())
    if element.tag in ("GetDigits", "Record"):
        step.prompt = _prompt(element)
    elif len(element) and element.tag != "Say":
        raise Unreadable(f"<{element.tag}> holds no other action")
    return _checked(step)


def _prompt(element: Element) -> Step | None:
    if len(element) > 1 or any(child.tag not in PROMPTS for child in element):
        raise Unreadable(f"<{element.tag}> holds one <Say> or <Play>")
    if element.tag == "GetDigits" and not len(element):
        raise Unreadable("<GetDigits> needs a <Say> or <Play>")
    return _step(element[0]) if len(element) else None


def _checked(step: Step) -> Step:
    if step.tag not in ATTRIBUTES:
        raise Unreadable(f"there is no action <{step.tag}>")
    if unknown := set(step.attributes) - ATTRIBUTES[step.tag]:
        raise Unreadable(f"<{step.tag}> has no attribute {min(unknown)}")
    if (name := REQUIRED.get(step.tag)) and not step.attributes.get(name):
        raise Unreadable(f"<{step.tag}> needs {name}")
    if bool(step.text) != (step.tag in ("Say", "Redirect")):
        raise Unreadable(f"<{step.tag}> has a text it may not have, or lacks one")
    for name, value in step.attributes.items():
        _check_value(name, value)
    return step


def _check_value(name: str, value: str) -> None:
    if name in NUMBERS and not (value.isascii() and value.isdigit()):
        raise Unreadable(f"{name} is no number")
    if name in FLAGS and value not in ("true", "false"):
        raise Unreadable(f"{name} is neither true nor false")
