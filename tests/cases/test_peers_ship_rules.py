"""
What other systems' tests and manuals say of lines that ship whole, in packs or from a minimum.

Each case is named after its source.  Where theirs is about whole orders, the case here is
of its lines.
"""

from __future__ import annotations

from datetime import date

import pytest

from backorderkit import (
    AllocationPolicy,
    Demand,
    FairShare,
    Fifo,
    LineId,
    Order,
    OrderLine,
    Plan,
    Priority,
    ReceiptId,
    ScheduledReceipt,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    StockLevel,
    answer,
    plan,
)
from backorderkit.commands import CancelOrder, PlaceOrder, ReceiveReceipt, ReceiveStock
from backorderkit.model import Location, OrderId, read_time

WHOLE = ShipRule(whole=True)
ANY = ShipRule()
MUG = Sku("MUG")


def skipping(rule: ShipRule, within: AllocationPolicy | None = None) -> Shipping:
    return Shipping(within or Fifo(), rule=rule)


def receipt(name: str, due: str, quantity: int) -> ScheduledReceipt:
    return ScheduledReceipt(id=ReceiptId(name), sku=MUG, quantity=quantity, due=read_time(due))


def lines_of(*quantities: int) -> list[OrderLine]:
    return [
        OrderLine(id=LineId(str(number)), sku=MUG, ordered=quantity)
        for number, quantity in enumerate(quantities)
    ]


def allocated(made: Plan) -> list[int]:
    return [line.allocated for line in made.lines]


def promised(made: Plan) -> list[list[tuple[int, date]]]:
    return [[(each.quantity, each.due.date()) for each in line.promises] for line in made.lines]


def test_odoo_7_release_by_line_serves_each_line_that_is_there_in_full() -> None:
    """
    `test_release_ready_search_move_type_direct`: 5 and 10 are there, two orders want 5 + 5.
    """
    orders = [
        Order.of("SO-1", "2026-01-01", {"P1": 5, "P2": 5}),
        Order.of("SO-2", "2026-01-02", {"P1": 5, "P2": 5}),
    ]
    book = Snapshot.of(as_of="2026-01-05", stock={"P1": 5, "P2": 10}, orders=orders)

    assert allocated(plan(book, policy=skipping(WHOLE))) == [5, 5, 0, 5]


@pytest.mark.parametrize(
    ("rule", "on_hand", "reserved"),
    [(WHOLE, 1, 0), (WHOLE, 2, 2), (ANY, 1, 1)],
    ids=["test_70 all at once: not ready", "test_70 all at once: ready", "test_72 partial: ready"],
)
def test_odoo_26_two_are_wanted(rule: ShipRule, on_hand: int, reserved: int) -> None:
    orders = [Order.of("SO-1", "2026-01-01", {"MUG": 2})]
    book = Snapshot.of(as_of="2026-01-05", stock={"MUG": on_hand}, orders=orders)

    assert allocated(plan(book, policy=skipping(rule))) == [reserved]


def test_odoo_50_six_are_no_dozen() -> None:
    """
    `test_link_assign_7`: whole dozens only; with twelve the first has its one.
    """
    dozens = skipping(ShipRule(multiple=12))
    demands = [Demand.of("A", claim=12), Demand.of("B", claim=12)]

    assert list(dozens.share(6, demands)) == [0, 0]
    assert list(dozens.share(12, demands)) == [12, 0]


def test_oca_52_one_dozen_of_two_is_released() -> None:
    """
    `test_defer_creation_uom`: two dozen are wanted and twelve are there.
    """
    assert list(skipping(ShipRule(multiple=12)).share(12, [Demand.of("A", claim=24)])) == [12]


@pytest.mark.parametrize(
    ("rule", "stock", "wanted", "expected"),
    [
        pytest.param(ANY, 4, (10,), [4], id="availability"),
        pytest.param(WHOLE, 0, (10, 11), [0, 0], id="complete, none there"),
        pytest.param(WHOLE, 5, (10, 11), [0, 0], id="complete, 5 wait for the rest"),
        pytest.param(WHOLE, 15, (10, 11), [10, 0], id="complete, the first line"),
        pytest.param(WHOLE, 100, (10, 11), [10, 11], id="complete, both"),
    ],
)
def test_metasfresh_35_delivery_rules(
    rule: ShipRule, stock: int, wanted: tuple[int, ...], expected: list[int]
) -> None:
    """
    ShipmentScheduleUpdater_generate_Test.

    Where its complete order keeps 5 for a line of 10 it ships none, and nobody else may
    have them.  Here they are nobody's until the line is complete.
    """
    orders = [Order.of("SO-1", "2026-01-01", lines_of(*wanted))]
    book = Snapshot.of(as_of="2026-01-05", stock={"MUG": stock}, orders=orders)

    assert allocated(plan(book, policy=skipping(rule))) == expected


