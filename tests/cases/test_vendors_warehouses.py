"""
Delivery rules and reservation methods of Odoo, OCA, metasfresh and iDempiere, as whole plans.

Each case is named after its source.  What these say of whole documents is
`Together(by="order")` here.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backorderkit import (
    BY_HAND,
    Fifo,
    LineId,
    Order,
    OrderLine,
    Plan,
    Ranked,
    Reserve,
    ShipRule,
    Sku,
    Snapshot,
)
from backorderkit.policies import ByRequested, Rules, Together
from tests.cases.replanned import MUG, NOW, Parts, Row, book, got, replan, segment

WHOLE_LINES = Rules(Fifo(), ship=ShipRule(whole=True))
WHOLE_ORDERS = Rules(Fifo(), together=Together())


def days_before(days: int) -> Reserve:
    return Reserve(method="days-before", days=days)


def orders_of(stock: Mapping[str, int], *orders: list[tuple[str, int]]) -> Snapshot:
    """Make a book of orders, each of lines of a SKU and a quantity, the first the oldest."""
    return Snapshot.of(
        as_of=NOW,
        stock=stock,
        orders=[
            Order.of(
                f"SO-{place}",
                f"2026-01-0{place}",
                [
                    OrderLine(id=LineId(str(number)), sku=Sku(sku), ordered=units)
                    for number, (sku, units) in enumerate(lines)
                ],
            )
            for place, lines in enumerate(orders, start=1)
        ],
    )


def allocated(made: Plan) -> list[int]:
    return [line.allocated for line in made.lines]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [(WHOLE_LINES, [5, 5, 0, 5]), (WHOLE_ORDERS, [5, 5, 0, 0])],
    ids=["direct", "one"],
)
def test_oca_7_release_only_whole(rules: Rules, expected: list[int]) -> None:
    """
    OCA, test_release_ready_search_move_type_direct and _one: two orders of 5 and 5; 5 and 10.

    With *one* the second is not ready, for its other half is not there.
    """
    orders = [[("P1", 5), ("P2", 5)]] * 2

    made = replan(orders_of({"P1": 5, "P2": 10}, *orders), policy=rules)

    assert allocated(made) == expected


def test_oca_7_an_order_that_is_not_ready_holds_up_nobody() -> None:
    """The five of P2 that the second may not release go to a third that wants no other."""
    orders = [[("P1", 5), ("P2", 5)], [("P1", 5), ("P2", 5)], [("P2", 4)]]

    made = replan(orders_of({"P1": 5, "P2": 10}, *orders), policy=WHOLE_ORDERS)

    assert allocated(made) == [5, 5, 0, 0, 4]


@pytest.mark.parametrize(
    ("rules", "stock", "expected"),
    [
        pytest.param(WHOLE_ORDERS, {"A": 2, "B": 1}, [0, 0], id="all at once: not ready"),
        pytest.param(WHOLE_ORDERS, {"A": 2, "B": 2}, [2, 2], id="all at once: ready"),
        pytest.param(Rules(Fifo()), {"A": 2, "B": 1}, [2, 1], id="partial: ready"),
    ],
)
def test_odoo_26_delivery_of_all_at_once(
    rules: Rules, stock: dict[str, int], expected: list[int]
) -> None:
    """
    Odoo, test_70_picking_state_all_at_once_reserve and test_72: two are wanted, one is there.

    Theirs is of one line, and here of a document of two.
    """
    made = replan(orders_of(stock, [("A", 2), ("B", 2)]), policy=rules)

    assert allocated(made) == expected


METHODS = Rules(
    Fifo(),
    segments=[
        segment("at_confirm"),
        segment("by_date 1", reserve=days_before(1)),
        segment("by_date 10", reserve=days_before(10)),
        segment("manual", reserve=BY_HAND),
    ],
)


def test_odoo_38_reservation_methods_when_units_are_received() -> None:
    """
    Odoo, test_auto_assign_reservation_method: 50 are received for three that want 10 each.

    By hand none; one day before, and due in five: none; ten days before: 10.  40 are free,
    and two that are confirmed then have 10 each.  Here the second is told its day, too.
    """
    rows = {
        "1": Row(wants=10, day=0, channel="manual", placed=3),
        "2": Row(wants=10, day=5, channel="by_date 1", placed=3),
        "3": Row(wants=10, day=5, channel="by_date 10", placed=3),
    }

    received = replan(book(rows, stock=50), policy=METHODS)

    assert got(received) == {"1": [], "2": [(10, 4)], "3": [(10, 0)]}
    assert received.outcome.position(MUG).available == 40

    rows["3"] = Row(wants=10, has=10, day=5, channel="by_date 10", placed=3)
    rows["4"] = Row(wants=10, day=5, channel="by_date 10")
    rows["5"] = Row(wants=10, day=0, channel="at_confirm")
    confirmed = got(replan(book(rows, stock=50), policy=METHODS))
    assert (confirmed["4"], confirmed["5"]) == ([(10, 0)], [(10, 0)])


def test_odoo_58_the_forecast_goes_by_reservation_method() -> None:
    """
    Odoo, test_report_forecast_11: four of 3 by each method, and 6 to come: 3, 3, 0 and 0.
    """
    rows = {
        "1 manual": Row(wants=3, day=3, channel="manual", placed=9),
        "2 by_date future": Row(wants=3, day=30, channel="by_date 1", placed=8),
        "3 by_date past": Row(wants=3, day=3, channel="by_date 10", placed=7),
        "4 at_confirm": Row(wants=3, day=3, channel="at_confirm", placed=6),
    }

    made = replan(book(rows, receipts={4: 6}), policy=METHODS)

    assert got(made) == {
        "1 manual": [],
        "2 by_date future": [],
        "3 by_date past": [(3, 4)],
        "4 at_confirm": [(3, 4)],
    }


def test_a_line_by_hand_gets_what_its_host_gives_it() -> None:
    """What was assigned by hand stays, and only the rest is not looked for."""
    rows = {"1": Row(wants=10, has=4, day=0, channel="manual"), "2": Row(wants=9, channel="x")}

    assert got(replan(book(rows, stock=9), policy=METHODS)) == {"1": [(4, 0)], "2": [(5, 0)]}


WAITING = {
    name: Row(wants=units, day=day, placed=9 - place)
    for place, (name, units, day) in enumerate(
        (("1", 5, 0), ("2", 3, 0), ("3", 20, 0), ("4", 20, 0), ("5", 15, 0))
    )
}
"""OCA: five that want 5, 3, 20, 20 and 15, in this order, of 20 that are there."""


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param((), [5, 3, 12, 0, 0], id="all inside"),
        pytest.param(("1",), [0, 3, 17, 0, 0], id="the first outside"),
        pytest.param(("1", "2"), [0, 0, 20, 0, 0], id="the second, too"),
    ],
)
def test_oca_5_the_horizon(later: tuple[str, ...], expected: list[int]) -> None:
    """
    OCA, stock_available_to_promise_release, value_horizon1: those due in a week are outside.
    """
    rows = {
        name: Row(wants=row.wants, day=7 if name in later else 0, placed=row.placed)
        for name, row in WAITING.items()
    }
    horizon = Rules(Fifo(), reserve=days_before(6))

    assert allocated(replan(book(rows, stock=20), policy=horizon)) == expected


def test_oca_5_what_is_released_counts_outside_the_horizon() -> None:
    """As before: the first has its 5, and the third finds 15."""
    rows = {
        **WAITING,
        "1": Row(wants=5, has=5, day=7, placed=9),
        "2": Row(wants=3, day=7, placed=8),
    }

    made = replan(book(rows, stock=20), policy=Rules(Fifo(), reserve=days_before(6)))

    assert allocated(made) == [5, 0, 15, 0, 0]


@pytest.mark.parametrize(
    ("rules", "stock", "expected"),
    [
        pytest.param(Rules(Fifo()), 4, [4, 0], id="availability"),
        pytest.param(WHOLE_LINES, 15, [10, 0], id="complete line"),
        pytest.param(WHOLE_ORDERS, 0, [0, 0], id="complete order, none there"),
        pytest.param(WHOLE_ORDERS, 5, [0, 0], id="complete order, 5"),
        pytest.param(WHOLE_ORDERS, 15, [0, 0], id="complete order, 15"),
        pytest.param(WHOLE_ORDERS, 100, [10, 11], id="complete order, both"),
    ],
)
def test_metasfresh_35_delivery_rules(rules: Rules, stock: int, expected: list[int]) -> None:
    """
    metasfresh, ShipmentScheduleUpdater_generate_Test: two lines of one SKU, 10 and 11.

    Its complete order sets 5, or 10 and 5, aside for an order that does not ship.  Here an
    order that is not complete has nothing, and the units are there for the next.
    """
    made = replan(orders_of({"P": stock}, [("P", 10), ("P", 11)]), policy=rules)

    assert allocated(made) == expected
    assert made.outcome.position(Sku("P")).available == stock - sum(expected)


def test_idempiere_31_a_complete_order_of_two_lines_of_one_product() -> None:
    """
    iDempiere, testGenerateShipmentCompleteMultiSameLine: each wants one less than is there.
    """
    lines = [("P", 9), ("P", 9)]

    assert allocated(replan(orders_of({"P": 10}, lines), policy=WHOLE_ORDERS)) == [0, 0]
    assert allocated(replan(orders_of({"P": 10}, lines), policy=WHOLE_LINES)) == [9, 0]
    assert allocated(replan(orders_of({"P": 18}, lines), policy=WHOLE_ORDERS)) == [9, 9]


@pytest.mark.parametrize(
    ("shipments", "expected"),
    [
        pytest.param(1, [[(2, 9)], [(2, 9)]], id="one"),
        pytest.param(2, [[(2, 0)], [(2, 9)]], id="two"),
    ],
)
def test_odoo_shipping_policy_of_an_order(shipments: int, expected: list[Parts]) -> None:
    """
    Odoo, shipping policy of a sales order: when all products are ready, or as soon as possible.

    Our own numbers; as soon as possible in two deliveries at most.
    """
    lines = [OrderLine(id=LineId(sku), sku=Sku(sku), ordered=2) for sku in ("A", "MUG")]
    shop = book({}, stock={"A": 2}, receipts={9: 2})
    shop = Snapshot.of(
        as_of=NOW,
        stock=shop.stock,
        receipts=shop.receipts,
        orders=[Order.of("SO-1", "2026-01-02", lines)],
    )
    rules = Rules(Ranked(key=ByRequested()), together=Together(shipments=shipments))

    made = replan(shop, policy=rules)

    parts = [
        [(line.allocated, 0)] * bool(line.allocated)
        + [(each.quantity, (each.due - NOW).days) for each in line.promises]
        for line in made.lines
    ]
    assert parts == expected
