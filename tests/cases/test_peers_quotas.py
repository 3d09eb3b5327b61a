"""
What other systems' manuals say of quotas, protected stock and buffers.

Each case is named after its source.  They are served by a plain loop, first come, first
served, so that the restrictions alone are shown.
"""

from __future__ import annotations

from datetime import date

from backorderkit import (
    Buffer,
    Location,
    Protection,
    Quota,
    RankedPart,
    scale_rooms,
    split_by_rank,
)
from backorderkit.policies import Room, Values, withheld
from backorderkit.policies.quotas import UsedKey
from tests.planning.limited import MUG, limits, order, serve

MONDAY = date(2026, 1, 5)
NEXT = date(2026, 1, 12)


def test_sap_two_quotas_on_one_order() -> None:
    """SAP product allocation: stock 400, customer 150 a week, truck 100 a week, order 200."""
    customer = Quota(name="customer", by=["customer"], rooms={("A",): 150}, period="week")
    truck = Quota(name="truck", by=["channel"], rooms={("truck",): 100}, period="week")
    wants = [order(0, 200, customer="A", channel="truck")]

    given = serve(wants, {MONDAY: 400}, MONDAY, quotas=[customer, truck])

    assert given == [(MONDAY, 0, 100), (NEXT, 0, 100)]


def test_sap_two_steps_by_month_and_week() -> None:
    """SAP product allocation: a month of 100, then weeks of 20, give five weeks of 20."""
    month = Quota(name="month", by=["customer"], rooms={("*",): 100}, period="month")
    week = Quota(name="week", by=["customer"], rooms={("*",): 20}, period="week")
    today = date(2016, 1, 12)

    given = serve([order(0, 100)], {today: 1000}, today, quotas=[month, week])

    # The weeks 2 to 6 of that year.
    assert [(day.isocalendar().week, units) for day, _, units in given] == [
        (week_, 20) for week_ in range(2, 7)
    ]


def test_sap_collective_quota() -> None:
    """SAP: A has 20 %, B has 20 %, and the collective entry 60 % for all others."""
    quota = Quota(
        name="q", by=["customer"], rooms={("A",): 20, ("B",): 20, ("*",): 60}, period="month"
    )
    wants = [order(slot, 50, customer=name) for slot, name in enumerate("ABCD")]

    given = serve(wants, {MONDAY: 1000}, MONDAY, quotas=[quota])

    assert [units for day, _, units in given if day == MONDAY] == [20, 20, 50, 10]


def test_sap_allocation_factor() -> None:
    """SAP: with a factor of 2, 100 pieces use 200 of the quota."""
    quota = Quota(name="q", by=["customer"], rooms={("*",): 200}, period="week", factor=2)

    given = serve([order(0, 120)], {MONDAY: 1000}, MONDAY, quotas=[quota])

    assert given == [(MONDAY, 0, 100), (NEXT, 0, 20)]


def test_sap_unused_past_quota_is_cumulated_inside_the_window() -> None:
    """SAP: what past periods of the window did not use is taken first; discrete has none."""
    rooms: dict[Values, Room] = {
        ("*",): {date(2025, 12, 22): 7, date(2025, 12, 29): 10, MONDAY: 10, NEXT: 10}
    }
    used: dict[UsedKey, int] = {(("*",), date(2025, 12, 29)): 4}

    found = []
    for back in (0, 1):
        quota = Quota(name="q", by=["customer"], rooms=rooms, period="week", back=back, used=used)
        found.append(serve([order(0, 100)], {MONDAY: 1000}, MONDAY, quotas=[quota]))

    assert found[0] == [(MONDAY, 0, 10), (NEXT, 0, 10)]
    # The four of the week before were used from the week before that.
    assert found[1] == [(MONDAY, 0, 20), (NEXT, 0, 10)]


def test_sap_protection_beyond_the_own_group() -> None:
    """SAP supply protection: of 1000, 800 are privileged and 200 restricted by all others."""
    own = Protection(
        name="own", group={"customer": ["A"]}, quantity=800, own="restricted", family="f"
    )
    low = Protection(name="low", group={"customer": ["B"]}, quantity=150, rank=2, family="f")
    wants = [order(0, 1000, customer="A")]

    plenty = limits(wants, MONDAY, protections=[own, low])[0]

    assert plenty.room(0, 2000) == 1850
    assert plenty.room(0, 1150) == 1000
    # The privileged part ignores the lower rank, the rest does not.
    assert plenty.room(0, 900) == 800
    assert plenty.room(0, 700) == 700


def test_sap_what_a_demand_must_respect() -> None:
    """SAP supply protection: lower groups are ignored; higher and equal ones are respected."""
    group = [
        Protection(name=f"prio {rank}", group={"customer": [name]}, quantity=10, rank=rank)
        for name, rank in (("A", 1), ("B", 2), ("C", 3))
    ]
    wants = [order(slot, 99, customer=name) for slot, name in enumerate("ABCX")]

    (found,) = limits(wants, MONDAY, protections=group)

    assert [found.room(slot, 50) for slot in range(4)] == [50, 40, 30, 20]


def test_sap_protection_that_is_not_used_expires() -> None:
    """SAP supply protection: after its period, first come, first served again."""
    vip = Protection(name="vip", group={"customer": ["A"]}, quantity=30, until=date(2026, 1, 31))

    given = serve([order(0, 50, customer="B")], {MONDAY: 50}, MONDAY, protections=[vip])

    assert given == [(MONDAY, 0, 20), (date(2026, 2, 1), 0, 30)]


def test_sterling_segments() -> None:
    """
    Sterling: segment 1 has 3 and 2, segment 2 has 5 and 4, and 7 and 4 are free.

    Its segments lie at nodes; here a SKU has one room.  An order of 10 for segment 2
    takes its 9 and one that is free; then 16 for segment 1 find 15 and are backordered.
    """
    segments = [
        Protection(name="seg1", group={"channel": ["seg1"]}, quantity=5),
        Protection(name="seg2", group={"channel": ["seg2"]}, quantity=9),
    ]
    wants = [order(0, 10, channel="seg2"), order(1, 16, channel="seg1")]

    given = serve(wants, {MONDAY: 25}, MONDAY, protections=segments)

    assert given == [(MONDAY, 0, 10), (MONDAY, 1, 15)]


def test_sterling_safety_factor() -> None:
    """Sterling: a safety factor of 10 % on a stock of 100 leaves 90 to be found."""
    factor = [Buffer(name="safety factor", percent=10)]

    assert 100 - withheld(factor, MUG, Location("N1"), 100, "on-hand") == 90


def test_intelligent_promising_ranked_split() -> None:
    """Sterling Intelligent Promising: 40 % (100 at least), 10 %, 20 % (300), 30 % of 1000."""
    rule = [
        RankedPart(percent=40, minimum=100),
        RankedPart(percent=10),
        RankedPart(percent=20, minimum=300),
        RankedPart(percent=30),
    ]

    assert split_by_rank(1000, rule) == [400, 100, 300, 200]


def test_oracle_imported_quantities_are_scaled() -> None:
    """Oracle Global Order Promising: 1000 were planned and 500 are there."""
    planned = (100, 50, 50, 200, 300, 100, 200)
    rooms = {(f"C{place}", "*"): units for place, units in enumerate(planned)}

    assert list(scale_rooms(rooms, 500).values()) == [50, 25, 25, 100, 150, 50, 100]
