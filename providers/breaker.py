"""A provider that does not answer is left alone for a while: nobody waits for it, and it can recover."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from providers.errors import Failed, NotSent, ProviderError
from providers.metrics import CIRCUITS

FAILURES, PAUSE = 10, 30.0
"""Calls without an answer, one after another, and the seconds in which none is made after that."""
SILENCE = ("not_sent", "unknown")
"""What counts as no answer; a refusal is one."""


class Breaker:
    """Opens after `failures` calls in a row without an answer; `pause` seconds later one call may try again.

    That one closes it, or opens it anew; others meanwhile are turned away.
    """

    def __init__(
        self,
        provider: str,
        part: str,
        *,
        failures: int = FAILURES,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider, self._failures, self._pause, self._clock = provider, failures, pause, clock
        self._gauge = CIRCUITS.labels(provider, part)
        self._gauge.set(0)
        self._count = 0
        self._left_alone_until: float | None = None
        """When the next call may try; None while all may."""

    @contextmanager
    def guarding(self, *, effect: bool) -> Iterator[None]:
        """Around one call: raises CIRCUIT_OPEN instead of it, Failed of an effect, NotSent of a question."""
        self._admit(effect)
        try:
            yield
        except ProviderError as error:
            self._noted(answered=error.standing not in SILENCE)
            raise
        self._noted(answered=True)

    def _admit(self, effect: bool) -> None:
        if self._left_alone_until is None:
            return
        ahead = self._left_alone_until - self._clock()
        if ahead > 0:
            kind, text = (Failed if effect else NotSent), "it has not answered lately, and is not asked now"
            raise kind("CIRCUIT_OPEN", text, provider=self._provider, retry_after=ahead)
        self._left_alone_until = self._clock() + self._pause

    def _noted(self, *, answered: bool) -> None:
        self._count = 0 if answered else self._count + 1
        if answered:
            self._left_alone_until = None
        elif self._count >= self._failures:
            self._left_alone_until = self._clock() + self._pause
        self._gauge.set(int(self._left_alone_until is not None))
