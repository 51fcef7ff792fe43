"""The emulator that stands in where no Chatwoot is configured: furnished, run, and made our channel."""

import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path

from dsl.model import Json
from wiring.files import ROOT
from wiring.probe import answered
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK

BOT = 4


def _some_id() -> int:
    return 1_000 + secrets.randbelow(2_000_000_000)


def _token() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class StandIn:
    """A local Chatwoot; new ids and secrets each time, so that a kept database never mixes two of them up."""

    port: int
    account: int = field(default_factory=_some_id)
    inbox: int = field(default_factory=_some_id)
    identifier: str = field(default_factory=lambda: secrets.token_hex(8))
    user_token: str = field(default_factory=_token, repr=False)
    bot_token: str = field(default_factory=_token, repr=False)
    webhook_secret: str = field(default_factory=_token, repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The settings that make it the channel `main`."""
        return {
            "CHATWOOT_URL": self.url,
            "CHATWOOT_ACCOUNT_ID": str(self.account),
            "CHATWOOT_API_KEY": self.user_token,
            "CHATWOOT_BOT_TOKEN": self.bot_token,
            "CHATWOOT_WEBHOOK_SECRET": self.webhook_secret,
        }

    def part(self, home: Path, api_url: str) -> Part:
        """The emulator as a child process; it forgets all when it ends, and is furnished at each start."""
        home.mkdir(exist_ok=True)

        async def furnished() -> bool:
            return await answered(self.url, "POST", "/_control/reset", self.furniture(api_url))

        return Part(
            name="chatwoot",
            argv=(
                *(sys.executable, "-m", "emulators.chatwoot"),
                *("--port", str(self.port), "--state-dir", str(home)),
            ),
            env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
            ready=furnished,
            facts={"port": self.port, "url": self.url},
            cwd=ROOT,
        )

    def furniture(self, api_url: str) -> dict[str, Json]:
        """One account, a user, a bot with our webhook, and an API inbox that the bot minds."""
        webhook: dict[str, Json] = {"url": f"{api_url}/webhooks/chatwoot/main", "secret": self.webhook_secret}
        bot = {"id": BOT, "name": "Tembea", "token": self.bot_token}
        inbox = {"id": self.inbox, "name": "Website", "channel": "api", "identifier": self.identifier}
        return {
            "account": {"id": self.account, "name": "Tembea"},
            "users": [{"id": 1, "name": "Operator", "role": "administrator", "token": self.user_token}],
            "agent_bots": [{**bot, "outgoing_url": webhook["url"], "secret": webhook["secret"]}],
            "inboxes": [{**inbox, "agent_bot_id": BOT}],
            "webhooks": [{**webhook, "subscriptions": ["conversation_created"]}],
        }
