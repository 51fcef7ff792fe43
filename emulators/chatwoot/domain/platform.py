"""What a platform app keeps: users, accounts and global bots, of which it sees only its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from emulators.chatwoot.domain import seeds
from emulators.chatwoot.emulator import Emulator
from emulators.chatwoot.errors import Invalid, unauthorized
from emulators.chatwoot.rows import Account, Bot, Json, PlatformApp, User
from emulators.chatwoot.state import found

Kind = Literal["user", "account", "bot"]
Row = TypeVar("Row")


class UserFields(BaseModel):
    """What may be said of a user; only what the request names counts."""

    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    email: str | None = None


class AccountFields(BaseModel):
    """What may be said of an account."""

    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    status: Literal["active", "suspended"] | None = None


class Membership(BaseModel):
    """A user's place in an account."""

    user_id: int
    role: Literal["agent", "administrator"] = "agent"


@dataclass(slots=True)
class Call:
    """One authorised call of the platform API with its parameters."""

    emu: Emulator
    app: PlatformApp
    params: Json

    def user(self, number: int) -> User:
        """A user of this app's."""
        return self._own("user", number, self.emu.state.users)

    def account(self, number: int) -> Account:
        """An account of this app's."""
        return self._own("account", number, self.emu.state.accounts)

    def bot(self, number: int) -> Bot:
        """A bot of this app's."""
        return self._own("bot", number, self.emu.state.bots)

    def made(self, kind: Kind, number: int) -> None:
        """From now on the row is this app's."""
        self.app.permissible.add((kind, number))

    def _own(self, kind: Kind, number: int, rows: Mapping[int, Row]) -> Row:
        row = found(rows.get(number))
        if (kind, number) not in self.app.permissible:
            raise unauthorized("Non permissible resource")
        return row


def create_user(call: Call, fields: UserFields) -> User:
    """A new user, or the known one of that address: it becomes this app's too."""
    email = (fields.email or "").strip().lower()
    if not email or "@" not in email:
        raise Invalid(("email", "Email is not an email"))
    if not fields.name:
        raise Invalid(("name", "Name can't be blank"))
    known = next((user for user in call.emu.state.users.values() if user.email == email), None)
    user = known or seeds.new_user(call.emu, seeds.UserSeed(name=fields.name, email=email))
    call.made("user", user.id)
    return user


def create_account(call: Call, fields: AccountFields) -> Account:
    """A new tenant."""
    if not fields.name:
        raise Invalid(("name", "Name can't be blank"))
    number = call.emu.sequences.take("account")
    account = call.emu.state.accounts[number] = Account(number, fields.name, fields.status or "active")
    call.made("account", number)
    return account


def update(row: User | Account, fields: BaseModel) -> None:
    """Set what is named."""
    for name, value in fields.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(row, name, value)


def join(account: Account, user: User, role: Literal["agent", "administrator"]) -> None:
    """Give a user a place in an account."""
    user.account_ids.add(account.id)
    user.role = role
