"""Flows as files: compiled, with the flows beside them as if those were published."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from compiler.compile import CompilationResult, compile_flow
from compiler.inside import waits_for_people
from compiler.subflows import references
from dsl.kind import Kind
from dsl.moves import Plans
from dsl.plan import End, Plan, Sleep, Subflow, Wait
from dsl.published import Published
from dsl.spec import FlowSpec
from simulator.setting import Setting
from simulator.talks import ENDING, TalkError, read_flow


class Flow(NamedTuple):
    """What became of a flow's file, and the plans that its subflows walk."""

    result: CompilationResult
    plans: Plans
    files: tuple[Path, ...]
    """Its own behind those of its subflows, each behind those that it refers to: so they can be published."""

    @property
    def plan(self) -> Plan:
        """The flow's own; TalkError where it has errors."""
        if self.result.plan is None:
            raise TalkError(told(self.result))
        return self.result.plan

    def setting(self, **more: Any) -> Setting:
        """What simulations of it begin with: on the channel of its trigger."""
        return Setting(**more).of(self.result.spec)


class Flows:
    """The flows of files; each is compiled once."""

    def __init__(self, catalogue: Mapping[str, type[Kind]]) -> None:
        self._catalogue = catalogue
        self._compiled: dict[Path, Flow] = {}
        self._named: dict[Path, dict[str, list[Path]]] = {}
        self._under_way: list[Path] = []

    def compiled(self, path: Path) -> Flow:
        """The flow of a file; TalkError where the file is none, or its subflows come back to it."""
        if path in self._under_way:
            raise TalkError(f"{path.name} comes back to itself by its subflows")
        if path not in self._compiled:
            self._under_way.append(path)
            try:
                self._compiled[path] = self._compile(path)
            finally:
                self._under_way.pop()
        return self._compiled[path]

    def _compile(self, path: Path) -> Flow:
        document = read_flow(path)
        asked = references(document, self._catalogue)
        found = {reference: self._beside(path, reference.partition("@")[0]) for reference in sorted(asked)}
        below = {reference: self.compiled(file) for reference, file in found.items() if file}
        published = {reference: _published(flow) for reference, flow in below.items()}
        plans: dict[str, Plan] = {}
        for flow in below.values():
            plans |= {**flow.plans, str(flow.result.digest): flow.plan}
        files = (*dict.fromkeys(file for flow in below.values() for file in flow.files), path)
        return Flow(compile_flow(document, self._catalogue, published), plans, files)

    def _beside(self, path: Path, id: str) -> Path | None:
        """The first other file of its folder whose flow has that id."""
        if path.parent not in self._named:
            self._named[path.parent] = _ids_in(path.parent)
        return next((file for file in self._named[path.parent].get(id, ()) if file != path), None)


def _ids_in(folder: Path) -> dict[str, list[Path]]:
    """The flows of a folder by id; a file that is none is passed over."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*.json")):
        if not file.name.endswith(ENDING):
            with suppress(TalkError):
                found.setdefault(str(read_flow(file).get("id")), []).append(file)
    return found


def _published(flow: Flow) -> Published:
    """What publishing it would fix."""
    plan, spec = flow.plan, flow.result.spec
    walked = [plan, *flow.plans.values()]
    steps = [step for one in walked for step in one.steps.values()]
    return Published(
        flow=plan.flow,
        version=1,
        digest=str(flow.result.digest),
        params=spec.settings.params if spec else {},
        outputs=_outputs(plan, spec),
        plans=tuple(sorted(flow.plans)),
        flows=frozenset(one.flow for one in flow.plans.values()),
        waits=any(map(waits_for_people, steps)),
        rests=any(isinstance(step, Wait | Sleep) for step in steps),
        depth=_depth(plan, flow.plans, {}),
    )


def _outputs(plan: Plan, spec: FlowSpec | None) -> tuple[str, ...]:
    given = {name for step in plan.steps.values() if isinstance(step, End) for name in step.outputs}
    return tuple(sorted(spec.settings.outputs if spec and spec.settings.outputs else given))


def _depth(plan: Plan, plans: Plans, known: dict[str, int]) -> int:
    """Each plan below is looked at once (`known`): ways through them may be more than can be counted."""
    for digest in {step.plan for step in plan.steps.values() if isinstance(step, Subflow)} - known.keys():
        known[digest] = _depth(plans[digest], plans, known)
    below = (known[step.plan] for step in plan.steps.values() if isinstance(step, Subflow))
    return 1 + max(below, default=0)


def told(result: CompilationResult) -> str:
    """The errors of a flow, a line each."""
    lines = (f"{one.code} at {one.pointer or '/'}: {one.message}" for one in result.errors)
    return "the flow does not compile:\n" + "\n".join(lines)
