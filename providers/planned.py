"""Failures that a test plans for a provider in memory."""

from collections import deque
from dataclasses import dataclass

from providers.errors import ProviderError


@dataclass(frozen=True)
class Planned:
    """A failure to come: the method it hits, and whether the work is done all the same."""

    method: str
    error: ProviderError
    done: bool


class Plans:
    """What providers in memory have in common; failures strike in the order they were planned."""

    def __init__(self) -> None:
        self._planned: deque[Planned] = deque()

    def fail(self, method: str, error: ProviderError, *, done: bool = False) -> None:
        """The next call of the method raises the error, `done`: after its work."""
        self._planned.append(Planned(method, error, done))

    def failure(self, method: str) -> ProviderError | None:
        """The failure planned for this call: raised here, or given back where the work is done first."""
        if not self._planned or self._planned[0].method != method:
            return None
        planned = self._planned.popleft()
        if not planned.done:
            raise planned.error
        return planned.error

    def fail_now(self, method: str) -> None:
        """For a method that does nothing: the failure planned for it, if any."""
        strike(self.failure(method))


def strike(failure: ProviderError | None) -> None:
    """Raise what was planned to come after the work."""
    if failure is not None:
        raise failure
