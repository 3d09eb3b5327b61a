"""
Oracle's Backlog Management and allocation rules, as whole plans.

Each case is named after its source; where no numbers are published they are our own, and
the case says so.
"""

from __future__ import annotations

import attrs
import pytest

from backorderkit import (
    Contract,
    Fifo,
    Priority,
    Protection,
    Quota,
    Ranked,
    Reserve,
    Segment,
    scale_rooms,
)
from backorderkit.policies import ByList, ByRequested, Chain, Room, Rules, Values
from tests.cases.replanned import (
    FILL,
    GAIN,
    REDISTRIBUTE,
    SKIP,
    Row,
    again,
    book,
    got,
    replan,
    segment,
)

# Day 0 is the 5th of January: the 11th is day 6, and the 15th day 10.
SCHEDULED = {
    "O1": Row(wants=10, told=[(10, 10)], day=-1, placed=3),
    "O2": Row(wants=4, told=[(4, 10)], day=1, placed=3),
    "O3": Row(wants=6, told=[(6, 10)], day=7, placed=3),
}
"""X26: all are scheduled for the 15th, and wanted on the 4th, 6th and 12th."""

SUPPLY = {6: 10, 10: 10}

BY_DATE = Ranked(key=ByRequested())

RUSH = Row(wants=10, day=-2, placed=0)
"""Our own: a new order of the earliest date, that nothing is scheduled for."""


def test_oracle_x26_pull_in() -> None:
    """
    Oracle Backlog Management; published: with pull-in, the 11th, 15th and 15th.
    """
    assert again(book(SCHEDULED, receipts=SUPPLY), GAIN, BY_DATE) == {
        "O1": [(10, 6)],
        "O2": [(4, 10)],
        "O3": [(6, 10)],
    }


@pytest.mark.parametrize(
    ("contract", "calm", "with_rush"),
    [
        pytest.param(GAIN, [6, 10, 10], [None, 6, 10, 10], id="ECC yes, pull-in yes"),
        pytest.param(SKIP, [10, 10, 10], [None, 10, 10, 10], id="ECC yes, pull-in no"),
        pytest.param(REDISTRIBUTE, [6, 10, 10], [6, 10, None, None], id="ECC no, pull-in yes"),
        pytest.param(FILL, [10, 10, 10], [6, 10, None, None], id="ECC no, pull-in no"),
    ],
)
def test_oracle_enforce_current_commit_by_pull_in(
    contract: Contract, calm: list[int], with_rush: list[int | None]
) -> None:
    """
    Oracle Backlog Management, the two controls, on the book of X26; rule, and a rush order.

    Without *Enforce Current Commit* an order of an earlier date takes the supply, and with
    it it finds none.  Without *Pull-in Enabled* nobody is better off than scheduled.
    """
    old = {name: attrs.evolve(row, channel="old") for name, row in SCHEDULED.items()}
    rules = Rules(BY_DATE, segments=[segment("old", contract)])

    def days(rows: dict[str, Row]) -> list[int | None]:
        made = replan(book(rows, receipts=SUPPLY), policy=rules)
        assert made.broken == ()
        found = got(made)
        # Each has all on one day, or nothing.
        assert all(len(parts) <= 1 for parts in found.values())
        assert all(units == rows[name].wants for name, parts in found.items() for units, _ in parts)
        return [parts[0][1] if parts else None for _, parts in sorted(found.items())]

    assert days(old) == calm
    assert days({"O0": RUSH, **old}) == with_rush


def test_oracle_pull_in_ends_at_the_requested_date() -> None:
    """
    Oracle Backlog Management: a line may improve up to its requested date, and not before.

    Ours may have units before it, unless a reserve says from when.
    """
    rows = {"O1": Row(wants=10, told=[(10, 10)], day=8)}
    early, on_time = [
        Rules(BY_DATE, segments=[Segment("all", contract=GAIN, reserve=reserve)])
        for reserve in (None, Reserve(method="days-before", days=0))
    ]

    assert got(replan(book(rows, receipts=SUPPLY), policy=early)) == {"O1": [(10, 6)]}
    assert got(replan(book(rows, receipts=SUPPLY), policy=on_time)) == {"O1": [(10, 8)]}


