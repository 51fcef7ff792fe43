"""The places of a running `dev` where no canary may be, each as what is looked through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote

import httpx
import psutil
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1.workflow_pb2 import WORKFLOW_EXECUTION_STATUS_RUNNING
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
    QueryWorkflowRequest,
)
from temporalio.client import Client

from dsl.messages import WORKFLOW
from store.database import Database
from tests.system.canaries import Haystack, joined
from tests.system.local import Dev, processes_of

NAMESPACE = "default"
OWN_SECRETS = frozenset({"keys.json", "postgres.json"})
"""Files whose business it is to hold them."""
PAGES = 40


def logs(dev: Dev) -> Haystack:
    """What every process has said, the supervisor among them."""
    files = [*(dev.folder / "logs").iterdir(), dev.folder / "talk"]
    return {file.name: file.read_bytes() for file in files}


def temporal_files(dev: Dev) -> Haystack:
    """The database of Temporal, byte for byte, its write-ahead log included."""
    return {file.name: file.read_bytes() for file in dev.folder.glob("temporal.db*")}


def processes(dev: Dev) -> Haystack:
    """What `ps` and `find` show to anybody."""
    names = "\n".join(str(file.relative_to(dev.folder)) for file in dev.folder.rglob("*"))
    return {"command lines": "\n".join(processes_of(dev.folder)).encode(), "file names": names.encode()}


def other_files(dev: Dev) -> Haystack:
    """The rest of the state folder, without the two databases and what the stand-ins note of themselves."""
    apart = ("logs", "talk", "postgres", "chatwoot", "africastalking")
    return {
        str(file.relative_to(dev.folder)): file.read_bytes()
        for file in dev.folder.rglob("*")
        if file.is_file() and file.relative_to(dev.folder).parts[0] not in apart
        if not file.name.startswith("temporal.db") and file.name not in OWN_SECRETS
    }


async def temporal_answers(dev: Dev) -> Haystack:
    """All that Temporal tells a client without the codec: lists, descriptions, histories, queries of runs."""
    client = await Client.connect(dev.record().parts["temporal"].url or "")
    service, pieces = client.workflow_service, []
    listed = await service.list_workflow_executions(
        ListWorkflowExecutionsRequest(namespace=NAMESPACE, page_size=1000)
    )
    pieces.append(("list", listed.SerializeToString()))
    for run in [info.execution for info in listed.executions]:
        asked = DescribeWorkflowExecutionRequest(namespace=NAMESPACE, execution=run)
        described = await service.describe_workflow_execution(asked)
        pieces.append(("descriptions", described.SerializeToString()))
        pieces.append(("histories", await _history(client, run)))
        if _answers(described.workflow_execution_info):
            pieces.append(("queries", await _details(client, run)))
    return joined(pieces)


def _answers(run: WorkflowExecutionInfo) -> bool:
    """Whether a worker serves it."""
    return run.type.name == WORKFLOW and run.status == WORKFLOW_EXECUTION_STATUS_RUNNING


async def _details(client: Client, run: WorkflowExecution) -> bytes:
    """What a run itself tells of where it stands."""
    query = WorkflowQuery(query_type="__temporal_workflow_metadata")
    asked = QueryWorkflowRequest(namespace=NAMESPACE, execution=run, query=query)
    told = await client.workflow_service.query_workflow(asked, timeout=timedelta(seconds=20))
    return told.SerializeToString()


async def _history(client: Client, run: WorkflowExecution) -> bytes:
    told, token = b"", b""
    while True:
        asked = GetWorkflowExecutionHistoryRequest(namespace=NAMESPACE, execution=run, next_page_token=token)
        page = await client.workflow_service.get_workflow_execution_history(asked)
        told, token = told + page.SerializeToString(), page.next_page_token
        if not token:
            return told


async def web_ui(dev: Dev) -> Haystack:
    """The same by the HTTP API that the Web UI reads, as JSON."""
    base = f"{dev.record().parts['temporal'].ui_url}/api/v1/namespaces/{NAMESPACE}/workflows"
    async with httpx.AsyncClient(timeout=20) as http:
        listed = await http.get(base, params={"pageSize": "1000"})
        pieces = [("list", listed.content)]
        for run in [info["execution"] for info in listed.json()["executions"]]:
            one, which = f"{base}/{quote(run['workflowId'], safe='')}", {"execution.runId": run["runId"]}
            pieces.append(("descriptions", (await _told(http, one, which)).content))
            pieces += [("histories", page) async for page in _pages(http, f"{one}/history", which)]
    return joined(pieces)


async def _pages(http: httpx.AsyncClient, url: str, which: dict[str, str]) -> AsyncIterator[bytes]:
    token = ""
    while True:
        page = await _told(http, url, which | ({"nextPageToken": token} if token else {}))
        yield page.content
        token = page.json().get("nextPageToken") or ""
        if not token:
            return


async def _told(http: httpx.AsyncClient, url: str, which: dict[str, str]) -> httpx.Response:
    told = await http.get(url, params=which)
    assert told.status_code == 200, told.text
    return told


async def health(dev: Dev) -> Haystack:
    """What anybody may ask the API for."""
    paths = ("/livez", "/readyz", "/health", "/openapi.json", "/docs", "/metrics")
    async with httpx.AsyncClient(base_url=dev.url("api")) as http:
        return {path: (await http.get(path)).content for path in paths}


@asynccontextmanager
async def database_of(dev: Dev) -> AsyncIterator[Database]:
    """PostgreSQL as the processes see it."""
    db = await Database.open(dsn_of(dev), size=2)
    try:
        yield db
    finally:
        await db.close()


async def tables(dev: Dev) -> Haystack:
    """Every row of every table."""
    async with database_of(dev) as db:
        rows = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [row[0] for row in rows]
        dump = "SELECT coalesce(string_agg(to_jsonb(t)::text, E'\\n'), '') FROM {} AS t"
        return {name: (await db.fetchval(dump.format(name))).encode() for name in names}


def environment_of(dev: Dev, part: str) -> dict[str, str]:
    """What the part was told in secret."""
    return psutil.Process(dev.record().parts[part].pid).environ()


def dsn_of(dev: Dev) -> str:
    return environment_of(dev, "api")["DATABASE_URL"]
