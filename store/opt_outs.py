"""Who wants no more texts, and of whom: asked before every send, whichever flow sends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self

from asyncpg import UniqueViolationError

from dsl.inputs import Inbound
from store import inbox
from store.database import Database
from store.inbox import TRIES, Accepted

EVERYONE = "*"
"""Scope of an opt-out from every sender of the connection; else it is the sender's name."""
Source = Literal["word", "provider", "refusal"]
"""Who said so: the person to us, the provider's callback, or the provider's answer to a send."""


class OptOut(NamedTuple):
    """A person (hashed) who wants no texts of a sender (`*`: of any)."""

    phone: str
    scope: str
    source: Source
    created_at: datetime


ADD = """
INSERT INTO opt_outs (workspace_id, connection, phone, scope, source) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""


async def add(db: Database, workspace: str, connection: str, phone: str, scope: str, source: Source) -> None:
    """From now on texts of that sender to that person are refused. `phone` is hashed, here and below."""
    await db.execute(ADD, workspace, connection, phone, scope, source)


REFUSES = """
SELECT EXISTS (SELECT FROM opt_outs
    WHERE workspace_id = $1 AND connection = $2 AND phone = $3 AND scope IN ('*', $4))
"""


async def refuses(db: Database, workspace: str, connection: str, phone: str, sender: str) -> bool:
    """Whether the person wants no texts of that sender."""
    return bool(await db.fetchval(REFUSES, workspace, connection, phone, sender))


TAKE_BACK = """
DELETE FROM opt_outs WHERE workspace_id = $1 AND connection = $2 AND phone = $3 AND scope = ANY ($4::text[])
"""

LISTED = """
SELECT phone, scope, source, created_at FROM opt_outs
WHERE workspace_id = $1 AND connection = $2 AND phone = $3 ORDER BY scope
"""


async def of(db: Database, workspace: str, connection: str, phone: str) -> list[OptOut]:
    """A person's opt-outs."""
    return [OptOut(*row) for row in await db.fetch(LISTED, workspace, connection, phone)]


@dataclass(frozen=True)
class OptOuts:
    """The list of one connection for those who send; phone numbers are E.164 here."""

    db: Database
    connection: str
    hashed: Callable[[str], str]

    async def refuses(self, workspace: str, phone: str, sender: str | None) -> bool:
        """Whether a text of that sender (None: the application's default) is not wanted."""
        return await refuses(self.db, workspace, self.connection, self.hashed(phone), sender or "")

    async def add(self, workspace: str, phone: str, sender: str | None) -> None:
        """The provider has refused a send because of an opt-out that we did not know."""
        await add(self.db, workspace, self.connection, self.hashed(phone), sender or "", "refusal")


class Word(NamedTuple):
    """What a person wrote: no more texts of these scopes, or texts of them again."""

    how: Literal["opt_out", "opt_in"]
    phone: str
    scopes: tuple[str, ...]

    @classmethod
    def stop(cls, phone: str) -> Self:
        """No more texts, whoever of us sends them: nobody knows by which of our senders a text came."""
        return cls("opt_out", phone, (EVERYONE,))

    @classmethod
    def start(cls, phone: str, service: str) -> Self:
        """Texts again, of the number that was written to and of all that said nothing else."""
        return cls("opt_in", phone, (EVERYONE, service))


SETTLED = """
UPDATE inbound_events SET state = 'ignored', how = $3, consumed_at = clock_timestamp()
WHERE workspace_id = $1 AND id = $2
"""


async def heard(db: Database, workspace: str, connection: str, inbound: Inbound, word: Word) -> Accepted:
    """Stores what a person wrote about our texts and what follows from it, in one transaction.

    The row is `ignored` from the start: no flow hears of it.
    """
    args = inbox.arguments(db, workspace, connection, inbound)
    for _ in range(TRIES - 1):
        try:
            return await _heard(db, args, word)
        except UniqueViolationError:
            continue
    return await _heard(db, args, word)


async def _heard(db: Database, args: tuple[Any, ...], word: Word) -> Accepted:
    workspace, connection, *_ = args
    async with db.transaction() as at:
        accepted = await inbox.accept_once(at, args)
        if accepted.duplicate:
            return accepted
        if word.how == "opt_out":
            for scope in word.scopes:
                await at.execute(ADD, workspace, connection, word.phone, scope, "word")
        else:
            await at.execute(TAKE_BACK, workspace, connection, word.phone, list(word.scopes))
        await at.execute(SETTLED, workspace, accepted.id, word.how)
    return accepted
