"""
What other systems' tests and bug reports say of the lives of orders and their backorders.

Shipping in part, cancelling, giving back, and what is told of it.  Each case is named
after its thread or test; where that records a defect, the numbers here are the right ones.
"""

from __future__ import annotations

import pytest

from backorderkit import (
    AdjustStock,
    Answer,
    CancelOrder,
    Command,
    Fifo,
    IllegalTransitionError,
    InvalidInputError,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ReleaseOrder,
    ScheduledReceipt,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    answer,
    notices,
)
from backorderkit.model import read_time
from tests.cases.test_peers_at_work import Shop

MUG = Sku("MUG")
ONE = LineId("1")
SO_1 = OrderId("SO-1")


def refusal(shop: Shop, command: Command) -> Exception:
    """Give the one problem of a command that must not fit; nothing is changed by it."""
    before = shop.now
    with pytest.raises(InvalidInputError) as caught:
        shop.does(command)
    assert shop.now is before
    (problem,) = caught.value.exceptions
    return problem


def numbers(shop: Shop, order: OrderId = SO_1, line: LineId = ONE) -> tuple[int, int, int, int]:
    """Give what of a line has shipped, was cancelled, is allocated and waits."""
    now = shop.now.line(order, line)
    return now.line.shipped, now.line.cancelled, now.allocated, now.unallocated


def told(found: Answer[Snapshot], before: Snapshot) -> list[tuple[str, int | None]]:
    made = notices(found.changes, before=before, id="key")
    return [(each.kind, each.quantity) for each in made]


def test_vendure_f4_and_1557_cancelling_what_was_never_allocated_gives_nothing_back() -> None:
    shop = Shop(0)
    shop.sells(3)

    shop.does(CancelOrder(order=SO_1))

    assert numbers(shop) == (0, 3, 0, 0)
    assert (shop.on_hand, shop.free) == (0, 0)


def test_saleor_f7_what_is_not_allocated_does_not_leave() -> None:
    shop = Shop(20)
    shop.sells(80)

    problem = refusal(shop, ShipOrder(order=SO_1, line=ONE, quantity=50))

    assert "must fit the 20 that are allocated to it" in str(problem)
    assert numbers(shop) == (0, 0, 20, 60)


@pytest.mark.parametrize(("more", "accepted"), [(19, True), (20, True), (21, False)])
def test_saleor_f8_up_to_the_last_unit(*, more: int, accepted: bool) -> None:
    shop = Shop(100)
    shop.sells(80)

    command = PlaceOrder(order=Order.of("SO-2", "2026-01-03", {"MUG": more}), shortfall="refuse")
    found = answer(shop.now, command, policy=Fifo())

    assert found.accepted is accepted
    assert sum(each.quantity for each in found.outcome.allocations) == 80 + accepted * more


def test_saleor_f10_and_vendure_z5_shipments_from_two_places_take_what_is_allocated_there() -> None:
    east, west = Location("A"), Location("B")
    shop = Shop({("MUG", "A"): 4, ("MUG", "B"): 3})
    shop.sells(7)

    shop.does(
        ShipOrder(order=SO_1, line=ONE, quantity=2, location=east),
        ShipOrder(order=SO_1, line=ONE, quantity=3, location=west),
    )

    assert [level.on_hand for level in shop.now.stock] == [2, 0]
    assert [(each.location, each.quantity) for each in shop.now.allocations] == [("A", 2)]
    refusal(shop, ShipOrder(order=SO_1, line=ONE, quantity=1, location=west))
    shop.does(ShipOrder(order=SO_1))
    assert [level.on_hand for level in shop.now.stock] == [0, 0]


def test_oscar_f11_more_than_there_is_cannot_be_cancelled() -> None:
    shop = Shop(10)
    shop.sells(5)
    shop.does(CancelOrder(order=SO_1, line=ONE, quantity=4))

    refusal(shop, CancelOrder(order=SO_1, line=ONE, quantity=6))

    assert numbers(shop) == (0, 4, 1, 0)
    assert shop.free == 9


