"""Temporal's own server on a PostgreSQL of ours: four shards, our dynamic settings, every port a free one."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from bench.cluster.binaries import Programs, find
from bench.cluster.tables import DATABASES, write_tables
from wiring.embedded.temporal import DYNAMIC_CONFIG, NAMESPACE, SEARCH_ATTRIBUTES, answers
from wiring.files import write_private
from wiring.supervise.part import Part
from wiring.supervise.ports import LOOPBACK, free_port
from wiring.talk import Talk

SHARDS = 4
CONNECTIONS = 20
RETENTION = timedelta(days=1)
SERVICES = ("frontend", "history", "matching", "worker")
ENV = "bench"
TYPES = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
    "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """A server whose tables are written and whose settings are in `folder`."""

    programs: Programs
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def part(self) -> Part:
        """The server as a child process: all four of its services in one."""
        where = ("--root", str(self.folder), "--config", ".", "--env", ENV)
        return Part(
            name="temporal",
            argv=(str(self.programs.server), *where, "--allow-no-auth", "start"),
            env={"PATH": os.defpath, "HOME": str(self.folder)},
            ready=lambda: furnished(self.address),
            facts={"port": self.port, "url": self.address},
        )


async def prepare(folder: Path, talk: Talk, dsn: str) -> Cluster:
    """A server on the PostgreSQL of `dsn` (by TCP), whose databases it makes. Raises `EmbeddedError`."""
    programs = await find(talk)
    await write_tables(programs, dsn)
    return configured(programs, folder, dsn)


def configured(programs: Programs, folder: Path, dsn: str) -> Cluster:
    """The same on databases that are there already."""
    home, ports = folder / "temporal", {name: (free_port(), free_port()) for name in SERVICES}
    home.mkdir(exist_ok=True)
    dynamic = home / "dynamic.yaml"
    # Every YAML reader reads JSON.
    dynamic.write_text(json.dumps({name: [{"value": value}] for name, value in DYNAMIC_CONFIG.items()}))
    (home / f"{ENV}.yaml").unlink(missing_ok=True)
    write_private(home / f"{ENV}.yaml", json.dumps(_config(ports, dsn, dynamic)))
    return Cluster(programs, home, ports["frontend"][0])


def _config(ports: dict[str, tuple[int, int]], dsn: str, dynamic: Path) -> Json:
    main, visibility = DATABASES
    return {
        "log": {"stdout": True, "level": "warn"},
        "persistence": {
            "defaultStore": main,
            "visibilityStore": visibility,
            "numHistoryShards": SHARDS,
            "datastores": {name: {"sql": _store(dsn, database)} for name, database in DATABASES.items()},
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": LOOPBACK}},
        "services": {name: {"rpc": _listening(*of)} for name, of in ports.items()},
        "clusterMetadata": _alone(f"{LOOPBACK}:{ports['frontend'][0]}"),
        "dcRedirectionPolicy": {"policy": "noop"},
        "dynamicConfigClient": {"filepath": str(dynamic), "pollInterval": "60s"},
    }


def _store(dsn: str, database: str) -> Json:
    told = urlsplit(dsn)
    return {
        "pluginName": "postgres12", "databaseName": database, "connectProtocol": "tcp",
        "connectAddr": f"{told.hostname}:{told.port}", "user": told.username,
        "password": unquote(told.password or ""), "maxConns": CONNECTIONS, "maxIdleConns": CONNECTIONS,
        "maxConnLifetime": "1h",
    }  # fmt: skip


def _listening(calls: int, members: int) -> Json:
    return {"grpcPort": calls, "membershipPort": members, "bindOnLocalHost": True}


def _alone(frontend: str) -> Json:
    one = {
        "enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": frontend,
    }  # fmt: skip
    return {
        "enableGlobalNamespace": False, "failoverVersionIncrement": 10, "masterClusterName": "active",
        "currentClusterName": "active", "clusterInformation": {"active": one},
    }  # fmt: skip


async def furnished(address: str) -> bool:
    """Whether the server knows our namespace and search attributes; it is told of them until it does."""
    if await answers(address):
        return True
    try:
        client = await Client.connect(address)
        await _namespace(client)
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=NAMESPACE,
                search_attributes={name: TYPES[of] for name, of in SEARCH_ATTRIBUTES.items()},
            )
        )
    except (RPCError, RuntimeError):
        return False  # it is not there yet, or has not yet noticed the namespace
    return await answers(address)


async def _namespace(client: Client) -> None:
    kept = Duration()
    kept.FromTimedelta(RETENTION)
    try:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=NAMESPACE, workflow_execution_retention_period=kept)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
