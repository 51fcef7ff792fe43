"""What source, sink, nemesis and probes noted while a run lasted, line by line."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

Json = Any
AFTERMATH = timedelta(seconds=1)
"""How long after its end a fault may still be felt."""
GOOD = range(200, 300)
LOOKED_AT = ("TIMER_STARTED", "TIMER_FIRED", "WORKFLOW_TASK_FAILED", "WORKFLOW_TASK_TIMED_OUT")
"""Kinds of events that anybody asks for: a long run has millions of others."""


class Webhook(NamedTuple):
    """A delivery by the source: the last try of it. `acknowledged`: it was answered with 2xx."""

    at: datetime
    event: str
    conversation: int
    message: int | None
    acknowledged: bool
    faulty: bool = False
    """The source itself was told to spoil it."""


class Callback(NamedTuple):
    """The same by a phone network: `channel` is `sms`, `delivery`, `airtime`, `payment`, …"""

    at: datetime
    channel: str
    fields: dict[str, Json]
    acknowledged: bool
    faulty: bool = False

    @property
    def id(self) -> str:
        """What it is about."""
        return str(next((self.fields[name] for name in IDS if name in self.fields), ""))


IDS = ("id", "transactionId", "requestId", "sessionId")


class Turn(NamedTuple):
    """A step of a caller, `text` all they typed so far, and what they saw; None: no answer came."""

    at: datetime
    session: str
    text: str
    answer: str | None
    faulty: bool = False


class Call(NamedTuple):
    """A request that the sink got under an effect's key; `done`: it did what was asked."""

    at: datetime
    key: str
    done: bool
    text: str = ""


class Taken(NamedTuple):
    """What a phone network was asked for and did, which knows no keys of ours: a text, or a payment."""

    at: datetime
    ref: str
    """The id it gave."""
    phone: str
    text: str = ""


class Start(NamedTuple):
    """What a start by API was answered; `execution` None where none was named."""

    at: datetime
    key: str | None
    status: int
    execution: str | None
    body: dict[str, Json]

    @property
    def acknowledged(self) -> bool:
        """Whether there is to be an execution."""
        return self.status in GOOD


class Probe(NamedTuple):
    """Something tried that must not be possible: what came of it, and what should have."""

    probe: str
    what: str
    wanted: str
    got: str


class Fault(NamedTuple):
    """Something done to the run: when, until when it was felt, and the proof that it landed, if any."""

    what: str
    begun: datetime
    ended: datetime
    proof: str | None


class Sample(NamedTuple):
    """What a process held at a moment; `memory` in bytes."""

    part: str
    pid: int
    at: datetime
    memory: int
    descriptors: int
    connections: int


class Run(NamedTuple):
    """A run of an execution: its decoded history as JSON, its length, and those of its events `LOOKED_AT`."""

    execution: str
    number: int
    json: str
    length: int
    events: list[dict[str, Json]]

    @classmethod
    def read(cls, execution: str, number: int, text: str) -> "Run":
        """A history from its JSON."""
        events = json.loads(text)["events"]
        wanted = [event for event in events if event["eventType"].endswith(LOOKED_AT)]
        return cls(execution, number, text, len(events), wanted)

    def of(self, kind: str) -> Iterator[dict[str, Json]]:
        """The events of a kind (`WORKFLOW_TASK_FAILED`)."""
        return (event for event in self.events if event["eventType"] == f"EVENT_TYPE_{kind}")
