"""Two plans side by side as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final, TextIO

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from backorderkit.cli.table import new_table, number, print_parts, safe_text
from backorderkit.errors import on_one_line
from backorderkit.formats.comparisons import ratio_text
from backorderkit.model.units import Unit
from backorderkit.promising import (
    ComparedLine,
    ComparedSums,
    Comparison,
    Shift,
)
from backorderkit.promising.slips import plus

_Figure = tuple[str, str, list[str]]
"""What it is, in which unit or currency, and by each plan."""

_UNITS: Final = (
    ("allocated", "allocated"),
    ("promised", "promised"),
    ("missing", "missing"),
    ("late", "late"),
    ("unit_days_late", "days late x units"),
    ("moved", "promises moved"),
)
_VALUES: Final = ("allocated", "promised", "missing", "late")


def print_comparison(comparison: Comparison, file: TextIO) -> None:
    """Print whose units come sooner or later, whom that hits, and the sums of both plans."""
    print_parts(lambda _: _parts(comparison), file)


def _parts(comparison: Comparison) -> Iterator[RenderableType]:
    names = _names(comparison)
    yield safe_text(
        f"Comparison as of {comparison.as_of:%Y-%m-%d %H:%M} UTC: {names[0]} with {names[1]}",
        style="bold",
    )
    yield Text()
    if comparison.changed:
        yield _line_table(comparison.changed, names)
        yield Text()
        yield _customer_table(comparison)
        yield Text()
    figures = list(_figures(comparison))
    if figures:
        yield _figure_table(figures, names)
        yield Text()
    sums = comparison.totals
    yield safe_text(
        f"{sums.lines} open lines by {names[1]}: {sums.wins} win, {sums.loses} lose,"
        f" {sums.mixed} mixed, {sums.lines - len(comparison.changed)} the same",
        style="bold",
    )


def _names(comparison: Comparison) -> tuple[str, str]:
    return comparison.one.policy, comparison.other.policy


def _line_table(lines: Iterable[ComparedLine], names: tuple[str, str]) -> Table:
    table = new_table("order/line", "SKU", "customer")
    table.add_column("units", justify="right", overflow="fold")
    for name in names:
        table.add_column(safe_text(name), overflow="fold")
    table.add_column("days", justify="right", overflow="fold")
    table.add_column("verdict", overflow="fold")
    for line in lines:
        for shift in line.shifts:
            style = "green" if shift.is_sooner else "red"
            table.add_row(
                safe_text(f"{line.order}/{line.line}"),
                safe_text(line.sku),
                safe_text(line.customer),
                safe_text(f"{line.unit.to_text(shift.quantity)} {line.unit.name}"),
                Text(_when(shift, "one")),
                Text(_when(shift, "other"), style=style),
                Text("" if shift.days_later is None else f"{shift.days_later:+}", style=style),
                Text(line.verdict),
            )
    return table


def _when(shift: Shift, side: str) -> str:
    if shift.allocated == side:
        return "now"
    due = shift.one if side == "one" else shift.other
    return "no date" if due is None else f"{due:%Y-%m-%d}"


def _customer_table(comparison: Comparison) -> Table:
    table = new_table("customer")
    for name in ("lines", "win", "lose", "mixed"):
        table.add_column(name, justify="right")
    for name in ("units sooner", "later", "value sooner", "later"):
        table.add_column(name, justify="right", overflow="fold")
    rows = [(each.name or "(nobody named)", each, "") for each in comparison.by_customer]
    for name, sums, style in (*rows, ("all", comparison.totals, "bold")):
        table.add_row(
            safe_text(name, style=style),
            *(
                number(count, Unit(), style)
                for count in (sums.lines, sums.wins, sums.loses, sums.mixed)
            ),
            *_moved(sums),
        )
    return table


def _moved(sums: ComparedSums) -> Iterator[Text]:
    for side in ("sooner", "later"):
        yield _below(
            f"{each.unit.to_text(units)} {each.unit.name}"
            for each in sums.units
            if (units := getattr(each, side))
        )
    for side in ("sooner", "later"):
        yield _below(
            f"{value:f} {each.currency}" for each in sums.values if (value := getattr(each, side))
        )


def _below(texts: Iterable[str]) -> Text:
    """Give texts one below the other."""
    return Text("\n".join(map(on_one_line, texts)))


def _figure_table(figures: Iterable[_Figure], names: tuple[str, str]) -> Table:
    table = new_table("what differs", "in")
    for name in (*names, "difference"):
        table.add_column(safe_text(name), justify="right", overflow="fold")
    for what, measure, texts in figures:
        table.add_row(what, safe_text(measure), *texts)
    return table


def _figures(comparison: Comparison) -> Iterator[_Figure]:
    """Give the figures in which the plans differ, and by how much."""
    for units in comparison.totals.units:
        for field, figure in _UNITS:
            one, other = getattr(units.one, field), getattr(units.other, field)
            if one != other:
                texts = [units.unit.to_text(each) for each in (one, other, other - one)]
                yield figure, units.unit.name, _signed(texts)
    for values in comparison.totals.values:
        for field in _VALUES:
            price, other_price = getattr(values.one, field), getattr(values.other, field)
            if price != other_price:
                difference = plus(other_price, price.copy_negate())
                texts = [f"{each:f}" for each in (price, other_price, difference)]
                yield f"value {field}", values.currency, _signed(texts)
    for figure, unit, ratios in _ratios(comparison):
        if ratios[0] != ratios[1]:
            yield figure, unit, [ratio_text(each) or "none" for each in ratios]


def _signed(texts: list[str]) -> list[str]:
    return texts if texts[-1].startswith("-") else [*texts[:-1], f"+{texts[-1]}"]


def _ratios(comparison: Comparison) -> Iterator[tuple[str, str, tuple[Fraction | None, ...]]]:
    for units in comparison.totals.units:
        moved = units.one.nervousness, units.other.nervousness
        yield "nervousness", units.unit.name, moved
    for each in comparison.fairness:
        what = f"{each.of}, {each.counting}"
        yield f"Jain: {what}", each.unit, (each.one.jain, each.other.jain)
        yield f"Gini: {what}", each.unit, (each.one.gini, each.other.gini)
