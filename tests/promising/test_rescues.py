"""What other supply saves which dates."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from backorderkit import (
    AllocationPolicy,
    Book,
    FairShare,
    Fifo,
    Hold,
    HoldId,
    InvalidInputError,
    InvalidValueError,
    Item,
    LineId,
    Location,
    OrderId,
    Priority,
    Snapshot,
    StockLevel,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import (
    RESCUE_KINDS,
    Impact,
    Rescue,
    RescueKind,
    impact,
    rescues,
    with_rescues,
)

from .test_impacts import MAIN, MUG, SHOP, TWO, line, move, orders, receipt, shop

DATE = read_time("2026-01-10")


def level(on_hand: int, safety_stock: int = 0, at: Location = MAIN) -> StockLevel:
    return StockLevel(sku=MUG, location=at, on_hand=on_hand, safety_stock=safety_stock)


def slipping(policy: AllocationPolicy | None = None, **parts: object) -> Impact:
    """A book whose receipt PO-1, due on the 10th, will not come."""
    parts.setdefault("receipts", TWO[:1])
    return impact(shop(**parts), [move("PO-1", gone=True)], policy=policy or Fifo())


def rescue(kind: RescueKind, quantity: int, **facts: object) -> Rescue:
    base = Rescue(
        kind=kind,
        order=OrderId("SO-1"),
        line=LineId("1"),
        sku=MUG,
        saves=quantity,
        quantity=quantity,
        due=DATE,
        location=MAIN,
    )
    return attrs.evolve(base, **facts)  # type: ignore[arg-type]


def test_units_free_elsewhere_are_transferred_to_a_bound_line() -> None:
    found = slipping(stock=[level(0), level(3, at=SHOP)], orders=orders(line(5, at="MAIN")))

    assert rescues(found) == (rescue("transfer", 3, origin=SHOP),)


def test_no_more_is_transferred_than_the_line_waits_for() -> None:
    """Two lines share what comes, and one unit more for one of them saves none by itself."""
    found = impact(
        shop(
            receipts=[receipt("PO-1", 4, "2026-01-10")],
            stock=[level(0), level(3, at=SHOP)],
            orders=orders(attrs.evolve(line(3, at="MAIN"), shipped=1), line(2, at="MAIN")),
        ),
        [move("PO-1", quantity=2)],
        policy=FairShare(),
    )

    taken = rescues(found)

    assert [(each.kind, each.quantity, each.saves) for each in taken] == [("transfer", 2, 1)]
    assert with_rescues(found.after.outcome, taken).allocations[0].quantity == 2


def test_units_that_nobody_is_promised_elsewhere_are_redirected() -> None:
    coming = [TWO[0], receipt("PO-3", 4, "2026-01-09", at="SHOP")]

    found = slipping(receipts=coming, orders=orders(line(5, at="MAIN"), line(1, at="SHOP")))

    assert rescues(found) == (rescue("redirect", 3, origin=SHOP, receipt="PO-3"),)


def test_what_refills_safety_stock_elsewhere_is_not_redirected() -> None:
    coming = [TWO[0], receipt("PO-3", 4, "2026-01-09", at="SHOP")]

    found = slipping(receipts=coming, stock=[level(0, 9, SHOP)], orders=orders(line(5, at="MAIN")))

    assert rescues(found) == ()


def test_safety_stock_is_lent_as_far_as_it_is_there() -> None:
    found = slipping(stock=[level(2, 2)], orders=orders(line(5)))

    assert rescues(found) == (rescue("safety-stock", 2),)


def test_safety_stock_that_a_receipt_in_time_would_refill_is_lent() -> None:
    coming = [TWO[0], receipt("PO-3", 4, "2026-01-09")]

    found = slipping(receipts=coming, stock=[level(0, 3)], orders=orders(line(5)))

    assert [(slip.order, slip.quantity, slip.kind) for slip in found.lines] == [("SO-1", 4, "lost")]
    assert rescues(found) == (rescue("safety-stock", 3, receipt="PO-3"),)


def test_of_holds_the_one_that_expires_last_gives_first() -> None:
    holds = [
        Hold(id=HoldId(name), sku=MUG, quantity=2, expires_at=DATE + timedelta(days=days))
        for name, days in (("cart-1", 0), ("cart-2", 1), ("cart-3", -9))
    ]

    found = slipping(stock=[level(4)], holds=holds, orders=orders(line(3)))

    assert rescues(found) == (
        rescue("hold", 2, hold="cart-2"),
        rescue("hold", 1, hold="cart-1"),
    )


def test_a_later_receipt_is_expedited_by_as_many_units_as_it_takes() -> None:
    found = slipping(receipts=TWO, orders=orders(line(2), line(2), line(4)))

    assert rescues(found) == (
        rescue("expedite", 2, receipt="PO-2"),
        rescue("expedite", 2, receipt="PO-2", order="SO-2"),
        rescue("expedite", 1, receipt="PO-2", order="SO-3"),
    )


def test_who_is_served_first_takes_its_part_of_what_is_expedited() -> None:
    """
    A line that waits without any date is ahead: two units for it, then one for the slip.
    """
    coming = [receipt("PO-1", 1, "2026-01-10", at="SHOP"), receipt("PO-2", 3, "2026-01-20")]
    wanted = orders(line(2, at="MAIN"), line(1))

    found = slipping(receipts=coming, orders=wanted)

    assert [(slip.order, slip.kind) for slip in found.lines] == [("SO-2", "later")]
    assert rescues(found) == (rescue("expedite", 3, saves=1, receipt="PO-2", order="SO-2"),)


def test_one_unit_may_let_those_after_it_move_up() -> None:
    coming = [receipt(f"PO-{day}", 1, f"2026-01-{day}") for day in (10, 11, 12, 13)]

    found = impact(
        shop(receipts=coming, stock=[level(1, 1)], orders=orders(line(4))),
        [move("PO-10", due="2026-01-14")],
        policy=Fifo(),
    )

    assert [slip.quantity for slip in found.lines] == [1, 1, 1, 1]
    assert rescues(found) == (rescue("safety-stock", 1, saves=4),)
    after = with_rescues(found.after.outcome, rescues(found))
    (got,) = plan(after, policy=Fifo()).lines
    assert (got.allocated, [each.due.day for each in got.promises]) == (1, [11, 12, 13])


@pytest.mark.parametrize(("days", "bought"), [(4, True), (5, True), (6, False)])
def test_what_can_be_bought_in_time_is_bought(*, days: int, bought: bool) -> None:
    items = [Item(sku=MUG, lead_time_days=days)]

    found = slipping(items=items, orders=orders(line(5)))

    due = read_time("2026-01-05T09:00:00Z") + timedelta(days=days)
    expected = (rescue("purchase", 5, due=due),) if bought else ()
    assert rescues(found) == expected


def test_each_kind_is_looked_at_in_turn() -> None:
    found = slipping(receipts=TWO, stock=[level(2, 2)], orders=orders(line(5)))

    lent, expedited = rescue("safety-stock", 2), rescue("expedite", 3, receipt="PO-2")
    assert rescues(found) == (lent, expedited)
    assert rescues(found, kinds=["expedite"]) == (attrs.evolve(expedited, quantity=5, saves=5),)
    assert rescues(found, kinds=[]) == ()
    assert list(RESCUE_KINDS).index("safety-stock") < list(RESCUE_KINDS).index("expedite")


def test_only_lines_that_are_asked_for_are_saved() -> None:
    found = slipping(receipts=TWO, orders=orders(line(2), line(2), line(4)))
    second = [slip for slip in found.lines if slip.order == "SO-2"]

    (saved,) = rescues(found, lines=second)

    assert (saved.order, saved.saves, saved.quantity) == ("SO-2", 2, 4)
    with pytest.raises(InvalidValueError, match=r"lines\[0\]: .* must be one of the impact"):
        rescues(found, lines=[attrs.evolve(second[0], quantity=9)])


def test_receipts_that_slip_themselves_save_nobody() -> None:
    book = shop(receipts=TWO, orders=orders(line(5), line(5)))

    found = impact(book, [move("PO-1", gone=True), move("PO-2", due="2026-01-22")], policy=Fifo())

    assert rescues(found) == ()


@pytest.mark.parametrize("policy", [Fifo(), Priority(), FairShare()], ids=lambda each: each.name)
def test_a_line_that_got_better_needs_no_rescue(policy: AllocationPolicy) -> None:
    book = shop(receipts=TWO, stock=[level(3, 3)], orders=orders(line(5)))

    found = impact(book, [move("PO-1", due="2026-01-08")], policy=policy)

    assert found.lines
    assert rescues(found) == ()


def test_rescues_are_taken_on_a_snapshot_as_on_a_book() -> None:
    found = slipping(receipts=TWO, stock=[level(2, 2)], orders=orders(line(5)))
    taken = rescues(found)

    after: Snapshot = with_rescues(found.after.outcome, taken)

    assert after == with_rescues(Book.of(found.after.outcome), taken).snapshot
    assert [(each.id, each.quantity, each.due) for each in after.receipts] == [
        ("PO-2", 2, TWO[1].due),
        ("PO-2+1", 3, DATE),
    ]
    assert after.allocations[0].quantity == 2


def test_a_name_that_is_taken_is_not_given_again() -> None:
    coming = [*TWO, receipt("PO-2+1", 1, "2026-03-01")]
    found = slipping(receipts=coming, orders=orders(line(1)))

    after = with_rescues(found.after.outcome, rescues(found))

    assert [each.id for each in after.receipts] == ["PO-2", "PO-2+1", "PO-2+2"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(rescue("hold", 1, hold="cart-9"), id="no such hold"),
        pytest.param(rescue("safety-stock", 1, location=SHOP), id="no such pool"),
        pytest.param(rescue("safety-stock", 9), id="more safety stock than there is"),
        pytest.param(rescue("expedite", 1, receipt="PO-9"), id="no such receipt"),
        pytest.param(rescue("transfer", 9, origin=SHOP), id="nothing to transfer"),
        pytest.param("hold", id="no rescue"),
    ],
)
def test_a_rescue_that_does_not_fit_is_refused(wrong: Rescue) -> None:
    book = shop(receipts=TWO, stock=[level(2, 2)], orders=orders(line(5)))

    with pytest.raises((InvalidInputError, InvalidValueError)):
        with_rescues(book, [wrong])


def test_what_is_no_impact_no_kind_or_no_lead_time_is_refused() -> None:
    found = slipping(orders=orders(line(5)))

    with pytest.raises(InvalidValueError, match="impact"):
        rescues(())  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="kinds: got 'prayer', must be one of transfer"):
        rescues(found, kinds=["prayer"])  # type: ignore[list-item]
    with pytest.raises(InvalidValueError, match=r"lines.0.: got .*, must be one of the impact"):
        rescues(found, lines=[[]])  # type: ignore[list-item]
    with pytest.raises(InvalidValueError, match="kind: got 'prayer', must be one of transfer"):
        with_rescues(found.untold, [rescue("prayer", 1)])  # type: ignore[arg-type]


def test_what_would_cost_another_line_its_date_is_not_offered() -> None:
    """
    Whatever comes earlier goes to the free line first, and SO-3 would lose its unit.
    """
    coming = [
        receipt("PO-1", 2, "2026-01-08", at="SHOP"),
        receipt("PO-2", 1, "2026-01-10"),
        receipt("PO-3", 2, "2026-01-20", at="SHOP"),
    ]
    wanted = orders(line(1), line(1, at="SHOP"), line(1, at="SHOP"))
    book = shop(receipts=coming, orders=wanted)

    found = impact(book, [move("PO-1", gone=True), move("PO-2", due="2026-01-11")], policy=Fifo())

    assert [(slip.order, slip.days_later) for slip in found.lines] == [("SO-2", 12), ("SO-1", 3)]
    assert rescues(found) == ()
