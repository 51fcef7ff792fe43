"""What an outside system answered, read within bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from dsl.model import Json


@dataclass(frozen=True)
class Reply:
    """An answer: header names are lower case, the body is decoded and never shown in a repr.

    `flaw` is the code of what went wrong while the body was read (it is empty then); the status stands.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    flaw: str | None = None

    def json(self) -> Json:
        """The body as JSON; raises ValueError when it is not."""
        return orjson.loads(self.content)

    @property
    def text(self) -> str:
        """The body as text, whatever its bytes."""
        return self.content.decode(errors="replace")
