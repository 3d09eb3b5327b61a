"""An impact as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TextIO

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from backorderkit.cli.table import new_table, number, print_parts, safe_text
from backorderkit.errors import on_one_line
from backorderkit.model.stock import ScheduledReceipt
from backorderkit.model.units import Unit
from backorderkit.policies.protocol import policy_name
from backorderkit.promising import Impact, MovedReceipt, Rescue, Slip, SlipKind, SlipSums

_NO_DATE: Final = "no date"


def print_impact(impact: Impact, rescues: Sequence[Rescue], file: TextIO) -> None:
    """Print what moves, which lines get another date, what could save them, and the sums."""
    print_parts(lambda _: _parts(impact, rescues), file)


def _parts(impact: Impact, rescues: Sequence[Rescue]) -> Iterator[RenderableType]:
    by = policy_name(impact.policy)
    yield Text(f"Impact as of {impact.as_of:%Y-%m-%d %H:%M} UTC by {by}", style="bold")
    for moved in impact.receipts:
        yield safe_text(_sentence(moved, impact.before.snapshot.item(moved.before.sku).measure))
    yield Text()
    if impact.lines:
        yield _line_table(impact.lines)
        yield Text()
    if rescues:
        yield Text("What could save dates", style="bold")
        yield _rescue_table(impact, rescues)
        yield Text()
    if impact.lines:
        yield _sum_table(impact)
        yield Text()
    yield Text(_last_line(impact, rescues), style="bold")


def _sentence(moved: MovedReceipt, unit: Unit) -> str:
    before, after = moved.before, moved.after
    what = f"{before.id}: {_expected(before, unit)} of {before.sku} at {before.location}"
    return f"{what}, now {'not coming' if after is None else _expected(after, unit)}"


def _expected(receipt: ScheduledReceipt, unit: Unit) -> str:
    return f"{unit.to_text(receipt.quantity)} {unit.name} due {_day(receipt.due)}"


def _day(when: datetime | None) -> str:
    return _NO_DATE if when is None else f"{when:%Y-%m-%d}"


def _line_table(slips: Iterable[Slip]) -> Table:
    table = new_table("order/line", "SKU", "customer")
    table.add_column("units", justify="right", overflow="fold")
    for name in ("promised", "would be"):
        table.add_column(name, overflow="fold")
    for name in ("days", "value"):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("asked for", overflow="fold")
    for slip in slips:
        style = {"lost": "red", "later": "yellow"}.get(slip.kind, "green")
        table.add_row(
            safe_text(f"{slip.order}/{slip.line}"),
            safe_text(slip.sku),
            safe_text(slip.customer),
            safe_text(f"{slip.unit.to_text(slip.quantity)} {slip.unit.name}"),
            Text(_day(slip.before)),
            Text(_day(slip.after), style=style),
            Text("" if slip.days_later is None else f"{slip.days_later:+}", style=style),
            safe_text("" if slip.value is None else f"{slip.value:f} {slip.currency}"),
            _asked_for(slip),
        )
    return table


def _asked_for(slip: Slip) -> Text:
    if slip.requested is None:
        return Text()
    missed = ", missed" if slip.missed else ""
    return Text(f"{_day(slip.requested)}{missed}", style="red" if missed else "")


def _rescue_table(impact: Impact, rescues: Iterable[Rescue]) -> Table:
    table = new_table("order/line", "SKU")
    table.add_column("saves", justify="right", overflow="fold")
    table.add_column("by", overflow="fold")
    for rescue in rescues:
        unit = impact.before.snapshot.item(rescue.sku).measure
        table.add_row(
            safe_text(f"{rescue.order}/{rescue.line}"),
            safe_text(rescue.sku),
            safe_text(f"{unit.to_text(rescue.saves)} {unit.name}"),
            safe_text(_how(rescue, unit)),
        )
    return table


def _how(rescue: Rescue, unit: Unit) -> str:
    units = f"{unit.to_text(rescue.quantity)} {unit.name}"
    match rescue.kind:
        case "transfer":
            return f"transfer of {units} from {rescue.origin} to {rescue.location}"
        case "redirect":
            return f"{units} of {rescue.receipt} to {rescue.location}, not {rescue.origin}"
        case "safety-stock":
            coming = "" if rescue.receipt is None else f" that {rescue.receipt} would refill"
            return f"{units} of the safety stock at {rescue.location}{coming}"
        case "hold":
            return f"{units} that {rescue.hold} holds at {rescue.location}"
        case "expedite":
            return f"{units} of {rescue.receipt} by {_day(rescue.due)}"
        case "purchase":
            return f"purchase of {units}, here on {_day(rescue.due)}"


def _sum_table(impact: Impact) -> Table:
    table = new_table("customer")
    for name in ("lines", "missed"):
        table.add_column(name, justify="right")
    for name in ("units later", "without date", "value of both"):
        table.add_column(name, justify="right", overflow="fold")
    rows = [(each.name or "(nobody named)", each, "") for each in impact.by_customer if each.lines]
    for name, sums, style in (*rows, ("all", impact.totals, "bold")):
        table.add_row(
            safe_text(name, style=style),
            number(sums.lines, Unit(), style),
            number(sums.missed, Unit(), "red"),
            _units(sums, "later"),
            _units(sums, "lost"),
            _below(f"{each.worse:f} {each.currency}" for each in sums.values),
        )
    return table


def _units(sums: SlipSums, kind: SlipKind) -> Text:
    return _below(
        f"{each.unit.to_text(quantity)} {each.unit.name}"
        for each in sums.units
        if (quantity := getattr(each, kind))
    )


def _below(texts: Iterable[str]) -> Text:
    """Give texts one below the other."""
    return Text("\n".join(map(on_one_line, texts)))


def _last_line(impact: Impact, rescues: Iterable[Rescue]) -> str:
    worse = {(slip.order, slip.line) for slip in impact.lines if slip.is_worse}
    better = {(slip.order, slip.line) for slip in impact.lines if not slip.is_worse}
    saved = {(rescue.order, rescue.line) for rescue in rescues}
    return (
        f"{len(worse)} lines get worse, {impact.totals.missed} newly miss the day asked for;"
        f" {len(better)} get better; {len(saved)} could be helped"
    )
