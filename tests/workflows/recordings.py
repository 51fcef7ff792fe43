"""Conversations worth keeping as histories: every kind of step, and everything that may happen to it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from dsl.inputs import Inbound, Input
from dsl.limits import Limits
from dsl.messages import CONTROL, Control
from store.inbox import accept
from tests.workflows.stage import CONVERSATION, Handle, Stage
from tests.workflows.test_walk import LEAD
from tests.workflows.world import flow

END: dict[str, Any] = {"id": "e", "type": "end"}
NAP: dict[str, Any] = {"id": "d", "type": "delay", "config": {"for": "1s"}}
QUICK: dict[str, Any] = {"text": "?", "saveTo": "x", "timeout": "2s"}
EVERY = flow(
    [
        {"id": "s", "type": "set_variables", "config": {"set": {"shop": "Duka Moja"}}},
        {"id": "m", "type": "message", "config": {"text": "Welcome to {{shop}}"}},
        {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "name", "timeout": "1h"}},
        {"id": "c", "type": "condition", "config": {"condition": {"left": "{{name}}", "operator": "is_set"}}},
        {"id": "u", "type": "update_contact", "config": {"attributes": {"name": "{{name}}"}}},
        NAP,
        {"id": "t", "type": "message", "config": {"text": "Goodbye, {{name}}"}},
        END,
    ],
    [("s", "m"), ("m", "q"), ("q", "c"), ("q", "timeout", "e"), ("c", "true", "u"), ("c", "false", "e"),
     ("u", "d"), ("d", "t"), ("t", "e")],
)  # fmt: skip
"""Has a step of every kind: assign, say, wait, call, choose, sleep, end."""
HANDED = flow(
    [
        {"id": "h", "type": "transfer_agent", "config": {"text": "One moment"}},
        {"id": "b", "type": "message", "config": {"text": "I am back"}},
        END,
    ],
    [("h", "e"), ("h", "returned", "b"), ("h", "resolved", "e"), ("b", "e")],
)

FORKED = flow(
    [
        {"id": "m", "type": "message", "config": {"text": "Welcome"}},
        {"id": "both", "type": "parallel", "config": {"branches": ["ask", "nap", "call"]}},
        {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "name", "timeout": "1h"}},
        NAP,
        {"id": "u", "type": "add_label", "config": {"labels": ["new"]}},
        {"id": "t", "type": "message", "config": {"text": "Goodbye, {{name}}"}},
        END,
    ],
    [("m", "both"), ("both", "ask", "q"), ("both", "nap", "d"), ("both", "call", "u"), ("q", "both"),
     ("q", "timeout", "e"), ("d", "both"), ("u", "both"), ("both", "joined", "t"), ("t", "e")],
)  # fmt: skip
"""Somebody is asked while it sleeps and calls."""
FIRST = flow(
    [
        {"id": "any", "type": "parallel", "config": {"branches": ["nap", "ask"], "join": "any"}},
        NAP,
        {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "name", "timeout": "1h"}},
        {"id": "t", "type": "message", "config": {"text": "Too late"}},
        END,
    ],
    [("any", "nap", "d"), ("any", "ask", "q"), ("d", "any"), ("q", "any"), ("q", "timeout", "e"),
     ("any", "joined", "t"), ("t", "e")],
)  # fmt: skip
"""Whichever branch is first: the delay is."""
LOOPED = flow(
    [
        {
            "id": "each",
            "type": "loop",
            "config": {"mode": "for_each", "items": ["a", "b", "c"], "as": "item"},
        },
        {"id": "m", "type": "message", "config": {"text": "{{item}}"}},
        END,
    ],
    [("each", "body", "m"), ("m", "each"), ("each", "done", "e")],
)
INSIDE = flow(
    [
        {"id": "m", "type": "message", "config": {"text": "Welcome"}},
        {"id": "both", "type": "parallel", "config": {"branches": ["ask", "nap"]}},
        {"id": "s", "type": "subflow", "config": {"flow": "name", "outputs": {"name": "called"}}},
        NAP,
        {"id": "t", "type": "message", "config": {"text": "Goodbye, {{name}}"}},
        END,
    ],
    [("m", "both"), ("both", "ask", "s"), ("both", "nap", "d"), ("s", "both"), ("d", "both"),
     ("both", "joined", "t"), ("t", "e")],
)  # fmt: skip
"""While it sleeps, another flow asks."""
NAME = flow(
    [
        {"id": "q", "type": "question", "config": {"text": "Name?", "saveTo": "x", "timeout": "1h"}},
        {**END, "config": {"outputs": {"called": "{{x}}"}}},
    ],
    [("q", "e"), ("q", "timeout", "e")],
    id="name",
)


def asked_twice(**config: Any) -> dict[str, Any]:
    """A name that is asked for, and another question; `agent` leads aside and comes back."""
    name = {"text": "Name?", "saveTo": "name", "timeout": "1h", **config}
    aside: list[dict[str, Any]] = [
        {"id": "aside", "type": "message", "config": {"text": "Nobody is here"}},
        {"id": "back", "type": "end"},
    ]
    told: dict[str, Any] = {"id": "t", "type": "message", "config": {"text": "Hello {{name}}"}}
    nodes = [{"id": "q", "type": "question", "config": name}, told, END, *aside]
    edges = [("q", "t"), ("q", "timeout", "e"), ("t", "e"), ("aside", "back")]
    return flow(nodes, edges, settings={"interrupts": {"agent": {"to": "aside", "return": True}}})


Talk = Callable[[Stage, Handle], Awaitable[None]]
Meanwhile = Callable[[Stage, Handle, str], Awaitable[None]]


def asked(**config: Any) -> dict[str, Any]:
    """A question with an answer and a timeout."""
    question: dict[str, Any] = {"id": "q", "type": "question", "config": QUICK | config}
    ends = [
        {"id": "yes", "type": "message", "config": {"text": "Thank you"}},
        {"id": "no", "type": "message", "config": {"text": "You ran out of time"}},
        END,
    ]
    return flow([question, *ends], [("q", "yes"), ("q", "timeout", "no"), ("yes", "e"), ("no", "e")])


# What people, and operators, do.


async def silence(stage: Stage, handle: Handle) -> None:
    """Nobody answers."""


async def lead(stage: Stage, handle: Handle) -> None:
    """A name, a bad address, a good one."""
    for count, text in enumerate(["John", "nonsense", "john@example.com"], start=1):
        await stage.until_said(count)
        await stage.say(handle, text)


async def asha(stage: Stage, handle: Handle) -> None:
    """A name, when it is asked for."""
    await stage.until_said(2)
    await stage.say(handle, "Asha")


async def three(stage: Stage, handle: Handle) -> None:
    """Three messages, one close upon the other."""
    await stage.until_said(1)
    for text in ("I am", "called", "Asha"):
        await stage.say(handle, text)


async def elsewhere(stage: Stage, handle: Handle) -> None:
    """A word of the flow, then the answer to what is asked again."""
    await stage.until_said(1)
    await stage.say(handle, "Agent")
    await stage.until_said(3)
    await stage.say(handle, "Asha")


async def commands(stage: Stage, handle: Handle) -> None:
    """Paused while a name is awaited, and during the delay."""
    await stage.until_said(2)
    await _command(handle, "pause")
    await stage.say(handle, "Asha")
    await _command(handle, "resume")
    await stage.until_status("waiting_time")
    await _command(handle, "pause")
    await _command(handle, "checkpoint")
    await _command(handle, "resume")


async def chatter(stage: Stage, handle: Handle) -> None:
    """Words, and a change of hands, during the delay; what cannot be read comes too."""
    await asha(stage, handle)
    await stage.until_status("waiting_time")
    await handle.signal("deliver", [{"neither": "an input"}])
    await stage.say(handle, "hello?")
    await stage.deliver(handle, [await status(stage, "open", "human")])


async def returned(stage: Stage, handle: Handle) -> None:
    """A human has the conversation, and gives it back."""
    await stage.until_status("handed_off")
    await stage.say(handle, "Who are you?")
    await stage.deliver(handle, [await status(stage, "pending", "bot")])


async def cancel(stage: Stage, handle: Handle) -> None:
    """Cancelled while a name is awaited."""
    await stage.until_said(2)
    await handle.cancel()


async def status(stage: Stage, value: str, owner: str) -> Input:
    """A change of the conversation's status, accepted."""
    about = {"key": f"status:{value}", "address": CONVERSATION, "event": "status_changed", "kind": "status"}
    inbound = Inbound.model_validate({**about, "value": {"status": value, "owner": owner}})
    row = await accept(stage.db, stage.scene.workspace, "main", inbound)
    return Input(id=row.id, seq=row.seq, accepted_at=row.accepted_at, event=inbound)


