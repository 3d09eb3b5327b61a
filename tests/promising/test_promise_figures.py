"""How many promises were kept, by hand and by law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from backorderkit import (
    Allocated,
    Backordered,
    Cancelled,
    CancelOrder,
    Fact,
    InvalidValueError,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Placed,
    Promise,
    Promised,
    ReceiptId,
    Received,
    ScheduleReceipt,
    Sku,
    Snapshot,
    apply,
)
from backorderkit.promising import FigureWeight, PromiseLedger, promise_figures
from tests.planning.books import AS_OF, book, order, receipt
from tests.promising.test_ledger import Shop, waiting

DAY_0 = datetime(2026, 1, 1, 9, tzinfo=UTC)
PO = ReceiptId("PO")

# The five-order data set of the design's cases (area kpi): order, SKU, units, promised day,
# (day, units) as they were filled, and (day, units) as they were cancelled.
FIVE_ORDERS = (
    ("O1", "A", 10, 5, ((4, 10),), None),
    ("O1", "B", 5, 5, ((4, 3), (12, 2)), None),
    ("O2", "A", 20, 6, ((6, 20),), None),
    ("O3", "C", 8, 8, ((15, 8),), None),
    ("O4", "A", 4, 7, ((9, 4),), None),
    ("O5", "B", 6, 10, ((10, 2),), (20, 4)),
)
SHARES: dict[FigureWeight, Fraction] = {
    "units": Fraction(35, 53),
    "lines": Fraction(1, 3),
    "orders": Fraction(1, 5),
}


def day(number: int) -> datetime:
    return DAY_0 + timedelta(days=number)


def keys() -> Iterator[tuple[OrderId, LineId]]:
    for number, (order_id, *_) in enumerate(FIVE_ORDERS):
        yield OrderId(order_id), LineId(f"L{number}")


def placed() -> Iterator[Fact]:
    names = list(keys())
    for order_id in dict.fromkeys(order_id for order_id, _ in names):
        lines = [
            OrderLine(id=line, sku=Sku(row[1]), ordered=row[2])
            for (owner, line), row in zip(names, FIVE_ORDERS, strict=True)
            if owner == order_id
        ]
        yield Placed(order=Order(id=order_id, placed_at=DAY_0, lines=lines))
    for (order_id, line), row in zip(names, FIVE_ORDERS, strict=True):
        yield Backordered(order=order_id, line=line, quantity=row[2])
        promise = Promise(quantity=row[2], due=day(row[3]), receipt=PO)
        yield Promised(order=order_id, line=line, promises=(promise,))


def five_orders() -> PromiseLedger:
    """Let happen what happened to the five orders, day by day."""
    happened: list[tuple[int, list[Fact]]] = [(0, list(placed()))]
    for (order_id, line), row in zip(keys(), FIVE_ORDERS, strict=True):
        left = row[2]
        for when, units in row[4]:
            left -= units
            happened.append(
                (
                    when,
                    [
                        Received(sku=Sku(row[1]), quantity=units),
                        Allocated(order=order_id, line=line, quantity=units),
                        Backordered(order=order_id, line=line, quantity=left),
                    ],
                )
            )
        if row[5] is not None:
            when, units = row[5]
            gone = Cancelled(order=order_id, line=line, quantity=units)
            closed = Backordered(order=order_id, line=line, quantity=left - units)
            happened.append((when, [gone, closed]))
    ledger, now = PromiseLedger(), Snapshot.of(as_of=DAY_0)
    for number, (when, facts) in enumerate(sorted(happened, key=lambda each: each[0])):
        before = now.at(day(when))
        ledger = ledger.after(facts, before=before, id=f"day-{number}")
        now = apply(before, facts)
    return ledger


@pytest.mark.parametrize("weight", SHARES)
def test_the_five_orders_keep_what_the_cases_say(weight: FigureWeight) -> None:
    figures = promise_figures(five_orders(), as_of=day(30), weight=weight)

    assert figures.share_kept == SHARES[weight]


def test_the_five_orders_are_as_late_as_the_cases_say() -> None:
    """The mean time on backorder of all units, those cancelled included: 59/9 days."""
    figures = promise_figures(five_orders(), as_of=day(30))

    assert figures.mean_slip_of_late == Fraction(59, 9)
    assert figures.mean_slip == Fraction(118, 53)
    assert figures.nervousness == 0
    assert figures.mean_move is None


def test_what_still_waits_is_late_by_the_days_until_now() -> None:
    ledger = waiting().ledger

    on_the_day = promise_figures(ledger, as_of=AS_OF + timedelta(days=7))
    three_later = promise_figures(ledger, as_of=AS_OF + timedelta(days=10))

    # What is promised for the 12th has not fallen due before the 12th is over.
    assert on_the_day.due == 0
    assert (three_later.due, three_later.kept) == (4, 0)
    assert three_later.mean_slip == 3


def test_what_is_cancelled_before_its_day_was_neither_kept_nor_broken() -> None:
    shop = waiting()
    shop.do(CancelOrder(order=OrderId("A")))

    figures = promise_figures(shop.ledger, as_of=AS_OF + timedelta(days=30))

    # The two units of B.
    assert (figures.due, figures.kept) == (2, 0)


def test_a_line_is_as_late_as_its_latest_units() -> None:
    """On the 22nd A is 10 days late; of B one unit is 10 days late and one is 2."""
    ledger = waiting().ledger

    as_of = AS_OF + timedelta(days=17)
    lines = promise_figures(ledger, as_of=as_of, weight="lines")
    units = promise_figures(ledger, as_of=as_of)

    assert lines.mean_slip == 10
    assert units.mean_slip == Fraction(3 * 10 + 10 + 2, 5)


def slipped() -> Shop:
    """Four units are told the 12th, then the 15th, and come on the 15th."""
    shop = waiting()
    shop.move("2026-01-15", at="2026-01-07")
    shop.do(ScheduleReceipt(receipt=receipt("PO-3", 1, "2026-01-30")), at="2026-01-08")
    return shop


def test_who_is_told_in_time_has_a_promise_that_is_kept_by_the_last_date_only() -> None:
    ledger = slipped().ledger
    late = AS_OF + timedelta(days=9)

    first = promise_figures(ledger, as_of=late, against="first")
    last = promise_figures(ledger, as_of=late, against="last")

    assert (first.due, first.kept) == (4, 0)
    assert first.mean_slip == 2
    assert (last.due, last.share_kept) == (0, None)


def test_nervousness_is_what_moved_of_what_was_promised() -> None:
    """Two re-plans found five promised units each; the first moved four by three days."""
    figures = promise_figures(slipped().ledger, as_of=AS_OF)

    assert figures.replans == 2
    assert figures.nervousness == Fraction(4, 10)
    assert figures.mean_move == 3


def test_an_order_of_another_item_makes_the_others_look_no_quieter() -> None:
    shop = slipped()
    shop.do(ScheduleReceipt(receipt=receipt("PO", 4, "2026-01-16")))
    before = shop.ledger

    bowls = book([], [order("X", 1, sku="BOWL")])
    facts = (Backordered(order=OrderId("X"), line=LineId("1"), quantity=1),)
    after = before.after(facts, before=bowls, id="bowls")

    def nervous(ledger: PromiseLedger, *skus: str) -> Fraction | None:
        return promise_figures(ledger, as_of=AS_OF, skus=skus).nervousness

    assert nervous(before, "MUG") == nervous(after, "MUG") == nervous(after, "MUG", "BOWL")
    assert nervous(after, "BOWL") is None


def test_nothing_gives_no_figures() -> None:
    figures = promise_figures(PromiseLedger(), as_of=AS_OF)

    assert (figures.due, figures.kept, figures.replans) == (0, 0, 0)
    shares = figures.share_kept, figures.mean_slip, figures.mean_slip_of_late
    assert (*shares, figures.nervousness, figures.mean_move) == (None,) * 5


def test_figures_of_nothing_known_are_refused_with_all_problems() -> None:
    with pytest.raises(InvalidValueError) as caught:
        promise_figures(
            None,  # type: ignore[arg-type]
            as_of=AS_OF.replace(tzinfo=None),
            weight="kilos",  # type: ignore[arg-type]
            against="hope",  # type: ignore[arg-type]
        )

    assert [each.field for each in caught.value.problems] == [
        "ledger",
        "as_of",
        "weight",
        "against",
    ]