@pytest.mark.parametrize(
    ("stock", "minimum", "expected"),
    [
        pytest.param(10, 20, [(20, date(2026, 1, 10))], id="order C"),
        pytest.param(15, 11, [(20, date(2026, 1, 10))], id="order F strands no 5"),
        pytest.param(15, 30, [(20, date(2026, 1, 10))], id="order G, but for its 10 too many"),
    ],
)
def test_frepple_demand_policy_twenty_with_a_minimum(
    stock: int, minimum: int, expected: list[tuple[int, date]]
) -> None:
    """
    test/demand_policy: 20 are ordered, and at least 10 more come on the 10th.

    Where the minimum is beyond the order, frePPLe delivers the minimum; nobody gets more
    than was ordered here.
    """
    book = Snapshot.of(
        as_of="2026-01-01",
        stock={"MUG": stock},
        receipts=[receipt("PO-1", "2026-01-10", 10)],
        orders=[Order.of("SO-1", "2026-01-01", {"MUG": 20})],
    )

    made = plan(book, policy=skipping(ShipRule(minimum=minimum), Priority()))

    assert (allocated(made), promised(made)) == ([0], [expected])


def test_theory_7_skipping_may_serve_one_where_three_fit() -> None:
    """
    First come, first served with skipping, against the most lines that are complete.
    """
    demands = [Demand.of("A", claim=6), *(Demand.of(f"B{n}", claim=2) for n in range(3))]

    assert list(skipping(WHOLE).share(6, demands)) == [6, 0, 0, 0]


def test_what_a_line_waits_for_is_nobodys_until_it_comes() -> None:
    """
    5 are ordered, 3 are there, 3 come on the 9th, and nobody else wants any.
    """
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 3},
        receipts=[receipt("PO-1", "2026-01-09", 3)],
        orders=[Order.of("SO-1", "2026-01-01", {"MUG": 5})],
    )
    made = plan(book, policy=skipping(WHOLE))
    assert (allocated(made), promised(made)) == ([0], [[(5, date(2026, 1, 9))]])

    came = answer(
        made.outcome.at(read_time("2026-01-09")),
        ReceiveReceipt(receipt=ReceiptId("PO-1")),
        policy=skipping(WHOLE),
    )

    assert allocated(came.plan) == [5]
    assert came.outcome.position(MUG, Location("MAIN")).available == 1


def test_a_line_that_has_a_part_keeps_it_and_waits_for_the_rest() -> None:
    part = [Order.of("SO-1", "2026-01-01", {"MUG": 5})]
    before = plan(
        Snapshot.of(as_of="2026-01-05", stock={"MUG": 2}, orders=part), policy=Fifo()
    ).outcome

    more = answer(before, ReceiveStock(sku=MUG, quantity=2), policy=skipping(WHOLE))
    enough = answer(more.outcome, ReceiveStock(sku=MUG, quantity=1), policy=skipping(WHOLE))

    assert (allocated(more.plan), allocated(enough.plan)) == ([2], [5])


def test_a_line_that_wants_less_may_be_whole_now() -> None:
    book = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 3},
        orders=[Order.of("SO-1", "2026-01-01", {"MUG": 5})],
    )
    waiting = plan(book, policy=skipping(WHOLE)).outcome

    fewer = CancelOrder(order=OrderId("SO-1"), line=LineId("1"), quantity=2)

    assert allocated(answer(waiting, fewer, policy=skipping(WHOLE)).plan) == [3]


def test_an_order_that_wants_all_now_or_nothing_is_refused_though_units_lie_there() -> None:
    shop = Snapshot.of(as_of="2026-01-05", stock={"MUG": 3})
    order = Order.of("SO-1", "2026-01-05", {"MUG": 5})

    refused = answer(shop, PlaceOrder(order=order, shortfall="refuse"), policy=skipping(WHOLE))

    assert not refused.accepted