async def _command(handle: Handle, name: str) -> None:
    await handle.execute_update(CONTROL, Control.model_validate({"command": name}))


# What happens while a message is on its way.


async def nothing(stage: Stage, handle: Handle, text: str) -> None:
    """It is sent at once."""


async def slowly(stage: Stage, handle: Handle, text: str) -> None:
    """So slow that the local activity leaves it to an ordinary one."""
    await asyncio.sleep(1.8)


async def spoken_to(stage: Stage, handle: Handle, text: str) -> None:
    """The person writes just then: the task that wanted to close is rejected, and walked again."""
    await stage.say(handle, f"while you said {text}")


async def cancelled(stage: Stage, handle: Handle, text: str) -> None:
    """The execution is cancelled just then."""
    await handle.cancel()


@dataclass(frozen=True)
class Recording:
    """What is walked, under which limits, and what happens."""

    document: dict[str, Any]
    talk: Talk = silence
    limits: Limits = field(default_factory=Limits)
    meanwhile: Meanwhile = nothing
    below: tuple[dict[str, Any], ...] = ()
    """The flows that it walks at its subflows."""


HELLO = flow([{"id": "m", "type": "message", "config": {"text": "Hello"}}, END], [("m", "e")])

RECORDINGS: dict[str, Recording] = {
    "lead_capture": Recording(LEAD, lead),
    "inspect": Recording(LEAD, lead, Limits(fast=False)),
    "continued": Recording(LEAD, lead, Limits(every_steps=4)),
    "timed_out": Recording(asked()),
    "reminded": Recording(asked(reminders=[{"after": "1s", "text": "Still there?"}])),
    "slept": Recording(flow([NAP, END], [("d", "e")])),
    "every_signal": Recording(EVERY, chatter),
    "every_typed_ahead": Recording(EVERY, meanwhile=spoken_to),
    "every_update": Recording(EVERY, commands),
    "every_timer_and_local_activity": Recording(EVERY, asha),
    "every_ordinary": Recording(EVERY, asha, Limits(fast=False)),
    "every_left_to_ordinary": Recording(EVERY, asha, meanwhile=slowly),
    "every_foreseen_continued": Recording(EVERY, asha, Limits(every_steps=1)),
    "every_cancelled": Recording(EVERY, cancel),
    "rewalked_end": Recording(HELLO, meanwhile=spoken_to),
    "rewalked_foreseen_continued": Recording(EVERY, limits=Limits(every_steps=1), meanwhile=spoken_to),
    "rewalked_cancelled": Recording(HELLO, meanwhile=cancelled),
    "handed_over": Recording(HANDED, returned),
    "endless": Recording(EVERY, limits=Limits(steps=3)),
    "forked": Recording(FORKED, asha),
    "forked_continued": Recording(FORKED, asha, Limits(every_steps=4)),
    "forked_typed_ahead": Recording(FORKED, meanwhile=spoken_to),
    "first_of_any": Recording(FIRST),
    "looped": Recording(LOOPED),
    "looped_continued": Recording(LOOPED, limits=Limits(every_steps=7)),
    "interrupted": Recording(asked_twice(), elsewhere),
    "latest": Recording(asked_twice(doubleText="latest", quietPeriod="1s"), three),
    "merged": Recording(asked_twice(doubleText="merge", quietPeriod="1s"), three),
    "rejected": Recording(
        asked_twice(doubleText="reject", quietPeriod="1s", rejectText="One at a time"), three
    ),
    "inside": Recording(INSIDE, asha, below=(NAME,)),
    "inside_ordinary": Recording(INSIDE, asha, Limits(fast=False), below=(NAME,)),
    "inside_left_to_ordinary": Recording(INSIDE, asha, meanwhile=slowly, below=(NAME,)),
    "inside_continued": Recording(INSIDE, asha, Limits(every_steps=3), below=(NAME,)),
    "inside_typed_ahead": Recording(INSIDE, meanwhile=spoken_to, below=(NAME,)),
    "inside_cancelled": Recording(INSIDE, cancel, below=(NAME,)),
    "breathless": Recording(EVERY, asha, Limits(fuel=3)),
}
OLDER = {"every_continued", "rewalked_continued"}
"""Of plans that had every answer read outside and foresaw nothing: no flow is compiled to such any more."""
