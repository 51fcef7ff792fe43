"""The worker process: the walk, its activities, and the relay that delivers what was left."""

import asyncio
import signal

import structlog
from temporalio.worker import Worker

from activities.attempts import Attempts
from activities.base import Action
from activities.evaluation.sandbox import Sandbox
from activities.messages import SendMessage
from activities.moving import ContinueOn
from activities.register import activities, performing
from activities.telecom import QUEUE as PHONES
from dsl.messages import QUEUE
from intake.gateway import Gateway
from intake.relay import Relay
from store.ledger import doubt
from wiring.catalog import catalogue
from wiring.house import Equipment, House, equipped, opened, telecom
from wiring.metrics import served
from wiring.temporal import slowed, worker_options
from workflows.flow import FlowWorkflow

log = structlog.get_logger()


def executors() -> dict[str, type[Action]]:
    """Every kind with an executor, and those that nobody draws."""
    drawn = {name: kind for name, kind in catalogue().items() if issubclass(kind, Action)}
    return {**drawn, **{kind.kind(): kind for kind in (SendMessage, ContinueOn)}}


async def serve(house: House, stop: asyncio.Event) -> None:
    """Work until `stop`; calls in the air land before the pools close."""
    told = house.settings
    with served(told.host, told.tembea_metrics_port, house.core):
        await _work(house, stop)


async def _work(house: House, stop: asyncio.Event) -> None:
    async with (
        telecom(house) as reach,
        equipped(house.settings, reach) as equipment,
        Sandbox(house.settings.scripts()) as sandbox,
    ):
        attempts = await _attempts(house, equipment)
        worker = Worker(
            house.client,
            task_queue=QUEUE,
            workflows=[FlowWorkflow],
            activities=activities(attempts, executors(), sandbox),
            **worker_options(cached=house.settings.tembea_cached_workflows),
        )
        phones = Worker(
            house.client,
            task_queue=PHONES,
            activities=performing(
                attempts, [name for name, kind in executors().items() if kind.queue == PHONES]
            ),
            **slowed(house.settings.at_max_concurrent, house.settings.at_max_per_second),
        )
        gateway = Gateway(house.db, house.client, house.limits())
        relay = Relay(house.db, gateway, equipment.chatwoots, equipment.beliefs())
        async with worker, phones:
            log.info("worker_ready", queue=QUEUE)
            if house.settings.tembea_ready_file:
                house.settings.tembea_ready_file.touch()
            await relay.run(stop)
        await attempts.flights.drain()


async def _attempts(house: House, equipment: Equipment) -> Attempts:
    """Under which effects are performed; after a restore, none that may be done already."""
    restored = house.settings.tembea_restored_at
    if restored:
        log.warning("effects_doubted", count=await doubt(house.db, restored), at=restored.isoformat())
    return Attempts(house.db, executors(), equipment.tools, restored)


async def main() -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(lazy=False) as house:
        await serve(house, stop)
    log.info("worker_stopped")


def run() -> None:
    """Entry of `tembea worker`."""
    import uvloop

    uvloop.run(main())


if __name__ == "__main__":
    run()
