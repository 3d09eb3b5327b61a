"""A plan as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from backorderkit.model.units import Unit
from backorderkit.planning import Plan, PlanLine, UnitTotals

_FILE_WIDTH: Final = 160
"""Columns where there is no terminal: wide enough that ids of usual length stay whole."""

_NUMBERS: Final = ("ordered", "allocated", "waiting", "missing")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command: rich itself would end the process with status 1."""
        raise BrokenPipeError


def print_table(plan: Plan, file: TextIO) -> None:
    """Print the lines that wait, why they wait, and the sums."""
    console = _Console(file=file, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    for part in _parts(plan):
        # In a file a sentence stays on its line, so that it can be searched for.
        console.print(part, soft_wrap=isinstance(part, Text) and not console.is_terminal)


def _parts(plan: Plan) -> Iterator[RenderableType]:
    waiting = [line for line in plan.lines if line.backordered]
    yield Text(f"Plan as of {plan.as_of:%Y-%m-%d %H:%M} UTC by {plan.policy}", style="bold")
    yield Text()
    if waiting:
        yield _line_table(plan, waiting)
        yield Text()
        yield Text("Why", style="bold")
        for line in waiting:
            yield Text(f"{line.order}/{line.line}  {line.sku}", style="cyan")
            yield Text(f"  {line.reason}")
        yield Text()
    yield _totals_table(plan)
    yield Text()
    complete = len(plan.lines) - len(waiting)
    yield Text(
        f"{len(plan.lines)} open lines: {complete} complete, {len(waiting)} waiting;"
        f" {len(plan.changes)} changes to apply",
        style="bold",
    )


def _line_table(plan: Plan, lines: list[PlanLine]) -> Table:
    table = _table("order/line", "SKU")
    for name in _NUMBERS:
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("promised", overflow="fold")
    for line in lines:
        unit = plan.snapshot.item(line.sku).measure
        table.add_row(
            Text(f"{line.order}/{line.line}"),
            Text(line.sku),
            Text(f"{unit.to_text(line.ordered)} {unit.name}"),
            *(
                _number(quantity, unit, style)
                for quantity, style in (
                    (line.allocated, ""),
                    (line.backordered, "yellow"),
                    (line.unpromised, "red"),
                )
            ),
            Text(
                "\n".join(
                    f"{unit.to_text(promise.quantity)} on {promise.due:%Y-%m-%d}"
                    for promise in line.promises
                )
            ),
        )
    return table


def _totals_table(plan: Plan) -> Table:
    table = _table("unit")
    for name in ("ordered", "allocated", "waiting", "promised", "missing"):
        table.add_column(name, justify="right", overflow="fold")
    for sums in plan.totals.by_unit:
        table.add_row(Text(sums.unit), *_sums(sums))
    return table


def _sums(sums: UnitTotals) -> Iterator[Text]:
    unit = Unit(name=sums.unit, decimals=sums.decimals)
    for quantity, style in (
        (sums.ordered, ""),
        (sums.allocated, ""),
        (sums.backordered, "yellow"),
        (sums.promised, ""),
        (sums.unpromised, "red"),
    ):
        yield _number(quantity, unit, style)


def _number(quantity: int, unit: Unit, style: str) -> Text:
    return Text(unit.to_text(quantity), style=style if quantity else "dim")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
