"""`tembea graph`: a flow's file as a drawing."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from compiler.compile import CompilationResult
from compiler.graph import Graph
from compiler.picture.mermaid import mermaid_of
from compiler.picture.svg import svg_of
from dsl.issues import Issue
from simulator.flows import Flows
from simulator.talks import TalkError
from wiring.catalog import catalogue
from wiring.cli.options import DrawingForm
from wiring.talk import Talk


class NothingToDrawError(Exception):
    """The file cannot be read as a flow at all."""


_ENDINGS = {".svg": DrawingForm.SVG, ".json": DrawingForm.JSON}
_WRITERS: dict[DrawingForm, Callable[[Graph, tuple[Issue, ...], str], str]] = {
    DrawingForm.MERMAID: lambda graph, issues, _: mermaid_of(graph, issues),
    DrawingForm.SVG: svg_of,
    DrawingForm.JSON: lambda graph, *_: graph.model_dump_json(by_alias=True, indent=2) + "\n",
}


def run(file: Path, form: DrawingForm | None, out: Path | None) -> None:
    """Draw the flow to `out` or standard output; nodes with errors are marked. NothingToDrawError."""
    chosen = form or _ENDINGS.get(out.suffix if out else "", DrawingForm.MERMAID)
    result = _compiled(file)
    if result.graph is None or result.spec is None:
        raise NothingToDrawError(_why(file, result.errors))
    text = _WRITERS[chosen](result.graph, result.errors, result.spec.name)
    if out is None:
        sys.stdout.write(text)
        return
    out.write_text(text, encoding="utf-8")
    Talk().say(f"{out}: {len(result.graph.nodes)} nodes, {len(result.graph.edges)} edges")


def _compiled(file: Path) -> CompilationResult:
    try:
        return Flows(catalogue()).compiled(file).result
    except TalkError as error:
        raise NothingToDrawError(str(error)) from None


def _why(file: Path, errors: Sequence[Issue]) -> str:
    return f"{file}: {errors[0].message} (tembea validate tells all)"
