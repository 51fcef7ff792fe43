"""What all branches of a walk share."""

from math import inf

from torture.reference.case import Account, Case, Done, Event, Line
from torture.reference.processes import Process
from torture.reference.schedule import Schedule
from torture.reference.timeline import Timeline, later


class World(Schedule):
    """What all branches share."""

    def __init__(self, case: Case) -> None:
        super().__init__(Timeline(case))
        self.case, self.told = case, Account()
        self.trigger = dict(case.trigger)
        self.below = {flow["id"]: flow for flow in case.below}
        self.sent, self.first_sent = 0, 0
        self.close = False
        """Whether an event was accepted about when a reminder was due: who knows which came first?"""

    def consumed(self, event: Event, how: str) -> None:
        """What became of an event, and what it tells of the contact."""
        self.told.inputs.append((event.seq, how))
        self.told.contact |= event.contact

    def ends_at(self, done: Done) -> float:
        """When an effect ends that begins now."""
        seen = self.case.seen.get(done[:3])
        return seen.at if seen else later(self.time.clock, self.case.seconds(*done[:3]))

    def landed(self, done: Done) -> None:
        """An effect has ended; a message has got its id."""
        self.told.effects.append(done)
        if done.activity == "send_message" and done.state == "done":
            self.sent += 1

    def abandoned(self, process: Process) -> None:
        """A branch is given up at its node."""
        self.told.path.append(Line(process.where, "done", "abandoned"))

    def opens(self, event: Event) -> bool:
        """Whether an event began the conversation: older than our first message, it answers nothing."""
        return event.kind == "opened" or (event.kind == "message" and event.message_id < self.first_sent)

    def aside(self, event: Event) -> bool:
        """Take in an event that answers nothing, whoever has the word."""
        if event.kind == "unreadable":
            self.consumed(event, "unreadable")
        elif event.kind == "status":
            self.told.owner = event.value["owner"] or self.told.owner
            self.consumed(event, "outdated" if event.value.get("outdated") else "owner")
        elif self.opens(event):
            if event.kind == "message":
                shown = {"id": event.message_id, "text": event.text, "attachments": []}
                self.trigger.setdefault("message", shown)
            self.consumed(event, "opening")
        else:
            return False
        return True

    def overheard(self) -> None:
        """Nobody rests: who has the word is heard at once."""
        for event in self.time.overhear(inf):
            self.aside(event)
