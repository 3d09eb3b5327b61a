"""A plan as a table for people."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TextIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from backorderkit.errors import on_one_line
from backorderkit.model.units import Unit
from backorderkit.planning import Plan, PlanLine, UnitTotals

_FILE_WIDTH: Final = 160
"""Columns where there is no terminal: wide enough that ids of usual length stay whole."""

_NUMBERS: Final = ("open", "allocated", "waiting", "missing")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command: rich itself would end the process with status 1."""
        raise BrokenPipeError


Parts = Callable[[bool], Iterable[RenderableType]]
"""Makes what is printed; told whether sentences may be wrapped and indented, for a screen."""


def print_table(plan: Plan, file: TextIO) -> None:
    """Print the lines that wait, why they wait, and the sums."""
    print_parts(lambda hang: _parts(plan, hang=hang), file)


def print_parts(parts: Parts, file: TextIO) -> None:
    """Print tables and sentences, to a screen or to a file."""
    if isinstance(file, io.TextIOWrapper):
        # Ids may hold characters that the terminal does not have.
        file.reconfigure(errors="backslashreplace")
    on_screen = file.isatty()
    console = _Console(
        file=file,
        highlight=False,
        markup=False,
        emoji=False,
        # FORCE_COLOR is for what is read on a screen in the end, not for files we make.
        force_terminal=False if isinstance(file, io.StringIO) and not on_screen else None,
    )
    if not on_screen:
        console.width = _FILE_WIDTH
    for part in parts(on_screen):
        # In a file a sentence stays on its line, so that it can be searched for.
        console.print(part, soft_wrap=not on_screen and not isinstance(part, Table))


def _parts(plan: Plan, *, hang: bool) -> Iterator[RenderableType]:
    waiting = [line for line in plan.lines if line.backordered]
    yield Text(f"Plan as of {plan.as_of:%Y-%m-%d %H:%M} UTC by {plan.policy}", style="bold")
    yield Text()
    if waiting:
        yield _line_table(plan, waiting)
        yield Text()
        yield Text("Why", style="bold")
        for line in waiting:
            yield safe_text(f"{line.order}/{line.line}  {line.sku}", style="cyan")
            sentence = safe_text(line.reason)
            yield Padding(sentence, (0, 0, 0, 2), expand=False) if hang else Text("  ") + sentence
        yield Text()
    if plan.broken:
        yield Text("Contracts that cannot be kept", style="bold")
        for broken in plan.broken:
            unit = plan.snapshot.item(broken.sku).measure
            whose = f"Segment {broken.segment}" if broken.segment else "What is frozen"
            owed, got = unit.to_text(broken.owed), unit.to_text(broken.got)
            yield safe_text(f"{broken.order}/{broken.line}  {broken.sku}", style="cyan")
            said = safe_text(
                f"{whose} owes {owed} {unit.name} by {broken.by:%Y-%m-%d}"
                f" ({broken.contract.floor}), and {got} can be had; the SKU stays as it was."
            )
            yield Padding(said, (0, 0, 0, 2), expand=False) if hang else Text("  ") + said
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
    table = new_table("order/line", "SKU")
    for name in _NUMBERS:
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("promised", overflow="fold")
    for line in lines:
        unit = plan.snapshot.item(line.sku).measure
        table.add_row(
            safe_text(f"{line.order}/{line.line}"),
            safe_text(line.sku),
            safe_text(f"{unit.to_text(line.allocated + line.backordered)} {unit.name}"),
            *(
                number(quantity, unit, style)
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
    table = new_table("unit")
    for name in ("open", "allocated", "waiting", "promised", "missing"):
        table.add_column(name, justify="right", overflow="fold")
    for sums in plan.totals.by_unit:
        table.add_row(safe_text(sums.unit), *_sums(sums))
    return table


def _sums(sums: UnitTotals) -> Iterator[Text]:
    unit = Unit(name=sums.unit, decimals=sums.decimals)
    for quantity, style in (
        (sums.allocated + sums.backordered, ""),
        (sums.allocated, ""),
        (sums.backordered, "yellow"),
        (sums.promised, ""),
        (sums.unpromised, "red"),
    ):
        yield number(quantity, unit, style)


def safe_text(text: str, style: str = "") -> Text:
    """Give a text that steers no terminal."""
    return Text(on_one_line(text), style=style)


def number(quantity: int, unit: Unit, style: str) -> Text:
    """Give a quantity, dim where there is none."""
    return Text(unit.to_text(quantity), style=style if quantity else "dim")


def new_table(*columns: str) -> Table:
    """Start a table with columns of text."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
