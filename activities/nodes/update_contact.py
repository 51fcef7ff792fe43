"""Change the contact at the provider."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from activities.base import Action, Tools
from dsl.kind import Place
from dsl.messages import Outcome
from dsl.model import Json
from dsl.plan import Step
from dsl.templates import Text
from providers.errors import Failed

NAMES = {"phone_number": "phone"}


class UpdateContact(Action):
    """Set the contact's name, e-mail, phone number and custom attributes; the rest stays as it is."""

    recovery: ClassVar[Literal["list", "repeat", "none"]] = "repeat"

    attributes: dict[Literal["name", "email", "phone_number", "identifier"], Text] = Field(
        default_factory=dict
    )
    custom_attributes: dict[str, Json] = Field(default_factory=dict, max_length=50)

    async def execute(self, tools: Tools) -> Outcome:
        """One merge at the provider; leaves by `next` with what was set."""
        client = tools.chatwoot()
        if tools.scene.contact_id is None:
            raise Failed("NO_CONTACT", "The execution has no contact.", provider="chatwoot")
        attributes = {str(name): value for name, value in self.attributes.items()}
        await client.update_contact(tools.scene.contact_id, attributes, self.custom_attributes)
        return self.mock()

    def mock(self) -> Outcome:
        """What is known of the contact afterwards: test runs see it as live ones do."""
        return Outcome(value=self._known())

    def lower(self, place: Place) -> Iterable[Step]:
        """One call, after which the flow sees the contact as it now is."""
        yield self.call(place, id=place.id()).but(tells_contact=True, value=self._known())

    def _known(self) -> dict[str, Json]:
        """What is set, by the names that `contact` has in templates."""
        known: dict[str, Json] = {
            NAMES.get(name, str(name)): value for name, value in self.attributes.items()
        }
        return known | ({"custom": self.custom_attributes} if self.custom_attributes else {})
