"""Call a web address."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools, options
from activities.destinations import request_issues
from dsl.durations import Duration
from dsl.issues import Issue, issue
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.model import Json
from dsl.plan import Step
from dsl.spec import Name, Retry
from dsl.templates import Expr, Text
from providers.http.connections import ConnectionName, named
from providers.reply import Reply

LONGEST_FAST = 10
SETTLED = frozenset(range(200, 600)) - {429, 503}
"""An answer; 429 and 503 ask for another try. A 5xx to a change may have had its effect."""


class Api(Action):
    """Send an HTTP request and keep the answer: `{status, headers, body}`.

    Leaves by `success` when the status is expected (2xx unless `expectStatus` says otherwise), by `failure`
    when it was answered with another, by `error` when it was not answered.
    """

    aliases: ClassVar[tuple[str, ...]] = ("api_request", "http_request")
    exits: ClassVar[tuple[str, ...]] = ("success", "failure")

    url: Text = Field(max_length=8_192)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[str, Text] = Field(default_factory=dict, max_length=50)
    query: dict[str, Expr[str | int | float | bool | None]] = Field(default_factory=dict, max_length=100)
    body: Json = None
    auth: ConnectionName | None = None
    """Name of a connection, which the operator sets up: its credentials go to its hosts alone."""
    timeout: Duration = Field(default=4, ge=1, le=60)
    save_to: Name | None = None
    expect_status: list[int] = Field(default_factory=list, max_length=20)
    retry: Retry | None = Field(default=None, exclude=True)
    """The node's `retry`, where that is not given."""
    idempotent: bool = False
    """The server honours the Idempotency-Key header, so that a repeat is harmless."""

    def is_effect(self) -> bool:
        """A GET changes nothing."""
        return self.method != "GET"

    def is_fast(self) -> bool:
        """A local try is worth it for short time-outs."""
        return self.timeout <= LONGEST_FAST

    def seconds(self) -> float:
        """The author's time-out."""
        return float(self.timeout)

    def saves_to(self) -> str | None:
        """The author's variable."""
        return self.save_to

    def sets(self) -> Iterator[str]:
        """The variable that takes the answer."""
        if self.save_to:
            yield self.save_to

    def unsure(self, exit: str) -> Iterator[str]:
        """An unexpected answer is kept too."""
        yield from super().unsure(exit) if exit != "failure" else ()

    def check(self, place: Place) -> Iterator[Issue]:
        """A change that is tried again must be harmless twice; no request must surely be refused."""
        retry = place.retry or self.retry
        if retry and retry.attempts > 1 and self.is_effect() and not self.idempotent:
            yield issue("RETRY_NOT_IDEMPOTENT", pointer="/method")
        yield from request_issues(self.method, self.url, self.headers, self.body)

    def lower(self, place: Place) -> Iterable[Step]:
        """One call; its exits are the node's."""
        tries = {"options": options(place.retry or self.retry, self.seconds())}
        yield self.call(place, id=place.id()).model_copy(update=tries)

    def connections(self) -> Mapping[str, str]:
        """The one that `auth` names."""
        return {"/auth": self.auth} if self.auth else {}

    def repeats(self, _tools: Tools) -> bool:
        """Where the author says that the server honours our key."""
        return self.idempotent

    async def execute(self, tools: Tools) -> Outcome:
        """One request by the guarded client; the effect's key is its Idempotency-Key."""
        connection = named(tools.connections, self.auth) if self.auth else None
        headers = {**self.headers, **({"Idempotency-Key": tools.key} if self.is_effect() else {})}
        reply = await tools.http.request(
            self.method,
            self.url,
            headers=headers,
            params=self.query,
            json=self.body,
            timeout=self.seconds(),
            expect=[status for status in SETTLED if status < 500] if self.is_effect() else SETTLED,
            repeatable=self.idempotent,
            connection=connection,
        )
        answer = _answer(reply)
        expected = reply.status in self.expect_status if self.expect_status else 200 <= reply.status < 300
        return Outcome(
            exit="success" if expected else "failure", value=connection.hide(answer) if connection else answer
        )


def _answer(reply: Reply) -> Json:
    """The answer as a flow sees it; a body that is not JSON is text."""
    try:
        body = reply.json()
    except ValueError:
        body = reply.text
    return {"status": reply.status, "headers": dict(reply.headers), "body": body}
