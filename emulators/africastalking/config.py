"""What an emulated application is: its keys, numbers, callbacks, and every assumption nobody could verify."""

from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LengthMode = Literal["reject", "truncate", "paginate", "ignore"]
ReportStatus = Literal[
    "Sent", "Submitted", "Buffered", "Rejected", "Success", "Failed", "AbsentSubscriber", "Expired"
]


class Callbacks(BaseModel):
    """The addresses somebody typed into the dashboard; without one, that callback is not made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ussd: str | None = None
    ussd_end: str | None = None
    sms: str | None = None
    delivery: str | None = None
    optout: str | None = None
    voice: str | None = None
    airtime: str | None = None
    airtime_validation: str | None = None
    payment: str | None = None
    payment_validation: str | None = None


class Config(BaseModel):
    """Settings of one emulator.

    Durations are the provider's seconds and pass `clock_scale` times as fast; those of the machinery
    (`webhook_timeout`, `reorder_hold`) are real ones. `None` switches a limit off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state_dir: Path | None = None
    environment: Literal["sandbox", "production"] = "sandbox"
    username: str = "sandbox"
    api_key: str = Field("sandbox-key", min_length=1, repr=False)
    callbacks: Callbacks = Callbacks()
    service_codes: tuple[str, ...] = ("*384*1#",)
    short_codes: tuple[str, ...] = ("28901",)
    sender_ids: tuple[str, ...] = ("DUKA",)
    default_sender: str = "AFRICASTKNG"
    voice_numbers: tuple[str, ...] = ("+254711000000",)
    currency: str = Field("KES", pattern=r"^[A-Z]{3}$")
    balance: Decimal = Decimal(1000)
    sms_price: Decimal = Decimal("0.8")
    clock_scale: float = Field(1.0, gt=0, le=1_000_000)

    webhook_timeout: float = Field(10.0, gt=0, le=60)
    delivery_concurrency: int = Field(10, ge=1, le=100)
    delivery_queue: int = Field(10_000, ge=1, le=100_000)
    reorder_hold: float = Field(5.0, gt=0, le=60)
    follow_redirects: bool = False
    row_limit: int = Field(500_000, ge=1)
    journal_lines: int = Field(100_000, ge=1, le=1_000_000)
    journal_fsync: bool = True  # a benchmark may do without

    reports: tuple[ReportStatus, ...] = ("Sent", "Success")
    failure_reason: str = "DeliveryFailure"
    report_delay: float = Field(0.05, ge=0, le=3_600)
    sms_retry_window: float = Field(43_200.0, ge=0)  # twelve hours: the one retry that is documented

    voice_price: Decimal = Decimal(3)  # a minute

    ussd_deadline: float = Field(10.0, gt=0, le=60)
    ussd_length: LengthMode = "reject"
    ussd_session: float = Field(180.0, gt=0)

    # What follows was found in no primary source: both ways must be survived.
    requests_per_second: int | None = Field(None, ge=1)
    throttle_body: str = "Too many requests"
    throttle_retry_after: int | None = Field(None, ge=0)
    throttle_as_date: bool = False  # Retry-After may be seconds or a date
    retry_delay: float = Field(1.0, gt=0)  # doubles up to ten minutes
    retry_every_callback: bool = False
    bulk_in_sandbox: bool = False
    ussd_counts_prefix: bool = True
    ussd_any_content_type: bool = False
    deep_dial: bool = True
    repeated_key: Literal["replay", "duplicate"] = "replay"
    airtime_callback_as_form: bool = False
    voice_deadline: float = Field(8.0, gt=0, le=60)
    digits_timeout: float = Field(30.0, gt=0)
    checkout_expiry: float = Field(120.0, gt=0)

    payments: bool = False  # withdrawn by the provider: the legacy shape, for whoever still speaks it
    products: tuple[str, ...] = ("Duka",)

    @model_validator(mode="after")
    def _sandbox_has_its_name(self) -> Self:
        if (self.environment == "sandbox") != (self.username == "sandbox"):
            raise ValueError("the sandbox's username is literally 'sandbox', and no other application's is")
        return self

    def seconds(self, provider_seconds: float) -> float:
        """How long that really takes."""
        return provider_seconds / self.clock_scale
