"""redirect: hands a call over to another service."""

from collections.abc import Iterable
from typing import ClassVar

from compiler.calling import Calling, Sound
from dsl.kind import Place
from dsl.plan import Step


class Redirect(Calling):
    """Hands a call over to another service: the call does what that address answers.

    What follows is done at once, and not heard.
    """

    hears_after: ClassVar[bool] = False

    url: Sound
    """The address that answers with the provider's voice actions."""

    def told(self) -> set[str]:
        """The address."""
        return {"url"}

    def lower(self, place: Place) -> Iterable[Step]:
        """One `say`."""
        yield self.telling(place, "!next")
