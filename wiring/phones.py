"""The emulator that stands in where no Africa's Talking is configured."""

from dataclasses import dataclass, field
from typing import ClassVar

from dsl.model import Json
from wiring.emulated import Emulated, token

CALLBACKS = ("ussd", "ussd_end", "sms", "delivery", "optout", "voice", "airtime", "payment")


@dataclass(frozen=True)
class Phones(Emulated):
    """A local Africa's Talking, with numbers of ours that people can dial, write to and call."""

    name: ClassVar[str] = "africastalking"
    service_codes: tuple[str, ...] = ("*384*1#", "*384*2#", "*384*3#", "*384*4#")
    short_code: str = "28901"
    voice_number: str = "+254711000000"
    product: str = "Duka"
    api_key: str = field(default_factory=token, repr=False)
    callback_secret: str = field(default_factory=token, repr=False)

    @property
    def service_code(self) -> str:
        """The first that can be dialled."""
        return self.service_codes[0]

    def environment(self, api_url: str) -> dict[str, str]:
        return {
            "AT_USERNAME": "sandbox",
            "AT_API_KEY": self.api_key,
            "AT_ENVIRONMENT": "sandbox",
            **{f"AT_{host.upper()}_URL": f"{self.url}/{host}" for host in ("api", "voice", "payments")},
            "AT_CALLBACK_SECRET": self.callback_secret,
            "AT_SENDER_ID": self.short_code,
            "AT_PHONE_NUMBER": self.voice_number,
            "AT_PRODUCT": self.product,
            "TEMBEA_PUBLIC_URL": api_url,
        }

    def furniture(self, api_url: str) -> dict[str, Json]:
        """An application with a number of each sort, that calls us back for all there is."""
        ours = f"{api_url}/webhooks/africastalking/main/{self.callback_secret}"
        settings: dict[str, Json] = {
            "api_key": self.api_key,
            "callbacks": {name: f"{ours}/{name.replace('_', '-')}" for name in CALLBACKS},
            "service_codes": list(self.service_codes),
            "short_codes": [self.short_code],
            "voice_numbers": [self.voice_number],
            "payments": True,
            "products": [self.product],
        }
        return {"settings": settings}
