"""For each check a fault that it finds, and which others do."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from backorderkit import Priority, plan
from backorderkit.checking import CHECKS, Findings, check_plan
from backorderkit.formats import dumps_plan, loads_plan

from .planted import Document, book, give, good, line_of, sum_up, tell


def findings(document: Document) -> Findings:
    return check_plan(book(), loads_plan(json.dumps(document), snapshot=book()))


def numbers(document: Document) -> set[str]:
    return {fault.number for fault in findings(document).faults}


def by_own_policy(document: Document) -> None:
    """No order of service is known of it."""
    document["policy"] = "own"


def at_another_moment(document: Document) -> None:
    document["as_of"] = "2026-01-04T23:59:00Z"


def with_other_facts(document: Document) -> None:
    line_of(document, "A").update(ordered=4, shipped=1)
    sum_up(document)


def with_another_sku(document: Document) -> None:
    line_of(document, "A").update(sku="TEA")
    sum_up(document)


def with_a_line_too_many(document: Document) -> None:
    nothing = {"allocated": 0, "backordered": 0, "allocations": [], "promises": [], "blockers": []}
    line = {**line_of(document, "D"), **nothing, "order": "F", "cancelled": 6, "unpromised": 0}
    document["lines"].append(line)
    sum_up(document)


def with_a_line_too_few(document: Document) -> None:
    document["lines"].remove(line_of(document, "D"))
    sum_up(document)


def with_a_line_twice(document: Document) -> None:
    document["lines"].insert(0, line_of(document, "A"))
    sum_up(document)


def with_lines_in_disorder(document: Document) -> None:
    document["lines"].reverse()


def with_changes_in_disorder(document: Document) -> None:
    # Whoever applies them in this order promises where nothing waits yet.
    document["changes"].reverse()


def with_a_unit_allocated_apart(document: Document) -> None:
    first = next(each for each in document["changes"] if each.get("quantity", 0) > 1)
    assert first["type"] == "allocated"
    document["changes"].insert(0, {**first, "quantity": 1})
    first["quantity"] -= 1


def with_places_in_disorder(document: Document) -> None:
    line_of(document, "A")["allocations"].reverse()


def with_totals_in_disorder(document: Document) -> None:
    document["totals"]["by_unit"].reverse()


def with_blockers_that_do_not_add_up(document: Document) -> None:
    line_of(document, "B")["blockers"] = []


def with_more_unpromised(document: Document) -> None:
    line_of(document, "C")["unpromised"] += 1
    sum_up(document)


def with_less_ordered_than_the_parts(document: Document) -> None:
    line_of(document, "A")["allocated"] += 1
    sum_up(document)


def with_another_sum(document: Document) -> None:
    document["totals"]["by_unit"][0]["allocated"] += 1


def with_another_count(document: Document) -> None:
    document["totals"]["lines"] += 1


def without_a_sum(document: Document) -> None:
    del document["totals"]["by_unit"][0]


def without_an_allocation(document: Document) -> None:
    del document["changes"][0]


def with_an_allocation_to_nobody(document: Document) -> None:
    nobody = {"type": "allocated", "order": "X", "line": "1", "location": "EAST", "quantity": 1}
    document["changes"].insert(-1, nobody)


def without(kind: str, order: str) -> Callable[[Document], None]:
    def remove(document: Document) -> None:
        document["changes"] = [
            each for each in document["changes"] if (each["type"], each["order"]) != (kind, order)
        ]

    return remove


def with_an_old_story(document: Document) -> None:
    change = {"type": "backordered", "order": "D", "line": "1", "quantity": 0}
    document["changes"].insert(-3, change)


def with_a_promise_to_who_has_all(document: Document) -> None:
    change = {"type": "promised", "order": "D", "line": "1", "promises": []}
    document["changes"].insert(-3, change)


def with_less_than_before(document: Document) -> None:
    give(document, "E", {}, [("PO-3", 1)])


def with_a_unit_from_elsewhere(document: Document) -> None:
    give(document, "A", {"EAST": 3})
    give(document, "B", {"WEST": 1}, [("PO-1", 1)])


def with_a_promise_from_elsewhere(document: Document) -> None:
    by_own_policy(document)
    give(document, "C", {}, [("PO-1", 1), ("PO-2", 2)])


def with_safety_stock(document: Document) -> None:
    by_own_policy(document)
    give(document, "B", {"EAST": 2})


def with_held_units(document: Document) -> None:
    by_own_policy(document)
    give(document, "C", {"WEST": 1}, [("PO-2", 2)])


def with_units_of_nowhere(document: Document) -> None:
    by_own_policy(document)
    give(document, "A", {"EAST": 2, "MOON": 1})
    give(document, "C", {"WEST": 1}, [("PO-2", 2)])


def with_more_than_comes(document: Document) -> None:
    by_own_policy(document)
    give(document, "C", {}, [("PO-2", 3)])


def with_an_unknown_receipt(document: Document) -> None:
    by_own_policy(document)
    give(document, "C", {}, [("PO-2", 2), ("PO-9", 1)])
    line_of(document, "C")["promises"].reverse()
    tell(document)


def with_a_receipt_of_something_else(document: Document) -> None:
    by_own_policy(document)
    give(document, "E", {"MAIN": 1}, [("PO-1", 1), ("PO-3", 1)])
    line_of(document, "E")["promises"].reverse()
    tell(document)


def with_another_date(document: Document) -> None:
    line_of(document, "B")["promises"][0]["due"] = "2026-01-11T00:00:00Z"
    tell(document)


def with_a_date_that_is_over(document: Document) -> None:
    line_of(document, "E")["promises"][0]["due"] = "2026-01-01T00:00:00Z"
    tell(document)


def with_an_idle_unit(document: Document) -> None:
    by_own_policy(document)
    give(document, "A", {"EAST": 2}, [("PO-1", 1)])


def with_an_idle_unit_for_a_bound_line_if_another_moves(document: Document) -> None:
    by_own_policy(document)
    give(document, "A", {"EAST": 3})
    give(document, "B", {}, [("PO-1", 2)])


def with_an_idle_receipt(document: Document) -> None:
    by_own_policy(document)
    give(document, "B", {"EAST": 1})


def with_an_excuse_of_a_policy_that_has_none(document: Document) -> None:
    give(document, "B", {"EAST": 1})
    line_of(document, "B")["blockers"] = [{"kind": "policy", "quantity": 1}]


def with_the_younger_first(document: Document) -> None:
    give(document, "A", {"EAST": 1, "WEST": 1}, [("PO-1", 1)])
    give(document, "B", {"EAST": 2})


def with_receipts_of_the_wrong_line(document: Document) -> None:
    # Not even if both end up with the same in all.
    give(document, "A", {"EAST": 2, "WEST": 1})
    give(document, "C", {}, [("PO-2", 1)])


def with_stock_for_a_later_day(document: Document) -> None:
    """No fault: what A does not take now it gets on the day of PO-1."""
    by_own_policy(document)
    give(document, "A", {"WEST": 1}, [(None, 2)])
    give(document, "B", {"EAST": 1}, [("PO-1", 1)])


def with_more_than_is_left(document: Document) -> None:
    by_own_policy(document)
    give(document, "A", {"WEST": 1}, [(None, 2)])
    give(document, "B", {"EAST": 2})
    # A day before PO-1 brings two more.
    line_of(document, "A")["promises"][0]["due"] = "2026-01-11T00:00:00Z"
    tell(document)


def with_units_that_come_too_late(document: Document) -> None:
    by_own_policy(document)
    give(document, "C", {}, [(None, 2)])


def with_stock_of_elsewhere(document: Document) -> None:
    by_own_policy(document)
    give(document, "A", {"WEST": 1}, [("PO-1", 1)])
    give(document, "C", {}, [(None, 1), ("PO-2", 2)])


def with_stock_at_once(document: Document) -> None:
    with_stock_for_a_later_day(document)
    line_of(document, "A")["promises"][0]["due"] = "2026-01-05T00:00:00Z"
    tell(document)


PLANTED: list[tuple[Callable[[Document], None], set[str]]] = [
    (at_another_moment, {"C1"}),
    (with_other_facts, {"C2"}),
    (with_another_sku, {"C2"}),
    (with_a_line_too_many, {"C2"}),
    (with_a_line_too_few, {"C2"}),
    (with_a_line_twice, {"C2", "C3"}),
    (with_lines_in_disorder, {"C3"}),
    (with_changes_in_disorder, {"C3", "C7"}),
    (with_a_unit_allocated_apart, {"C3"}),
    (with_places_in_disorder, {"C3"}),
    (with_totals_in_disorder, {"C3"}),
    (with_blockers_that_do_not_add_up, {"C4"}),
    (with_more_unpromised, {"C4"}),
    (with_less_ordered_than_the_parts, {"C4"}),
    (with_another_sum, {"C5"}),
    (with_another_count, {"C5"}),
    (without_a_sum, {"C5"}),
    (without_an_allocation, {"C6"}),
    (with_an_allocation_to_nobody, {"C6"}),
    (without("backordered", "C"), {"C7"}),
    (without("backordered", "Z"), {"C7"}),
    (without("promised", "B"), {"C7"}),
    (with_an_old_story, {"C7"}),
    (with_a_promise_to_who_has_all, {"C7"}),
    (with_less_than_before, {"C6", "C8"}),
    (with_a_unit_from_elsewhere, {"C9"}),
    (with_a_promise_from_elsewhere, {"C9"}),
    (with_safety_stock, {"C10"}),
    (with_held_units, {"C10"}),
    (with_units_of_nowhere, {"C10"}),
    (with_more_than_comes, {"C11"}),
    (with_an_unknown_receipt, {"C11"}),
    (with_a_receipt_of_something_else, {"C11"}),
    (with_another_date, {"C12"}),
    (with_a_date_that_is_over, {"C12"}),
    (with_stock_at_once, {"C12"}),
    (with_an_idle_unit, {"C13"}),
    (with_an_idle_unit_for_a_bound_line_if_another_moves, {"C13"}),
    (with_an_idle_receipt, {"C13"}),
    (with_an_excuse_of_a_policy_that_has_none, {"C13", "C14"}),
    (with_the_younger_first, {"C14"}),
    (with_receipts_of_the_wrong_line, {"C13", "C14"}),
]


def test_the_good_plan_holds_and_is_what_the_helpers_write() -> None:
    document = good()

    assert findings(document) == Findings()
    told = good()
    tell(told)
    assert told == document


@pytest.mark.parametrize(
    ("plant", "expected"),
    [
        pytest.param(plant, expected, id=f"{plant.__name__}-{number}")
        for number, (plant, expected) in enumerate(PLANTED)
    ],
)
def test_a_planted_fault_is_found_by_its_check(
    plant: Callable[[Document], None], expected: set[str]
) -> None:
    document = good()

    plant(document)

    assert numbers(document) == expected


def test_units_on_hand_may_be_promised_for_a_later_day() -> None:
    document = good()
    with_stock_for_a_later_day(document)
    assert findings(document) == Findings()

    # By fifo A gets them now.
    document["policy"] = "fifo"
    assert numbers(document) == {"C14"}


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (with_more_than_is_left, "order A, line 1: 1 pcs are promised from stock on 2026-01-11"),
        (
            with_units_that_come_too_late,
            "order C, line 1: 2 pcs are promised from stock on 2026-01-12",
        ),
        (with_stock_of_elsewhere, "order C, line 1: 1 pcs are promised from stock on 2026-01-12"),
    ],
)
def test_no_more_is_promised_of_stock_than_is_left(
    plant: Callable[[Document], None], said: str
) -> None:
    document = good()
    plant(document)

    faults = [str(each) for each in findings(document).faults if each.number == "C11"]

    assert len(faults) == 1, faults
    assert faults[0].startswith(f"C11 receipts: {said}"), faults


def test_every_check_finds_a_fault_that_no_other_finds() -> None:
    alone = {number for _, found in PLANTED if len(found) == 1 for number in found}

    # What is taken from a line cannot be said by changes, so the replay shows it, too.
    # Those of rules have their own plans and tests.
    assert {check.number for check in CHECKS[:14]} - alone == {"C8"}


def test_a_plan_by_priority_is_none_by_fifo() -> None:
    document = json.loads(dumps_plan(plan(book(), policy=Priority())))
    assert findings(document) == Findings()

    document["policy"] = "fifo"

    assert numbers(document) == {"C14"}


def test_units_that_a_named_rule_holds_back_are_noted() -> None:
    document = good()
    by_own_policy(document)
    give(document, "B", {"EAST": 1})
    line_of(document, "B")["blockers"] = [{"kind": "policy", "quantity": 1}]

    found = findings(document)

    assert found.holds
    assert [str(note) for note in found.notes] == [
        "C13 idle: order B, line 1: waits, and could get 1 pcs more of the receipt PO-1"
    ]


def test_a_finding_shows_the_numbers_in_one_line() -> None:
    document = good()
    with_safety_stock(document)

    (fault,) = findings(document).faults

    assert str(fault) == (
        "C10 stock: SKU MUG, location EAST: 4 pcs are given,"
        " 3 pcs are there beyond holds and safety stock"
    )
