"""
Business Central's reservation worksheet and D365's inventory allocation, as whole plans.

Each case is named after its source; where no numbers are published they are our own, and
the case says so.
"""

from __future__ import annotations

import pytest

from backorderkit import (
    CancelOrder,
    FairShare,
    Fifo,
    Priority,
    Protection,
    Quota,
    Segment,
    ShipRule,
    Sku,
    Snapshot,
    answer,
    plan,
)
from backorderkit.policies import Rules
from tests.cases.replanned import ONE, Row, book, got, replan, segment

BOWL = Sku("BOWL")

ALL_OR_NOTHING = Priority(incomplete="stop")
"""Basic: where no line has another urgency, all of a SKU are one class, served whole or not."""


@pytest.mark.parametrize(("stock", "expected"), [(17, [10, 7]), (16, [0, 0]), (0, [0, 0])])
def test_business_central_basic_is_all_or_nothing_per_key(stock: int, expected: list[int]) -> None:
    """
    Business Central, reservation worksheet, Basic (No Conflicts): all of a key, or nobody.
    """
    rows = {"A": Row(wants=10, placed=2), "B": Row(wants=7)}

    made = replan(book(rows, stock=stock), policy=Rules(ALL_OR_NOTHING))

    assert [line.allocated for line in made.lines] == expected


@pytest.mark.parametrize("stock", [16, 12])
def test_business_central_basic_is_the_same_beside_other_rules(stock: int) -> None:
    """A segment for all, that says nothing more, changes nothing."""
    rows = {"A": Row(wants=10, placed=2), "B": Row(wants=7)}
    rules = Rules(ALL_OR_NOTHING, segments=[Segment("all")])

    assert got(plan(book(rows, stock=stock), policy=rules)) == {"A": [], "B": []}


@pytest.mark.parametrize(("stock", "expected"), [(12, [6, 6]), (20, [10, 7])])
def test_business_central_x10_equally(stock: int, expected: list[int]) -> None:
    """Business Central, reservation worksheet, Equally; published."""
    rows = {"A": Row(wants=10, placed=2), "B": Row(wants=7)}

    made = replan(book(rows, stock=stock), policy=Rules(FairShare(rule="equal")))

    assert [line.allocated for line in made.lines] == expected


@pytest.mark.parametrize(
    ("supply", "wants", "precisions", "expected"),
    [
        pytest.param(25, [30], [10], [20], id="2.5 over 3, whole units"),
        pytest.param(70, [63, 74, 85], [1, 1, 1], [24, 23, 23], id="7 over 6.3, 7.4, 8.5"),
        pytest.param(
            40_000,
            [19_800, 18_760, 17_654],
            [100, 10, 1],
            [13_300, 13_350, 13_350],
            id="4 over 1.98, 1.876, 1.7654",
        ),
        pytest.param(660, [100, 10, 1], [100, 10, 1], [100, 10, 1], id="0.66 over all"),
    ],
)
def test_business_central_x11_equally_in_the_precision_of_each_line(
    supply: int, wants: list[int], precisions: list[int], expected: list[int]
) -> None:
    """
    Business Central, reservation worksheet, Equally, with decimals; published.

    Ours are whole numbers of the smallest unit, and a coarser line is one in packs.  Two
    differ from what is published.  The odd tenth of 7 goes to the oldest line, theirs to
    the one that wants most.  Of 4 they give 1.33, 1.333 and 1.3333 and leave 0.0037 idle,
    since each share is rounded down and not looked at again; here nothing is left over
    that a line could use.
    """
    rows = {
        f"L{place}": Row(wants=units, channel=f"L{place}", placed=9 - place)
        for place, units in enumerate(wants)
    }
    packs = [
        segment(f"L{place}", ship=ShipRule(multiple=precision))
        for place, precision in enumerate(precisions)
    ]

    made = replan(book(rows, stock=supply), policy=Rules(FairShare(rule="equal"), segments=packs))

    assert [line.allocated for line in made.lines] == expected


BY_CUSTOMER = {
    "A": Row(wants=40, priority=1),
    "B": Row(wants=70, priority=2),
    "C": Row(wants=10, priority=3),
}


@pytest.mark.parametrize(
    ("policy", "expected", "idle"),
    [(Priority(incomplete="stop"), [40, 0, 0], 60), (Priority(), [40, 60, 0], 0)],
    ids=["strict", "the next one goes"],
)
def test_business_central_by_customer_priority(
    policy: Priority, expected: list[int], idle: int
) -> None:
    """
    Business Central, reservation worksheet, By Customer Priority: 60 of 100 are left idle.

    Its hook to go on though a class is not fulfilled is the plain priority, which gives
    the class what there is.
    """
    made = replan(book(BY_CUSTOMER, stock=100), policy=Rules(policy))

    assert [line.allocated for line in made.lines] == expected
    assert made.outcome.position(Sku("MUG")).available == idle


