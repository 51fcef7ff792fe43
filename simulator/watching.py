"""What a step reads and decides: worked out beside the walk, for templates and conditions are pure."""

from collections.abc import Iterator

from dsl.conditions import AllOf, AnyOf, Comparison, Condition, JavaScript, Not, holds
from dsl.plan import Choose, Say, Step
from dsl.templates import Scope, render, render_deep, render_text, strings
from simulator.trace import Read, Tested


def reads_of(step: Step, scope: Scope) -> list[Read]:
    """Every text of a step with placeholders, and what each comes to; conditions are told as tests."""
    written = step.model_dump(mode="json", by_alias=True, exclude={"cases"}, exclude_none=True)
    found = [(pointer, text) for pointer, text in strings(written) if "{{" in text]
    return [Read(pointer=at, template=text, value=_value(step, at, text, scope)) for at, text in found]


def _value(step: Step, pointer: str, text: str, scope: Scope) -> object:
    said = isinstance(step, Say) and pointer == "/text"
    return render_text(text, scope) if said else render(text, scope)


def tests_of(step: Step, scope: Scope) -> list[Tested]:
    """The conditions that were asked, to the first that holds."""
    return list(_asked(step, scope)) if isinstance(step, Choose) else []


def _asked(step: Choose, scope: Scope) -> Iterator[Tested]:
    for case in step.cases:
        test = tested(case.condition, scope)
        yield test
        if test.holds:
            return


def tested(condition: Condition, scope: Scope) -> Tested:
    """A condition with all that decided it."""
    match condition:
        case AllOf():
            return _joined("all", condition.all, scope, until=False)
        case AnyOf():
            return _joined("any", condition.any, scope, until=True)
        case Not():
            part = tested(condition.not_, scope)
            return Tested(operator="not", holds=not part.holds, parts=[part])
        case JavaScript():
            return Tested(operator="javascript", left=condition.javascript, holds=holds(condition, scope))
        case Comparison():
            left, right = render_deep(condition.left, scope), render_deep(condition.right, scope)
            return Tested(operator=condition.operator, left=left, right=right, holds=holds(condition, scope))


def _joined(operator: str, parts: list[Condition], scope: Scope, *, until: bool) -> Tested:
    found: list[Tested] = []
    for part in parts:
        found.append(tested(part, scope))
        if found[-1].holds is until:
            return Tested(operator=operator, holds=until, parts=found)
    return Tested(operator=operator, holds=not until, parts=found)
