"""The directive ``life-cycle``: a life cycle's statuses, table and picture, made of the table."""

from __future__ import annotations

from html import escape

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from backorderkit import LIFE_CYCLES, LifeCycle
from backorderkit.model.life_cycles import in_words

COLUMN, ROW, HEAD = 140, 26, 40


class ShowLifeCycle(SphinxDirective):
    """Show the life cycle that it is given by name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        cycle = LIFE_CYCLES[self.arguments[0]]
        picture = nodes.raw("", svg(cycle), format="html")
        text = StringList([*statuses(cycle), "", *table(cycle)], source=__file__)
        return [picture, *self.parse_text_to_nodes("\n".join(text))]


def statuses(cycle: LifeCycle) -> list[str]:
    rows = (f"| {in_words(status)} | {text} |" for status, text in cycle.statuses.items())
    return ["| status | what it means |", "|---|---|", *rows]


def table(cycle: LifeCycle) -> list[str]:
    head = "".join(f" {step} |" for step in cycle.steps)
    rows = (
        f"| **{in_words(status)}** |" + "".join(f" {cell(cycle, status, s)} |" for s in cycle.steps)
        for status in cycle.statuses
    )
    return [f"| from |{head}", "|---" * (len(cycle.steps) + 1) + "|", *rows]


def cell(cycle: LifeCycle, status: str, step: str) -> str:
    after = cycle.moves.get((status, step))
    if after is None:
        return "—"
    return ", ".join(map(in_words, after)) or "stays"


def svg(cycle: LifeCycle) -> str:
    """Draw a column for each status and an arrow for each move, one below the other."""
    places = {status: COLUMN // 2 + COLUMN * at for at, status in enumerate(cycle.statuses)}
    moves = [
        (places[status], places[after], step)
        for (status, step), reached in cycle.moves.items()
        for after in reached
    ]
    width, height = COLUMN * len(places), HEAD + ROW * (len(moves) + 1)
    lines, texts = [], []
    for status, x in places.items():
        lines.append(f'<path d="M{x} {HEAD - 8}V{height}" stroke-opacity="0.25"/>')
        lines.append(f'<rect x="{x - 62}" y="4" width="124" height="{HEAD - 12}" rx="6"/>')
        texts.append(f'<text x="{x}" y="23">{escape(in_words(status))}</text>')
    for row, (start, end, step) in enumerate(moves, start=1):
        y = HEAD + ROW * row
        lines.append(f'<path d="{loop(start, y) if start == end else arrow(start, end, y)}"/>')
        # Near its start, where a long arrow crosses no other column yet.
        x = start + (-COLUMN if end < start else COLUMN) // 2
        texts.append(f'<text x="{x}" y="{y - 5}">{escape(step)}</text>')
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img"'
        ' style="max-width: 100%; height: auto" stroke="currentColor" fill="none"'
        f' aria-label="Life cycle of a {cycle.thing}: the table below says the same">'
        f'{"".join(lines)}<g font-size="13" text-anchor="middle" stroke="none"'
        f' fill="currentColor">{"".join(texts)}</g></svg>'
    )


def arrow(start: int, end: int, y: int) -> str:
    back = -7 if end > start else 7
    return f"M{start} {y}H{end}m{back} -4l{-back} 4l{back} 4"


def loop(x: int, y: int) -> str:
    return f"M{x} {y - 9}h24v9h-24m7 -4l-7 4l7 4"


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("life-cycle", ShowLifeCycle)
    return {"parallel_read_safe": True}
