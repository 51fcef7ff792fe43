"""What is needed to talk to one account of a Chatwoot installation."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

Url = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s?#]+$")]


class ChatwootConfig(BaseModel):
    """`url` without `/api/v1`; `api_key` is a user's token, `bot_token` an agent bot's: replies are its."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Url
    account_id: int = Field(ge=1)
    api_key: SecretStr
    bot_token: SecretStr | None = None
