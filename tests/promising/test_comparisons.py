"""Two plans side by side, on books small enough to see it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import attrs
import pytest

from backorderkit import (
    Backorder,
    FairShare,
    Fifo,
    InvalidValueError,
    Item,
    LineId,
    Order,
    OrderId,
    Plan,
    Priority,
    Promise,
    ReceiptId,
    Sku,
    Snapshot,
    Unit,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import (
    ComparedLine,
    ComparedUnits,
    ComparedValues,
    Comparison,
    Fairness,
    PlannedUnits,
    PlannedValue,
    Shift,
    compare,
    fairness,
)
from tests.promising.test_impacts import line, orders, receipt, shop

NOW = read_time("2026-01-05T09:00:00Z")


def both(book: Snapshot) -> Comparison:
    """First come, first served, with the urgent ones first."""
    return compare(plan(book, policy=Fifo()), plan(book, policy=Priority()))


def urgent(order: Order) -> Order:
    return attrs.evolve(order, priority=1)


def seen(found: Comparison) -> list[tuple[str, int, str, int | None]]:
    return [
        (each.order, shift.quantity, shift.kind, shift.days_later)
        for each in found.lines
        for shift in each.shifts
    ]


def test_who_is_first_in_line_by_one_plan_waits_by_the_other() -> None:
    one, two = orders(line(5), line(4))
    book = shop(stock={"MUG": 5}, receipts=[receipt("PO-1", 3, "2026-01-10")])
    book = attrs.evolve(book, orders=[one, urgent(two)])

    found = both(book)

    assert seen(found) == [
        *(("SO-1", 3, "later", 5), ("SO-1", 1, "lost", None)),
        *(("SO-2", 3, "earlier", -5), ("SO-2", 1, "gained", None)),
    ]
    assert [each.verdict for each in found.lines] == ["loses", "wins"]
    assert [(each.sooner, each.later, each.unit_days) for each in found.lines] == [
        *((0, 4, 15), (4, 0, -15)),
    ]
    assert found.lines[0].one == PlannedUnits(allocated=5)
    assert found.lines[0].other == PlannedUnits(allocated=1, promised=3, missing=1)
    assert found.lines[0].shifts[0] == Shift(
        quantity=3, one=NOW, other=read_time("2026-01-10"), allocated="one"
    )


def test_what_is_there_is_better_than_what_is_promised_for_today() -> None:
    one, two = orders(line(2), line(2))
    book = shop(stock={"MUG": 2}, receipts=[receipt("PO-1", 2, "2026-01-02")])
    book = attrs.evolve(book, orders=[one, urgent(two)])

    found = both(book)

    assert seen(found) == [("SO-1", 2, "later", 0), ("SO-2", 2, "earlier", 0)]


def test_units_promised_by_another_receipt_of_the_same_day_are_the_same() -> None:
    one, two = orders(line(2), line(2))
    coming = [
        receipt("PO-1", 2, "2026-01-10T08:00:00Z"),
        receipt("PO-2", 2, "2026-01-10T17:00:00Z"),
    ]
    book = attrs.evolve(shop(receipts=coming), orders=[one, urgent(two)])

    found = both(book)

    assert [each.verdict for each in found.lines] == ["same", "same"]
    assert (found.changed, found.by_order) == ((), ())


def test_a_line_may_win_some_units_and_lose_others() -> None:
    book = shop(
        stock={"MUG": 4},
        receipts=[receipt("PO-1", 2, "2026-01-10"), receipt("PO-2", 9, "2026-01-20")],
        orders=orders(line(4), line(4)),
    )
    one = plan(book, policy=Fifo())
    later = attrs.evolve(
        book,
        stock=shop(stock={"MUG": 5}).stock,
        receipts=[receipt("PO-1", 2, "2026-02-10"), receipt("PO-2", 9, "2026-01-30")],
    )

    found = compare(one, plan(later, policy=Fifo()))

    (mixed,) = found.changed
    assert mixed.verdict == found.by_order[0].verdict == "mixed"
    assert seen(found) == [
        *(("SO-2", 1, "earlier", -5), ("SO-2", 1, "later", 20), ("SO-2", 2, "later", 10)),
    ]
    assert (mixed.sooner, mixed.later, mixed.unit_days) == (1, 3, 35)


def test_lateness_counts_units_after_the_day_asked_for_and_their_days() -> None:
    asked = "2026-01-08T23:00:00Z"
    one, two = orders(line(4, requested=asked), line(3, requested=asked))
    book = shop(
        stock={"MUG": 3},
        receipts=[receipt("PO-1", 1, "2026-01-08T01:00:00Z"), receipt("PO-2", 2, "2026-01-11")],
    )
    book = attrs.evolve(book, orders=[one, urgent(two)])

    found = both(book)

    assert [(each.one.late, each.one.unit_days_late) for each in found.lines] == [(0, 0), (3, 6)]
    assert [(each.other.late, each.other.unit_days_late) for each in found.lines] == [
        *((3, 6), (0, 0)),
    ]


def test_who_asked_for_yesterday_is_late_whatever_they_get() -> None:
    book = shop(stock={"MUG": 2}, orders=orders(line(2, requested="2026-01-03")))

    (only,) = both(book).lines

    assert only.one == only.other == PlannedUnits(allocated=2, late=2, unit_days_late=4)


def told(quantity: int, *promises: Promise, of: str = "SO-2") -> Backorder:
    return Backorder(
        order=OrderId(of),
        line=LineId("1"),
        quantity=quantity,
        opened_at=read_time("2026-01-03"),
        promises=promises,
    )


def promised(quantity: int, due: str, receipt_id: str = "PO-1") -> Promise:
    return Promise(quantity=quantity, due=read_time(due), receipt=ReceiptId(receipt_id))


def test_what_was_told_is_moved_by_another_day_and_by_none_but_not_by_stock() -> None:
    book = shop(
        stock={"MUG": 3},
        receipts=[receipt("PO-1", 4, "2026-01-10"), receipt("PO-2", 1, "2026-01-20")],
        orders=[each if each.id != "SO-2" else urgent(each) for each in orders(line(5), line(5))],
        backorders=[told(5, promised(4, "2026-01-10"))],
    )

    found = both(book)

    # By the one: of 5 units 2 are promised for the 10th, 1 for the 20th, 2 for no day.
    assert [(each.one.told, each.one.moved) for each in found.lines] == [(0, 0), (4, 2)]
    # By the other: 3 units are there, the last one told comes on its day.
    assert [(each.other.told, each.other.moved) for each in found.lines] == [(0, 0), (4, 0)]
    (units,) = found.totals.units
    assert units.one.nervousness == Fraction(1, 2)
    assert units.other.nervousness == 0
    assert found.lines[0].one.nervousness is None


def test_stock_fills_the_units_that_were_told_the_first_day() -> None:
    book = shop(
        stock={"MUG": 3},
        receipts=[receipt("PO-2", 2, "2026-01-20")],
        orders=orders(line(5)),
        backorders=[
            told(5, promised(3, "2026-01-10"), promised(2, "2026-01-20", "PO-2"), of="SO-1")
        ],
    )

    (only,) = both(book).lines

    assert (only.one.told, only.one.moved) == (5, 0)


def test_units_and_money_are_added_up_by_their_kind() -> None:
    items = [
        Item(sku=Sku("TEA"), unit="kg", decimals=3),
        Item(sku=Sku("RICE"), unit="kg", decimals=1),
        Item(sku=Sku("MUG")),
    ]
    lines = [
        line(1500, sku="TEA", price="20.00", currency="EUR"),
        line(25, sku="RICE", price="3.00", currency="EUR", requested="2026-01-06"),
        line(3, price="7.10", currency="USD"),
        line(3),
    ]
    one, two, three, four = orders(*lines)
    book = shop(
        items=items,
        stock={"TEA": 1000, "RICE": 5, "MUG": 3},
        orders=[one, two, three, urgent(four)],
    )

    found = both(book)

    grams = PlannedUnits(allocated=1500, missing=2500, late=2000)
    kg = ComparedUnits(
        unit=Unit(name="kg", decimals=3),
        outstanding=4000,
        requested=2500,
        one=grams,
        other=grams,
        sooner=0,
        later=0,
        unit_days=0,
    )
    mugs = PlannedUnits(allocated=3, missing=3)
    pcs = attrs.evolve(
        kg, unit=Unit(), outstanding=6, requested=0, one=mugs, other=mugs, sooner=3, later=3
    )
    assert found.totals.units == (kg, pcs)
    eur = PlannedValue(allocated=Decimal("21.50"), missing=Decimal("16.00"), late=Decimal("6.00"))
    usd = PlannedValue(allocated=Decimal("21.30")), PlannedValue(missing=Decimal("21.30"))
    assert found.totals.values == (
        ComparedValues(currency="EUR", one=eur, other=eur, sooner=Decimal(0), later=Decimal(0)),
        ComparedValues(
            currency="USD", one=usd[0], other=usd[1], sooner=Decimal(0), later=Decimal("21.30")
        ),
    )
    assert (found.totals.unpriced, found.totals.wins, found.totals.loses) == (1, 1, 1)
    assert [(each.name, each.lines, each.verdict) for each in found.by_customer] == [
        ("", 4, "mixed")
    ]
    assert [(each.name, each.verdict) for each in found.by_order] == [
        *(("SO-3", "loses"), ("SO-4", "wins")),
    ]
    assert found.lines[2].later_value == Decimal("21.30")
    assert found.lines[3].sooner_value is None


def test_money_is_exact_beyond_the_digits_of_the_usual_context() -> None:
    price = "1234567890123456789012345.01"
    book = shop(orders=orders(*[line(10**15 + 1, price=price, currency="EUR")] * 2))

    (value,) = both(book).totals.values

    assert Fraction(value.one.missing) == 2 * (10**15 + 1) * Fraction(price)


def test_fairness_is_between_lines_and_between_customers() -> None:
    first, second, third = orders(line(4), line(4), line(4))
    book = shop(
        stock={"MUG": 6},
        receipts=[receipt("PO-1", 3, "2026-01-10")],
        orders=[
            attrs.evolve(first, customer="A"),
            attrs.evolve(second, customer="A"),
            attrs.evolve(third, customer="B"),
        ],
    )

    found = compare(plan(book, policy=Fifo()), plan(book, policy=FairShare()))

    said = {(each.of, each.counting): (each.one, each.other) for each in found.fairness}
    assert list(said) == [
        *(("lines", "allocated"), ("lines", "promised")),
        *(("customers", "allocated"), ("customers", "promised")),
    ]
    # First come, first served: 4, 2, 0 of 4 each; and 4, 4, 1 with what is promised.
    assert said["lines", "allocated"] == (
        fairness([1, Fraction(1, 2), 0]),
        Fairness(count=3, jain=Fraction(1), gini=Fraction(0)),
    )
    assert said["lines", "promised"][0] == fairness([1, 1, Fraction(1, 4)])
    assert said["customers", "allocated"][0] == fairness([Fraction(6, 8), 0])
    assert said["customers", "promised"][0] == fairness([1, Fraction(1, 4)])
    assert said["customers", "promised"][1] == fairness([Fraction(6, 8), Fraction(3, 4)])


def test_what_was_shipped_and_cancelled_counts_for_fairness() -> None:
    half = attrs.evolve(line(8), shipped=2, cancelled=2)
    book = shop(stock={"MUG": 1}, orders=orders(half, line(3)))

    found = both(book)

    (each, *_) = found.fairness
    assert each.one == fairness([Fraction(1, 2), 0])


def test_orders_of_nobody_stand_for_themselves_between_customers() -> None:
    book = shop(stock={"MUG": 3}, orders=orders(line(3), line(3)))

    each = both(book).fairness[2]

    assert (each.of, each.one) == ("customers", fairness([1, 0]))


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        pytest.param([7, 7, 7], (1, 0), id="all the same (Jain, Chiu & Hawe 1984)"),
        pytest.param([5, 5, 0, 0, 0], (Fraction(2, 5), Fraction(3, 5)), id="k of n share: k/n"),
        pytest.param([0, 9, 0, 0], (Fraction(1, 4), Fraction(3, 4)), id="one has all: 1/n"),
        pytest.param(
            [2, 4, 7, 8],
            (Fraction(441, 532), Fraction(1, 4)),
            id="Gini of awards in proportion to 2, 4, 7, 8 (giniindex of ClaimsProblems)",
        ),
        pytest.param(
            [Fraction(13, 15), 1, 0, 0, Fraction(1, 3)],
            (Fraction(1089, 2095), Fraction(86, 165)),
            id="order fill ratios of a worked example",
        ),
        pytest.param([0, 0], (1, 0), id="all have nothing"),
        pytest.param([], (None, None), id="nobody"),
    ],
)
def test_published_indexes(
    ratios: list[Fraction | int], expected: tuple[Fraction | None, Fraction | None]
) -> None:
    said = fairness(ratios)

    assert (said.jain, said.gini) == expected
    assert said.count == len(ratios)


def test_ratios_that_differ_in_the_last_place_are_told_apart() -> None:
    huge = 2**62
    close = [Fraction(huge - 1, huge), Fraction(huge - 2, huge - 1), Fraction(1)]

    said = fairness(close)

    gaps = sum(abs(x - y) for x in close for y in close)
    assert said.gini == Fraction(gaps) / (6 * sum(close))


@pytest.mark.parametrize("ratio", [0.5, True, Decimal("0.5"), "1/2", None, Fraction(-1, 2), -1])
def test_what_is_no_ratio_is_refused(ratio: object) -> None:
    with pytest.raises(InvalidValueError, match="ratios"):
        fairness([Fraction(1), ratio])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"as_of": read_time("2026-01-06")}, "as_of"),
        ({"orders": orders(line(2))}, "orders"),
        ({"items": [Item(sku=Sku("MUG"))]}, "items"),
        ({"backorders": [told(1, of="SO-1")]}, "backorders"),
    ],
)
def test_plans_of_different_books_are_refused(change: dict[str, object], named: str) -> None:
    book = shop(stock={"MUG": 1}, orders=orders(line(3)))
    one = plan(book, policy=Fifo())
    other = plan(attrs.evolve(book, **change), policy=Fifo())  # type: ignore[arg-type]

    with pytest.raises(InvalidValueError, match=f"other: .*a plan of the same {named} as"):
        compare(one, other)


def test_plans_of_different_skus_and_what_is_no_plan_are_refused() -> None:
    book = shop(orders=orders(line(3)))
    one = plan(book, policy=Fifo())

    with pytest.raises(InvalidValueError, match="of the same skus as"):
        compare(one, plan(book, policy=Fifo(), skus=["MUG"]))
    with pytest.raises(InvalidValueError, match=r"one: .* must be a Plan"):
        compare(book, one)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"other: .* must be a Plan"):
        compare(one, None)  # type: ignore[arg-type]


def test_the_plan_of_more_stock_is_compared_too() -> None:
    book = shop(stock={"MUG": 1}, orders=orders(line(3)))
    more = attrs.evolve(book, stock=shop(stock={"MUG": 2}).stock)
    one: Plan = plan(book, policy=Fifo())

    found = compare(one, plan(more, policy=Fifo()))

    assert seen(found) == [("SO-1", 1, "gained", None)]
    only: ComparedLine = found.lines[0]
    assert (only.outstanding, only.one.allocated, only.other.allocated) == (3, 1, 2)


def test_a_book_with_nothing_open_has_nothing_to_compare() -> None:
    found = both(shop(stock={"MUG": 1}))

    assert (found.lines, found.fairness, found.totals.units) == ((), (), ())
    assert (found.totals.lines, found.totals.verdict) == (0, "same")
    assert found.as_of == NOW
