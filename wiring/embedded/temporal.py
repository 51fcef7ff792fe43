"""The Temporal dev server: its command line, its readiness, its start."""

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from wiring.embedded.leftover import end_users_of
from wiring.embedded.temporal_binary import Binary, find_binary
from wiring.files import open_state_dir
from wiring.supervise.child import Child
from wiring.supervise.child import start as start_child
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.talk import QUIET, Talk

NAMESPACE = "default"
SEARCH_ATTRIBUTES = {
    "FlowId": "Keyword",
    "WorkspaceId": "Keyword",
    "Channel": "Keyword",
    "FlowVersion": "Int",
    "IsTest": "Bool",
}
Settings = Mapping[str, bool | int | str]
"""Dynamic configuration of a Temporal server."""
# Measured: they matter more than most code (a stock server adds 40-50 ms to each activity).
DYNAMIC_CONFIG: Settings = {
    "system.enableActivityEagerExecution": True,
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    "history.transferProcessorMaxPollRPS": 2000,
    "history.timerProcessorMaxPollRPS": 2000,
    "history.visibilityProcessorMaxPollRPS": 200,
}
ANSWER_WITHIN = 3.0
INTERRUPTED = "interrupted (9)"
TRIES, AGAIN = 3, 0.5
"""How often a server has to say so, and seconds in between: once may be another call's interruption."""
NOBODY = WorkflowExecution(workflow_id="checkup")


@dataclass(frozen=True)
class DevServer:
    """A dev server to run; `ui_port` None leaves the Web UI out, `codec_endpoint` lets it decode payloads.

    `settings` go beside, and before, those that every server of ours has.
    """

    binary: Path
    database: Path
    port: int
    ui_port: int | None = None
    codec_endpoint: str | None = field(default=None, repr=False)
    settings: Settings = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str | None:
        return f"http://{LOOPBACK}:{self.ui_port}" if self.ui_port else None

    def argv(self) -> tuple[str, ...]:
        """The whole command line."""
        settings = {**DYNAMIC_CONFIG, **self.settings}
        return (
            *(str(self.binary), "server", "start-dev"),
            *("--ip", LOOPBACK, "--port", str(self.port)),
            *(("--ui-port", str(self.ui_port)) if self.ui_port else ("--headless",)),
            *("--db-filename", str(self.database), "--namespace", NAMESPACE, "--log-level", "warn"),
            *(("--ui-codec-endpoint", self.codec_endpoint) if self.codec_endpoint else ()),
            *_each("--search-attribute", SEARCH_ATTRIBUTES),
            *_each("--dynamic-config-value", {k: json.dumps(v) for k, v in settings.items()}),
        )

    def part(self) -> Part:
        """The server as a child process."""
        ui = {"uiUrl": self.ui_url} if self.ui_url else {}
        return Part(
            name="temporal",
            argv=self.argv(),
            env={"PATH": os.defpath, "HOME": str(self.database.parent)},
            before=lambda: asyncio.to_thread(end_users_of, self.database),
            ready=lambda: answers(self.address),
            sick=lambda: interrupted(self.address),
            facts={"port": self.port, "url": self.address, **ui},
        )


def _each(option: str, values: Mapping[str, str]) -> Iterator[str]:
    for key, value in values.items():
        yield from (option, f"{key}={value}")


async def answers(address: str, namespace: str = NAMESPACE) -> bool:
    """Whether the server at `address` knows the namespace and our search attributes."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            _, writer = await asyncio.open_connection(*address.split(":"))
            writer.close()
            client = await Client.connect(address, namespace=namespace)
            told = await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=namespace)
            )
    except (OSError, RuntimeError, RPCError, TimeoutError):
        return False
    return set(SEARCH_ATTRIBUTES) <= set(told.config.custom_search_attribute_aliases.values())


async def interrupted(address: str, namespace: str = NAMESPACE) -> bool:
    """Whether the server at `address` answers that every statement on its database is interrupted.

    A call that is given up in the middle of one may leave its only connection to SQLite so for good
    (modernc.org/sqlite before 1.44, temporalio/temporal#9198). Of a server that is away, or slow: False.
    """
    for _ in range(TRIES):
        if not await _interrupted_once(address, namespace):
            return False
        await asyncio.sleep(AGAIN)
    return True


async def _interrupted_once(address: str, namespace: str) -> bool:
    asked = DescribeWorkflowExecutionRequest(namespace=namespace, execution=NOBODY)
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            client = await Client.connect(address, namespace=namespace)
            await client.workflow_service.describe_workflow_execution(asked)
    except RPCError as error:
        return INTERRUPTED in error.message
    except (OSError, RuntimeError, TimeoutError):
        return False
    return False


@dataclass(frozen=True)
class Temporal:
    """A running dev server."""

    server: DevServer
    child: Child

    @property
    def address(self) -> str:
        return self.server.address

    @property
    def ui_url(self) -> str | None:
        return self.server.ui_url

    @property
    def pid(self) -> int:
        return self.child.pid

    async def stop(self) -> None:
        await self.child.stop()


async def prepare(
    state_dir: Path, *, port: int = 0, ui_port: int = 0, codec_endpoint: str | None = None, talk: Talk = QUIET
) -> DevServer:
    """Find a binary (fetching one may take minutes) and settle the ports; 0 takes a free one."""
    binary: Binary = await find_binary(talk)
    talk.say(f"Temporal server {binary.server} from {binary.source}")
    database = open_state_dir(state_dir) / "temporal.db"
    return DevServer(binary.path, database, port or free_port(), ui_port or free_port(), codec_endpoint)


async def start(
    state_dir: Path, *, port: int = 0, ui_port: int = 0, settings: Settings | None = None, talk: Talk = QUIET
) -> Temporal:
    """Run a dev server on the database of `state_dir` and return when it answers."""
    prepared = await prepare(state_dir, port=port, ui_port=ui_port, talk=talk)
    server = replace(prepared, settings=settings or {})
    child = await start_child(server.part(), open_state_dir(state_dir) / "logs")
    try:
        await child.until_ready()
    except BaseException:
        await child.stop()
        raise
    return Temporal(server, child)
