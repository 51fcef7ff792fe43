"""A flow as SVG: one file without scripts, links or fonts, the same for the same flow to the last byte."""

from collections.abc import Iterator
from html import escape

from compiler.graph import Graph
from compiler.picture.layout import Layout, laid_out
from compiler.picture.marks import Marks, marks_of
from compiler.picture.measures import CAPTION_STEP, LABEL_STEP, LOOP, WORD_STEP
from compiler.picture.numbers import num
from compiler.picture.outlines import outline
from compiler.picture.routes import Routes
from compiler.picture.style import ARROWS, STYLE
from compiler.picture.text import shown
from dsl.issues import Issue

MARGIN, HEADER = 28.0, 34.0
TOLD = 5
"""Errors that a node's tooltip tells."""


def svg_of(graph: Graph, issues: tuple[Issue, ...] = (), title: str = "") -> str:
    """The flow as a drawing, with a title where one is given, and its errors marked."""
    layout, header = laid_out(graph), HEADER if shown(title) else 0.0
    return "\n".join(_parts(layout, graph, marks_of(graph, issues), shown(title)[:80], header)) + "\n"


def _parts(layout: Layout, graph: Graph, marks: Marks, title: str, header: float) -> Iterator[str]:
    width = max(layout.width + 2 * MARGIN, len(title) * 10 + 2 * MARGIN)
    height = layout.height + 2 * MARGIN + header
    size = f'width="{num(width)}" height="{num(height)}" viewBox="0 0 {num(width)} {num(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    yield f"<title>{escape(title or 'A flow')}</title>"
    yield f"<style>{STYLE}</style><defs>{ARROWS}</defs>"
    yield f'<rect class="paper" x=".5" y=".5" width="{num(width - 1)}" height="{num(height - 1)}" rx="12"/>'
    if title:
        yield f'<text class="title" x="{num(MARGIN)}" y="36">{escape(title)}</text>'
    left = MARGIN + (width - 2 * MARGIN - layout.width) / 2
    yield f'<g transform="translate({num(left)} {num(MARGIN + header)})">'
    faded = [node.id in marks.faded for node in graph.nodes]
    yield from _lines(layout, faded)
    for at, node in enumerate(graph.nodes):
        yield _node(layout, at, node.id, marks)
    yield "</g>"
    yield "</svg>"


def _lines(layout: Layout, faded: list[bool]) -> Iterator[str]:
    routes = Routes(layout)
    for at, line in enumerate(layout.lines):
        classes = ["line"]
        classes += ["back"] * (at in layout.back) + ["if"] * line.conditional + ["faded"] * faded[line.source]
        yield f'<path class="{" ".join(classes)}" d="{routes.path(at)}"/>'
    for at, line in enumerate(layout.lines):
        yield from _words(layout, at, faded[line.source])


def _words(layout: Layout, at: int, faded: bool) -> Iterator[str]:
    words, line = layout.words[at], layout.lines[at]
    if not words.lines:
        return
    if line.source == line.target:
        card = layout.cards[line.source]
        x = layout.x[line.source] + card.box.width / 2 + LOOP - 9 + words.box.width / 2
        y = layout.middle(line.source)
    else:
        chain = layout.net.chains[at]
        vertex = chain[-2] if at in layout.back else chain[1]
        x, y = layout.x[vertex], layout.middle(vertex)
    left, top = x - words.box.width / 2, y - words.box.height / 2
    plate = f'x="{num(left)}" y="{num(top)}" width="{num(words.box.width)}" height="{num(words.box.height)}"'
    yield '<g class="faded">' if faded else "<g>"
    yield f'<rect class="plate" {plate} rx="4"/>'
    for step, text in enumerate(words.lines):
        yield f'<text class="words" x="{num(x)}" y="{num(top + 12 + step * WORD_STEP)}">{escape(text)}</text>'
    yield "</g>"


def _node(layout: Layout, at: int, id: str, marks: Marks) -> str:
    card, x, y = layout.cards[at], layout.x[at], layout.middle(at)
    wrong, family = marks.wrong.get(id, []), card.look.family
    classes = ["node"] + ["faded"] * (id in marks.faded) + ["wrong"] * bool(wrong)
    parts = [f'<g class="{" ".join(classes)}" data-node="{escape(shown(id))}">']
    parts += [f"<title>{escape(shown('; '.join(wrong[:TOLD])))}</title>"] * bool(wrong)
    parts.append(outline(card.look.shape, x, y, card.box, f'class="shape {family}"'))
    line = y - card.box.height / 2 + 8 + 13
    if card.caption:
        text = f'<text class="caption {family}-ink" x="{num(x)}" y="{num(line - 2)}">'
        parts.append(f"{text}{escape(card.caption)}</text>")
        line += CAPTION_STEP
    for step, text in enumerate(card.label):
        parts.append(
            f'<text class="label" x="{num(x)}" y="{num(line + step * LABEL_STEP)}">{escape(text)}</text>'
        )
    if wrong:
        right, top = num(x + card.box.width / 2 - 4), y - card.box.height / 2 + 2
        parts.append(f'<circle class="badge" cx="{right}" cy="{num(top)}" r="9"/>')
        parts.append(f'<text class="count" x="{right}" y="{num(top + 4)}">{len(wrong)}</text>')
    return "".join([*parts, "</g>"])
