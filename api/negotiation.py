"""Which form of an answer a caller wants, by its Accept header (RFC 9110)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from api.errors import Problem


class _Wish(NamedTuple):
    """A media range, as exact as it is written: 0 for `*/*`, 1 for `image/*`, 2 for a type."""

    kind: str
    subkind: str
    weight: float

    @property
    def exactness(self) -> int:
        return (self.kind != "*") + (self.subkind != "*")

    def covers(self, offer: str) -> bool:
        kind, _, subkind = offer.partition("/")
        return self.kind in ("*", kind) and self.subkind in ("*", subkind)


def preferred(accept: str | None, offers: Sequence[str]) -> str:
    """The offer that the caller likes best, the first of equals; 406 where none will do."""
    wishes = list(_wishes(accept or "*/*"))
    weights = [_weight(wishes, offer) for offer in offers]
    if max(weights) <= 0:
        raise Problem(406, "NOT_ACCEPTABLE", f"It can be had as {', '.join(offers)}.")
    return offers[weights.index(max(weights))]


def _weight(wishes: list[_Wish], offer: str) -> float:
    """By the most exact wish that covers the offer."""
    covering = [wish for wish in wishes if wish.covers(offer)]
    return max(covering, key=lambda wish: wish.exactness).weight if covering else 0.0


def _wishes(accept: str) -> Iterator[_Wish]:
    for part in accept.split(","):
        media, *parameters = (word.strip().lower() for word in part.split(";"))
        kind, separator, subkind = media.partition("/")
        if separator:
            yield _Wish(kind, subkind, next(map(_quality, filter(_is_quality, parameters)), 1.0))


def _is_quality(parameter: str) -> bool:
    return parameter.startswith("q=")


def _quality(parameter: str) -> float:
    try:
        return min(max(float(parameter[2:]), 0.0), 1.0)
    except ValueError:
        return 0.0
