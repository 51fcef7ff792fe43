"""reject: does not take a call."""

from collections.abc import Iterable
from typing import ClassVar

from compiler.calling import Calling
from dsl.kind import Place
from dsl.plan import Step


class Reject(Calling):
    """Does not take a call: the caller hears that nobody answers. What follows is done, and not heard."""

    hears_after: ClassVar[bool] = False

    def lower(self, place: Place) -> Iterable[Step]:
        """One `say`."""
        yield self.telling(place, "!next")
