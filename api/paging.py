"""Pages by cursor: a place in a list that stays true while rows are added."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response

from api.errors import Problem
from store.refs import Place

T = TypeVar("T")


class Paging(NamedTuple):
    """How many rows are wanted, and after which place."""

    limit: int
    cursor: str | None

    def place(self) -> Place | None:
        """The place in a list ordered by time; 422 for a cursor that is not ours."""
        try:
            at, row = orjson.loads(_decoded(self.cursor)) if self.cursor else (None, None)
            return (datetime.fromisoformat(at), str(UUID(row))) if at else None
        except (ValueError, TypeError, AttributeError, binascii.Error):
            raise _invalid_cursor() from None

    def number(self) -> int:
        """The place in a list ordered by number; 422 for a cursor that is not ours."""
        try:
            number = orjson.loads(_decoded(self.cursor)) if self.cursor else 0
        except (ValueError, binascii.Error):
            raise _invalid_cursor() from None
        if type(number) is not int or not 0 <= number < 2**31:
            raise _invalid_cursor()
        return number


def paging(
    limit: Annotated[int, Query(ge=1, le=200, description="Rows of a page.")] = 50,
    cursor: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=400,
            pattern="^[A-Za-z0-9_-]+$",
            description="`nextCursor` of the page before.",
        ),
    ] = None,
) -> Paging:
    """The two query parameters of every list."""
    return Paging(limit, cursor)


PagingOf = Annotated[Paging, Depends(paging)]


def cut(
    rows: Sequence[T], limit: int, after: Callable[[T], object], request: Request, response: Response
) -> tuple[Sequence[T], str | None]:
    """The page out of one row more than asked for, and the next cursor; sets the `Link` header."""
    page = rows[:limit]
    if len(rows) <= limit:
        return page, None
    cursor = base64.urlsafe_b64encode(orjson.dumps(after(page[-1]))).decode().rstrip("=")
    following = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return page, cursor


def _decoded(cursor: str) -> bytes:
    return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)


def _invalid_cursor() -> Problem:
    return Problem(422, "INVALID_CURSOR", "The cursor is not one that we gave.")