@pytest.mark.parametrize("policy", [ALL_OR_NOTHING, FairShare(rule="equal"), Fifo()])
def test_business_central_a_shortage_of_one_item_ends_nothing_for_others(
    policy: Priority | FairShare | Fifo,
) -> None:
    """
    Business Central's strict policy leaves its loop over all items; by reading its source.

    Here each SKU is shared by itself: with and without the short one it comes out alike.
    """
    bowls = {"X": Row(wants=3, priority=9, sku=BOWL), "Y": Row(wants=4, priority=9, sku=BOWL)}
    short = book({**BY_CUSTOMER, **bowls}, stock={"MUG": 1, "BOWL": 7})

    found = got(replan(short, policy=Rules(policy)))

    alone = got(replan(book(bowls, stock={"BOWL": 7}), policy=Rules(policy)))
    assert alone == {"X": [(3, 0)], "Y": [(4, 0)]}
    assert {name: found[name] for name in bowls} == alone


def test_business_central_a_chain_of_policies_is_tried_until_completed() -> None:
    """
    Business Central, reservation worksheet: a batch holds several policies; numbers ours.

    A second plan, by the next policy, of what the first left: it takes nothing back.
    """
    rows = {"A": Row(wants=10, placed=2), "B": Row(wants=7)}

    first = replan(book(rows, stock=12), policy=Rules(ALL_OR_NOTHING))
    then = replan(first.outcome, policy=Rules(FairShare(rule="equal")))

    assert [line.allocated for line in first.lines] == [0, 0]
    assert [line.allocated for line in then.lines] == [6, 6]


def allocated_pool(rules: Rules, *wants: tuple[str, int]) -> Snapshot:
    """Plan orders by group against 100 on hand."""
    rows = {
        f"SO-{place}": Row(wants=units, channel=group, placed=9 - place)
        for place, (group, units) in enumerate(wants)
    }
    return replan(book(rows, stock=100), policy=rules).outcome


ONLINE = Protection(name="online", group={"channel": ["online"]}, quantity=60)


def test_d365_allocation_as_ring_fencing() -> None:
    """
    D365 Inventory Visibility, allocation, purpose "ring-fencing"; our own numbers.

    60 of 100 are allocated to the online group: others find 40, and what the group
    consumes is no more kept from them.
    """
    rules = Rules(Fifo(), protections=[ONLINE])

    found = allocated_pool(rules, ("store", 70), ("online", 20))

    assert [found.line(order.id, ONE).allocated for order in found.orders] == [40, 20]
    assert found.position(Sku("MUG")).available == 40


def test_d365_allocation_as_oversell_control() -> None:
    """
    D365 Inventory Visibility, allocation, purpose "oversell control"; our own numbers.

    A group may consume no more than is allocated to it, whatever lies there: an upper bound.
    """
    rooms = Quota(
        name="groups", by=["channel"], rooms={("online",): 60, ("store",): 10}, period=None
    )

    found = allocated_pool(Rules(Fifo(), quotas=[rooms]), ("store", 70), ("online", 90))

    assert [found.line(order.id, ONE).allocated for order in found.orders] == [10, 60]
    assert found.position(Sku("MUG")).available == 30


def test_d365_unallocated_units_are_free_for_others() -> None:
    """
    D365 Inventory Visibility: unallocate gives units of a group back; our own numbers.

    Here the protection is made smaller, and the next plan shares what it kept.
    """
    rules = Rules(Fifo(), protections=[ONLINE])
    before = allocated_pool(rules, ("store", 70))
    assert before.line(before.orders[0].id, ONE).allocated == 40

    less = Protection(name="online", group={"channel": ["online"]}, quantity=50)

    made = replan(before, policy=Rules(Fifo(), protections=[less]))
    assert got(made) == {"SO-0": [(50, 0)]}


def test_d365_consumed_units_that_come_back_are_the_groups_again() -> None:
    """
    D365 Inventory Visibility, consume and its offset; our own numbers.

    What a line of the group gives up is protected for the group again.
    """
    rules = Rules(Fifo(), protections=[ONLINE])
    before = allocated_pool(rules, ("online", 60), ("store", 50))
    assert before.line(before.orders[1].id, ONE).allocated == 40

    released = answer(
        before, CancelOrder(order=before.orders[0].id, line=ONE, quantity=10), policy=rules
    )

    assert released.outcome.line(before.orders[1].id, ONE).allocated == 40
