"""Faults somebody asked for, which prove that they landed."""

import re
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

ApiAction = Literal[
    "error",
    "error_after",
    "drop_before",
    "drop_after",
    "delay",
    "delay_after",
    "throttle",
    "truncate",
    "hang",
    "hang_after",
]
DeliveryAction = Literal["duplicate", "drop", "delay", "reorder", "truncate_body"]
API_ACTIONS = frozenset(get_args(ApiAction))


class Match(BaseModel):
    """Which calls (`method`, `path`) or deliveries (`event`, `channel`, `path` of the target) are met."""

    model_config = ConfigDict(extra="forbid")

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: str | None = Field(None, max_length=500)
    event: str | None = None
    channel: str | None = None

    @field_validator("path")
    @classmethod
    def _compiles(cls, path: str | None) -> str | None:
        try:
            re.compile(path or "")
        except re.error as problem:
            raise ValueError(f"path is not a regular expression: {problem}") from problem
        return path

    def accepts_call(self, method: str, path: str) -> bool:
        return self.method in (None, method) and self._accepts_path(path)

    def accepts_delivery(self, channel: str, event: str, url: str) -> bool:
        fits = self.event in (None, event) and self.channel in (None, channel)
        return fits and self._accepts_path(url)

    def _accepts_path(self, path: str) -> bool:
        return self.path is None or re.search(self.path, path) is not None


class FaultSpec(BaseModel):
    """A fault to inject: after `skip` matches, the next `times` are hit.

    `param` is the status for `error` and `error_after`, seconds for `delay`, `delay_after`, `hang`,
    `hang_after` and `reorder`, the number of extra copies for `duplicate`. `…_after` means that the work is
    done all the same. `body` is what `error` and `error_after` answer with.
    """

    model_config = ConfigDict(extra="forbid")
    delivery_actions: ClassVar[frozenset[str]] = frozenset(get_args(DeliveryAction))

    match: Match = Match()
    action: str
    times: int = Field(1, ge=1, le=1_000_000)
    skip: int = Field(0, ge=0)
    param: float | None = Field(None, ge=0, le=86_400)
    body: str = Field('{"error":"Injected fault"}', max_length=100_000)

    @model_validator(mode="after")
    def _fits(self) -> "FaultSpec":
        if self.action not in self.delivery_actions and (self.match.event or self.match.channel):
            raise ValueError(f"{self.action} hits API calls: match by method and path")
        if self.action not in API_ACTIONS and self.match.method:
            raise ValueError(f"{self.action} hits deliveries: match by channel, event and path")
        if self.action in ("error", "error_after") and not 400 <= int(self.param or 500) <= 599:
            raise ValueError("param must be a status from 400 to 599")
        return self

    @property
    def for_deliveries(self) -> bool:
        """`delay` exists on both sides; an event or channel in the match says which is meant."""
        if self.action in API_ACTIONS and self.action in self.delivery_actions:
            return bool(self.match.event or self.match.channel)
        return self.action in self.delivery_actions


class Fault:
    """A fault in force, with its counters."""

    def __init__(self, number: int, spec: FaultSpec) -> None:
        self.number = number
        self.spec = spec
        self.seen = 0
        self.claimed = 0
        self.landed = 0

    def claim(self) -> bool:
        """Count a match; True when this one is to be hit."""
        self.seen += 1
        if self.seen <= self.spec.skip or self.claimed >= self.spec.times:
            return False
        self.claimed += 1
        return True

    def param(self, default: float) -> float:
        return default if self.spec.param is None else self.spec.param

    def report(self) -> dict[str, Any]:
        return {"id": self.number, **self.spec.model_dump(exclude_none=True), "landed": self.landed}


class FaultBook:
    """The faults in force, in the order they were asked for."""

    LIMIT = 1_000

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._count = 0

    def add(self, spec: FaultSpec) -> Fault:
        """Put a fault in force; the oldest one leaves when there are too many."""
        self._count += 1
        fault = Fault(self._count, spec)
        self._faults = [*self._faults, fault][-self.LIMIT :]
        return fault

    def clear(self, number: int | None = None) -> None:
        self._faults = [f for f in self._faults if number is not None and f.number != number]

    def report(self) -> list[dict[str, Any]]:
        return [fault.report() for fault in self._faults]

    def for_call(self, method: str, path: str) -> Fault | None:
        """The first fault that hits this API call, if any."""
        for fault in self._faults:
            wanted = not fault.spec.for_deliveries and fault.spec.match.accepts_call(method, path)
            if wanted and fault.claim():
                return fault
        return None

    def for_delivery(self, channel: str, event: str, url: str) -> Fault | None:
        """The first fault that hits this delivery, if any."""
        for fault in self._faults:
            wanted = fault.spec.for_deliveries and fault.spec.match.accepts_delivery(channel, event, url)
            if wanted and fault.claim():
                return fault
        return None
