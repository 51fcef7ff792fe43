"""subflow: walks another flow, then goes on."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from pydantic import Field

from compiler.bounds import part
from compiler.structure import near
from dsl import plan
from dsl.issues import Issue, issue
from dsl.kind import Kind, Place
from dsl.model import Json
from dsl.plan import Assign, Step
from dsl.published import DEEPEST, REFERENCE, Published
from dsl.spec import Name
from dsl.templates import placeholders
from dsl.types import Type, fits


class Subflow(Kind):
    """Walks another published flow, which sees nothing of this one but its inputs, then goes on.

    Which flow that is is fixed when this one is published: what is published of it later changes nothing.
    It leaves by `failed` where the other flow ends `failed` or `expired`.
    """

    exits: ClassVar[tuple[str, ...]] = ("done", "failed")

    flow: str = Field(pattern=f"^{REFERENCE.pattern}$")
    """Its `id`: the version that is published now; or `id@version`, one that was ever published."""
    inputs: dict[Name, Json] = Field(default_factory=dict, max_length=100)
    """By name of the other flow's param: a template or a literal."""
    outputs: dict[Name, Name] = Field(default_factory=dict, max_length=100)
    """By variable of this flow: the name of the other's output that it keeps."""

    def sets(self) -> Iterator[str]:
        """The variables that keep outputs."""
        yield from self.outputs

    def check(self, place: Place) -> Iterator[Issue]:
        """The other flow is published, does not come back to this one, and fits its inputs and outputs."""
        found = place.published(self.flow)
        if self.flow.partition("@")[0] == place.flow or (found and place.flow in found.flows):
            text = f"The flow '{self.flow}' comes back to '{place.flow}'."
            yield issue("SUBFLOW_CYCLE", text, pointer="/flow")
        elif found is None:
            yield issue("SUBFLOW_NOT_PUBLISHED", f"No flow '{self.flow}' is published.", pointer="/flow")
        else:
            if found.depth >= DEEPEST:
                text = (
                    f"'{self.flow}' has {found.depth} flows inside one another; at most {DEEPEST - 1} may be."
                )
                yield issue("SUBFLOW_TOO_DEEP", text, pointer="/flow")
            yield from self._input_issues(found)
            yield from self._output_issues(found)

    def lower(self, place: Place) -> Iterable[Step]:
        """One `subflow` step, and one that keeps the outputs where any are wanted."""
        found, node = place.published(self.flow), place.node
        default = None if place.connected("failed") else place.on_error
        values: dict[str, Json] = {name: f"{{{{nodes.{node}.{of}}}}}" for name, of in self._kept()}
        done, failed = self._ways(place, default is not None)
        digest, ways = found.digest if found else "", {"done": done, "failed": failed}
        inputs = {name: self.inputs[name] for name in sorted(self.inputs)}
        yield plan.Subflow(id=place.id(), node=node, plan=digest, inputs=inputs, to=ways)
        if values:
            yield Assign(id=done, node=node, values=values, to="!done")
        if values and default is not None:
            given = default.default if isinstance(default.default, dict) else {}
            instead = {name: given.get(of) for name, of in self._kept()}
            yield Assign(id=failed, node=node, values=instead, to="!done")

    def _ways(self, place: Place, defaulted: bool) -> tuple[str, str]:
        """Where it goes on when the other flow is done, and when that failed."""
        done = place.id("outputs") if self.outputs else "!done"
        if not defaulted:
            return done, "!failed"
        return done, place.id("default") if self.outputs else "!done"

    def _kept(self) -> list[tuple[str, str]]:
        return sorted(self.outputs.items())

    def _input_issues(self, found: Published) -> Iterator[Issue]:
        """A flow that declares no params takes anything."""
        for name, value in self.inputs.items() if found.params else ():
            param = found.params.get(name)
            if param is None:
                text = f"'{self.flow}' has no param '{name}'{near(name, list(found.params))}"
                yield issue("UNKNOWN_INPUT", text, pointer=f"/inputs{part(name)}")
            elif not _may_be(value, param.type):
                text = f"'{name}' of '{self.flow}' takes {param.type}."
                yield issue("INPUT_TYPE", text, pointer=f"/inputs{part(name)}")
        for name, param in found.params.items():
            if param.required and name not in self.inputs:
                pointer = "/inputs" if "inputs" in self.model_fields_set else "/flow"
                yield issue("MISSING_INPUT", f"'{self.flow}' needs the input '{name}'.", pointer=pointer)

    def _output_issues(self, found: Published) -> Iterator[Issue]:
        for name, of in self.outputs.items():
            if of not in found.outputs:
                text = f"'{self.flow}' gives no output '{of}'{near(of, list(found.outputs))}"
                yield issue("UNKNOWN_OUTPUT", text, pointer=f"/outputs{part(name)}")


def _may_be(value: Json, type: Type) -> bool:
    """Whether an input may be of a type: a text that is one placeholder may be anything."""
    if isinstance(value, str) and "{{" in value:
        found = [one for one in placeholders(value) if not one.problem]
        if len(found) == 1 and value.strip().startswith("{{") and value.strip().endswith("}}"):
            return True
    return fits(value, type)