def test_oracle_orders_outside_the_search_results_keep_their_supply() -> None:
    """
    Oracle Backlog Management: enough supply is retained for orders outside the results.

    What is allocated stays in any case; a last segment keeps also what was promised.
    """
    rows = {
        "OUT": Row(wants=10, told=[(10, 6)], priority=9, placed=9),
        "IN": Row(wants=10, channel="searched"),
    }
    searched = segment("searched", REDISTRIBUTE)
    rules = Rules(Priority(), segments=[searched, Segment("rest", contract=SKIP)])

    assert got(replan(book(rows, receipts=SUPPLY), policy=rules)) == {
        "OUT": [(10, 6)],
        "IN": [(10, 10)],
    }
    open_to_all = Rules(Priority(), segments=[searched])
    assert got(replan(book(rows, receipts=SUPPLY), policy=open_to_all)) == {
        "OUT": [(10, 10)],
        "IN": [(10, 6)],
    }


def test_oracle_a_priority_rule_orders_those_that_may_gain() -> None:
    """
    Oracle Global Order Promising, demand priority rule: customers as listed, then by date.
    """
    rule = Ranked(key=Chain(keys=[ByList(of="customer", values=["strategic"]), ByRequested()]))
    rows = {
        "A": Row(wants=6, has=6, day=1, customer="other"),
        "B": Row(wants=6, day=9, customer="strategic"),
        "C": Row(wants=6, day=5, customer="strategic"),
    }

    assert again(book(rows, stock=10), REDISTRIBUTE, rule) == {
        "A": [],
        "B": [(4, 0)],
        "C": [(6, 0)],
    }


def test_oracle_x29_imported_allocations_scaled_to_what_there_is() -> None:
    """
    Oracle Global Order Promising; published: 1000 were planned and 500 are there.

    Scaled, they are the quotas of a plan in which each asks for all that it was to have.
    """
    planned = dict(zip("ABCDEFG", (100, 50, 50, 200, 300, 100, 200), strict=True))
    scaled = scale_rooms({(name,): units for name, units in planned.items()}, 500)
    rooms: dict[Values, Room] = dict(scaled.items())
    quota = Quota(name="allocated", by=["customer"], rooms=rooms, period=None)
    rows = {name: Row(wants=units, customer=name) for name, units in planned.items()}

    made = replan(book(rows, stock=500), policy=Rules(Fifo(), quotas=[quota]))

    shares = [units for parts in got(made).values() for units, _ in parts]
    assert shares == [50, 25, 25, 100, 150, 50, 100]


WEEKLY = Quota(
    name="channels",
    by=["channel"],
    rooms={("web",): 60, ("shop",): 30, ("*",): 10},
    period="week",
)


def test_oracle_allocation_rule_in_percent_by_week() -> None:
    """
    Oracle Global Order Promising: 60, 30 and 10 % of 100 a week, Monday to Sunday; our numbers.
    """
    rows = {
        "fair": Row(wants=20, channel="fair", placed=3),
        "shop": Row(wants=40, channel="shop", placed=2),
        "web": Row(wants=90, channel="web", placed=1),
    }

    made = replan(book(rows, stock=100, receipts={7: 100}), policy=Rules(Fifo(), quotas=[WEEKLY]))

    assert got(made) == {
        "fair": [(10, 0), (10, 7)],
        "shop": [(30, 0), (10, 7)],
        "web": [(60, 0), (30, 7)],
    }


@pytest.mark.parametrize(
    ("taker", "expected"),
    [
        pytest.param("first", 100, id="the highest may take from all below"),
        pytest.param("second", 50, id="nobody takes from the highest"),
        pytest.param("third", 35, id="and of the second only what is not protected"),
    ],
)
def test_oracle_stealing_protection(taker: str, expected: int) -> None:
    """
    Oracle Global Order Promising: rank of a node, and stealing protection; our own numbers.

    Of 100, 50 are for the first, of whom nobody may steal, 30 for the second, protected to
    the half, and 20 for the third, not protected.  A protection is of units here.
    """
    protections = [
        Protection(name="first", group={"channel": ["first"]}, quantity=50, rank=1),
        Protection(name="second", group={"channel": ["second"]}, quantity=15, rank=2),
    ]
    rows = {"T": Row(wants=100, channel=taker)}

    made = replan(book(rows, stock=100), policy=Rules(Fifo(), protections=protections))

    assert got(made) == {"T": [(expected, 0)]}
