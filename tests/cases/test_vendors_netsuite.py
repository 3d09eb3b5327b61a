"""
NetSuite's commitment and supply allocation, as whole plans.

Each case is named after its source; where no numbers are published they are our own, and
the case says so.
"""

from __future__ import annotations

from typing import Literal

import pytest

from backorderkit import BY_HAND, Fifo, Priority, Reserve, ShipRule
from backorderkit.policies import Rules
from backorderkit.promising import Availability, SupplyRules
from tests.cases.replanned import NOW, REDISTRIBUTE, Parts, Row, book, got, replan, segment

COMMIT = Rules(
    Fifo(),
    segments=[
        segment("available"),
        segment("complete", ship=ShipRule(whole=True)),
        segment("do not commit", reserve=BY_HAND),
    ],
)


@pytest.mark.parametrize(
    ("option", "stock", "committed"),
    [
        ("available", 5, 5),
        ("complete", 5, 0),
        ("complete", 8, 8),
        ("do not commit", 5, 0),
        ("do not commit", 50, 0),
    ],
)
def test_netsuite_commit_option_of_a_line(option: str, stock: int, committed: int) -> None:
    """
    NetSuite, sales order line, Commit: Available Qty, Complete Qty, Do Not Commit; our numbers.
    """
    made = replan(book({"SO-1": Row(wants=8, channel=option)}, stock=stock), policy=COMMIT)

    assert made.lines[0].allocated == committed
    assert made.lines[0].promises == ()


def test_netsuite_the_commit_options_beside_each_other() -> None:
    """What waits for its complete quantity, or is not to be committed, holds up nobody."""
    rows = {
        "A": Row(wants=8, channel="do not commit", placed=3),
        "B": Row(wants=8, channel="complete", placed=2),
        "C": Row(wants=8, channel="available", placed=1),
    }

    assert got(replan(book(rows, stock=5), policy=COMMIT)) == {"A": [], "B": [], "C": [(5, 0)]}


@pytest.mark.parametrize("option", ["available", "complete"])
def test_netsuite_x41_a_backorder_is_committed_when_units_come(option: str) -> None:
    """
    NetSuite, commitment on receipt; published: 5 ordered and 0 there, then 50 come.
    """
    rows = {"SO-1": Row(wants=5, channel=option)}
    waiting = replan(book(rows), policy=COMMIT)
    assert waiting.lines[0].backordered == 5

    assert got(replan(book(rows, stock=50), policy=COMMIT)) == {"SO-1": [(5, 0)]}


@pytest.mark.parametrize(
    ("peg", "left"), [("latest", [(5, 0)]), ("earliest", [(5, 8)])], ids=["closest", "first"]
)
def test_x22_earliest_or_close_to_the_required_date_is_chosen_when_quoting(
    peg: Literal["earliest", "latest"], left: Parts
) -> None:
    """
    NetSuite, allocation method Earliest or Close to Required Date; IBM, first or closest ETA.

    Published by IBM: wanted on the 1st of June; five each are on hand, and come on the 30th
    of May and of July.  The closest takes those of May, and leaves what is on hand to the
    next caller; the first takes what is on hand.  The 1st of June is day 10 here.
    """
    shop = book({"SO-1": Row(wants=5, day=10)}, stock=5, receipts={8: 5, 69: 5})

    quote = Availability.of(shop, policy=Fifo(), rules=SupplyRules(peg=peg)).when("MUG", 5)

    assert [(part.quantity, (part.at - NOW).days) for part in quote.parts] == left


def test_x22_a_plan_takes_the_earliest() -> None:
    """
    The same in a plan: units on hand go first, and there is no other method.

    What it leaves to those who come later is a rule of its own, the reserve: of a far-away
    date, units are taken so many days before, and of whatever is there then.
    """
    rows = {"SO-1": Row(wants=5, day=10, placed=3), "SO-2": Row(wants=5, day=1)}
    shop = book(rows, stock=5, receipts={8: 5, 69: 5})
    reserve = Reserve(method="days-before", days=2)

    assert got(replan(shop, policy=Rules(Fifo()))) == {"SO-1": [(5, 0)], "SO-2": [(5, 8)]}
    assert got(replan(shop, policy=Rules(Fifo(), reserve=reserve))) == {
        "SO-1": [(5, 8)],
        "SO-2": [(5, 0)],
    }


def test_netsuite_firm_allocations_are_never_reallocated() -> None:
    """
    NetSuite, Supply Allocation: soft ones are shared anew by a scheduled run, firm ones stay.
    """
    rows = {
        "FIRM": Row(wants=4, has=4, priority=9),
        "SOFT": Row(wants=4, has=4, priority=9, channel="soft"),
        "NEW": Row(wants=6, channel="soft", priority=1),
    }
    rules = Rules(Priority(), segments=[segment("soft", REDISTRIBUTE)])

    assert got(replan(book(rows, stock=8), policy=rules)) == {
        "FIRM": [(4, 0)],
        "SOFT": [],
        "NEW": [(4, 0)],
    }


def test_netsuite_an_edited_order_takes_only_what_is_not_allocated() -> None:
    """
    NetSuite, Supply Allocation: on entry only the edited order is calculated, from free supply.

    So does every plan here in which nobody has a contract by which units are taken back.
    """
    rows = {
        "OLD": Row(wants=6, has=6, priority=9, placed=9),
        "EDITED": Row(wants=6, has=1, priority=1),
    }

    assert got(replan(book(rows, stock=9), policy=Rules(Priority()))) == {
        "OLD": [(6, 0)],
        "EDITED": [(3, 0)],
    }
