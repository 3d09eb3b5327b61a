"""
What other systems' tests and bug reports say of orders, deliveries and cancellations.

Each case is named after its thread or test; where that records a defect, the
numbers here are the right ones.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from backorderkit import (
    AddLine,
    AdjustStock,
    AllocationPolicy,
    ByRequested,
    CancelOrder,
    Command,
    Fifo,
    Item,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PlaceOrder,
    PlaceOrders,
    Ranked,
    ReceiptId,
    ReceiveReceipt,
    ReceiveStock,
    ScheduledReceipt,
    ScheduleReceipt,
    ShipOrder,
    Sku,
    Snapshot,
    Unit,
    answer,
)
from backorderkit.model import read_time

MUG = Sku("MUG")
ONE = LineId("1")


class Shop:
    """A shop that carries commands out, one after another, and must agree to all of them."""

    def __init__(
        self,
        stock: dict[str, int] | dict[tuple[str, str], int] | int = 0,
        *,
        items: list[Item] | None = None,
        policy: AllocationPolicy | None = None,
    ) -> None:
        levels = {"MUG": stock} if isinstance(stock, int) else stock
        self.now = Snapshot.of(as_of="2026-01-05", stock=levels, items=items)
        self.policy = policy or Fifo()
        self._placed = 0

    def does(self, *commands: Command) -> None:
        for command in commands:
            found = answer(self.now, command, policy=self.policy)
            assert found.accepted, found.refusal
            self.now = found.outcome

    def takes(self, order: Order) -> None:
        self.does(PlaceOrder(order=order))

    def sells(self, quantity: int, id_: str = "", sku: str = "MUG") -> None:
        self._placed += 1
        self.takes(Order.of(id_ or f"SO-{self._placed}", self._moment(), {sku: quantity}))

    def refuses(self, quantity: int, rule: str) -> bool:
        order = Order.of("NO", self._moment(), {"MUG": quantity})
        found = answer(self.now, PlaceOrder(order=order), policy=self.policy)
        return [each.rule for each in found.refusal] == [rule] and found.outcome == self.now

    def _moment(self) -> str:
        return f"2026-01-02T00:00:{self._placed:02d}Z"

    @property
    def backordered(self) -> list[int]:
        """What each order waits for, oldest first."""
        by_order = {each.order: each.quantity for each in self.now.backorders}
        return [by_order.get(order.id, 0) for order in self.now.orders]

    @property
    def on_hand(self) -> int:
        return sum(level.on_hand for level in self.now.stock)

    @property
    def free(self) -> int:
        return sum(position.available for position in self.now.positions)


@pytest.mark.parametrize(
    ("waiting", "restock", "left", "free"),
    [
        pytest.param([4, 1], 3, [1, 1], 0, id="A1 spree fills a part of the first"),
        pytest.param([1, 1], 1, [0, 1], 0, id="A2 solidus fills the first only"),
        pytest.param([1, 1], 3, [0, 0], 1, id="A4 spree fills both, and one is over"),
        pytest.param([10], 10, [0], 0, id="37 odoo test_auto_assign_0"),
        pytest.param([5], 50, [0], 45, id="X41 netsuite commits a backorder on receipt"),
    ],
)
def test_a_restock_fills_the_waiting(
    waiting: list[int], restock: int, left: list[int], free: int
) -> None:
    shop = Shop()
    for quantity in waiting:
        shop.sells(quantity)

    shop.does(ReceiveStock(sku=MUG, quantity=restock))

    assert (shop.backordered, shop.free) == (left, free)


def test_spree_a8_two_lines_of_one_order_are_filled_in_one_pass() -> None:
    shop = Shop({"MUG": 0, "BOWL": 2})
    shop.takes(Order.of("SO-1", "2026-01-02", {"MUG": 2, "BOWL": 2}))

    shop.does(ReceiveStock(sku=MUG, quantity=2), ShipOrder(order=OrderId("SO-1")))

    assert [line.outstanding for line in shop.now.orders[0].lines] == [0, 0]


@pytest.mark.parametrize(
    ("stock", "limit", "accepted", "refused"),
    [(0, 5, 5, 6), (2, 5, 7, 8), (0, 3, 3, 4)],
)
def test_spree_c1_and_c2_backorders_up_to_a_limit(
    stock: int, limit: int, accepted: int, refused: int
) -> None:
    shop = Shop(stock, items=[Item(sku=MUG, backorder_limit=limit)])

    assert shop.refuses(refused, "limit")
    shop.sells(accepted)
    assert shop.refuses(1, "limit")


def test_spree_c2_no_limit() -> None:
    shop = Shop(items=[Item(sku=MUG)])

    shop.sells(10_000)

    assert shop.backordered == [10_000]


def test_magento_c11_decimals_are_exact_at_the_limit() -> None:
    kg = Unit(name="kg", decimals=2)
    item = Item(sku=MUG, unit="kg", decimals=2, backorder_limit=kg.to_smallest(1))
    shop = Shop(kg.to_smallest(Decimal("8.5")), items=[item])
    shop.sells(kg.to_smallest("9.33"))

    assert shop.refuses(kg.to_smallest("0.18"), "limit")
    shop.sells(kg.to_smallest("0.17"))
    assert sum(shop.backordered) == kg.to_smallest(1)


@pytest.mark.parametrize(
    ("stock", "sold", "expected"),
    [(6, [4, 4], [0, 2]), (2, [3, 2], [1, 2])],
)
def test_magento_inventory_2454_and_3178_the_second_order_waits(
    stock: int, sold: list[int], expected: list[int]
) -> None:
    shop = Shop(stock)
    for quantity in sold:
        shop.sells(quantity)

    assert shop.backordered == expected


def test_woocommerce_44273_stock_never_falls_below_nothing() -> None:
    shop = Shop(12, items=[Item(sku=MUG, backorders="deny")])
    shop.sells(12)

    assert shop.refuses(2, "deny")
    assert shop.free == 0


@pytest.mark.parametrize("together", ["lines", "orders"])
def test_medusa_16502_a_batch_is_summed_before_it_is_checked(together: str) -> None:
    shop = Shop(2, items=[Item(sku=MUG, backorders="deny")])
    lines = [OrderLine(id=LineId(name), sku=MUG, ordered=2) for name in ("1", "2", "3")]
    of_one = PlaceOrder(order=Order.of("NO", "2026-01-02", lines))
    of_three = PlaceOrders(
        orders=[Order.of(f"NO-{line.id}", "2026-01-02", [line]) for line in lines]
    )

    found = answer(shop.now, of_one if together == "lines" else of_three, policy=Fifo())

    assert [(each.line, each.available) for each in found.refusal] == [("2", 0), ("3", 0)]
    assert found.outcome == shop.now


def test_sylius_3857_a_cancelled_order_frees_the_waiting() -> None:
    shop = Shop(5)
    shop.sells(5, "SO-1")
    shop.sells(3, "SO-2")

    shop.does(CancelOrder(order=OrderId("SO-1")))

    assert shop.backordered == [0, 0]
    assert shop.free == 2


def test_magento_inventory_1278_a_return_frees_the_waiting() -> None:
    shop = Shop(1)
    shop.sells(1, "SO-1")
    shop.sells(1, "SO-2")
    shop.does(ShipOrder(order=OrderId("SO-1")))

    shop.does(AdjustStock(sku=MUG, quantity=1, reason="returned"))

    assert shop.backordered == [0, 0]
    assert [each.order for each in shop.now.allocations] == ["SO-2"]


def test_spree_6_0_whatever_comes_back_frees_the_waiting() -> None:
    shop = Shop(2)
    shop.sells(2, "SO-1")
    for number in (2, 3, 4):
        shop.sells(1, f"SO-{number}")

    # A line made smaller, an allocation released for good, and a delivery.
    shop.does(CancelOrder(order=OrderId("SO-1"), line=ONE, quantity=1))
    assert [each.order for each in shop.now.allocations] == ["SO-1", "SO-2"]
    shop.does(CancelOrder(order=OrderId("SO-1")))
    assert [each.order for each in shop.now.allocations] == ["SO-2", "SO-3"]
    shop.does(ReceiveStock(sku=MUG, quantity=1))
    assert [each.order for each in shop.now.allocations] == ["SO-2", "SO-3", "SO-4"]
    assert sum(shop.backordered) == 0


def test_spree_7328_a_reduced_backorder_fills_nobody_else() -> None:
    shop = Shop()
    for quantity in (1, 2, 1):
        shop.sells(quantity)

    shop.does(CancelOrder(order=OrderId("SO-2"), line=ONE, quantity=1))

    assert shop.backordered == [1, 1, 1]
    assert shop.now.allocations == ()


def test_spree_b8_what_is_added_to_an_order_is_split_as_a_new_one_is() -> None:
    shop = Shop(3)
    shop.sells(1, "SO-1", sku="BOWL")

    shop.does(AddLine(order=OrderId("SO-1"), line=OrderLine(id=LineId("2"), sku=MUG, ordered=5)))

    assert [each.quantity for each in shop.now.allocations] == [3]
    assert [each.quantity for each in shop.now.backorders if each.line == "2"] == [2]


@pytest.mark.parametrize(("more", "fits"), [(19, True), (20, True), (21, False)])
def test_saleor_f8_more_is_had_as_far_as_it_fits(*, more: int, fits: bool) -> None:
    shop = Shop(100, items=[Item(sku=MUG, backorders="deny")])
    shop.sells(80, "SO-1")
    extra = OrderLine(id=LineId("2"), sku=MUG, ordered=more)

    found = answer(shop.now, AddLine(order=OrderId("SO-1"), line=extra), policy=Fifo())

    held = sum(each.quantity for each in found.outcome.allocations)
    assert (found.accepted, held) == (fits, 80 + more if fits else 80)


def test_erpnext_32_an_order_that_shipped_grows_by_what_is_added() -> None:
    shop = Shop(4)
    shop.sells(4, "SO-1")
    shop.does(ShipOrder(order=OrderId("SO-1")), ReceiveStock(sku=MUG, quantity=9))

    shop.does(AddLine(order=OrderId("SO-1"), line=OrderLine(id=LineId("2"), sku=MUG, ordered=3)))

    assert [line.outstanding for line in shop.now.orders[0].lines] == [0, 3]
    assert (shop.on_hand, shop.free) == (9, 6)


def test_spree_7328_a_grown_backorder_takes_nothing_from_who_waited() -> None:
    shop = Shop()
    for quantity in (1, 2, 1):
        shop.sells(quantity)

    shop.does(
        AddLine(order=OrderId("SO-1"), line=OrderLine(id=LineId("2"), sku=MUG, ordered=2)),
        ReceiveStock(sku=MUG, quantity=4),
    )

    assert [(each.order, each.line) for each in shop.now.backorders] == [("SO-1", "2")]


def test_solidus_f16_a_cancelled_backorder_fills_nobody_else() -> None:
    shop = Shop()
    shop.sells(2)
    shop.sells(1)

    shop.does(CancelOrder(order=OrderId("SO-1")))

    assert shop.backordered == [0, 1]


def test_magento_1881_only_what_has_not_left_is_given_back() -> None:
    shop = Shop(100)
    shop.sells(10)
    shop.does(ShipOrder(order=OrderId("SO-1"), line=ONE, quantity=7))

    shop.does(CancelOrder(order=OrderId("SO-1")))

    assert (shop.on_hand, shop.free) == (93, 93)


def test_magento_1878_cancelling_twice_gives_back_once() -> None:
    shop = Shop(100)
    shop.sells(5)
    shop.sells(5)
    shop.does(ShipOrder(order=OrderId("SO-1")))

    shop.does(CancelOrder(order=OrderId("SO-1")), CancelOrder(order=OrderId("SO-1")))
    shop.does(CancelOrder(order=OrderId("SO-2")), CancelOrder(order=OrderId("SO-2")))

    assert (shop.on_hand, shop.free) == (95, 95)


def test_vendure_f1_allocate_cancel_ship_and_take_back() -> None:
    shop = Shop(5)
    shop.sells(3)
    assert (shop.on_hand, shop.free) == (5, 2)
    shop.does(CancelOrder(order=OrderId("SO-1"), line=ONE, quantity=1))
    assert (shop.on_hand, shop.free) == (5, 3)
    shop.does(ShipOrder(order=OrderId("SO-1")))
    assert (shop.on_hand, shop.free) == (3, 3)
    shop.does(AdjustStock(sku=MUG, quantity=2, reason="cancelled"))
    assert (shop.on_hand, shop.free) == (5, 5)


def test_vendure_4030_and_saleor_e1_an_order_over_two_locations() -> None:
    shop = Shop({("MUG", "A"): 10, ("MUG", "B"): 15})
    shop.sells(13)

    held = {each.location: each.quantity for each in shop.now.allocations}

    assert held == {"A": 10, "B": 3}


def test_saleor_e4_every_short_sku_is_named() -> None:
    denied = [Item(sku=Sku(name), backorders="deny") for name in ("BOWL", "MUG")]
    shop = Shop({"MUG": 4, "BOWL": 4}, items=denied)
    order = Order.of("NO", "2026-01-02", {"MUG": 100, "BOWL": 100})

    found = answer(shop.now, PlaceOrder(order=order), policy=Fifo())

    assert [(each.sku, each.wanted, each.available) for each in found.refusal] == [
        ("MUG", 100, 4),
        ("BOWL", 100, 4),
    ]


def test_odoo_16_what_ships_in_part_leaves_the_rest_waiting_for_more() -> None:
    shop = Shop(1)
    shop.sells(2)
    shop.does(ShipOrder(order=OrderId("SO-1")))

    assert (shop.backordered, shop.free) == ([1], 0)
    shop.does(ReceiveStock(sku=MUG, quantity=1))
    assert shop.backordered == [0]


def test_odoo_29_a_loss_takes_from_the_newer_order() -> None:
    shop = Shop(5)
    shop.sells(2)
    shop.sells(3)

    shop.does(AdjustStock(sku=MUG, quantity=-2, reason="scrapped"))

    assert shop.backordered == [0, 2]


def test_ofbiz_43_a_loss_opens_backorders_and_a_find_fills_them() -> None:
    shop = Shop(10)
    shop.sells(7)
    shop.does(AdjustStock(sku=MUG, quantity=-10, reason="variance"))
    assert (shop.on_hand, shop.backordered) == (0, [7])

    other = Shop(3)
    other.sells(10)
    assert other.backordered == [7]
    other.does(
        ReceiveStock(sku=MUG, quantity=5), AdjustStock(sku=MUG, quantity=5, reason="variance")
    )
    assert (other.on_hand, other.free, other.backordered) == (13, 3, [0])


def test_odoo_47_a_part_of_a_large_receipt_leaves_the_exact_rest() -> None:
    shop = Shop()
    coming = ScheduledReceipt(
        id=ReceiptId("PO"), sku=MUG, quantity=60 * 2_240, due=read_time("2026-01-09")
    )
    shop.does(ScheduleReceipt(receipt=coming))

    shop.does(ReceiveReceipt(receipt=ReceiptId("PO"), quantity=42_760))

    assert (shop.now.receipts[0].quantity, shop.on_hand) == (91_640, 42_760)


def test_odoo_1_deadline_beats_date_beats_id() -> None:
    shop = Shop(policy=Ranked(key=ByRequested()))
    deadlines = {"A": "2026-02-01", "B": "2026-02-02", "C": None, "D": None}
    for id_, quantity in (("A", 4), ("B", 4), ("C", 1), ("D", 1)):
        wanted = deadlines[id_]
        dated = OrderLine(
            id=ONE,
            sku=MUG,
            ordered=quantity,
            requested=None if wanted is None else read_time(wanted),
        )
        placed = "2026-01-04" if id_ == "C" else "2026-01-03"
        shop.takes(Order.of(id_, placed, [dated]))

    seen = []
    for units in (2, 2, 1, 4):
        shop.does(ReceiveStock(sku=MUG, quantity=units))
        seen.append(shop.backordered)

    assert seen == [[2, 4, 1, 1], [0, 4, 1, 1], [0, 3, 1, 1], [0, 0, 1, 0]]


def test_solidus_2285_units_move_between_locations_and_none_is_made() -> None:
    shop = Shop({("MUG", "A"): 10, ("MUG", "B"): 10})
    shop.sells(15)
    assert shop.backordered == [0]
    assert {each.location: each.quantity for each in shop.now.allocations} == {
        Location("A"): 10,
        Location("B"): 5,
    }
