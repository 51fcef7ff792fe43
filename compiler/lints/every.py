"""All lints of a drawing: what is surely useless or likely not meant, though it could be walked."""

from collections.abc import Iterable, Mapping, Sequence

from compiler.drawing import Drawing
from compiler.lints.calls import call_issues
from compiler.lints.decisions import decision_issues
from compiler.lints.exits import exit_issues
from compiler.lints.people import people_issues
from compiler.lints.phones import phone_issues
from compiler.lints.secrets import secret_issues
from compiler.lints.variables import variable_issues
from dsl.issues import Issue
from dsl.plan import Step


def lints(drawing: Drawing, lowered: Mapping[str, Sequence[Step]]) -> tuple[Iterable[Issue], ...]:
    """One iterable for each subject."""
    return (
        exit_issues(drawing, lowered),
        decision_issues(drawing),
        variable_issues(drawing),
        people_issues(drawing, lowered),
        call_issues(drawing, lowered),
        phone_issues(drawing, lowered),
        secret_issues(drawing),
    )
