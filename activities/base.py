"""What a kind with an executor is, and the tools its executor is handed."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

from activities.telecom import PROVIDER, Telecom
from dsl.kind import Kind, Place
from dsl.messages import Effect, Outcome, Scene
from dsl.plan import SPEAKING, Call, Options, Step
from dsl.spec import Retry
from providers.chatwoot.port import ChatwootPort
from providers.errors import Failed, ProviderError
from providers.http.connections import Connection
from providers.http.safe import SafeHttp
from providers.webhook.receiver import Receiver


@dataclass(frozen=True)
class Tools:
    """Everything an executor may touch outside; `key` names its effect on every attempt."""

    scene: Scene
    key: str
    http: SafeHttp
    chatwoots: Mapping[str, ChatwootPort]
    connections: Mapping[str, Connection] = field(default_factory=dict)
    """What the operator lets flows prove themselves with, by name."""
    receiver: Receiver | None = None
    """Where the operator wants to hear of events."""
    telecom: Telecom | None = None
    """What reaches people by phone."""
    again: bool = False
    """Whether an earlier try of the effect may have had it."""

    def chatwoot(self) -> ChatwootPort:
        """The client of the run's connection; `Failed(NO_CONVERSATION)` without one."""
        client = self.chatwoots.get(self.scene.connection or "")
        if client is None or self.scene.conversation is None:
            raise Failed(
                "NO_CONVERSATION", "The execution has no conversation to act on.", provider="chatwoot"
            )
        return client

    def conversation(self) -> str:
        """The provider's id of the run's conversation; `Failed(NO_CONVERSATION)` without one."""
        self.chatwoot()
        return self.scene.conversation or ""

    def phones(self) -> Telecom:
        """What reaches people by phone; `Failed(NOT_CONFIGURED)` without it."""
        if self.telecom is None:
            text = "There is no account to reach people by phone."
            raise Failed("NOT_CONFIGURED", text, provider=PROVIDER)
        return self.telecom


@dataclass(frozen=True)
class Lost:
    """What is known of an attempt whose end nobody saw: made after `after_id`, and none of those `taken`."""

    after_id: int | None = None
    taken: frozenset[int] = frozenset()


class Origin(NamedTuple):
    """Whose ids an executor's outcomes bear: a provider's, within one connection to it."""

    provider: str
    connection: str | None


Recovery = Literal["list", "repeat", "none"]


class Action(Kind):
    """A kind with an executor: an activity named after it.

    `recovery` says what may be done about an attempt whose end nobody saw: `list` asks the provider
    (`recover`), `repeat` is harmless twice, `none` stays unknown.
    """

    recovery: ClassVar[Recovery] = "none"
    doubts: ClassVar[bool] = False
    """Whether nothing but success tells what became of it, once one attempt's end was not seen."""
    moves_money: ClassVar[bool] = False
    """Whether what a lost task began in its place keeps it from being done (protocols 3.4)."""
    queue: ClassVar[str | None] = None
    """The task queue of its activity, where that is not the walk's own."""
    first_only: ClassVar[bool] = False
    """Whether it is never performed behind another effect in one local activity."""

    def is_effect(self) -> bool:
        """Whether the call changes the world, and so belongs in the ledger."""
        return True

    def is_fast(self) -> bool:
        """Whether a local try is worth it."""
        return True

    def seconds(self) -> float:
        """Time-out of one attempt at the provider."""
        return SPEAKING

    def saves_to(self) -> str | None:
        """The variable that takes the outcome's value."""
        return None

    def lower(self, place: Place) -> Iterable[Step]:
        """One call; its exits are the node's."""
        yield self.call(place, id=place.id())

    def call(
        self, place: Place, *, id: str, hands_over: bool = False, to: dict[str, str] | None = None
    ) -> Call:
        """The step that runs this executor."""
        return Call(
            id=id,
            node=place.node,
            activity=self.kind(),
            args=self.model_dump(mode="json", by_alias=True, exclude_unset=True, warnings=False),
            to=to or {},
            default_exit=self.exits[0],
            save_to=self.saves_to(),
            fast=self.is_fast(),
            first_only=self.first_only,
            hands_over=hands_over,
            options=options(place.retry, self.seconds()).but(queue=self.queue),
        )

    @abstractmethod
    async def execute(self, tools: Tools) -> Outcome:
        """Do it once. Raises `ProviderError` where it did not come to an outcome of its own."""

    def origin(self, tools: Tools) -> Origin:
        """Who gives the id that its outcome's value has, if it has one."""
        return Origin("chatwoot", tools.scene.connection)

    @classmethod
    def recovery_on(cls, _scene: Scene) -> Recovery:
        """What may be done about a lost attempt in a scene."""
        return cls.recovery

    def retries(self, error: ProviderError, _tools: Tools) -> bool:
        """Whether it may be done again right after an error that leaves its end unknown."""
        return error.standing == "unknown" and (self.recovery == "repeat" or not self.is_effect())

    def repeats(self, _tools: Tools) -> bool:
        """Whether doing it twice is doing it once: by its kind, or by what is known of the other side."""
        return self.recovery == "repeat"

    async def recover(self, _tools: Tools, _lost: Lost) -> Outcome | None:
        """With `recovery = "list"`: the outcome of an earlier attempt as the provider shows it, or None.

        Raises Unknown where it cannot be looked for any more.
        """
        return None

    def mock(self) -> Outcome:
        """What a test run without mock data gets."""
        return Outcome(exit=self.exits[0])


def options(retry: Retry | None, seconds: float) -> Options:
    """An activity's options from a node's `retry` and the kind's time-out."""
    if retry is None:
        return Options(timeout=seconds)
    return Options(
        timeout=seconds,
        attempts=retry.attempts,
        initial=retry.initial,
        backoff=retry.backoff,
        max_interval=retry.max,
    )


def effect_key(scene: Scene, effect: Effect) -> str:
    """The effect's name for providers: the same on every attempt, whoever makes it."""
    return f"{scene.execution_id}:{effect.node}:{effect.visit}:{effect.number}"
