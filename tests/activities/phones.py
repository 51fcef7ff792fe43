"""An application at Africa's Talking on the emulated provider, and a worker's effects that use it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from activities.attempts import Attempts
from activities.base import Action, Tools
from activities.messages import SendMessage
from activities.nodes.refund_payment import RefundPayment
from activities.nodes.request_payment import RequestPayment
from activities.nodes.send_airtime import SendAirtime
from activities.nodes.send_sms import SendSms
from activities.telecom import Telecom
from dsl.messages import Effect, Report, Scene
from dsl.plan import Options
from emulators.africastalking.config import Config
from emulators.africastalking.emulator import Emulator
from emulators.africastalking.faults import FaultSpec
from emulators.africastalking.server import running
from providers.africastalking.client import AfricasTalking
from providers.africastalking.config import AfricasTalkingConfig
from providers.africastalking.legacy import LegacyPayments
from providers.http.safe import SafeHttp
from store.database import Database
from store.opt_outs import OptOuts
from tests.activities.effects import insisted

AT, ASHA, JUMA = "at-sandbox", "+254700000111", "+254700000112"
KINDS: dict[str, type[Action]] = {
    kind.kind(): kind for kind in (SendMessage, SendSms, SendAirtime, RequestPayment, RefundPayment)
}
PAUSE = 0.3
"""Seconds for which a provider that does not answer is left alone."""
QUICK: dict[str, Any] = {"initial": 0.01, "max_interval": 0.01}


@dataclass
class Desk:
    """Effects by phone, to their ends, and what the provider saw of them."""

    attempts: Attempts
    db: Database
    scene: Scene
    emulator: Emulator

    async def do(
        self, activity: str, node: str = "it", options: Options | None = None, **args: Any
    ) -> Report:
        """One effect as an ordinary activity, called again as often as it asks to be."""
        return await insisted(self.attempts, self.scene, effect(activity, node, options, **args))

    def fails(self, action: str, path: str = "", **more: Any) -> None:
        """The next call of that path meets a fault."""
        match = {"match": {"path": path}} if path else {}
        self.emulator.faults.add(FaultSpec.model_validate({"action": action, **match, **more}))

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The calls of a route, by the provider's journal; a fault may keep a call from every route."""
        calls = [line for line in self.emulator.journal.after(0, 10_000) if line["kind"] == "api"]
        return [line for line in calls if path in line["route"] or line["route"] == "unknown"]

    def texts(self) -> list[tuple[str, str, str]]:
        """(number, sender, text) of what went out."""
        return [(sms.number, sms.sender, sms.text) for sms in self.emulator.state.sms.values()]

    async def ledger(self, node: str = "it") -> Mapping[str, Any]:
        """The effect's row."""
        row = await self.db.fetchrow(
            """SELECT state, n, provider, provider_ref FROM effects
            WHERE workspace_id = $1 AND node = $2 AND state <> 'orphaned'""",
            *(self.scene.workspace, node),
        )
        return dict(row) if row else {}


def effect(activity: str, node: str = "it", options: Options | None = None, **args: Any) -> Effect:
    """An effect of a node, tried again at once."""
    tries = options or Options(**QUICK)
    return Effect(node=node, visit=1, number=1, activity=activity, args=args, options=tries)


def hashed(phone: str) -> str:
    """Stands for a phone number."""
    return f"hash-of-{phone}"


@asynccontextmanager
async def opened_desk(
    db: Database, scene: Scene, *, failures: int = 10, keyed: bool = True, **told: Any
) -> AsyncIterator[Desk]:
    """The emulator, our clients of it, and a worker's attempts; `told` are settings of the emulator."""
    async with running(Config(payments=True, report_delay=0, **told)) as server, SafeHttp() as safe:
        config = _config(server.url, failures)
        port, payments = AfricasTalking(config), LegacyPayments(config)
        telecom = Telecom(
            AT, port, OptOuts(db, AT, hashed), payments, sender="DUKA", product="Duka", keyed=keyed
        )
        attempts = Attempts(db, KINDS, lambda scene, key: Tools(scene, key, safe, {}, telecom=telecom))
        place = scene.but(connection=AT, channel="sms", phone=ASHA, surface=None)
        try:
            yield Desk(attempts, db, place, server.emulator)
        finally:
            await attempts.flights.drain()
            await port.aclose()
            await payments.aclose()


def _config(url: str, failures: int) -> AfricasTalkingConfig:
    return AfricasTalkingConfig(
        username=SecretStr("sandbox"),
        api_key=SecretStr("sandbox-key"),
        api_url=f"{url}/api",
        voice_url=f"{url}/voice",
        payments_url=f"{url}/payments",
        failures=failures,
        pause=PAUSE,
    )