def test_a_free_line_is_put_together_from_several_places() -> None:
    east, west = Location("EAST"), Location("WEST")
    stock = [
        StockLevel(sku=MUG, location=east, on_hand=3),
        StockLevel(sku=MUG, location=west, on_hand=3),
    ]
    bound = OrderLine(id=LineId("1"), sku=MUG, ordered=4, location=east)
    orders = [
        Order.of("BOUND", "2026-01-01", [bound]),
        Order.of("FREE", "2026-01-02", {"MUG": 5}),
    ]
    book = Snapshot.of(as_of="2026-01-05", stock=stock, orders=orders)

    skipped = plan(book, policy=skipping(WHOLE))
    waited = plan(book, policy=Shipping(Fifo(), rule=WHOLE, waits=True))

    assert allocated(skipped) == [0, 5]
    assert [(each.location, each.quantity) for each in skipped.lines[1].allocations] == [
        ("EAST", 3),
        ("WEST", 2),
    ]
    # A bound line makes the free ones wait, since these could use its place.
    assert allocated(waited) == [0, 0]


def test_units_that_lie_elsewhere_are_named_where_a_promise_uses_them() -> None:
    """
    The promise names the receipt; who asks who else is promised units hears of all.
    """
    stock = [StockLevel(sku=MUG, location=Location("EAST"), on_hand=3)]
    orders = [
        Order.of("SO-1", "2026-01-01", {"MUG": 5}),
        Order.of("SO-2", "2026-01-02", {"MUG": 9}),
    ]
    book = Snapshot.of(
        as_of="2026-01-05",
        stock=stock,
        receipts=[receipt("PO-1", "2026-01-09", 2)],
        orders=orders,
    )

    made = plan(book, policy=skipping(WHOLE))

    told = made.explain(OrderId("SO-2"), LineId("1")).promised
    assert [(each.location, each.quantity, each.receipt) for each in told] == [
        ("EAST", 3, "PO-1"),
        ("MAIN", 2, "PO-1"),
    ]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        pytest.param(
            WHOLE,
            "None of 9 pcs allocated; 4 pcs on hand went to order SO-1; "
            "3 pcs stay, since only the whole line ships; nothing in sight for 9 pcs.",
            id="whole",
        ),
        pytest.param(
            ShipRule(minimum=4),
            "None of 9 pcs allocated; 4 pcs on hand went to order SO-1; 3 pcs stay, since no "
            "part and no rest may be under 4 pcs; nothing in sight for 9 pcs.",
            id="minimum",
        ),
        pytest.param(
            ShipRule(multiple=4),
            "None of 9 pcs allocated; 4 pcs on hand went to order SO-1; 3 pcs stay, since it "
            "ships in packs of 4 pcs; nothing in sight for 9 pcs.",
            id="packs",
        ),
        pytest.param(
            ShipRule(minimum=5, multiple=4),
            "None of 9 pcs allocated; 4 pcs on hand went to order SO-1; 3 pcs stay, since it "
            "ships in packs of 4 pcs and no part and no rest may be under 5 pcs; "
            "nothing in sight for 9 pcs.",
            id="both",
        ),
    ],
)
def test_the_reason_says_which_rule_keeps_units(rule: ShipRule, sentence: str) -> None:
    orders = [
        Order.of("SO-1", "2026-01-01", {"MUG": 4}),
        Order.of("SO-2", "2026-01-02", {"MUG": 9}),
    ]
    book = Snapshot.of(as_of="2026-01-05", stock={"MUG": 7}, orders=orders)

    line = plan(book, policy=skipping(rule)).lines[1]

    assert line.reason == sentence
    assert [(each.kind, each.quantity) for each in line.blockers] == [
        ("ship-rule", 3),
        ("stock", 6),
    ]


def test_a_shortage_is_shared_in_packs() -> None:
    """
    104 units in packs of ten, for 100 and 50: seven packs and three, and four are left.
    """
    packs = skipping(ShipRule(multiple=10), FairShare())

    shares = packs.share(104, [Demand.of("A", claim=100), Demand.of("B", claim=50)])

    assert list(shares) == [70, 30]
