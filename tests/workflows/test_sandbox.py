"""The sandbox as a determinism check: it reloads the walk alone, so nothing heavy has crept in."""

import re
import warnings

from temporalio import workflow
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.flow import FlowWorkflow

LOUD = workflow.SandboxImportNotificationPolicy.WARN_ON_UNINTENTIONAL_PASSTHROUGH


def reloaded(restrictions: SandboxRestrictions) -> set[str]:
    """Our modules and others that a run reloads, besides the workflow's own."""
    runner = SandboxedWorkflowRunner(restrictions.with_import_notification_policy(LOUD))
    definition = workflow._Definition.must_from_class(FlowWorkflow)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        runner.prepare_workflow(definition)
    names = (re.search(r"Module (\S+) was not intentionally", str(one.message)) for one in told)
    return {name[1] for name in names if name}


async def test_a_run_reloads_the_walk_and_nothing_else() -> None:
    names = reloaded(SandboxRestrictions.default.with_passthrough_modules("dsl"))
    assert {"workflows.walk", "workflows.acting", "workflows.resting"} <= names
    assert {name.partition(".")[0] for name in names} == {"workflows"}


async def test_the_check_sees_what_is_not_passed_through() -> None:
    assert any(name.startswith("dsl") for name in reloaded(SandboxRestrictions.default))
