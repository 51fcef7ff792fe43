"""What the emulator remembers."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from emulators.africastalking.config import Config, ReportStatus
from emulators.africastalking.domain.scripts import Step
from emulators.africastalking.errors import ApiError
from emulators.africastalking.texts import SANDBOX_NETWORK

Json = dict[str, Any]
PREFIXES = {"+2547": "63902", "+2341": "62130", "+2507": "63510", "+2556": "64002", "+2567": "64110"}


@dataclass(slots=True)
class Phone:
    """A subscriber; `reports` and `failure_reason` replace the settings' for messages sent to it."""

    number: str
    network: str
    reports: tuple[ReportStatus, ...] | None = None
    failure_reason: str | None = None
    airtime: Literal["Success", "Failed"] = "Success"


@dataclass(slots=True)
class Sms:
    """A message to a subscriber, whatever became of it."""

    id: str
    number: str
    sender: str
    text: str
    code: int
    status: str
    cost: str
    premium: bool = False


@dataclass(slots=True)
class Incoming:
    """A message from a subscriber; `number` is its place in the inbox."""

    number: int
    id: str
    phone: str
    to: str
    text: str
    at: float
    link_id: str


@dataclass(slots=True)
class Session:
    """One USSD session; `pages` are those of the last screen, `page` the one the phone shows."""

    id: str
    phone: Phone
    code: str
    started: float
    inputs: list[str]
    hops: int = 0
    labels: list[str] = field(default_factory=list)
    answer: str = ""
    pages: list[str] = field(default_factory=list)
    page: int = 0
    status: str | None = None
    error: str | None = None
    busy: bool = False

    @property
    def open(self) -> bool:
        return self.status is None


@dataclass(slots=True)
class Airtime:
    """A top-up of one number."""

    id: str
    number: str
    amount: Decimal
    discount: Decimal
    status: str


@dataclass(slots=True)
class Payment:
    """A payment by or to a subscriber, with the fields that a query tells of it."""

    id: str
    category: str
    number: str
    product: str
    value: Decimal
    metadata: dict[str, str]
    at: float
    status: str
    description: str
    fee: Decimal = Decimal(0)


@dataclass(slots=True)
class Call:
    """A call with what was heard in it; `number` is the application's, `waiting` what the phone must do."""

    id: str
    inbound: bool
    phone: Phone
    number: str
    started: float
    client_request_id: str | None = None
    planned: list[Step] | None = None
    state: Literal["ringing", "active", "ended"] = "ringing"
    answered: float | None = None
    steps: list[Step] = field(default_factory=list)
    waiting: Step | None = None
    heard: list[str] = field(default_factory=list)
    recording: str | None = None
    final: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    turns: int = 0
    busy: bool = False

    @property
    def queue(self) -> str | None:
        """The queue in which it waits, None when it is in none."""
        queued = self.waiting is not None and self.waiting.tag == "Enqueue"
        return self.waiting.attributes.get("name", "") if self.waiting and queued else None


@dataclass(slots=True)
class State:
    """All rows of the application."""

    phones: dict[str, Phone] = field(default_factory=dict)
    sms: dict[str, Sms] = field(default_factory=dict)
    inbox: list[Incoming] = field(default_factory=list)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    sessions: dict[str, Session] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    airtime: dict[str, Airtime] = field(default_factory=dict)
    airtime_guard: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)
    airtime_keys: dict[str, Json] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)

    def phone(self, number: str, config: Config) -> Phone:
        """The subscriber of a number, made on first sight."""
        if number not in self.phones:
            network = (
                SANDBOX_NETWORK if config.environment == "sandbox" else PREFIXES.get(number[:5], "63902")
            )
            self.phones[number] = Phone(number, network)
        return self.phones[number]

    def make_room(self, limit: int) -> None:
        """Refuse growth beyond the bound instead of eating the machine."""
        rows = len(self.phones) + len(self.sms) + len(self.inbox) + len(self.sessions)
        rows += len(self.airtime) + len(self.payments) + len(self.calls)
        if rows >= limit:
            raise ApiError(507, "The emulator is full: reset it")
