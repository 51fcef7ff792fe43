"""Exits that a node's config names: each is somebody's way, so each must lead somewhere."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import StringConstraints

from dsl.issues import Issue, issue
from dsl.kind import Place

Exit = Annotated[str, StringConstraints(min_length=1, max_length=128)]


def loose_ends(place: Place, ways: Mapping[str, str]) -> Iterator[Issue]:
    """The exits, by the pointers that name them, from which no edge was drawn."""
    for pointer, exit in ways.items():
        if not place.connected(exit):
            yield issue("DANGLING_EXIT", f"The exit '{exit}' leads nowhere.", pointer=pointer)
