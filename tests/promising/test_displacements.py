"""Whose units go to another line, what becomes of them, and what is never touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from backorderkit import (
    Allocated,
    AllocationPolicy,
    Book,
    Fifo,
    InvalidInputError,
    InvalidValueError,
    KeepPromises,
    LineId,
    Location,
    Order,
    OrderId,
    OrderLine,
    PolicyViolationError,
    Priority,
    Promised,
    ReceiptId,
    Released,
    Shipping,
    ShipRule,
    Sku,
    Snapshot,
    answer,
    plan,
)
from backorderkit.commands import Reassign, TakenUnits
from backorderkit.model import read_time
from backorderkit.policies import ByLineValue, Frozen
from backorderkit.promising import VICTIM_ORDERS, Displacement, VictimKey, VictimOrder, displace
from backorderkit.service import Backorders
from backorderkit.storage import MemoryStore
from tests.planning.books import AS_OF, book, held, order, receipt, stock

ONE = LineId("1")
DAY = timedelta(days=1)
KEEP = KeepPromises(Fifo())


def wanted(
    name: str,
    units: int,
    *,
    day: int = 2,
    priority: int = 5,
    requested: datetime | None = None,
    location: Location | None = None,
    price: int | None = None,
) -> Order:
    """An order of one line, placed on a day of the month."""
    line = OrderLine(
        id=ONE,
        sku=Sku("MUG"),
        ordered=units,
        requested=requested,
        location=location,
        unit_price=None if price is None else Decimal(price),
        currency=None if price is None else "EUR",
    )
    return Order.of(name, f"2026-01-{day:02d}", [line], priority=priority)


def planned(snapshot: Snapshot, policy: AllocationPolicy | None = None) -> Snapshot:
    return plan(snapshot, policy=policy or Fifo()).outcome


def served(found: Displacement[Snapshot]) -> list[tuple[str, int]]:
    return [(each.order, each.taken + each.taken_promises) for each in found.victims]


def crowd() -> Snapshot:
    """Ten mugs for four orders; the fifth comes too late, and four more mugs come on the 12th."""
    return planned(
        book(
            levels=[stock(10)],
            orders=[
                wanted("A", 4, day=1, priority=3, requested=AS_OF + DAY),
                wanted("B", 1, day=2, priority=9, requested=AS_OF + 9 * DAY),
                wanted("C", 2, day=3, priority=9, requested=AS_OF + 2 * DAY),
                wanted("D", 3, day=4, priority=5),
                wanted("T", 4, day=5, priority=1),
            ],
            receipts=[receipt("PO-1", 4, "2026-01-12")],
        )
    )


@pytest.mark.parametrize(
    ("victims", "expected"),
    [
        ("least-urgent", [("C", 2), ("B", 1), ("D", 1)]),
        ("youngest", [("D", 3), ("C", 1)]),
        ("latest-requested", [("D", 3), ("B", 1)]),
        ("fewest", [("A", 4)]),
        # All get new mugs on the 12th: too late for A and C, in time for B, and D does not mind.
        ("least-disturbing", [("D", 3), ("B", 1)]),
        (lambda demand: demand.order.id, [("A", 4)]),
    ],
)
def test_whoever_is_asked_first_gives_first(
    victims: VictimOrder | VictimKey, expected: list[tuple[str, int]]
) -> None:
    found = displace(crowd(), OrderId("T"), ONE, policy=Fifo(), victims=victims)

    assert served(found) == expected
    assert (found.is_met, found.reached, found.target.allocated) == (True, 4, 4)


def test_the_least_value_gives_first_by_a_key() -> None:
    orders = [wanted("A", 2, price=9), wanted("B", 2, price=1), wanted("T", 1, day=3)]
    shop = planned(book(levels=[stock(4)], orders=orders))
    by_value = ByLineValue(currencies=["EUR"], first="lowest")

    found = displace(shop, OrderId("T"), ONE, policy=Fifo(), victims=by_value)

    assert served(found) == [("B", 1)]


def test_it_tells_the_dates_of_all_who_are_touched() -> None:
    """D is older than T in the queue: it gets what T was promised, as T needs it no more."""
    found = displace(crowd(), OrderId("T"), ONE, policy=Fifo(), units=3, victims="youngest")

    (victim,) = found.victims
    assert (victim.order, victim.allocated_before, victim.allocated) == ("D", 3, 0)
    assert [(each.quantity, each.due.day) for each in victim.promises] == [(3, 12)]
    assert (victim.days_later, victim.lost) == (7, 0)
    assert [(each.quantity, each.due.day) for each in found.target.promises_before] == [(4, 12)]
    assert [(each.quantity, each.due.day) for each in found.target.promises] == [(1, 12)]
    assert found.others == ()


def test_others_who_get_other_dates_are_told_of_too() -> None:
    """A waits again, before U: so U loses what it was promised, unless promises are kept."""
    orders = [wanted("A", 4), wanted("U", 4, day=3), wanted("T", 4, day=4)]
    shop = book(levels=[stock(4)], orders=orders, receipts=[receipt("PO-1", 4, "2026-01-12")])
    loose, kept = (
        displace(planned(shop, policy), OrderId("T"), ONE, policy=policy)
        for policy in (Fifo(), KEEP)
    )

    assert [(each.order, each.days_later, each.lost) for each in loose.others] == [("U", None, 4)]
    assert loose.victims[0].days_later == 7
    assert kept.others == ()
    assert kept.victims[0].days_later is None


def test_too_little_is_a_result() -> None:
    found = displace(
        crowd(), OrderId("T"), ONE, policy=Fifo(), may=lambda order, _: order.priority > 5
    )

    assert served(found) == [("C", 2), ("B", 1)]
    assert (found.wanted, found.reached, found.shortage, found.is_met) == (4, 3, 1, False)


@pytest.mark.parametrize(
    ("frozen", "expected"),
    [
        (Frozen(lines=[(OrderId("C"), ONE)]), [("B", 1), ("D", 3)]),
        (Frozen(orders=[OrderId("C"), OrderId("B")]), [("D", 3), ("A", 1)]),
        (Frozen(within_days=2), [("B", 1), ("D", 3)]),
        (Frozen(within_days=9), [("D", 3)]),
        (Frozen(within_days=9, by="promised"), [("C", 2), ("B", 1), ("D", 1)]),
    ],
)
def test_nothing_is_taken_from_frozen_lines(
    frozen: Frozen, expected: list[tuple[str, int]]
) -> None:
    found = displace(crowd(), OrderId("T"), ONE, policy=Fifo(), frozen=frozen)

    assert served(found) == expected


def test_what_is_promised_soon_is_frozen_by_what_it_was_told() -> None:
    shop, line = crowd(), crowd().orders[-1]
    (told,) = (each.promises for each in shop.backorders if each.order == "T")

    for by, days, expected in (
        ("promised", 6, False),
        ("promised", 7, True),
        ("either", 7, True),
        ("requested", 7, False),
    ):
        frozen = Frozen(within_days=days, by=by)  # type: ignore[arg-type]
        assert frozen.holds(line, line.lines[0], told, AS_OF) is expected


def test_a_bound_line_takes_only_what_is_there() -> None:
    main, east = Location("MAIN"), Location("EAST")
    orders = [wanted("A", 3), wanted("B", 3), wanted("T", 4, location=east, day=4)]
    shop = book(
        levels=[stock(3), stock(3, at="EAST")],
        orders=orders,
        allocations=[held("A", 3, at="EAST"), held("B", 3)],
    )

    found = displace(shop, OrderId("T"), ONE, policy=Fifo())

    assert served(found) == [("A", 3)]
    assert {each.location for each in found.outcome.allocations} == {main, east}
    assert found.shortage == 1


def test_units_that_nobody_may_have_go_before_those_of_others() -> None:
    """A ship rule leaves one mug over; the line that is displaced for gets it first."""
    whole = Shipping(Fifo(), rule=ShipRule(whole=True))
    orders = [wanted("A", 3), wanted("T", 2, day=3)]
    shop = planned(book(levels=[stock(4)], orders=orders), whole)

    found = displace(shop, OrderId("T"), ONE, policy=whole)

    assert served(found) == [("A", 1)]
    assert found.target.allocated == 2


def test_a_book_that_was_not_planned_is_planned_first() -> None:
    shop = book(levels=[stock(4)], orders=[wanted("A", 3), wanted("T", 2, day=3)])

    found = displace(shop, OrderId("T"), ONE, policy=Fifo())

    assert (found.target.allocated_before, found.wanted, served(found)) == (1, 2, [("A", 1)])
    assert isinstance(found.changes[0], Allocated)


def test_whoever_waits_for_nothing_needs_nobody() -> None:
    found = displace(crowd(), OrderId("A"), ONE, policy=Fifo())

    assert (found.wanted, found.is_met, found.victims, found.changes) == (0, True, (), ())
    assert found.command is None
    assert found.outcome == crowd()


def coming() -> Snapshot:
    """Two receipts, promised to two orders; a third is told of the last one."""
    return planned(
        book(
            levels=[stock(2)],
            orders=[wanted("S", 2, day=1), wanted("A", 5), wanted("B", 3), wanted("T", 4, day=9)],
            receipts=[
                receipt("PO-1", 5, "2026-01-12"),
                receipt("PO-2", 3, "2026-01-14"),
                receipt("PO-3", 9, "2026-01-30"),
            ],
        ),
        KEEP,
    )


def test_by_a_day_promises_are_taken_the_last_ones_first() -> None:
    by = read_time("2026-01-14")

    found = displace(coming(), OrderId("T"), ONE, policy=KEEP, by=by, victims="fewest")

    assert [(each.order, each.taken_promises) for each in found.victims] == [("A", 4)]
    assert [(each.quantity, each.receipt) for each in found.target.promises] == [(4, "PO-1")]
    assert found.victims[0].days_later == 18
    assert plan(found.outcome, policy=KEEP).changes == ()


def test_by_a_day_units_on_hand_do_as_well() -> None:
    by = read_time("2026-01-05")

    found = displace(coming(), OrderId("T"), ONE, policy=KEEP, by=by)

    assert served(found) == [("S", 2)]
    assert (found.reached, found.shortage) == (2, 2)
    assert [(each.quantity, each.receipt) for each in found.target.promises] == [(2, "PO-3")]


def test_what_it_is_promised_by_the_day_counts() -> None:
    shop = coming()

    assert displace(shop, OrderId("B"), ONE, policy=KEEP, by=read_time("2026-01-14")).victims == ()
    late = displace(shop, OrderId("T"), ONE, policy=KEEP, by=read_time("2026-01-30"))
    assert (late.is_met, late.command) == (True, None)


@pytest.mark.parametrize("victims", VICTIM_ORDERS)
@pytest.mark.parametrize("by", [None, read_time("2026-01-14")])
def test_a_store_carries_it_out_as_it_was_shown(victims: VictimOrder, by: datetime | None) -> None:
    shop = coming()
    found = displace(shop, OrderId("T"), ONE, policy=KEEP, by=by, victims=victims)
    store = MemoryStore(shop)
    service = Backorders(store, policy=KEEP, clock=lambda: AS_OF)
    assert found.command is not None

    done = service.do(found.command, key="call-17")

    assert done.changes == found.changes
    assert store.snapshot == found.outcome
    assert service.do(found.command, key="call-17") == done


def test_a_book_gives_the_same() -> None:
    shop = crowd()
    of_snapshot = displace(shop, OrderId("T"), ONE, policy=Fifo())
    of_book = displace(Book.of(shop), OrderId("T"), ONE, policy=Fifo())

    assert of_book.outcome.snapshot == of_snapshot.outcome
    assert of_book.changes == of_snapshot.changes
    assert isinstance(of_book.outcome, Book)


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"units": 5}, ["units"]),
        ({"units": 0, "by": AS_OF}, ["units", "policy"]),
        ({"units": 5, "by": AS_OF - DAY, "policy": KEEP}, ["units", "by"]),
        ({"line": LineId("2")}, ["line"]),
        ({"order": OrderId("X")}, ["line"]),
        ({"order": "", "line": ""}, ["order", "line"]),
        ({"by": "2026-01-14", "policy": KEEP}, ["by"]),
        ({"may": 1, "frozen": None, "victims": "oldest"}, ["may", "frozen", "victims"]),
    ],
)
def test_what_cannot_be_is_refused_all_at_once(asked: dict[str, Any], fields: list[str]) -> None:
    given: dict[str, Any] = {"order": OrderId("T"), "line": ONE, "policy": Fifo(), **asked}

    with pytest.raises(InvalidValueError) as raised:
        displace(crowd(), given.pop("order"), given.pop("line"), **given)

    assert [each.field for each in raised.value.problems] == fields


@pytest.mark.parametrize(
    ("asked", "clause"),
    [
        ({"may": lambda _order, _line: 1}, "may"),
        ({"victims": lambda _: 0.5}, "key"),
        ({"victims": lambda demand: (demand.limit, 0.5)}, "key"),
        ({"victims": lambda demand: demand.limit if demand.limit > 1 else "few"}, "key"),
    ],
)
def test_answers_that_decide_nothing_are_refused(asked: dict[str, Any], clause: str) -> None:
    with pytest.raises(PolicyViolationError) as raised:
        displace(crowd(), OrderId("T"), ONE, policy=Fifo(), **asked)

    assert raised.value.clause == clause


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Frozen(lines=["SO-1"]), "lines"),  # type: ignore[list-item]
        (lambda: Frozen(lines=[(OrderId("A"), LineId(""))]), "lines"),
        (lambda: Frozen(lines=3), "lines"),  # type: ignore[arg-type]
        (lambda: Frozen(orders="SO-1"), "orders"),  # type: ignore[arg-type]
        (lambda: Frozen(orders=[[]]), "orders"),  # type: ignore[list-item]
        (lambda: Frozen(within_days=-1), "within_days"),
        (lambda: Frozen(by="placed"), "by"),  # type: ignore[arg-type]
        (lambda: Reassign(order=OrderId("A"), line=ONE, taken=()), "taken"),
        (lambda: Reassign(order=OrderId("A"), line=ONE, taken=[3]), "taken"),  # type: ignore[list-item]
        (lambda: Reassign(order=OrderId("A"), line=ONE, taken=[of("A", 1)]), "line"),
        (lambda: TakenUnits(quantity=1), "receipt"),
        (lambda: TakenUnits(quantity=1, receipt=ReceiptId("PO-1")), "order"),
        (lambda: TakenUnits(order=OrderId("A"), quantity=1, location=Location("MAIN")), "line"),
        (lambda: attrs.evolve(of("A", 1), quantity=0), "quantity"),
        (lambda: attrs.evolve(of("A", 1), receipt=ReceiptId("PO-1")), "receipt"),
    ],
)
def test_values_that_mean_nothing_cannot_be_made(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidValueError) as raised:
        make()

    assert raised.value.field == field


def of(name: str, units: int, receipt: str | None = None) -> TakenUnits:
    """Units of an order: on hand, or of a receipt."""
    return TakenUnits(
        order=OrderId(name),
        line=ONE,
        quantity=units,
        location=Location("MAIN") if receipt is None else None,
        receipt=None if receipt is None else ReceiptId(receipt),
    )


@pytest.mark.parametrize(
    ("taken", "field"),
    [
        ([of("A", 6)], "quantity"),
        ([of("S", 1), of("S", 2)], "quantity"),
        ([of("X", 1)], "line"),
        ([of("Z", 1)], "line"),
        ([of("A", 6, "PO-1")], "quantity"),
        ([of("A", 1, "PO-9")], "quantity"),
        ([of("A", 5, "PO-1")], "taken"),
    ],
)
def test_a_command_that_does_not_fit_is_refused(taken: list[TakenUnits], field: str) -> None:
    """Somebody was faster, or it never was so: nothing is taken from anybody."""
    bowl = Order.of("Z", "2026-01-02", [OrderLine(id=ONE, sku=Sku("BOWL"), ordered=1)])
    shop = coming()
    shop = attrs.evolve(shop, orders=[*shop.orders, bowl])
    command = Reassign(order=OrderId("T"), line=ONE, taken=taken)

    with pytest.raises(InvalidInputError) as raised:
        answer(shop, command, policy=KEEP)

    problems = raised.value.exceptions
    assert {each.field for each in problems if isinstance(each, InvalidValueError)} == {field}


def test_a_command_passes_units_and_promises_on() -> None:
    command = Reassign(
        order=OrderId("T"),
        line=ONE,
        taken=[
            of("S", 2),
            of("A", 1, "PO-1"),
            of("B", 1, "PO-2"),
        ],
    )

    found = answer(coming(), command, policy=KEEP)

    kinds = [type(event) for event in found.events]
    assert kinds == [Released, Allocated, Promised, Promised, Promised]
    lines = {line.order: line for line in found.plan.lines}
    target = lines[OrderId("T")]
    assert found.outcome.line(OrderId("T"), ONE).allocated == 2
    assert [(each.quantity, each.receipt) for each in target.promises] == [
        (1, "PO-1"),
        (1, "PO-2"),
    ]


def test_priorities_do_not_take_it_back() -> None:
    """What was given by hand is allocated, and planning keeps it, whoever is served first."""
    shop = planned(
        book(levels=[stock(2)], orders=[order("A", 2, priority=1), order("T", 2, priority=9)]),
        Priority(),
    )

    found = displace(shop, OrderId("T"), ONE, policy=Priority())

    assert found.target.allocated == 2
    assert plan(found.outcome, policy=Priority()).changes == ()
