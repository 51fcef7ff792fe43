"""What the simulation of a flow takes."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from dsl.filters import moment_of
from dsl.model import Authored, Json
from dsl.spec import RESERVED, Name
from simulator.lines import MOST_LINES, AnyLine, Line, Say
from simulator.mocks import Mocks
from simulator.setting import MONDAY, Setting

YEARS = range(1971, 2200)


def _moment(written: Any) -> datetime:
    moment = written if isinstance(written, datetime) else None
    if isinstance(written, str):
        moment = moment_of(written)
    if moment is None or moment.year not in YEARS:
        raise ValueError(f"a moment of the years {YEARS.start} to {YEARS.stop - 1}, in ISO 8601")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]

_EXAMPLE: dict[str, Json] = {
    "script": [
        {"say": "Hi"},
        {"expect": "Hello Asha!"},
        {"advance": "3d"},
        {"expectExit": "completed"},
    ],
    "contact": {"name": "Asha"},
    "mock": {"lookup": {"exit": "failure", "value": {"status": 404}}},
}


class SimulateInput(Authored):
    """A conversation to play, as in a `*.talk.json` file, and what it begins with.

    The same request gives the same answer, to the byte.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    script: list[AnyLine] = Field(default_factory=list, max_length=MOST_LINES)
    """Lines as in a conversation test; played up to the first that does not go as it says."""
    inputs: list[Annotated[str, Field(min_length=1, max_length=16_384)]] = Field(
        default_factory=list, max_length=MOST_LINES
    )
    """In place of a script: what the person says, one thing after another."""
    flow: dict[str, Any] | None = None
    """The flow to simulate, in any dialect; without it, the stored one's latest version."""
    at: Moment = MONDAY
    """When it begins. Time passes only as lines say, and as far as an expected message needs it to."""
    variables: dict[Name, Json] = Field(
        default_factory=dict,
        json_schema_extra={"propertyNames": {"maxLength": 128, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}},
    )
    contact: dict[str, Json] | None = None
    """What is known of the person; without it, a John in a chat, a number elsewhere."""
    trigger: dict[str, Json] | None = None
    """What starts it; without it, the person's first words do."""
    mock: Mocks = Field(default_factory=dict)
    """What nodes come to, by id; others come to what their kind has for tests. Nothing is ever sent."""

    @model_validator(mode="after")
    def _consistent(self) -> "SimulateInput":
        if self.script and self.inputs:
            raise ValueError("give a script, or inputs")
        if taken := set(self.variables) & set(RESERVED):
            raise ValueError(f"no variable can be named {min(taken)}")
        return self

    def lines(self) -> list[Line]:
        """The lines to play."""
        return list(self.script) or [Say(say=text) for text in self.inputs]

    def setting(self) -> Setting:
        """What it begins with."""
        return Setting(
            at=self.at,
            variables=self.variables,
            trigger=self.trigger,
            mocks=dict(self.mock),
            contact=self.contact,
        )
