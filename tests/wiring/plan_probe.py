"""A small workflow that takes a plan by digest, hears signals, calls, fails and goes on in a new run."""

from datetime import UTC, datetime, timedelta

from temporalio import activity, workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

from dsl.inputs import Input
from dsl.messages import Scene
from dsl.plan import Plan
from dsl.state import Loaded, RunInput

SEEN: list[Plan | None] = []
"""The plans that runs were given, as objects; for an unsandboxed worker in the test's own process."""
CANARY = "canary-Wanjiku-254700000001"


@activity.defn(name="echo")
async def echo(text: str) -> str:
    """Gives back what it gets, or fails with it."""
    if text.startswith("fail "):
        raise ApplicationError(f"told to {text}", {"detail": text}, type="Told", non_retryable=True)
    return text


@workflow.defn(name="PlanProbe")
class PlanProbe:
    """Answers with the plan's name and what it heard."""

    @workflow.init
    def __init__(self, given: RunInput) -> None:
        SEEN.append(given.plan.plan)
        self.plan = given.plan.plan
        self.heard: list[Input] = []

    @workflow.signal
    def deliver(self, raw: RawValue) -> None:
        """Takes a list of inputs."""
        self.heard += workflow.payload_converter().from_payload(raw.payload, list[Input])

    @workflow.query
    def plan_name(self) -> str | None:
        """Tells that the run has its plan."""
        return self.plan.name if self.plan else None

    @workflow.run
    async def run(self, given: RunInput) -> str:
        if given.plan.plan is None:
            return f"no plan {given.plan.digest}"
        if given.variables.get("wait"):
            await workflow.wait_condition(lambda: bool(self.heard))
        if given.variables.get("again"):
            workflow.continue_as_new(given.model_copy(update={"variables": {}}))
        said = await workflow.execute_activity(
            echo,
            given.variables.get("say", "hello"),
            start_to_close_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        heard = [i.event.text for i in self.heard if i.event]
        return f"{given.plan.plan.name}: {said}, heard {heard}"


def given(digest: str, **variables: object) -> RunInput:
    """A run's argument as a starter writes it: the digest alone."""
    return RunInput(
        scene=Scene(workspace="w", execution_id="e", flow_id="f", flow_version=1, lane="l"),
        plan=Loaded(digest, None),
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        variables=dict(variables),
    )
