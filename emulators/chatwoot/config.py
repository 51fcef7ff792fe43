"""What an emulated installation is: its version profile and every assumption nobody could verify."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ProfileName = Literal["v4.16", "v4.3"]


@dataclass(frozen=True)
class Profile:
    """What one Chatwoot release does differently from another."""

    version: str
    bot_actions: frozenset[str]
    signed: bool  # signatures and delivery ids on all three channels
    bot_retries: bool
    bot_failure_opens: bool
    bot_sees_changes: bool  # conversation_status_changed and conversation_updated reach agent bots
    bot_assignee: bool
    attribute_merge: bool
    account_in_payload: bool
    normalises_content: bool
    own_account_suffices: bool  # a bot of the account needs no inbox connection


OLD_BOT_ACTIONS = frozenset(
    {
        "conversations#toggle_status",
        "conversations#toggle_priority",
        "conversations#create",
        "conversations#update",
        "conversations#custom_attributes",
        "messages#create",
        "assignments#create",
    }
)
NEW_BOT_ACTIONS = OLD_BOT_ACTIONS | {
    "conversations#show",
    "conversations#toggle_typing_status",
    "labels#index",
    "labels#create",
}


def _profile(version: str, actions: frozenset[str], *, modern: bool) -> Profile:
    return Profile(
        version=version,
        bot_actions=actions,
        signed=modern,
        bot_retries=modern,
        bot_failure_opens=modern,
        bot_sees_changes=modern,
        bot_assignee=modern,
        attribute_merge=modern,
        account_in_payload=modern,
        normalises_content=modern,
        own_account_suffices=modern,
    )


PROFILES: dict[ProfileName, Profile] = {
    "v4.16": _profile("4.16.0", NEW_BOT_ACTIONS, modern=True),
    "v4.3": _profile("4.3.0", OLD_BOT_ACTIONS, modern=False),
}


class Config(BaseModel):
    """Settings of one emulator; seconds for every duration, `None` switches a limit off."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: ProfileName = "v4.16"
    state_dir: Path | None = None

    webhook_timeout: float = Field(5.0, gt=0, le=60)
    bot_retry_delay: float = Field(3.0, ge=0, le=60)
    delivery_concurrency: int = Field(10, ge=1, le=100)
    delivery_queue: int = Field(10_000, ge=1, le=100_000)
    reorder_hold: float = Field(5.0, gt=0, le=60)
    ssrf_guard: bool = False
    keep_pending_on_bot_failure: bool = False

    messages_per_minute: int = Field(200, ge=1)
    requests_per_minute: int | None = Field(None, ge=1)
    searches_per_minute: int | None = Field(None, ge=1)
    transcripts_per_hour: int | None = Field(None, ge=1)
    row_limit: int = Field(500_000, ge=1)
    journal_lines: int = Field(100_000, ge=1, le=1_000_000)
    journal_fsync: bool = True  # a benchmark may do without

    # What follows was found in no primary source: both ways must be survived.
    status_changed_attributes: Literal["null", "filled"] = "null"
    throttle_body: str = "Retry later\n"
    throttle_retry_after: int | None = Field(None, ge=0)
    secret_length: int = Field(24, ge=16, le=128)
    priority_none: Literal["error", "clear"] = "error"
    label_update_twice: bool = False
    auto_assignment_hides_status_change: bool = False
    follow_redirects: bool = False
    bearer_tokens: bool = False
    drop_underscore_headers: bool = False

    @property
    def facts(self) -> Profile:
        return PROFILES[self.profile]
