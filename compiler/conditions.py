"""Conditions that only an activity can decide: `matches` and JavaScript become calls of `evaluate`.

A `choose` whose cases hold such a test becomes a chain of steps by which the same case wins. What is decided
by then is not asked: `all` stops at the first part that is false, `any` at the first that is true.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compiler.bounds import part
from compiler.drawing import Drawing
from compiler.expects import pattern_problem
from compiler.javascript import scope_of
from compiler.texts import issues_in
from dsl.conditions import MATCHES, AllOf, AnyOf, Comparison, Condition, JavaScript, Not
from dsl.issues import Issue, issue
from dsl.messages import EVALUATE
from dsl.model import Json
from dsl.plan import Call, Case, Choose, Step


def decided(steps: Iterable[Step], variables: Sequence[str], read: frozenset[str]) -> Iterator[Step]:
    """The steps, those that choose by a test replaced; `read`: nodes whose values something reads."""
    for step in steps:
        if isinstance(step, Choose) and any(is_tested(case.condition) for case in step.cases):
            yield from _Chain(step, variables, step.node in read).steps()
        else:
            yield step


def is_tested(condition: Condition) -> bool:
    """Whether any part of a condition takes an activity."""
    match condition:
        case AllOf():
            return any(is_tested(part) for part in condition.all)
        case AnyOf():
            return any(is_tested(part) for part in condition.any)
        case Not():
            return is_tested(condition.not_)
        case Comparison():
            return condition.operator == MATCHES
    return True


def pattern_issues(drawing: Drawing) -> Iterator[Issue]:
    """Patterns of `matches` that cannot be matched; what a template renders is seen only when it is."""
    return issues_in(drawing, _unmatchable)


def _unmatchable(value: Json, pointer: str) -> Iterator[Issue]:
    if isinstance(value, dict):
        if value.get("operator") == MATCHES:
            pattern = value.get("right")
            problem = pattern_problem(pattern) if isinstance(pattern, str) else "A pattern is a text."
            if problem:
                yield issue("INVALID_PATTERN", problem, pointer=f"{pointer}/right")
        for key, inner in value.items():
            yield from _unmatchable(inner, pointer + part(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unmatchable(inner, f"{pointer}/{index}")


@dataclass
class _Chain:
    """The steps that stand for one `choose`, made from the last to the first."""

    choose: Choose
    variables: Sequence[str]
    keeps: bool
    made: list[Step] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """The first bears the name of the `choose`."""
        target, simple = self.choose.to, list[Case]()
        for case in reversed(self.choose.cases):
            if not is_tested(case.condition):
                simple.insert(0, case)
                continue
            target, simple = self._plain(simple, target), []
            target = self._jump(case.condition, case.to, target)
        self._plain(simple, target)
        first = self.made.pop()
        return [first.but(id=self.choose.id), *reversed(self.made)]

    def _jump(self, condition: Condition, yes: str, no: str) -> str:
        """Where to go for `yes` to be reached when the condition holds, and `no` when it does not."""
        if not is_tested(condition):
            return self._plain([Case(condition=condition, to=yes)], no)
        match condition:
            case AllOf():
                for part in reversed(condition.all):
                    yes = self._jump(part, yes, no)
                return yes
            case AnyOf():
                for part in reversed(condition.any):
                    no = self._jump(part, yes, no)
                return no
            case Not():
                return self._jump(condition.not_, no, yes)
            case Comparison():
                return self._call({"text": condition.left, "pattern": condition.right}, yes, no)
            case JavaScript():
                scope = scope_of(condition.javascript, self.variables)
                return self._call({"javascript": condition.javascript, "scope": scope}, yes, no)

    def _plain(self, cases: list[Case], no: str) -> str:
        if not cases:
            return no
        return self._made(Choose(id=self._id(), node=self.choose.node, cases=tuple(cases), to=no))

    def _call(self, args: dict[str, Json], yes: str, no: str) -> str:
        kept: dict[str, Json] = {"kept": f"{{{{nodes.{self.choose.node}}}}}"} if self.keeps else {}
        return self._made(evaluation(self._id(), self.choose.node, {**args, **kept}, yes, no))

    def _made(self, step: Step) -> str:
        self.made.append(step)
        return step.id

    def _id(self) -> str:
        return f"{self.choose.id}?{len(self.made)}"


def evaluation(id: str, node: str, args: dict[str, Json], yes: str, no: str) -> Call:
    """The step that decides one test."""
    return Call(
        id=id,
        node=node,
        activity=EVALUATE,
        args=args,
        to={"true": yes, "false": no},
        default_exit="true",
        pure=True,
        fast=True,
    )
