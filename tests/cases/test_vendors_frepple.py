"""
frePPLe's demand policies and material constraints, as whole plans.

frePPLe plans a demand at a time and never delivers before the due date; that is what a
quote does, and `test_peers_promises.py` holds it to frePPLe's numbers.  Here the same books
are planned whole.  Units that are there are allocated today, day 0, which is the 1st of
January; a late demand is promised all the same.
"""

from __future__ import annotations

import pytest

from backorderkit import (
    Expire,
    Fifo,
    LineId,
    Order,
    OrderLine,
    Priority,
    ReceiptId,
    Reserve,
    ScheduledReceipt,
    ShipRule,
    Sku,
    Snapshot,
    answer,
)
from backorderkit.policies import Rules, Together
from tests.cases.replanned import ONE, Parts, Row, book, got, on, replan

ANY = ShipRule()


@pytest.mark.parametrize(
    ("stock", "comes", "ship", "expected"),
    [
        pytest.param(10, 10, ANY, [(10, 0), (10, 9)], id="A"),
        pytest.param(10, 10, ShipRule(minimum=20), [(20, 9)], id="C"),
        pytest.param(15, 10, ShipRule(minimum=11), [(20, 9)], id="F: 15 would strand 5"),
        # frePPLe delivers 30, ten too many; nobody gets more than was ordered here.
        pytest.param(15, 50, ShipRule(minimum=30), [(20, 9)], id="G"),
    ],
)
def test_frepple_61_minimum_shipments(
    stock: int, comes: int, ship: ShipRule, expected: Parts
) -> None:
    """frePPLe, test/demand_policy, orders A, C, F and G: 20 for the 5th, more on the 10th."""
    shop = book({"SO-1": Row(wants=20, day=4)}, stock=stock, receipts={9: comes})

    assert got(replan(shop, policy=Rules(Fifo(), ship=ship))) == {"SO-1": expected}


@pytest.mark.parametrize(
    ("late", "ship", "planned", "left"),
    [
        pytest.param(0, ANY, [(10, 0), (10, 9)], 10, id="B"),
        pytest.param(0, ShipRule(minimum=20), [(20, 9)], 0, id="D"),
        pytest.param(2, ANY, [(10, 0), (10, 9)], 10, id="E"),
    ],
)
def test_frepple_61_a_greatest_lateness_is_a_day_to_cancel_after(
    late: int, ship: ShipRule, planned: Parts, left: int
) -> None:
    """
    frePPLe, test/demand_policy, orders B, D and E: no later than so many days after the 5th.

    A plan promises the late rest, for planning cancels nothing.  When the day has passed,
    `Expire` cancels what waits still, and frePPLe's quantities are left.
    """
    wanted = OrderLine(
        id=ONE, sku=Sku("MUG"), ordered=20, requested=on(4), cancel_after=on(4 + late)
    )
    receipt = ScheduledReceipt(id=ReceiptId("PO-9"), sku=Sku("MUG"), quantity=10, due=on(9))
    shop = Snapshot.of(
        as_of=on(0),
        stock={"MUG": 10},
        receipts=[receipt],
        orders=[Order.of("SO-1", on(-1), [wanted])],
    )
    rules = Rules(Fifo(), ship=ship)

    made = replan(shop, policy=rules)
    assert got(made) == {"SO-1": planned}

    expired = answer(made.outcome.at(on(8)), Expire(skus=[Sku("MUG")]), policy=rules).outcome
    line = expired.orders[0].lines[0]
    assert (line.claim, expired.line(expired.orders[0].id, ONE).allocated) == (left, left)


@pytest.mark.parametrize(
    ("ship", "expected"),
    [
        pytest.param(ANY, [(10, 0), (5, 7)], id="1"),
        pytest.param(ShipRule(minimum=15), [(15, 7)], id="2, 3"),
    ],
)
def test_frepple_62_the_documented_example(ship: ShipRule, expected: Parts) -> None:
    """
    frePPLe, doc/examples/demand-policies: 10 on hand, 5 on the 8th, 15 wanted on the 5th.

    It delivers on the 10th, two days after the receipt; a promise is of the receipt's day.
    """
    shop = book({"SO-1": Row(wants=15, day=4)}, stock=10, receipts={7: 5})

    assert got(replan(shop, policy=Rules(Fifo(), ship=ship))) == {"SO-1": expected}


