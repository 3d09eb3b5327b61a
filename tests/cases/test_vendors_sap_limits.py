"""SAP's product allocation and supply protection, as whole plans; each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from backorderkit import Fifo, Order, Plan, Protection, Quota, Snapshot
from backorderkit.model import read_time
from backorderkit.policies import Rules
from tests.cases.replanned import Row, book, got, replan

MONTH = Quota(name="month", by=["customer"], rooms={("*",): 100}, period="month")
WEEK = Quota(name="week", by=["customer"], rooms={("*",): 20}, period="week")


def in_2016(*quotas: Quota) -> list[tuple[date, int]]:
    """Plan an order for 100 on 12 January 2016, a Tuesday, and say what it gets from when."""
    orders = [Order.of("SO-1", "2016-01-11", {"MUG": 100}, customer="A")]
    today = read_time("2016-01-12")
    (line,) = replan(
        Snapshot.of(as_of=today, stock={"MUG": 1000}, orders=orders),
        policy=Rules(Fifo(), quotas=quotas),
    ).lines
    stock = [(today.date(), line.allocated)] if line.allocated else []
    return stock + [(each.due.date(), each.quantity) for each in line.promises]


def test_sap_x31_product_allocation_step_by_step() -> None:
    """
    SAP product allocation; published: a month of 100, then also weeks of 20.

    The printed table of its third step, days of 10 in a window, adds up to 80 of 100, so
    it is not taken.
    """
    assert in_2016(MONTH) == [(date(2016, 1, 12), 100)]

    given = in_2016(MONTH, WEEK)

    assert [(day.isocalendar().week, units) for day, units in given] == [
        (week, 20) for week in range(2, 7)
    ]
    # Each from its Monday on, but for this week, which is from today.
    assert [day.isoweekday() for day, _ in given] == [2, 1, 1, 1, 1]


def test_sap_x32_a_quota_for_the_customer_and_one_for_the_truck() -> None:
    """
    SAP product allocation; published: stock 400, 150 a week, the truck 100, order 200.
    """
    quotas = [
        Quota(name="customer", by=["customer"], rooms={("A",): 150}, period="week"),
        Quota(name="truck", by=["channel"], rooms={("truck",): 100}, period="week"),
    ]
    rows = {"SO-1": Row(wants=200, customer="A", channel="truck")}

    made = replan(book(rows, stock=400), policy=Rules(Fifo(), quotas=quotas))

    assert got(made) == {"SO-1": [(100, 0), (100, 7)]}


@pytest.mark.parametrize(("stock", "units"), [(1150, 1000), (900, 800), (1000, 850), (700, 700)])
def test_sap_x34_beyond_the_own_planned_protection(stock: int, units: int) -> None:
    """
    SAP supply protection; published: of 1000, 800 are privileged and 200 restricted by all.
    """
    protections = [
        Protection(name="own", group={"customer": ["A"]}, quantity=800, own="restricted"),
        Protection(name="low", group={"customer": ["B"]}, quantity=150, rank=2),
    ]
    rows = {"SO-1": Row(wants=1000, customer="A")}

    made = replan(book(rows, stock=stock), policy=Rules(Fifo(), protections=protections))

    assert got(made) == {"SO-1": [(units, 0)]}


def protected(
    ranks: Mapping[str, int], families: Mapping[str, str] | None = None, **used: int
) -> list[Protection]:
    """Protect ten units for each customer."""
    return [
        Protection(
            name=f"for {name}",
            group={"customer": [name]},
            quantity=10,
            rank=rank,
            family=(families or {}).get(name, ""),
            used=used.get(name, 0),
        )
        for name, rank in ranks.items()
    ]


def alone(customer: str, protections: list[Protection], *, stock: int = 50) -> Plan:
    """Plan one order for all that there is."""
    rows = {"SO-1": Row(wants=stock, customer=customer)}
    return replan(book(rows, stock=stock), policy=Rules(Fifo(), protections=protections))


@pytest.mark.parametrize(("customer", "units"), [("A", 50), ("B", 40), ("C", 30), ("nobody", 20)])
def test_sap_vertical_groups(customer: str, units: int) -> None:
    """
    SAP supply protection: a demand ignores lower groups, and respects higher and equal ones.
    """
    made = alone(customer, protected({"A": 1, "B": 2, "C": 3}))

    assert got(made) == {"SO-1": [(units, 0)]}


def test_sap_equal_groups_respect_each_other() -> None:
    made = alone("A", protected({"A": 1, "B": 1}))

    assert got(made) == {"SO-1": [(40, 0)]}
    assert [(each.kind, each.quantity) for each in made.lines[0].blockers] == [("protection", 10)]


def test_sap_horizontal_objects_always_restrict_one_another() -> None:
    """
    SAP supply protection: objects of other core characteristics count in full, whatever rank.
    """
    families = {"A": "north", "B": "north", "C": "south"}

    assert got(alone("A", protected({"A": 1, "B": 2, "C": 3}, families))) == {"SO-1": [(40, 0)]}


def test_sap_what_a_group_consumed_others_need_not_respect() -> None:
    """
    SAP supply protection: consumption of the own group lowers what others must respect.
    """
    assert got(alone("nobody", protected({"A": 1}, A=7))) == {"SO-1": [(47, 0)]}


def test_sap_a_group_that_matches_no_order_is_an_emergency_stock() -> None:
    assert got(alone("nobody", protected({"vip": 1}), stock=8)) == {"SO-1": []}


def test_sap_alternatives_are_not_tried() -> None:
    """
    SAP product allocation, sequences: if one cannot confirm all, the next is tried.

    Ours must all have room: a second quota never gives more.  Who wants an alternative
    puts both rooms into one quota, or gives the line another channel.
    """
    quotas = [
        Quota(name="first", by=["channel"], rooms={("web",): 30}, period=None),
        Quota(name="second", by=["customer"], rooms={("A",): 50}, period=None),
    ]
    rows = {"SO-1": Row(wants=60, customer="A", channel="web")}

    made = replan(book(rows, stock=100), policy=Rules(Fifo(), quotas=quotas))

    assert got(made) == {"SO-1": [(30, 0)]}
