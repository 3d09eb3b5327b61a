"""Who gets what, now and from which receipt; what changes and why."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest

from backorderkit import (
    Allocated,
    AllocationPolicy,
    Backordered,
    Blocker,
    Demand,
    FairShare,
    Fifo,
    InvalidValueError,
    Item,
    LineId,
    Order,
    OrderId,
    OrderLine,
    Plan,
    PlanLine,
    PolicyViolationError,
    Priority,
    Promised,
    Served,
    Sku,
    Snapshot,
    plan,
)
from backorderkit.planning.planner import run
from tests.planning.books import (
    AS_OF,
    book,
    held,
    opened,
    order,
    promise,
    receipt,
    stock,
    told,
)


def planned(snapshot: Snapshot, policy: AllocationPolicy | None = None) -> dict[str, PlanLine]:
    """Plan and give the lines by order."""
    return {line.order: line for line in plan(snapshot, policy=policy or Fifo()).lines}


def test_receipts_promise_in_the_order_of_their_due_dates_then_ids() -> None:
    receipts = [
        receipt("R3", 1, "2026-01-09"),
        receipt("R2", 1, "2026-01-07"),
        receipt("R1", 1, "2026-01-09"),
    ]

    lines = planned(book(orders=[order("A", 4)], receipts=receipts))

    assert told(lines["A"]) == [
        (1, "01-07 00:00", "R2"),
        (1, "01-09 00:00", "R1"),
        (1, "01-09 00:00", "R3"),
    ]
    assert (lines["A"].promised, lines["A"].unpromised, lines["A"].outstanding) == (3, 1, 4)


def test_overdue_receipts_are_promised_for_now_and_fill_by_their_original_dates() -> None:
    receipts = [receipt("R1", 2, "2026-01-04"), receipt("R2", 1, "2025-12-30")]

    lines = planned(book(orders=[order("A", 2), order("B", 1)], receipts=receipts))

    assert told(lines["A"]) == [(1, "01-05 09:00", "R1"), (1, "01-05 09:00", "R2")]
    assert told(lines["B"]) == [(1, "01-05 09:00", "R1")]


def test_the_order_in_which_promises_are_remembered_does_not_matter() -> None:
    first, second = promise(1, "2026-01-07", "R1"), promise(1, "2026-01-09", "R2")

    assert opened("A", 2, second, first) == opened("A", 2, first, second)


def test_a_receipt_later_today_keeps_its_hour() -> None:
    lines = planned(
        book(orders=[order("A", 1)], receipts=[receipt("R1", 1, "2026-01-05T15:00:00Z")])
    )

    assert told(lines["A"]) == [(1, "01-05 15:00", "R1")]


def test_safety_stock_is_withheld_and_receipts_refill_it_first() -> None:
    receipts = [receipt("R1", 3, "2026-01-06"), receipt("R2", 4, "2026-01-07")]

    lines = planned(book([stock(2, 6)], [order("A", 5)], receipts))

    assert lines["A"].allocated == 0
    assert told(lines["A"]) == [(3, "01-07 00:00", "R2")]


def test_safety_stock_of_one_place_does_not_touch_another() -> None:
    levels = [stock(0, 5, at="A"), stock(3, 0, at="B")]

    lines = planned(book(levels, [order("A", 4)], [receipt("R1", 5, "2026-01-06", at="A")]))

    assert (lines["A"].allocated, lines["A"].promised) == (3, 0)


def test_a_free_line_makes_room_for_a_bound_one() -> None:
    levels = [stock(1, at="A"), stock(1, at="B")]

    lines = planned(book(levels, [order("O1", 1), order("O2", 1, location="A")]))

    assert [a.location for a in lines["O1"].allocations] == ["B"]
    assert [a.location for a in lines["O2"].allocations] == ["A"]


def test_a_free_line_takes_from_several_places_in_the_order_of_their_names() -> None:
    levels = [stock(1, at="C"), stock(2, at="A"), stock(2, at="B")]

    lines = planned(book(levels, [order("O1", 4)]))

    assert [(a.location, a.quantity) for a in lines["O1"].allocations] == [
        ("A", 2),
        ("B", 2),
    ]


def test_lines_bound_to_an_empty_place_wait() -> None:
    lines = planned(book([stock(5, at="A")], [order("O1", 2, location="B")]))

    assert lines["O1"].backordered == 2
    assert lines["O1"].blockers == (Blocker(kind="location", quantity=2),)


def test_bound_lines_alone_share_place_by_place() -> None:
    levels = [stock(1, at="A"), stock(3, at="B")]
    orders = [order("O1", 2, location="A"), order("O2", 2, location="B")]

    lines = planned(book(levels, orders))

    assert (lines["O1"].allocated, lines["O2"].allocated) == (1, 2)


def test_an_existing_allocation_stays_though_an_older_order_waits() -> None:
    snapshot = book([stock(5)], [order("O1", 4), order("O2", 4)], allocations=[held("O2", 4)])

    lines = planned(snapshot)

    assert (lines["O1"].allocated, lines["O2"].allocated) == (1, 4)


@pytest.mark.parametrize("rule", ["proportional", "equal", "equal-losses"])
def test_a_shortage_in_three_deliveries_is_shared_as_if_it_came_at_once(rule: str) -> None:
    policy = FairShare(rule=rule)  # type: ignore[arg-type]
    orders = [order("A", 5), order("B", 3), order("C", 6)]
    parts = [receipt("R1", 4, "2026-01-06"), receipt("R2", 2, "2026-01-07")]

    at_once = planned(book([stock(9)], orders), policy)
    in_parts = planned(book([stock(3)], orders, parts), policy)

    assert {id_: line.allocated for id_, line in at_once.items()} == {
        id_: line.allocated + line.promised for id_, line in in_parts.items()
    }


def test_what_was_shipped_counts_as_got() -> None:
    orders = [order("A", 4, shipped=2), order("B", 4)]

    lines = planned(book([stock(2)], orders), FairShare(rule="equal"))

    assert (lines["A"].allocated, lines["B"].allocated) == (0, 2)


def test_sequence_decides_between_equal_times_before_the_id_does() -> None:
    orders = [attrs.evolve(order("A", 1), sequence=1), order("B", 1)]

    lines = planned(book([stock(1)], orders))

    assert (lines["A"].allocated, lines["B"].allocated) == (0, 1)


def test_changes_are_minimal_and_in_the_order_of_their_lines() -> None:
    snapshot = book(
        [stock(3)],
        [order("B", 2), order("A", 3, shipped=3), order("C", 4), order("D", 1)],
        [receipt("R1", 2, "2026-01-09")],
        backorders=[opened("D", 1)],
    )

    made = plan(snapshot, policy=Fifo())

    line = LineId("1")
    assert made.changes == (
        Allocated(order=OrderId("B"), line=line, quantity=2),
        Allocated(order=OrderId("C"), line=line, quantity=1),
        Backordered(order=OrderId("C"), line=line, quantity=3),
        Promised(order=OrderId("C"), line=line, promises=(promise(2, "2026-01-09", "R1"),)),
    )
    assert [each.order for each in made.lines] == ["B", "C", "D"]


def test_memory_that_disagrees_is_corrected_by_changes() -> None:
    snapshot = book(
        [stock(1)],
        [order("A", 1), order("B", 3), order("C", 2, shipped=2), order("D", 2)],
        [receipt("R2", 1, "2026-01-09")],
        backorders=[
            opened("A", 1),
            opened("B", 5, promise(5, "2026-01-07", "GONE")),
            opened("C", 1),
            opened("D", 2, promise(1, "2026-01-09", "R2")),
            opened("Z", 9),
        ],
    )

    made = plan(snapshot, policy=Fifo())

    line = LineId("1")
    assert made.changes == (
        Allocated(order=OrderId("A"), line=line, quantity=1),
        Backordered(order=OrderId("A"), line=line, quantity=0),
        Backordered(order=OrderId("B"), line=line, quantity=3),
        Promised(order=OrderId("B"), line=line, promises=(promise(1, "2026-01-09", "R2"),)),
        Backordered(order=OrderId("C"), line=line, quantity=0),
        Promised(order=OrderId("D"), line=line, promises=()),
        Backordered(order=OrderId("Z"), line=line, quantity=0),
    )
    assert [(b.order, b.quantity, f"{b.opened_at:%m-%d}") for b in made.outcome.backorders] == [
        ("B", 3, "01-03"),
        ("D", 2, "01-03"),
    ]


def test_a_backorder_opens_at_the_moment_of_the_plan_that_found_it() -> None:
    made = plan(book(orders=[order("A", 1)]), policy=Fifo())

    assert [backorder.opened_at for backorder in made.outcome.backorders] == [AS_OF]
    assert made.as_of == AS_OF


def test_unlike_units_are_never_added_up() -> None:
    items = [
        Item(sku=Sku("MUG")),
        Item(sku=Sku("RYE"), unit="kg", decimals=3),
        Item(sku=Sku("OATS"), unit="kg", decimals=1),
    ]
    orders = [order("A", 2), order("B", 1500, sku="RYE"), order("C", 25, sku="OATS")]

    totals = plan(book([stock(1)], orders, items=items), policy=Fifo()).totals

    assert totals.lines == 3
    assert [(t.unit, t.decimals, t.ordered, t.allocated, t.unpromised) for t in totals.by_unit] == [
        ("kg", 3, 4000, 0, 4000),
        ("pcs", 0, 2, 1, 1),
    ]


def test_an_empty_book_plans_to_nothing() -> None:
    made = plan(book([stock(3)]), policy=Fifo())

    assert (made.changes, made.lines, made.totals.by_unit) == ((), (), ())
    assert made.outcome == made.snapshot


def test_a_plan_gives_the_same_values_every_time() -> None:
    made = plan(book([stock(1)], [order("A", 2)]), policy=Fifo())
    again = plan(book([stock(1)], [order("A", 2)]), policy=Fifo())

    assert made.changes is made.changes
    assert made.lines is made.lines
    assert made.outcome is made.outcome
    assert made.totals is made.totals
    assert again == made
    assert plan(book([stock(1)], [order("A", 2)]), policy=Priority()) != made


def test_every_policy_has_been_asked_and_checked_when_plan_returns() -> None:
    asked: list[int] = []

    class Counting:
        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            asked.append(supply)
            return Fifo().share(supply, demands)

    plan(book([stock(1)], [order("A", 5)], [receipt("R1", 2, "2026-01-09")]), policy=Counting())

    assert asked == [1, 2]


def test_a_policy_that_breaks_a_clause_on_a_receipt_stops_the_plan() -> None:
    class Greedy:
        name = "greedy"

        def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
            return [demand.limit for demand in demands]

    with pytest.raises(PolicyViolationError) as caught:
        plan(book([stock(9)], [order("A", 5), order("B", 5)]), policy=Greedy())

    assert (caught.value.policy, caught.value.clause) == ("greedy", "P3")


@pytest.mark.parametrize("policy", [Fifo, "fifo", None])
def test_what_is_no_policy_is_refused(policy: object) -> None:
    with pytest.raises(InvalidValueError, match="must be a policy"):
        plan(book(), policy=policy)  # type: ignore[arg-type]


def test_what_is_no_snapshot_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="snapshot: got nothing, must be a Snapshot"):
        plan(None, policy=Fifo())  # type: ignore[arg-type]


def test_a_long_run_tells_how_far_it_is() -> None:
    told_so_far: list[tuple[int, int]] = []
    orders = [order(f"O{n}", 1, sku=f"S{n}") for n in range(501)]

    run(book(orders=orders), Fifo(), lambda done, total: told_so_far.append((done, total)))

    assert told_so_far == [(0, 501), (500, 501), (501, 501)]


class Careful:
    """Holds one unit back."""

    name = "careful"
    holds_back = True

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return Fifo().share(max(0, supply - 1), demands)


R1 = receipt("R1", 2, "2026-01-09")
REASONS: list[tuple[str, Snapshot, AllocationPolicy, str, str]] = [
    (
        "complete",
        book([stock(5)], [order("A", 5)]),
        Fifo(),
        "All 5 pcs allocated at MAIN.",
        "",
    ),
    (
        "part of it, the rest promised",
        book([stock(3)], [order("A", 5)], [R1]),
        Fifo(),
        "3 of 5 pcs allocated at MAIN; promised 2 pcs from receipt R1 due 2026-01-09.",
        "stock 2",
    ),
    (
        "nothing at all",
        book(orders=[order("A", 5)]),
        Fifo(),
        "None of 5 pcs allocated; there is nothing on hand; nothing in sight for 5 pcs.",
        "stock 5",
    ),
    (
        "older orders took it",
        book([stock(4)], [*(order(f"A{n}", 1) for n in range(4)), order("B", 2)]),
        Fifo(),
        "None of 2 pcs allocated; 4 pcs on hand went to 4 orders (A0, A1, A2 and 1 more);"
        " nothing in sight for 2 pcs.",
        "stock 2",
    ),
    (
        "an older order takes what comes",
        book(orders=[order("A", 2), order("B", 2)], receipts=[R1]),
        Fifo(),
        "None of 2 pcs allocated; there is nothing on hand; nothing in sight for 2 pcs,"
        " since 2 pcs to come go to order A.",
        "stock 2",
    ),
    (
        "overdue",
        book(orders=[order("A", 2)], receipts=[receipt("R1", 2, "2026-01-04")]),
        Fifo(),
        "None of 2 pcs allocated; there is nothing on hand;"
        " promised 2 pcs from receipt R1 (overdue since 2026-01-04).",
        "stock 2",
    ),
    (
        "safety stock",
        book([stock(3, 2)], [order("A", 5)]),
        Fifo(),
        "1 of 5 pcs allocated at MAIN; safety stock keeps 2 pcs back; nothing in sight for 4 pcs.",
        "safety-stock 2, stock 2",
    ),
    (
        "refilled first",
        book([stock(0, 1)], [order("A", 2)], [R1]),
        Fifo(),
        "None of 2 pcs allocated; safety stock keeps 1 pcs back;"
        " promised 1 pcs from receipt R1 due 2026-01-09; nothing in sight for 1 pcs.",
        "safety-stock 1, stock 1",
    ),
    (
        "bound elsewhere",
        book([stock(1, at="A"), stock(2, at="B")], [order("A", 4, location="A")]),
        Fifo(),
        "1 of 4 pcs allocated at A; 2 pcs at other locations would be free,"
        " but the line is bound to its own; nothing in sight for 3 pcs.",
        "location 2, stock 1",
    ),
    (
        "held back",
        book([stock(3)], [order("A", 4)]),
        Careful(),
        "2 of 4 pcs allocated at MAIN; the policy holds 1 pcs back; nothing in sight for 2 pcs.",
        "policy 1, stock 1",
    ),
    (
        "several places and receipts",
        book(
            [stock(1, at=at) for at in "ABCD"],
            [order("A", 9)],
            [receipt(f"R{n}", 1, "2026-01-09") for n in range(4)],
        ),
        Fifo(),
        "4 of 9 pcs allocated at A, B, C and 1 more; promised 1 pcs from receipt R0 due 2026-01-09,"
        " 1 pcs from receipt R1 due 2026-01-09, 1 pcs from receipt R2 due 2026-01-09 and 1 more;"
        " nothing in sight for 1 pcs.",
        "stock 5",
    ),
    (
        "in kilograms",
        book(
            orders=[order("A", 2500)],
            items=[Item(sku=Sku("MUG"), unit="kg", decimals=3)],
        ),
        Fifo(),
        "None of 2.5 kg allocated; there is nothing on hand; nothing in sight for 2.5 kg.",
        "stock 2500",
    ),
]


@pytest.mark.parametrize(
    ("snapshot", "policy", "sentence", "blockers"),
    [case[1:] for case in REASONS],
    ids=[case[0] for case in REASONS],
)
def test_every_line_says_why(
    snapshot: Snapshot, policy: AllocationPolicy, sentence: str, blockers: str
) -> None:
    line = plan(snapshot, policy=policy).lines[-1]

    assert line.reason == sentence
    assert ", ".join(f"{b.kind} {b.quantity}" for b in line.blockers) == blockers
    assert sum(blocker.quantity for blocker in line.blockers) == line.backordered


def test_another_line_of_the_same_order_is_named_too() -> None:
    lines = [OrderLine(id=LineId(id_), sku=Sku("MUG"), ordered=2) for id_ in ("1", "2")]

    made = plan(book([stock(2)], [Order.of("A", "2026-01-02", lines)]), policy=Fifo())

    assert "2 pcs on hand went to order A" in made.lines[1].reason


def test_the_full_list_of_who_was_served_comes_on_request() -> None:
    def explained() -> Plan:
        orders = [*(order(f"A{n}", 1) for n in range(5)), order("B", 2, location="MAIN")]
        elsewhere = [stock(4), stock(1, at="SHOP")]
        snapshot = book(elsewhere, orders, [R1], allocations=[held("A4", 1, at="SHOP")])
        return plan(snapshot, policy=Priority())

    explanation = explained().explain(OrderId("B"), LineId("1"))

    assert [(s.order, s.location, s.quantity) for s in explanation.served] == [
        (f"A{n}", "MAIN", 1) for n in range(4)
    ]
    assert explanation.promised == ()
    assert explanation.blockers == (Blocker(kind="stock", quantity=2),)
    assert explanation.sentence == explained().lines[-1].reason
    with pytest.raises(KeyError):
        explained().explain(OrderId("B"), LineId("9"))


def test_explanations_list_who_gets_what_is_to_come() -> None:
    made = plan(book(orders=[order("A", 2), order("B", 1)], receipts=[R1]), policy=Fifo())

    (served,) = made.explain(OrderId("B"), LineId("1")).promised

    assert served == Served(
        order=OrderId("A"), line=LineId("1"), quantity=2, location=R1.location, receipt=R1.id
    )


class HoldsAllBack:
    """Gives nothing to anybody, and says so."""

    holds_back = True

    def share(self, supply: int, demands: Sequence[Demand], /) -> Sequence[int]:
        return [0 for _ in demands]


def test_what_the_policy_holds_back_is_said_and_nothing_else() -> None:
    order = Order.of("A", "2026-01-01", {"MUG": 5})
    here = Snapshot.of(as_of="2026-01-05", stock={"MUG": 5}, orders=[order])
    coming = attrs.evolve(here, stock=[], receipts=[receipt("R1", 50, "2026-01-10")])
    both = attrs.evolve(here, receipts=[receipt("R1", 2, "2026-01-10")])

    lines = [plan(each, policy=HoldsAllBack()).lines[0] for each in (here, coming, both)]

    assert [line.reason for line in lines] == [
        "None of 5 pcs allocated; the policy holds 5 pcs back; nothing in sight for 5 pcs.",
        "None of 5 pcs allocated; there is nothing on hand; the policy holds 5 pcs back.",
        "None of 5 pcs allocated; the policy holds 5 pcs back; nothing in sight for 3 pcs.",
    ]
    assert [line.blockers for line in lines] == [(Blocker(kind="policy", quantity=5),)] * 3


def test_equal_plans_are_one_in_a_set() -> None:
    snapshot = Snapshot.of(
        as_of="2026-01-05", stock={"MUG": 3}, orders=[Order.of("A", "2026-01-01", {"MUG": 5})]
    )

    assert len({plan(snapshot, policy=Fifo()) for _ in range(3)}) == 1
    assert plan(snapshot, policy=Fifo()) != plan(snapshot, policy=Priority())
    assert plan(snapshot, policy=Fifo()) != snapshot


def test_a_reason_is_one_line_whatever_ids_hold() -> None:
    snapshot = Snapshot.of(
        as_of="2026-01-05",
        stock={"MUG": 1},
        orders=[Order.of(f"{name}\n\x1b[2J", "2026-01-01", {"MUG": 1}) for name in "AB"],
    )

    assert all(line.reason.isprintable() for line in plan(snapshot, policy=Fifo()).lines)