@pytest.mark.parametrize(
    ("together", "days"),
    [
        pytest.param(None, [14, 6, 30], id="H independent"),
        pytest.param(Together(by="order"), [30, 30, 30], id="I alltogether"),
        # frePPLe plans inratio as independent, too: its own expected file says so.
        pytest.param(None, [14, 6, 30], id="J inratio"),
    ],
)
def test_frepple_61_groups(together: Together | None, days: list[int]) -> None:
    """
    frePPLe, test/demand_policy, H, I and J: three items that are bought in 14, 6 and 30 days.

    Published: the 15th, 7th and 31st of January, or all on the 31st.
    """
    lead = {"H1": 14, "H2": 6, "H3": 30}
    lines = [
        OrderLine(id=LineId(name), sku=Sku(name), ordered=20, requested=on(4)) for name in lead
    ]
    receipts = [
        ScheduledReceipt(id=ReceiptId(name), sku=Sku(name), quantity=20, due=on(days_))
        for name, days_ in lead.items()
    ]
    shop = Snapshot.of(as_of=on(0), receipts=receipts, orders=[Order.of("SO-1", on(-1), lines)])

    made = replan(shop, policy=Rules(Fifo(), together=together))

    assert got(made) == {"SO-1": [(20, day) for day in days]}


FIRST_TWO = {"P1": Row(wants=10, day=9, priority=1), "P2": Row(wants=10, day=10, priority=2)}


@pytest.mark.parametrize(
    ("third", "receipts", "expected"),
    [
        pytest.param(11, {}, [(5, 0)], id="9 item 1"),
        pytest.param(4, {}, [(5, 0)], id="10 item 2: priority beats the date"),
        pytest.param(4, {19: 2}, [(5, 0), (2, 19)], id="11 item 3: a late rest"),
    ],
)
def test_frepple_10_and_11_the_urgent_go_first_whatever_their_date(
    third: int, receipts: dict[int, int], expected: Parts
) -> None:
    """
    frePPLe, test/constraints_material_1: 25 are there, and three want ten each.
    """
    rows = {**FIRST_TWO, "P3": Row(wants=10, day=third, priority=3)}

    made = replan(book(rows, stock=25, receipts=receipts), policy=Rules(Priority()))

    assert got(made) == {"P1": [(10, 0)], "P2": [(10, 0)], "P3": expected}
    assert made.lines[2].backordered - made.lines[2].promised == 10 - sum(
        units for units, _ in expected
    )


@pytest.mark.parametrize(
    ("reserve", "expected"),
    [
        pytest.param(
            Reserve(),
            {"P1": [(8, 0)], "P2": [(2, 0), (6, 19)], "P3": [(4, 19)]},
            id="at once",
        ),
        pytest.param(
            Reserve(method="days-before"),
            {"P1": [(8, 19)], "P2": [(2, 21)], "P3": [(10, 4)]},
            id="on the day",
        ),
    ],
)
def test_frepple_item_4_supply_for_a_later_and_more_urgent_use(
    reserve: Reserve, expected: dict[str, Parts]
) -> None:
    """
    frePPLe, test/constraints_material_1, item 4: 10 are there and 10 come on the 20th.

    frePPLe: 8 for the first; 2 for the third now and 2 later, since 8 of the receipt are
    kept for the second, who wants them on the 22nd.  Ours goes by supply events: at once,
    the more urgent takes what is there, or, on its day, whoever may take by then; and
    no plan keeps units of a receipt for one who might have had units on hand.  A quote
    with `peg="latest"` does, see `test_frepple_constraints_material_1`.
    """
    rows = {
        "P1": Row(wants=8, day=9, priority=1),
        "P2": Row(wants=8, day=21, priority=2),
        "P3": Row(wants=10, day=4, priority=3),
    }

    made = replan(
        book(rows, stock=10, receipts={19: 10}), policy=Rules(Priority(), reserve=reserve)
    )

    assert got(made) == expected