def test_magento_1887_what_was_not_invoiced_is_given_back() -> None:
    shop = Shop(100)
    shop.sells(5)

    shop.does(ShipOrder(order=SO_1, line=ONE, quantity=3), CancelOrder(order=SO_1))

    assert numbers(shop) == (3, 2, 0, 0)
    assert (shop.on_hand, shop.free) == (97, 97)


def test_woocommerce_f22_each_step_counts_once_however_often_it_is_asked() -> None:
    shop = Shop(10)
    shop.sells(1)

    shop.does(*[CancelOrder(order=SO_1)] * 3, *[ShipOrder(order=SO_1)] * 2)

    assert (shop.on_hand, shop.free) == (10, 10)
    problem = refusal(shop, ShipOrder(order=SO_1, line=ONE, quantity=1))
    assert isinstance(problem, IllegalTransitionError)
    assert (problem.status, problem.step) == ("cancelled", "ship")


def test_woocommerce_27186_what_is_told_to_wait_is_what_waits() -> None:
    shop = Shop(5)
    found = answer(
        shop.now, PlaceOrder(order=Order.of("SO-1", "2026-01-02", {"MUG": 10})), policy=Fifo()
    )

    assert told(found, shop.now) == [("placed", None), ("allocated", 5), ("opened", 5)]


def test_saleor_z1_what_another_has_is_not_given_again() -> None:
    shop = Shop({("MUG", "A"): 4, ("MUG", "B"): 3})
    shop.sells(4)
    shop.sells(3)

    held = {(each.order, each.location): each.quantity for each in shop.now.allocations}

    assert held == {("SO-1", "A"): 4, ("SO-2", "B"): 3}


def test_saleor_5675_equal_stocks_both_count() -> None:
    shop = Shop({("MUG", "A"): 5, ("MUG", "B"): 5})

    shop.sells(10)

    assert shop.backordered == [0]


def test_bagisto_z7_what_is_owed_is_not_forgotten() -> None:
    shop = Shop(3)
    shop.sells(10)

    shop.does(ShipOrder(order=SO_1))

    assert numbers(shop) == (3, 0, 0, 7)
    assert shop.backordered == [7]


def test_odoo_17_the_rest_of_a_shipment_stays_allocated() -> None:
    shop = Shop(10)
    shop.sells(10)

    shop.does(ShipOrder(order=SO_1, line=ONE, quantity=7))

    assert numbers(shop) == (7, 0, 3, 0)
    assert shop.now.backorders == ()


def test_odoo_20_lines_of_which_a_part_comes_and_nothing() -> None:
    shop = Shop({"A": 0, "B": 0})
    shop.takes(Order.of("SO-1", "2026-01-02", {"A": 10, "B": 10}))

    shop.does(ReceiveStock(sku=Sku("A"), quantity=2), ShipOrder(order=SO_1))

    assert [each.quantity for each in shop.now.backorders] == [8, 10]


def test_odoo_25_how_a_delivery_stands() -> None:
    shop = Shop(0)
    shop.sells(10)
    statuses = [shop.now.line(SO_1, ONE).status]

    for command in (
        ReceiveStock(sku=MUG, quantity=3),
        ShipOrder(order=SO_1),
        ReceiveStock(sku=MUG, quantity=7),
        ShipOrder(order=SO_1),
    ):
        shop.does(command)
        statuses.append(shop.now.line(SO_1, ONE).status)

    assert statuses == ["waiting", "partly-allocated", "waiting", "allocated", "shipped"]


def test_idempiere_31_a_closed_line_has_lost_what_did_not_ship() -> None:
    shop = Shop(2)
    shop.sells(2)

    shop.does(ShipOrder(order=SO_1, line=ONE, quantity=1), CancelOrder(order=SO_1))

    assert numbers(shop) == (1, 1, 0, 0)
    assert shop.now.line(SO_1, ONE).status == "shipped"


def test_erpnext_32_counters_of_a_partial_delivery() -> None:
    shop = Shop(10)
    shop.sells(10)
    seen = [numbers(shop)]

    for command in (ShipOrder(order=SO_1, line=ONE, quantity=5), CancelOrder(order=SO_1)):
        shop.does(command)
        seen.append(numbers(shop))

    assert seen == [(0, 0, 10, 0), (5, 0, 5, 0), (5, 5, 0, 0)]


