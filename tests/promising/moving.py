"""Receipts that move, drawn; and what plans say, looked at without the code that is tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import attrs
from hypothesis import strategies as st

from backorderkit import Plan, ScheduledReceipt, Snapshot
from backorderkit.promising import Impact, ReceiptMove
from tests.laws.books import Key

Dates = dict[Key, Counter[date | None]]
"""How many units of each line are promised for which day; None is for no day."""


@st.composite
def moves(draw: st.DrawFn, book: Snapshot, kinds: Sequence[str]) -> list[ReceiptMove]:
    """Move some receipts; every kind that is named may befall each."""
    chosen = draw(st.lists(st.sampled_from(book.receipts), unique=True, min_size=1))
    return [_move(draw, receipt, draw(st.sampled_from(kinds))) for receipt in chosen]


def _move(draw: st.DrawFn, receipt: ScheduledReceipt, kind: str) -> ReceiptMove:
    if kind == "smaller" and receipt.quantity > 1:
        fewer = draw(st.integers(1, receipt.quantity - 1))
        return ReceiptMove(receipt=receipt.id, quantity=fewer)
    if kind in {"later", "earlier", "grown"}:
        days = draw(st.integers(1, 9))
        due = receipt.due + timedelta(days=-days if kind == "earlier" else days)
        more = receipt.quantity + draw(st.integers(0, 3)) if kind == "grown" else None
        return ReceiptMove(receipt=receipt.id, due=due, quantity=more)
    return ReceiptMove(receipt=receipt.id, gone=True)


def with_moves(book: Snapshot, given: Iterable[ReceiptMove]) -> Snapshot:
    """The same book, its receipts moved by hand."""
    receipts = {receipt.id: receipt for receipt in book.receipts}
    for move in given:
        old = receipts.pop(move.receipt)
        if not move.gone:
            due, quantity = move.due or old.due, move.quantity or old.quantity
            receipts[old.id] = attrs.evolve(old, due=due, quantity=quantity)
    return attrs.evolve(book, receipts=receipts.values())


def dates_of(made: Plan) -> Dates:
    """What each line waits for, by the day for which it is promised."""
    dates: Dates = {}
    for line in made.lines:
        days = dates[line.order, line.line] = Counter({None: line.unpromised})
        for promise in line.promises:
            days[promise.due.date()] += promise.quantity
    return dates


def worse(was: Counter[date | None], now: Counter[date | None], filled: int = 0) -> int:
    """
    Count the units that come later, or without a date: the k-th against the k-th.

    The first *filled* units came meanwhile.
    """
    before, after = (
        sorted((each or date.max for each in days.elements()), key=date.toordinal)
        for days in (was, now)
    )
    return sum(new > old for old, new in zip(before[filled:], after, strict=False))


def slipped(found: Impact) -> Dates:
    """The units of the slips: those that leave a day count below 0."""
    changed: Dates = {}
    for slip in found.lines:
        days = changed.setdefault((slip.order, slip.line), Counter())
        days[slip.before.date() if slip.before else None] -= slip.quantity
        days[slip.after.date() if slip.after else None] += slip.quantity
    return changed
