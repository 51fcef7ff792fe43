"""New code walks every recorded history as the old code did: commands, in order."""

import pytest
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from tests.workflows import corpus
from workflows.flow import FlowWorkflow

CHANGED = """
The walk now issues other commands than when this history was recorded. In production every execution that is
waiting somewhere in such a history would get stuck. Put the change behind `workflow.patched("<name>")`, keep
the old way for as long as old histories live, and record a new history for the new way
(`pytest --update-golden tests/workflows/test_recording.py`); never re-record the old ones to make this pass.
"""


@pytest.mark.parametrize("name", corpus.stored())
async def test_a_recorded_history_replays(name: str) -> None:
    replayer = Replayer(
        workflows=[FlowWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=corpus.clear_converter(),
    )
    for path in corpus.stored()[name]:
        result = await replayer.replay_workflow(corpus.read(path), raise_on_replay_failure=False)
        if result.replay_failure is not None:
            pytest.fail(f"{path.name}: {result.replay_failure}\n{CHANGED}", pytrace=False)