def test_opentaps_41_a_delivery_balances_what_was_owed() -> None:
    shop = Shop(0)
    shop.sells(1)

    shop.does(ReceiveStock(sku=MUG, quantity=5))

    assert (shop.on_hand, shop.free, shop.backordered) == (5, 4, [0])


def test_ofbiz_44_no_more_than_the_order_is_ever_allocated() -> None:
    shop = Shop(50)
    shop.sells(5)

    shop.does(ReleaseOrder(order=SO_1), ReleaseOrder(order=SO_1, line=ONE, quantity=2))

    assert numbers(shop) == (0, 0, 5, 0)


def test_odoo_49_what_is_given_back_is_free_again() -> None:
    shop = Shop(2)
    shop.sells(3)
    assert shop.free == 0

    shop.does(CancelOrder(order=SO_1))

    assert shop.free == 2


def test_odoo_23_a_line_without_stock_is_due_when_its_own_receipt_is() -> None:
    shop = Shop({"A": 1, "B": 0})
    due = read_time("2026-01-10")
    shop.takes(Order.of("SO-1", "2026-01-02", {"A": 1, "B": 1}))

    shop.does(
        ScheduleReceipt(
            receipt=ScheduledReceipt(id=ReceiptId("PO"), sku=Sku("B"), quantity=1, due=due)
        ),
        ShipOrder(order=SO_1),
    )

    (left,) = shop.now.backorders
    assert (left.line, left.status, [each.due for each in left.promises]) == (
        "2",
        "promised",
        [due],
    )


def test_odoo_59_a_part_of_what_is_pegged_comes() -> None:
    shop = Shop(6)
    coming = ScheduledReceipt(id=ReceiptId("PO"), sku=MUG, quantity=10, due=read_time("2026-01-10"))
    shop.does(ScheduleReceipt(receipt=coming))
    shop.sells(14)
    before = shop.now
    command = ReceiveReceipt(receipt=ReceiptId("PO"), quantity=4)

    found = answer(before, command, policy=Fifo())

    (left,) = found.outcome.backorders
    assert (left.quantity, left.promised) == (4, 4)
    assert told(found, before) == [("received", 4), ("allocated", 4), ("filled_in_part", 4)]


def test_x23_what_is_there_goes_first_then_the_earlier_receipt() -> None:
    shop = Shop(10)
    for id_, due in (("PO-2", "2026-01-24"), ("PO-1", "2026-01-14")):
        receipt = ScheduledReceipt(id=ReceiptId(id_), sku=MUG, quantity=10, due=read_time(due))
        shop.does(ScheduleReceipt(receipt=receipt))

    shop.sells(20)

    (backorder,) = shop.now.backorders
    assert [(each.quantity, each.receipt) for each in backorder.promises] == [(10, "PO-1")]


def test_odoo_47_small_units_of_a_large_delivery() -> None:
    shop = Shop(items=[Item(sku=MUG, unit="each")])
    shop.sells(60 * 2240)

    shop.does(ReceiveStock(sku=MUG, quantity=42_760), ShipOrder(order=SO_1))

    assert shop.backordered == [91_640]


def test_sylius_f14_what_has_left_cannot_be_lost() -> None:
    shop = Shop(5)
    shop.sells(4)
    shop.does(ShipOrder(order=SO_1))

    refusal(shop, AdjustStock(sku=MUG, quantity=-2, reason="count"))
    shop.does(AdjustStock(sku=MUG, quantity=-1, reason="count"))

    assert numbers(shop) == (4, 0, 0, 0)
    assert shop.on_hand == 0


def test_inventree_53_lines_share_and_a_fourth_waits() -> None:
    lines = [OrderLine(id=LineId(str(number)), sku=MUG, ordered=3) for number in range(1, 5)]
    shop = Shop(9)

    shop.takes(Order.of("SO-1", "2026-01-02", lines))

    assert [shop.now.line(SO_1, line.id).status for line in lines] == [
        *["allocated"] * 3,
        "waiting",
    ]
