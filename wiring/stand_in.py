"""The emulator that stands in where no Chatwoot is configured."""

import secrets
from dataclasses import dataclass, field
from typing import ClassVar

from dsl.model import Json
from wiring.emulated import Emulated, token

BOT = 4


def _some_id() -> int:
    return 1_000 + secrets.randbelow(2_000_000_000)


@dataclass(frozen=True)
class StandIn(Emulated):
    """A local Chatwoot; new ids and secrets each time, so that a kept database never mixes two of them up."""

    name: ClassVar[str] = "chatwoot"
    account: int = field(default_factory=_some_id)
    inbox: int = field(default_factory=_some_id)
    identifier: str = field(default_factory=lambda: secrets.token_hex(8))
    user_token: str = field(default_factory=token, repr=False)
    bot_token: str = field(default_factory=token, repr=False)
    webhook_secret: str = field(default_factory=token, repr=False)

    def environment(self, api_url: str) -> dict[str, str]:  # noqa: ARG002 (it is told where to call)
        return {
            "CHATWOOT_URL": self.url,
            "CHATWOOT_ACCOUNT_ID": str(self.account),
            "CHATWOOT_API_KEY": self.user_token,
            "CHATWOOT_BOT_TOKEN": self.bot_token,
            "CHATWOOT_WEBHOOK_SECRET": self.webhook_secret,
        }

    def furniture(self, api_url: str) -> dict[str, Json]:
        """One account, a user, a bot with our webhook, and an API inbox that the bot minds."""
        webhook = self.webhook(api_url)
        bot = {"id": BOT, "name": "Tembea", "token": self.bot_token}
        inbox = {"id": self.inbox, "name": "Website", "channel": "api", "identifier": self.identifier}
        return {
            "account": {"id": self.account, "name": "Tembea"},
            "users": [{"id": 1, "name": "Operator", "role": "administrator", "token": self.user_token}],
            "agent_bots": [{**bot, "outgoing_url": webhook["url"], "secret": webhook["secret"]}],
            "inboxes": [{**inbox, "agent_bot_id": BOT}],
        }

    def webhook(self, api_url: str) -> dict[str, Json]:
        """Where events are posted, and what signs them."""
        return {"url": f"{api_url}/webhooks/chatwoot/main", "secret": self.webhook_secret}
