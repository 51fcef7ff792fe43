"""What the compiler lets a flow tell a call, the provider is told in full: the bounds of the two agree."""

from typing import Any

import pytest

from dsl.plan import Say, Wait
from dsl.turns import Said, Screen
from emulators.africastalking.domain.scripts import Step, read
from providers.africastalking import rendering
from tests.compiler.documents import END, START, compiled, edge, flow

URL = "https://ours.example/step"
SOUND = f"https://shop.example/{'a' * 2_027}"
LONGEST = {"say": "é" * 4_000, "name": "n" * 64, "sip": f"{'a' * 63}@{'b' * 63}"}
MOST_NUMBERS = [f"+2547000001{number:02}" for number in range(20)]
EXITS = {"get_digits": ("answer", "timeout")}
FULLEST: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "say": (
        {"text": LONGEST["say"], "voice": LONGEST["name"], "playBeep": True},
        {"voice": LONGEST["name"], "playBeep": "true"},
    ),
    "play": ({"url": SOUND}, {"url": SOUND}),
    "get_digits": (
        {"text": LONGEST["say"], "voice": "man", "numDigits": 64, "timeout": "1h", "finishOnKey": "*"},
        {"numDigits": "64", "timeout": "3600", "finishOnKey": "*", "callbackUrl": URL},
    ),
    "record": (
        {
            "play": SOUND, "maxLength": 3_600, "timeout": 1, "finishOnKey": "0",
            "trimSilence": False, "playBeep": False,
        },
        {
            "maxLength": "3600", "timeout": "1", "finishOnKey": "0",
            "trimSilence": "false", "playBeep": "false", "callbackUrl": URL,
        },
    ),
    "dial": (
        {
            "phoneNumbers": [*MOST_NUMBERS[:19], LONGEST["sip"]], "record": True, "sequential": True,
            "callerId": "+254711000000", "ringBackTone": SOUND, "maxDuration": "1h",
        },
        {
            "phoneNumbers": ",".join([*MOST_NUMBERS[:19], LONGEST["sip"]]), "record": "true",
            "sequential": "true", "callerId": "+254711000000", "ringBackTone": SOUND, "maxDuration": "3600",
        },
    ),
    "enqueue": (
        {"name": LONGEST["name"], "holdMusic": SOUND},
        {"name": LONGEST["name"], "holdMusic": SOUND},
    ),
    "redirect": ({"url": SOUND}, {}),
    "reject": ({}, {}),
}  # fmt: skip
"""By kind: all that it may say, as long as it may be, and the attributes that the provider gets."""
BEYOND = [
    ("say", {"text": "a" * 4_001}),
    ("say", {"text": "Hello.", "voice": "n" * 65}),
    ("play", {"url": SOUND + "a"}),
    ("get_digits", {"text": "?", "numDigits": 65}),
    ("get_digits", {"text": "?", "timeout": 3_601}),
    ("record", {"maxLength": 3_601}),
    ("dial", {"phoneNumbers": [*MOST_NUMBERS, "+254711000000"]}),
    ("dial", {"phoneNumbers": ["+2547"]}),
    ("dial", {"phoneNumbers": ["+99999999999"]}),
    ("enqueue", {"name": ""}),
]


def one_of(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """start → the node → end."""
    node = {"id": "it", "type": kind, "config": config}
    exits = EXITS.get(kind, ("next",))
    return flow([START, node, END], [edge("start", "it"), *(edge("it", "end", exit) for exit in exits)])


def told(kind: str, config: dict[str, Any]) -> list[Step]:
    """What the provider reads of our answer to a call."""
    plan = compiled(one_of(kind, config)).plan
    assert plan is not None
    steps = plan.steps.values()
    [say] = [step for step in steps if isinstance(step, Say)]
    waits = [step.expects for step in steps if isinstance(step, Wait)]
    said = Said(text=str(say.text), action=say.action)
    screen = Screen(said=(said,), open=bool(waits), expects=next(iter(waits), None))
    return read(rendering.voice(screen, URL).encode())


@pytest.mark.parametrize("kind", FULLEST)
def test_what_a_flow_may_tell_a_call_the_provider_is_told(kind: str) -> None:
    config, attributes = FULLEST[kind]
    [first, *rest] = told(kind, config)
    assert (first.tag.lower(), first.attributes) == (kind.replace("_", ""), attributes)
    prompt = first.prompt or first
    assert prompt.text == config.get("text", config["url"] if kind == "redirect" else "")
    assert [(step.tag, step.text) for step in rest] == (
        [("Redirect", URL)] if kind in ("get_digits", "record") else []
    )


@pytest.mark.parametrize(("kind", "config"), BEYOND)
def test_what_the_provider_would_not_take_is_no_flow(kind: str, config: dict[str, Any]) -> None:
    assert [found.code for found in compiled(one_of(kind, config)).errors] == ["INVALID_VALUE"]
