"""Doing a thing once for each idempotency key, whatever dies in between."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, NamedTuple, TypeVar

from fastapi import Header, Response

from api.errors import Problem
from dsl.digests import digest_of
from dsl.model import Json, Message
from store import idempotency
from store.database import Database
from store.flows import Gone, Stale
from store.ids import new_id

M = TypeVar("M", bound=Message)

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key and body are done once and answered alike, for seven days.",
    ),
]


class Done(NamedTuple, Generic[M]):
    """What the caller is told; `replayed` when an earlier request with the key was told so."""

    status: int
    answer: M
    replayed: bool = False

    def onto(self, response: Response) -> M:
        """The answer, its status and its mark put on the response."""
        response.status_code = self.status
        if self.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return self.answer


Work = Callable[[str], Awaitable[Done[M]]]
"""Does it, with the id for what is made: the same id when an earlier try with the key died."""


async def once(
    db: Database, workspace: str, key: str | None, request: Json, shape: type[M], work: Work[M]
) -> Done[M]:
    """What `work` comes to, or came to for an earlier request with the key.

    409 while that one is under way, 422 where it asked for something else. A refusal frees the key."""
    if key is None:
        return await work(new_id())
    digest = digest_of(request)
    async with db.begin() as connection:
        reserved = await idempotency.reserve(connection, workspace, key, digest, new_id())
    if not reserved.mine:
        return earlier(reserved, digest, shape)
    try:
        done = await work(reserved.execution_id)
    except (Problem, Gone, Stale):
        async with db.begin() as connection:
            await idempotency.forget(connection, workspace, key)
        raise
    answer = done.answer.model_dump(mode="json", by_alias=True)
    await idempotency.finish(db, workspace, key, done.status, answer)
    return done


def earlier(reserved: idempotency.Reserved, digest: str, shape: type[M]) -> Done[M]:
    """What the request that holds the key was told."""
    if reserved.digest != digest:
        raise Problem(422, "IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key came with another request before.")
    if reserved.answer is None:
        raise in_use()
    return Done(reserved.status or 200, shape.model_validate(reserved.answer), replayed=True)


def in_use() -> Problem:
    """409: a request with the key is under way."""
    message = "A request with this Idempotency-Key is under way."
    return Problem(409, "IDEMPOTENCY_KEY_IN_USE", message, headers={"Retry-After": "1"})
