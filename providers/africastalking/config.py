"""What is needed to talk to Africa's Talking as one application."""

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from providers.africastalking.refusal import PROVIDER
from providers.breaker import FAILURES, PAUSE, Breaker

Environment = Literal["sandbox", "production"]
Url = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s?#@]+$")]


class Bases(NamedTuple):
    """Where the products live."""

    api: str
    voice: str
    payments: str


BASES: dict[Environment, Bases] = {
    "sandbox": Bases(
        "https://api.sandbox.africastalking.com",
        "https://voice.sandbox.africastalking.com",
        "https://payments.sandbox.africastalking.com",
    ),
    "production": Bases(
        "https://api.africastalking.com",
        "https://voice.africastalking.com",
        "https://payments.africastalking.com",
    ),
}


class AfricasTalkingConfig(BaseModel):
    """Sandbox and production differ by host, key and user name (the sandbox's is `sandbox`).

    The addresses, without a version, take the place of the environment's own where they are given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    username: SecretStr
    api_key: SecretStr
    environment: Environment = "sandbox"
    api_url: Url | None = None
    voice_url: Url | None = None
    payments_url: Url | None = None
    failures: int = Field(default=FAILURES, ge=1)
    """Calls of one product without an answer, one after another, after which it is left alone."""
    pause: float = Field(default=PAUSE, gt=0)
    """Seconds for which it is."""

    def bases(self) -> Bases:
        """Where to call."""
        own = BASES[self.environment]
        given = (self.api_url, self.voice_url, self.payments_url)
        return Bases(*(mine or theirs for mine, theirs in zip(given, own, strict=True)))

    def breaker(self, part: str) -> Breaker:
        """A breaker of its own for one of the products."""
        return Breaker(PROVIDER, part, failures=self.failures, pause=self.pause)
