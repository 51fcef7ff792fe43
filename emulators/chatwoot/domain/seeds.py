"""How an installation is furnished before anybody calls it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulators.chatwoot.config import Config
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.rows import Account, Bot, Channel, Inbox, Label, PlatformApp, Team, User, Webhook
from emulators.chatwoot.state import new_token

SUBSCRIBABLE = frozenset(
    {
        "conversation_status_changed",
        "conversation_updated",
        "conversation_created",
        "contact_created",
        "contact_updated",
        "message_created",
        "message_updated",
        "webwidget_triggered",
        "inbox_created",
        "inbox_updated",
        "conversation_typing_on",
        "conversation_typing_off",
    }
)


class Seed(BaseModel):
    """Base of everything one may seed: unknown keys are mistakes, ids are given when absent."""

    model_config = ConfigDict(extra="forbid")

    id: int | None = Field(None, ge=1)


class AccountSeed(Seed):
    """The account everything of this seed belongs to."""

    name: str = "Duka Moja"
    status: Literal["active", "suspended"] = "active"


class UserSeed(Seed):
    """A person with a token."""

    name: str
    email: str | None = None
    role: Literal["agent", "administrator"] = "agent"
    token: str | None = Field(None, min_length=1, repr=False)


class BotSeed(Seed):
    """An agent bot; `shared` makes it a global one."""

    name: str = "Flow bot"
    token: str | None = Field(None, min_length=1, repr=False)
    outgoing_url: str | None = None
    secret: str | None = Field(None, min_length=1, repr=False)
    shared: bool = False


class PlatformAppSeed(Seed):
    """A platform app with its token."""

    name: str = "Platform"
    token: str | None = Field(None, min_length=1, repr=False)


class InboxSeed(Seed):
    """An inbox, connected to a bot by `agent_bot_id`."""

    name: str = "Inbox"
    channel: Channel = "api"
    identifier: str | None = Field(None, min_length=1)
    webhook_url: str | None = None
    secret: str | None = Field(None, min_length=1, repr=False)
    hmac_token: str | None = Field(None, min_length=1, repr=False)
    agent_bot_id: int | None = None
    agent_bot_active: bool = True
    enable_auto_assignment: bool = False
    lock_to_single_conversation: bool = False
    hmac_mandatory: bool = False
    greeting_message: str | None = Field(None, min_length=1)


class WebhookSeed(Seed):
    """An account webhook; without `subscriptions` it hears everything."""

    url: str
    secret: str | None = Field(None, min_length=1, repr=False)
    subscriptions: list[str] = Field(default_factory=lambda: sorted(SUBSCRIBABLE))
    name: str | None = None


class TeamSeed(Seed):
    """A team."""

    name: str


class LabelSeed(Seed):
    """A label the account offers."""

    title: str


class Furniture(BaseModel):
    """One seed request: an account with what is in it, and changed settings of the emulator."""

    model_config = ConfigDict(extra="forbid")

    account: AccountSeed = AccountSeed()
    users: list[UserSeed] = Field(default_factory=list, max_length=1_000)
    agent_bots: list[BotSeed] = Field(default_factory=list, max_length=1_000)
    platform_apps: list[PlatformAppSeed] = Field(default_factory=list, max_length=1_000)
    inboxes: list[InboxSeed] = Field(default_factory=list, max_length=1_000)
    webhooks: list[WebhookSeed] = Field(default_factory=list, max_length=1_000)
    teams: list[TeamSeed] = Field(default_factory=list, max_length=1_000)
    labels: list[LabelSeed] = Field(default_factory=list, max_length=1_000)
    contact_attribute_keys: list[str] = Field(default_factory=list, max_length=1_000)
    settings: dict[str, Any] = Field(default_factory=dict)


def apply(emu: Emulator, furniture: Furniture) -> int:
    """Create what is asked for (rows with a known id are replaced) and return the account's id."""
    if furniture.settings:
        kept = {"state_dir": emu.config.state_dir}
        emu.configure(Config.model_validate(emu.config.model_dump() | furniture.settings | kept))
    account_id = _account(emu, furniture.account)
    for user in furniture.users:
        add_user(emu, account_id, user)
    for bot in furniture.agent_bots:
        add_bot(emu, account_id, bot)
    for app in furniture.platform_apps:
        number = emu.sequences.take("platform_app", app.id)
        emu.state.platform_apps[number] = PlatformApp(number, app.name, app.token or new_token())
    for inbox in furniture.inboxes:
        add_inbox(emu, account_id, inbox)
    for webhook in furniture.webhooks:
        add_webhook(emu, account_id, webhook)
    _tags(emu, account_id, furniture)
    return account_id


def _account(emu: Emulator, seed: AccountSeed) -> int:
    """A seed without an account id speaks of the first account there is."""
    known = next(iter(emu.state.accounts), None) if seed.id is None else seed.id
    number = emu.sequences.take("account", known)
    if number not in emu.state.accounts or seed.model_fields_set:
        emu.state.accounts[number] = Account(number, seed.name, seed.status)
    return number


def add_user(emu: Emulator, account_id: int, seed: UserSeed) -> User:
    known = emu.state.users.get(seed.id or 0)
    user = new_user(emu, seed)
    user.account_ids = {account_id} | (known.account_ids if known else set())
    return user


def new_user(emu: Emulator, seed: UserSeed) -> User:
    """A user who is in no account yet."""
    number = emu.sequences.take("user", seed.id)
    email = seed.email or f"user{number}@example.org"
    user = User(number, seed.name, email, seed.role, seed.token or new_token())
    emu.state.users[number] = user
    return user


def add_bot(emu: Emulator, account_id: int, seed: BotSeed) -> Bot:
    bot = Bot(
        id=emu.sequences.take("bot", seed.id),
        name=seed.name,
        token=seed.token or new_token(),
        account_id=None if seed.shared else account_id,
        outgoing_url=seed.outgoing_url,
        secret=seed.secret or new_token(emu.config.secret_length),
    )
    emu.state.bots[bot.id] = bot
    return bot


def add_inbox(emu: Emulator, account_id: int, seed: InboxSeed) -> Inbox:
    generated = {
        "id": emu.sequences.take("inbox", seed.id),
        "identifier": seed.identifier or new_token(),
        "hmac_token": seed.hmac_token or new_token(),
        "secret": seed.secret or new_token(emu.config.secret_length),
    }
    inbox = Inbox(account_id=account_id, **(seed.model_dump() | generated))
    emu.state.inboxes[inbox.id] = inbox
    return inbox


def add_webhook(emu: Emulator, account_id: int, seed: WebhookSeed) -> Webhook:
    number = emu.sequences.take("webhook", seed.id)
    secret = seed.secret or new_token(emu.config.secret_length)
    hook = Webhook(number, account_id, seed.url, list(seed.subscriptions), secret, seed.name)
    emu.state.webhooks[number] = hook
    return hook


def _tags(emu: Emulator, account_id: int, furniture: Furniture) -> None:
    for team in furniture.teams:
        number = emu.sequences.take("team", team.id)
        emu.state.teams[number] = Team(number, account_id, team.name)
    for label in furniture.labels:
        number = emu.sequences.take("label", label.id)
        emu.state.labels[number] = Label(number, account_id, label.title)
    emu.state.contact_attribute_keys.update(furniture.contact_attribute_keys)
