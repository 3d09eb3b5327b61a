"""What peers' own suites expect of promises: frePPLe, Odoo's forecast report, Business Central."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs
import pytest

from backorderkit import (
    Backorder,
    Demand,
    Fifo,
    Item,
    KeepPromises,
    LineId,
    Order,
    OrderLine,
    Priority,
    Promise,
    Ranked,
    ReceiptId,
    ScheduledReceipt,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.model import read_time
from backorderkit.promising import Availability, SupplyRules

NOW = read_time("2009-01-01")
LATEST = SupplyRules(peg="latest")
PART = Sku("PART")

Parts = list[tuple[int, int]]
"""Quantities and days of January 2009."""


def january(day: int) -> datetime:
    return NOW + timedelta(days=day - 1)


@attrs.frozen(kw_only=True)
class Wanted:
    """A demand of frePPLe: so many on a day of January, by then or so many days later."""

    quantity: int
    due: int
    priority: int = 1
    late: int | None = None
    minimum: int = 1


def supply(day: int, quantity: int) -> ScheduledReceipt:
    return ScheduledReceipt(
        id=ReceiptId(f"PO-{day}"), sku=PART, quantity=quantity, due=january(day)
    )


def promised_in_turn(
    stock: int, receipts: Sequence[ScheduledReceipt], demands: Sequence[Wanted]
) -> list[Parts]:
    """Quote the demands one after another, the urgent first, and place each as quoted."""
    orders: list[Order] = []
    promised = dict[int, Parts]()
    turn = sorted(range(len(demands)), key=lambda place: (demands[place].priority, place))
    for place in turn:
        demand = demands[place]
        shop = Snapshot.of(as_of=NOW, stock={"PART": stock}, receipts=receipts, orders=orders)
        quote = Availability.of(shop, policy=Priority(), rules=LATEST).when(
            "PART",
            demand.quantity,
            wanted=january(demand.due),
            latest=None if demand.late is None else january(demand.due + demand.late),
            minimum=demand.minimum,
        )
        promised[place] = [(part.quantity, (part.at - NOW).days + 1) for part in quote.parts]
        lines = [
            OrderLine(id=LineId(str(number)), sku=PART, ordered=part.quantity, requested=part.at)
            for number, part in enumerate(quote.parts)
        ]
        if lines:
            orders.append(Order.of(f"SO-{place}", NOW, lines, priority=demand.priority))
    return [promised[place] for place in range(len(demands))]


@pytest.mark.parametrize(
    ("stock", "receipts", "demand", "parts"),
    [
        pytest.param(10, [supply(10, 10)], Wanted(quantity=20, due=5), [(10, 5), (10, 10)], id="A"),
        pytest.param(10, [supply(10, 10)], Wanted(quantity=20, due=5, late=0), [(10, 5)], id="B"),
        pytest.param(
            10, [supply(10, 10)], Wanted(quantity=20, due=5, minimum=20), [(20, 10)], id="C"
        ),
        pytest.param(
            10, [supply(10, 10)], Wanted(quantity=20, due=5, late=0, minimum=20), [], id="D"
        ),
        pytest.param(10, [supply(10, 10)], Wanted(quantity=20, due=5, late=2), [(10, 5)], id="E"),
        pytest.param(
            15, [supply(10, 10)], Wanted(quantity=20, due=5, minimum=11), [(20, 10)], id="F"
        ),
        pytest.param(
            15, [supply(10, 50)], Wanted(quantity=20, due=5, minimum=30), [(30, 10)], id="G"
        ),
    ],
)
def test_frepple_demand_policy(
    stock: int, receipts: list[ScheduledReceipt], demand: Wanted, parts: Parts
) -> None:
    """frePPLe, test/demand_policy: lateness and minimum shipments of one demand."""
    assert promised_in_turn(stock, receipts, [demand]) == [parts]


def test_frepple_demand_policy_of_groups() -> None:
    """frePPLe, test/demand_policy, H to J: three items that are bought in 14, 6 and 30 days."""
    items = [Item(sku=Sku(f"H{days}"), lead_time_days=days) for days in (14, 6, 30)]
    available = Availability.of(Snapshot.of(as_of=NOW, items=items), policy=Fifo(), rules=LATEST)

    alone = [
        available.when(f"H{days}", 20, wanted=january(due)).complete_at
        for days, due in ((14, 5), (6, 6), (30, 5))
    ]
    assert alone == [january(15), january(7), january(31)]
    together = available.basket({"H14": 20, "H6": 20, "H30": 20})
    assert (together.at, together.late) == (january(31), ("H30",))


FIRST_TWO = [Wanted(quantity=10, due=10, priority=1), Wanted(quantity=10, due=11, priority=2)]


@pytest.mark.parametrize(
    ("receipts", "demands", "promised"),
    [
        pytest.param(
            [supply(1, 25)],
            [*FIRST_TWO, Wanted(quantity=10, due=12, priority=3)],
            [[(10, 10)], [(10, 11)], [(5, 12)]],
            id="item 1",
        ),
        pytest.param(
            [supply(1, 25)],
            [*FIRST_TWO, Wanted(quantity=10, due=5, priority=3)],
            [[(10, 10)], [(10, 11)], [(5, 5)]],
            id="item 2, priority beats the date",
        ),
        pytest.param(
            [supply(1, 25), supply(20, 2)],
            [*FIRST_TWO, Wanted(quantity=10, due=5, priority=3)],
            [[(10, 10)], [(10, 11)], [(5, 5), (2, 20)]],
            id="item 3, a late rest",
        ),
        pytest.param(
            [supply(1, 10), supply(20, 10)],
            [
                Wanted(quantity=8, due=10, priority=1),
                Wanted(quantity=8, due=22, priority=2),
                Wanted(quantity=10, due=5, priority=3),
            ],
            [[(8, 10)], [(8, 22)], [(2, 5), (2, 20)]],
            id="item 4, supply kept for a later and more urgent use",
        ),
    ],
)
def test_frepple_constraints_material_1(
    receipts: list[ScheduledReceipt], demands: list[Wanted], promised: list[Parts]
) -> None:
    """frePPLe, test/constraints_material_1: urgent demands first, none before its day."""
    assert promised_in_turn(0, receipts, demands) == promised


def test_frepple_documents_the_same_policies_with_other_numbers() -> None:
    """frePPLe, doc/examples/demand-policies: 10 on hand, 5 on the 8th, 15 wanted on the 5th."""
    receipts = [supply(8, 5)]

    def promised(minimum: int = 1, late: int | None = None) -> Parts:
        demand = Wanted(quantity=15, due=5, minimum=minimum, late=late)
        return promised_in_turn(10, receipts, [demand])[0]

    assert promised() == [(10, 5), (5, 8)]
    assert promised(minimum=15) == [(15, 8)]
    assert promised(late=0) == [(10, 5)]
    assert promised(minimum=15, late=0) == []


def test_odoo_forecast_goes_by_date_and_says_what_is_late() -> None:
    """Odoo, test_report_forecast_3_sort_by_date: seven deliveries of 5, receipts of 5, 10, 5."""
    hours = {"A": -720, "B": -24, "C": -1, "D": 0, "E": 1, "F": 24, "G": 720}
    when = {name: NOW + timedelta(hours=each) for name, each in hours.items()}
    orders = [
        Order.of(name, at, [OrderLine(id=LineId("1"), sku=PART, ordered=5, requested=at)])
        for name, at in when.items()
    ]
    receipts = [
        attrs.evolve(supply(1, quantity), id=ReceiptId(name), due=NOW + timedelta(hours=at))
        for name, quantity, at in (("IN-1", 5, -720), ("IN-2", 10, -1), ("IN-3", 5, 720))
    ]
    made = plan(Snapshot.of(as_of=NOW, receipts=receipts, orders=orders), policy=Fifo())

    due = {receipt.id: receipt.due for receipt in receipts}
    shown = {
        line.order: (promise.receipt, due[promise.receipt] <= when[line.order])
        for line in made.lines
        for promise in line.promises[:1]
        if promise.receipt is not None
    }
    assert shown == {
        "A": ("IN-1", True),
        "B": ("IN-2", False),
        "C": ("IN-2", True),
        "D": ("IN-3", False),
    }


@pytest.mark.parametrize(("arrives", "first"), [(200, 0), (300, 100)])
def test_odoo_forecast_keeps_a_receipt_for_the_delivery_that_it_was_bought_for(
    arrives: int, first: int
) -> None:
    """Odoo, test_report_forecast_8 and _9: deliveries of 100 and 200, a receipt for the second."""
    orders = [Order.of("A", NOW, {"PART": 100}), Order.of("B", NOW, {"PART": 200})]
    tied = Promise(quantity=200, due=january(10), receipt=ReceiptId("PO-10"))
    told = Backorder(
        order=orders[1].id, line=LineId("1"), quantity=200, opened_at=NOW, promises=[tied]
    )
    shop = Snapshot.of(as_of=NOW, receipts=[supply(10, arrives)], orders=orders, backorders=[told])

    made = plan(shop, policy=KeepPromises(Fifo()))

    assert [line.promised for line in made.lines] == [first, 200]


def test_odoo_forecast_serves_by_reservation_method() -> None:
    """Odoo, test_report_forecast_11: at once, by a past and a future date, by hand; 6 to come."""
    methods = ("at_confirm", "by_date past", "by_date future", "manual")

    def method(demand: Demand) -> int:
        return methods.index(demand.order.channel)

    orders = [
        Order.of(f"SO-{9 - place}", NOW, {"PART": 3}, channel=channel)
        for place, channel in enumerate(methods)
    ]
    shop = Snapshot.of(as_of=NOW, receipts=[supply(5, 6)], orders=orders)
    made = plan(shop, policy=Ranked(key=method))

    promised = {order.channel: 0 for order in orders}
    channel = {order.id: order.channel for order in orders}
    for line in made.lines:
        promised[channel[line.order]] += line.promised
    assert list(promised.values()) == [3, 3, 0, 0]


def test_business_central_tells_what_is_capable_to_promise() -> None:
    """Business Central, order of 10 with 6 there: the other 4 are bought in the lead time."""
    items = [Item(sku=PART, lead_time_days=5)]
    shop = Snapshot.of(as_of=NOW, stock={"PART": 6}, items=items)
    quote = Availability.of(shop, policy=Fifo()).when("PART", 10)
    assert [(part.quantity, part.supply) for part in quote.parts] == [
        (6, "stock"),
        (4, "purchase"),
    ]
