"""The directive ``life-cycle``: a life cycle's statuses, table and picture, made of the table."""

from __future__ import annotations

from html import escape
from itertools import chain

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
        (status, step, after)
        for (status, step), reached in cycle.moves.items()
        for after in reached
    ]
    width, height = COLUMN * len(places), HEAD + ROW * (len(moves) + 1)
    columns = chain.from_iterable(
        (
            f'<line x1="{x}" y1="{HEAD - 8}" x2="{x}" y2="{height}" stroke-opacity="0.25"/>',
            f'<rect x="{x - 62}" y="4" width="124" height="{HEAD - 12}" rx="6"/>',
            f'<text x="{x}" y="23">{escape(in_words(status))}</text>',
        )
        for status, x in places.items()
    )
    arrows = (
        arrow(places[status], places[after], HEAD + ROW * (row + 1), step)
        for row, (status, step, after) in enumerate(moves)
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" style="max-width: 100%;'
        ' height: auto; font-size: 13px" role="img"'
        f' aria-label="Life cycle of a {cycle.thing}: the table below says the same"'
        ' fill="none" stroke="currentColor"><style>svg text { fill: currentColor;'
        " stroke: none; text-anchor: middle }</style>"
        f"{''.join(columns)}{''.join(arrows)}</svg>"
    )


def arrow(start: int, end: int, y: int, step: str) -> str:
    if start == end:
        line = f"M{start} {y - 7}h22v9h-20"
        end, way, at = start + 2, -1, start + 26
        anchor = ' style="text-anchor: start"'
    else:
        way = 1 if end > start else -1
        line = f"M{start} {y}H{end}"
        # Beside the column where it starts, so that labels of long arrows are found.
        at, anchor = start + way * COLUMN // 2, ""
    tip = y if start != end - 2 else y + 2
    head = f"M{end - way * 7} {tip - 4}L{end} {tip}L{end - way * 7} {tip + 4}"
    label_y = y - 4 if not anchor else y + 1
    return f'<path d="{line}{head}"/><text x="{at}" y="{label_y}"{anchor}>{escape(step)}</text>'


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("life-cycle", ShowLifeCycle)
    return {"parallel_read_safe": True}
